"""Typst over a template of ours: data comes in as JSON and is placed as text, so nothing in it is ever markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from compliance.rendering import TEMPLATES
from compliance.reports import glyphs
from compliance.reports.child import RenderFailed
from compliance.reports.fonts import Font, places
from compliance.reports.packing import packed
from compliance.reports.typeset_process import compiled

_PARTS: Final = TEMPLATES / "reports"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What Typst is given: the files by name, the date of the document, and where more fonts are.

    `marks`: its texts have signs that are put on letters, which fonts may raise.
    """

    files: dict[str, bytes]
    dated: datetime
    fonts: tuple[str, ...]
    marks: bool


def sheet(
    template: str,
    data: Mapping[str, Any],
    attached: Mapping[str, bytes],
    dated: datetime,
    added_fonts: Path | None = None,
) -> Sheet:
    """All that `templates/reports/TEMPLATE` needs, made printable; `paper` and `made_from` are among the data.

    `added_fonts` is the folder of fonts that the installation adds. Those that are used are printed in `made_from`.
    """
    fonts = glyphs.further(json.dumps(data, ensure_ascii=False), added_fonts)
    families = [*glyphs.FAMILIES, *(font.family for font in fonts)]
    clean = glyphs.Cleaner(fonts)
    said = glyphs.clean_tree({**data, "made_from": [*data["made_from"], *_added(fonts)]}, clean)
    printed = said | {"fonts": families, "replaced": clean.replaced()}
    parts = {"main.typ": (_PARTS / template).read_bytes(), "marks.typ": (_PARTS / "marks.typ").read_bytes()}
    files = {"data.json": json.dumps(printed).encode(), **parts, **attached}
    return Sheet(files, dated, places(fonts), clean.marks)


def _added(fonts: tuple[Font, ...]) -> list[tuple[str, str]]:
    """What the file depends on beside the program: a font of the installation is not the same everywhere."""
    return [("Font added here", f"{font.family}, SHA-256 {font.sha256}") for font in fonts if not font.package]


def typeset(
    template: str,
    data: Mapping[str, Any],
    attached: Mapping[str, bytes],
    dated: datetime,
    added_fonts: Path | None = None,
) -> bytes:
    """A packed PDF/A-3a and PDF/UA-1, set in this process. Raises RenderFailed."""
    given = sheet(template, data, attached, dated, added_fonts)
    return finished(set_here(given), given)


def finished(made: bytes, given: Sheet) -> bytes:
    """What Typst made of a sheet, packed."""
    return packed(made, marks=given.marks)


def set_here(given: Sheet) -> bytes:
    """What Typst makes of a sheet, in this process. Raises RenderFailed."""
    try:
        return compiled(given.files, given.dated, given.fonts)
    except RuntimeError as error:
        raise RenderFailed(f"The PDF could not be typeset: {error}") from None
