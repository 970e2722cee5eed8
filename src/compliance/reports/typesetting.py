"""Typst over a template of ours: data comes in as JSON and is placed as text, so nothing in it is ever markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from compliance.rendering import TEMPLATES
from compliance.reports import glyphs
from compliance.reports.child import RenderFailed
from compliance.reports.fonts import folders
from compliance.reports.typeset_process import compiled

_PARTS: Final = TEMPLATES / "reports"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What Typst is given: the files by name, the date of the document, and the folders of more fonts."""

    files: dict[str, bytes]
    dated: datetime
    fonts: tuple[str, ...]


def sheet(template: str, data: Mapping[str, Any], attached: Mapping[str, bytes], dated: datetime) -> Sheet:
    """All that `templates/reports/TEMPLATE` needs, made printable; `paper` is one of the data."""
    fonts = glyphs.further(json.dumps(data, ensure_ascii=False))
    families = [*glyphs.FAMILIES, *(font.family for font in fonts)]
    printed = glyphs.clean_tree(data, glyphs.cleaner(fonts)) | {"fonts": families}
    parts = {"main.typ": (_PARTS / template).read_bytes(), "marks.typ": (_PARTS / "marks.typ").read_bytes()}
    files = {"data.json": json.dumps(printed).encode(), **parts, **attached}
    return Sheet(files, dated, folders(fonts))


def typeset(template: str, data: Mapping[str, Any], attached: Mapping[str, bytes], dated: datetime) -> bytes:
    """A PDF/A-3a and PDF/UA-1, set in this process. Raises RenderFailed."""
    return set_here(sheet(template, data, attached, dated))


def set_here(given: Sheet) -> bytes:
    """The same of a sheet. Raises RenderFailed."""
    try:
        return compiled(given.files, given.dated, given.fonts)
    except RuntimeError as error:
        raise RenderFailed(f"The PDF could not be typeset: {error}") from None
