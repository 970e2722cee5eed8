"""Typst over a template of ours: data comes in as JSON and is placed as text, so nothing in it is ever markup."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from compliance.rendering import TEMPLATES
from compliance.reports import glyphs
from compliance.reports.child import RenderFailed

if TYPE_CHECKING:
    import typst

STANDARDS: Final = ("a-3a", "ua-1")
_PARTS: Final = TEMPLATES / "reports"


def typeset(template: str, data: Mapping[str, Any], attached: Mapping[str, bytes], dated: datetime) -> bytes:
    """A PDF/A-3a and PDF/UA-1 from `templates/reports/TEMPLATE`; `paper` is one of the data. Raises RenderFailed."""
    wide = glyphs.needs_wide(json.dumps(data, ensure_ascii=False))
    families = [*glyphs.FAMILIES, *([glyphs.WIDE_FAMILY] if wide else [])]
    printed = glyphs.clean_tree(data, glyphs.cleaner(with_wide=wide)) | {"fonts": families}
    parts = {"main.typ": (_PARTS / template).read_bytes(), "marks.typ": (_PARTS / "marks.typ").read_bytes()}
    files = {"data.json": json.dumps(printed).encode(), **parts, **attached}
    try:
        return _compiled(files, dated, wide=wide)
    except RuntimeError as error:
        raise RenderFailed(f"The PDF could not be typeset: {error}") from None


def _compiled(files: dict[str, bytes], dated: datetime, *, wide: bool) -> bytes:
    import typst

    with tempfile.TemporaryDirectory() as nothing:  # else templates may read the working folder
        made = typst.compile(  # type: ignore[call-overload]  # its stub leaves out the dictionary
            files,
            root=nothing,
            font_paths=_fonts(wide=wide),
            timestamp=dated.replace(microsecond=0),
            pdf_standards=list(STANDARDS),
        )
    return bytes(made)


def _fonts(*, wide: bool) -> typst.Fonts:
    import typst

    folders = [str(glyphs.wide_font().parent)] if wide else []
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)
