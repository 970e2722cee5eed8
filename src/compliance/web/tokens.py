"""The design tokens as they stand in `tokens.css`, and how well each pair of colors can be told apart.

Colors are written in OKLCH, light and dark side by side; contrast is that of WCAG 2.2, after the conversion of CSS
Color 4 to sRGB (https://www.w3.org/TR/css-color-4/#color-conversion-code).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians, sin
from typing import Final

from compliance.rendering import STATUSES, TEMPLATES

SCHEMES: Final = ("light", "dark")
TEXT, SHAPE = 4.5, 3.0
"""What WCAG 2.2 AA asks: of text (1.4.3), and of shapes and borders that carry meaning (1.4.11)."""

_TOKEN: Final = re.compile(r"--([\w-]+):\s*([^;]+?)\s*;")
_PAIR: Final = re.compile(r"light-dark\((oklch\(.+?\)+), (oklch\(.+?\)+)\)$")
_SCALED: Final = re.compile(r"calc\(var\(--c\) \* ([\d.]+)\)")


@dataclass(frozen=True, slots=True)
class Token:
    """One custom property with its value as written."""

    name: str
    value: str

    @property
    def group(self) -> str:
        """What it is for, told by its name."""
        if "oklch" in self.value:
            return "color"
        return "type" if re.fullmatch(r"sans|mono|t-\d|tight|loose", self.name) else "space"


@dataclass(frozen=True, slots=True)
class Pair:
    """One color on another in one scheme. `status` where the colors are a status's."""

    front: str
    ground: str
    scheme: str
    status: str
    asked: float
    ratio: float

    @property
    def holds(self) -> bool:
        """Whether it is as far apart as WCAG asks."""
        return self.ratio >= self.asked


@lru_cache
def tokens() -> tuple[Token, ...]:
    """All of `:root`, in their order."""
    return tuple(Token(name, " ".join(value.split())) for name, value in _TOKEN.findall(_block(":root")))


@lru_cache
def hues() -> dict[str, dict[str, str]]:
    """What parts one status from another: `{"met": {"h": "160", "c": ".095"}, ...}`."""
    found = {each: dict(_TOKEN.findall(_block(f'[data-status="{each}"]'))) for each in (*STATUSES, "none")}
    return {status: {name: value.strip() for name, value in given.items()} for status, given in found.items()}


def _block(selector: str) -> str:
    text = re.sub(r"/\*.*?\*/", "", (TEMPLATES / "static" / "tokens.css").read_text("utf-8"), flags=re.DOTALL)
    found = re.search(re.escape(selector) + r"\s*\{([^}]*)\}", text)
    if found is None:
        raise ValueError(f"tokens.css has nothing for {selector}")
    return found.group(1) + ";"


# -- pairs ---------------------------------------------------------------------------------------------------------

_GROUNDS: Final = ("paper", "sheet", "well", "accent-tint")
_PLAIN: Final = (
    *(("ink", each, TEXT) for each in _GROUNDS),
    *(("ink-2", each, TEXT) for each in _GROUNDS),
    *(("accent", each, TEXT) for each in _GROUNDS),
    *(("accent-over", each, TEXT) for each in _GROUNDS),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-over", TEXT),
    *(("edge", each, SHAPE) for each in ("paper", "sheet", "well")),
    *(("still", each, SHAPE) for each in ("paper", "sheet")),
    *(("ending", each, SHAPE) for each in ("paper", "sheet")),
)
_STATUS: Final = (
    *(("word", each, TEXT) for each in ("tint", "paper", "sheet", "well")),
    *(("mark", each, SHAPE) for each in ("tint", "paper", "sheet", "well")),
    ("ink", "tint", TEXT),
    ("ink-2", "tint", TEXT),
)


def pairs() -> list[Pair]:
    """Every pair that the style sheet sets, in both schemes."""
    found = [_pair(front, ground, scheme, "", asked) for front, ground, asked in _PLAIN for scheme in SCHEMES]
    return found + [
        _pair(front, ground, scheme, status, asked)
        for status in hues()
        for front, ground, asked in _STATUS
        for scheme in SCHEMES
    ]


def _pair(front: str, ground: str, scheme: str, status: str, asked: float) -> Pair:
    ratio = contrast(color(front, scheme, status), color(ground, scheme, status))
    return Pair(front, ground, scheme, status, asked, round(ratio, 2))


def color(name: str, scheme: str, status: str = "") -> tuple[float, float, float]:
    """A color token as linear sRGB. Raises ValueError for what is none."""
    written = _values().get(name, "")
    found = _PAIR.match(written)
    if found is None:
        raise ValueError(f"--{name} is not a color with a light and a dark side: {written!r}")
    return linear(_numbers(found[1 + SCHEMES.index(scheme)], hues()[status] if status else {}))


@lru_cache
def _values() -> Mapping[str, str]:
    of_status = {name: " ".join(value.split()) for name, value in _TOKEN.findall(_block("[data-status]"))}
    return {each.name: each.value for each in tokens()} | of_status


def _numbers(written: str, hue: Mapping[str, str]) -> tuple[float, float, float]:
    """`oklch(.55 var(--c) var(--h))` as lightness, chroma, hue."""
    scaled = _SCALED.sub(lambda by: str(float(by[1]) * float(hue["c"])), written)
    plain = scaled.replace("var(--c)", hue.get("c", "")).replace("var(--h)", hue.get("h", ""))
    lightness, chroma, angle = (float(each) for each in plain.removeprefix("oklch(").rstrip(")").split()[:3])
    return lightness, chroma, angle


# -- color ---------------------------------------------------------------------------------------------------------

_TO_LMS: Final = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.291485548),
)
_TO_RGB: Final = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.707614701),
)
_LIGHT: Final = (0.2126, 0.7152, 0.0722)


def linear(oklch: tuple[float, float, float]) -> tuple[float, float, float]:
    """OKLCH as linear sRGB, cut to what a screen can show."""
    lightness, chroma, hue = oklch
    lab = (lightness, chroma * cos(radians(hue)), chroma * sin(radians(hue)))
    lms = [_dot(row, lab) ** 3 for row in _TO_LMS]
    red, green, blue = (min(max(_dot(row, lms), 0.0), 1.0) for row in _TO_RGB)
    return red, green, blue


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """1 to 21, as WCAG counts it."""
    brighter, darker = sorted((_dot(_LIGHT, one), _dot(_LIGHT, other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _dot(row: tuple[float, float, float], column: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(row, column, strict=True))
