"""Writes docs/jurisdictions.md: every rule of the catalog with its source, and what is not known.

`--check` writes nothing and fails unless the file is as it would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from compliance.catalog import Catalog, Jurisdiction, load
from compliance.catalog.telling import Line, Section, asked, overview, sections
from compliance.domain.months import in_words
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Citation
from scripts.generated import DOCS, keep

DOCUMENT = DOCS / "jurisdictions.md"
HEAD = """\
# The law, place by place

Made by `scripts/jurisdictions.py` from `src/compliance/catalog/jurisdictions/`; change it there. What stands here
was read on the day that each source names and is no legal advice: the board's word counts. How sure a figure is:

- **primary**: read in the statute's or rule's own text
- **board page**: read on the board's own page
- **secondary**: read elsewhere, with a source that is named
- **unsure**: remembered or outdated; confirm it with the board

"Not known" is never guessed: the program asks. "From" is the first day of a wording, where it is known.
"""


def document(law: Catalog) -> str:
    """The whole page."""
    places = sorted(law.jurisdictions.values(), key=lambda each: each.name)
    return "\n".join([HEAD, *_overview(law, places), *(line for each in places for line in _place(law, each))]) + "\n"


def _overview(law: Catalog, places: list[Jurisdiction]) -> Iterator[str]:
    yield "| place | regulated by | term | continuing education | how sure |"
    yield "|---|---|---|---|---|"
    for each in places:
        row = overview(law, each, FOREVER)
        sure = row.citation.confidence.value.replace("-", " ") if row.citation else ""
        cells = (f"[{each.name}](#{_anchor(each.name)})", row.regulated, row.term, row.education, sure)
        yield _row(*cells)
    yield ""


def _place(law: Catalog, place: Jurisdiction) -> Iterator[str]:
    yield f"## {place.name}"
    yield ""
    if place.title:
        yield f"{place.title}."
    yield from _board(place)
    yield ""
    for each in (asked(law, place, FOREVER), *sections(law, place, FOREVER)):
        yield from _section(each)
    if place.notes:
        yield from ("**Notes**", "", *(f"- {each}" for each in place.notes), "")
    if place.open_questions:
        yield from ("**Not known**", "", *(f"- {each}" for each in place.open_questions), "")


def _board(place: Jurisdiction) -> Iterator[str]:
    board = place.board
    if board is None:
        return
    if not board.lookup_url:
        yield f"{board.name}. No look-up address is known."
        return
    sure = f"{board.lookup_confidence.value.replace('-', ' ')}: {board.lookup_source}"
    yield f"{board.name}, [look-up]({board.lookup_url}) ({sure})."


def _section(section: Section) -> Iterator[str]:
    if not section.lines:
        return
    yield f"| {section.title.lower()} | | source |"
    yield "|---|---|---|"
    yield from map(_line, section.lines)
    yield ""


def _line(line: Line) -> str:
    since = f" From {in_words(line.since)}." if line.dated else ""
    glue = " / " if line.citation and len(line.says) > 1 and not line.says[0].endswith((".", "?", "!")) else " "
    return _row(line.what, glue.join(line.says) + since, _source(line.citation))


def _source(citation: Citation | None) -> str:
    if citation is None:
        return ""
    words = f"[{citation.text}]({citation.url.replace(' ', '%20')})" if citation.url else citation.text
    return f"{words} ({citation.confidence.value.replace('-', ' ')}, {citation.as_of})"


def _row(*cells: str) -> str:
    return f"| {' | '.join(each.replace('|', '/') for each in cells)} |"


def _anchor(name: str) -> str:
    return "".join(each for each in name.lower().replace(" ", "-") if each.isalnum() or each == "-")


if __name__ == "__main__":
    sys.exit(keep(DOCUMENT, document(load()), of="the catalog", target="jurisdictions"))
