"""The design system on a page, for those who build: every token, every pair of colors, every part with its source.

Shown only where the service is on this machine alone, as with the one-time links of `compliance serve`; elsewhere 404.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

from compliance.domain.ahead import firsts
from compliance.domain.periods import FOREVER
from compliance.rendering import TEMPLATES
from compliance.settings import Settings, is_loopback
from compliance.web.access import PUBLIC
from compliance.web.page import Html, Page
from compliance.web.timeline import Bar, Entry, Looked, stretch
from compliance.web.tokens import TEXT, hues, pairs, tokens

FOLDER: Final = "styleguide/examples"


@dataclass(frozen=True, slots=True)
class Example:
    """One part: what it is called, how it is meant, and how it is written."""

    id: str
    title: str
    note: str
    template: str
    source: str


@get("/styleguide", opt=PUBLIC)
async def show(page: NamedDependency[Page]) -> Html:
    """The page; a public installation does not have it."""
    if not in_development(page.settings):
        raise NotFoundException
    every = pairs()
    of_text, of_shape = ([each.ratio for each in every if (each.asked == TEXT) is text] for text in (True, False))
    return page.show(
        "styleguide/show.html",
        groups={name: list(some) for name, some in groupby(_by_group(), key=lambda each: each.group)},
        statuses=list(hues()),
        pairs=every,
        lowest=(min(of_text), min(of_shape)),
        examples=examples(),
        **samples(page),
    )


def in_development(settings: Settings) -> bool:
    """Whether nobody but this machine reaches the service."""
    return is_loopback(settings.host) and is_loopback(urlsplit(settings.public_url).hostname or "")


def _by_group() -> list[Any]:
    return sorted(tokens(), key=lambda each: each.group)


@lru_cache
def examples() -> tuple[Example, ...]:
    """Every file of the folder, in the order of their names."""
    return tuple(_example(path.name, path.read_text("utf-8")) for path in sorted((TEMPLATES / FOLDER).iterdir()))


def _example(name: str, text: str) -> Example:
    """Its first line says title and note."""
    head, _, source = text.partition("\n")
    said = re.fullmatch(r"\{# ([\w ]+)\. (.+) #\}", head)
    if said is None:
        raise ValueError(f"{name} does not begin with a line like {{# Title. Note. #}}")
    return Example(said[1].lower().replace(" ", "-"), said[1], said[2], f"{FOLDER}/{name}", source.strip())


def samples(page: Page) -> dict[str, Any]:
    """Days and amounts that the examples show; nobody's."""
    today = page.today
    years = [date(today.year + each, 3, 1) for each in (-2, 0, 2)]
    first, second, after = ((start, date(start.year + 2, 2, 27), "met") for start in years)
    gap = (first[1] + timedelta(days=1), second[0] - timedelta(days=1), "lapsed")
    looks = (Looked(years[0] + timedelta(days=3), True, "confirmed"), Looked(second[0], False, "not found"))
    entries = tuple(Entry(*each, "Example license") for each in (second, gap, first))
    held = Bar("Massage license", "until a day", (first, second, after), (gap,), looks, entries)
    exam = Bar("Examination", "does not end", ((years[0], FOREVER, "met"),), (), (), ())
    ahead = firsts(today)[1:]
    return {
        "later": today + timedelta(days=281),
        "earlier": page.now - timedelta(minutes=6),
        "bars": [held, exam],
        "stretch": stretch(today - timedelta(days=200), today, ""),
        "ahead": [(day, still, "#charts") for day, still in zip(ahead, STILL, strict=True)],
        "ending": [(day, ends, "#charts") for day, ends in zip(ahead, ENDING, strict=True)],
    }


STILL: Final = (43, 40, 38, 37, 35, 34, 32, 31, 30, 10, 9, 8)
ENDING: Final = (5, 3, 2, 1, 2, 1, 2, 1, 1, 20, 1, 1)

ROUTES: Final[list[Any]] = [show]
