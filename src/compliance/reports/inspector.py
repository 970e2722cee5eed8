"""The inspector sheet as PDF: the roster first, then a page for each copy of a license."""

from __future__ import annotations

import base64
import struct
from datetime import date
from pathlib import Path
from typing import Any, Final

from compliance.domain.audit_report import NOT_LEGAL_ADVICE
from compliance.domain.inspector_sheet import Copy, InspectorSheet, Practice, SheetLicense, SheetPerson
from compliance.rendering import day, in_both, plural
from compliance.reports.pages import are_short
from compliance.reports.typesetting import typeset

NOTHING: Final = "none on file"
PAGES_SHOWN: Final = 3
"""So many pages of a document are drawn when it comes in (uploads/documents.py)."""


def as_pdf(sheet: InspectorSheet, paper: str, added_fonts: Path | None = None) -> bytes:
    """The packed PDF; the same sheet gives the same bytes. Raises RenderFailed."""
    pictures: dict[str, bytes] = {}
    shown = [each for at, copy in enumerate(sheet.copies) for each in _copy(at, copy, pictures)]
    data = _data(sheet) | {"paper": paper, "copies": shown}
    return typeset("inspector.typ", data, pictures, sheet.known_at, added_fonts)


def answer(sheet: InspectorSheet) -> str:
    """ "9 therapists work at Tampa on Nov 23, 2026."."""
    if not sheet.people:
        return f"Nobody works at {sheet.clinic} on {day(sheet.as_of)}."
    verb = "works" if len(sheet.people) == 1 else "work"
    return f"{plural(len(sheet.people), 'therapist')} {verb} at {sheet.clinic} on {day(sheet.as_of)}."


def _data(sheet: InspectorSheet) -> dict[str, Any]:
    against = sum(not each.cleared for each in sheet.people)
    people = [_person(each) for each in sheet.people]
    return {
        "answer": answer(sheet),
        "organization": sheet.organization,
        "clinic": sheet.clinic,
        "facts": _facts(sheet, against),
        "people": people,
        "short": are_short(people),
        "leavers": [[each.name, day(each.last_day), ", ".join(each.numbers) or NOTHING] for each in sheet.leavers],
        "since": f"Nobody left within 90 days before {day(sheet.as_of)}.",
        "left_out": list(sheet.left_out),
        "made_from": [*sheet.made_from, ("On record at", in_both(sheet.known_at, sheet.time_zone))],
        "footer": f"Inspector sheet as of {day(sheet.as_of)}",
        "notice": NOT_LEGAL_ADVICE,
    }


def _facts(sheet: InspectorSheet, against: int) -> list[tuple[str, str]]:
    own = [f"{each.title} {each.number}, {_until(each.until)}".replace(" ,", ",") for each in sheet.own]
    said = "All may practice what they are assigned to" if not against else f"{against:,} may not practice all of it"
    facts = [("Clinic", ", ".join(part for part in (sheet.clinic, sheet.address.replace("\n", ", ")) if part))]
    facts += [("Place", sheet.place), ("Run by", sheet.organization)]
    facts += [("Held by the clinic", each) for each in own]
    return [*facts, ("Who works there", said)] if sheet.people else facts


def _until(value: date | None) -> str:
    if value is None:
        return NOTHING
    return "does not end" if value == date.max else f"until {day(value)}"


def _person(person: SheetPerson) -> list[Any]:
    """The cells of one row: name, licenses, expiries, what the board said, what they practice."""
    former = f"formerly {', '.join(person.former_names)}" if person.former_names else ""
    held = person.licenses
    return [
        [person.name, former],
        _lines([(f"{each.number or 'no number'}", each.title) for each in held]),
        _lines([(_until(each.until).removeprefix("until "), each.standing) for each in held]),
        _lines([(each.verified or "not verified", _copies(each)) for each in held]),
        {"practices": [_practice(each) for each in person.practices]},
    ]


def _lines(pairs: list[tuple[str, str]]) -> list[str]:
    return [part for pair in pairs for part in pair] or [NOTHING, ""]


def _copies(held: SheetLicense) -> str:
    return "copy enclosed" if held.copies == 1 else f"{held.copies} copies enclosed" if held.copies else "no copy"


def _practice(each: Practice) -> dict[str, str]:
    return {"mark": "met" if each.cleared else "lapsed", "word": each.title, "why": each.why}


def _copy(at: int, each: Copy, pictures: dict[str, bytes]) -> list[dict[str, Any]]:
    """The pages of one copy: a document's pages lie one below the other in its picture, and are parted again."""
    parts = min(each.pages or 1, PAGES_SHOWN) if each.picture else 1
    said = {"whose": each.whose, "title": each.title, "sha256": each.sha256, "problem": each.problem}
    more = f" of {each.pages}" if each.pages and each.pages > 1 else ""
    found = []
    for part in range(parts):
        name = f"copy-{at}-{part}.svg"
        if each.picture:
            pictures[name] = _svg(each.picture, part, parts)
        file = f"{each.file}, page {part + 1}{more}" if more and each.picture else each.file
        found.append(said | {"file": file, "picture": name if each.picture else ""})
    return found


def _svg(picture: bytes, part: int, parts: int) -> bytes:
    """A part of the picture inside a drawing: Typst takes text files alone."""
    width, height = size_of_jpeg(picture)
    top, tall = height * part / parts, height / parts
    data = base64.b64encode(picture).decode()
    box = f'width="{width}" height="{tall:g}" viewBox="0 {top:g} {width} {tall:g}"'
    image = f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{data}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{image}</svg>'.encode()


def size_of_jpeg(picture: bytes) -> tuple[int, int]:
    """Width and height, from the frame's header (ISO/IEC 10918-1, B.2.2). Raises ValueError for what is no JPEG."""
    at = 2
    while at + 9 < len(picture) and picture[at] == 0xFF:
        marker, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", picture[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise ValueError("the picture is no JPEG")
