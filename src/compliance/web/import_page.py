"""What one import's page shows in each of its states."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from compliance.catalog import load
from compliance.db.queries import intake as reading
from compliance.db.queries.actors import names_of
from compliance.db.queries.intake import Import, ImportRow
from compliance.rendering import column_name, day
from compliance.sources import FIELDS
from compliance.web.import_faults import refused_rows
from compliance.web.law import place_options
from compliance.web.page import Page
from compliance.web.sights import sight_of
from compliance.web.stopped_clinics import OfClinic, in_sight

ROWS: Final = 50
LEAVE_OUT: Final = (
    "Rows were refused. Leave them out and import the rest, or mend them in the corrections file and import that."
)
OUTCOMES: Final = {
    "created": "New",
    "changed": "Changed",
    "unchanged": "Left alone",
    "refused": "Refused",
    "questions": "Questions",
}
STEPS: Final = {
    "": "Waiting for its turn",
    "reading": "Reading the file",
    "judging": "Checking every row",
    "applying": "Writing",
    "applied": "Writing",
}


class Pages(NamedTuple):
    """Which rows of how many a page shows, and where the others are."""

    first: int
    last: int
    total: int
    previous: str | None
    next: str | None


NO_PAGES: Final = Pages(0, 0, 0, None, None)


async def around(page: Page, it: Import) -> dict[str, Any]:
    """The rows that are asked for, the clinics to choose for, and whom the file does not name."""
    shown = _shown(page, it)
    rows, pages = await _rows(page, it, shown) if it.state in ("ready", "done") else ([], NO_PAGES)
    people = await _absent(page, it) if it.absent and it.state in ("ready", "done") else []
    return {
        "rows": rows,
        "refused": refused_rows(it, rows) if shown == "refused" else [],
        "pages": pages,
        "shown": shown,
        "outcomes": {each: words for each, words in OUTCOMES.items() if getattr(it.counts, each)},
        "facts": {each.line: _facts(it, each) for each in rows if each.outcome == "created"},
        "absent_people": people,
        "places": place_options(load()),
        "steps": STEPS,
        "wanting": await _wanting(page) if it.state == "done" else [],
        "fields": [(each, column_name(each)) for each in FIELDS],
        "names": await names_of(page.session, [it.started_by]),
        "zone": page.membership.time_zone,
    }


async def _wanting(page: Page) -> list[OfClinic]:
    """The clinics that lack something of their own, so that nobody is cleared there."""
    sight, _at = await sight_of(page)
    return list(in_sight(sight).stopped.values())


def _shown(page: Page, it: Import) -> str:
    """The outcome asked for; else refused rows come first, for they need somebody."""
    asked = page.request.query_params.get("show", "")
    if asked in OUTCOMES:
        return asked
    return next((each for each in ("refused", "questions", "created", "changed") if getattr(it.counts, each)), "")


async def _rows(page: Page, it: Import, shown: str) -> tuple[list[ImportRow], Pages]:
    """The rows of one page, which begins behind a line or ends before one, and what lies around it."""
    after, before = _line(page, "after"), _line(page, "before")
    asked: dict[str, Any] = {"outcome": shown or None, "limit": ROWS + 1}
    where = page.session, page.organization_id, it.id
    rows = await reading.import_rows(*where, after_line=after or 0, before_line=before, **asked)
    more = len(rows) > ROWS
    rows = rows[-ROWS:] if before is not None else rows[:ROWS]
    if not rows:
        return [], NO_PAGES
    earlier = await reading.rows_before(*where, outcome=shown or None, line=rows[0].line) if after or before else 0
    later = more if before is None else True
    return rows, Pages(
        earlier + 1,
        earlier + len(rows),
        getattr(it.counts, shown, it.counts.rows),
        _address(it, shown, "before", rows[0].line) if earlier else None,
        _address(it, shown, "after", rows[-1].line) if later else None,
    )


def _line(page: Page, name: str) -> int | None:
    """A line of the file that the address names."""
    given = page.request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


DAYS: Final = {
    "issued_on": "issued",
    "renewed_on": "renewed",
    "expires_on": "expires",
    "started_on": "works since",
    "left_on": "left",
    "verified_on": "verified",
}
"""The days of a row that a person should read once more before they are written."""


def _facts(it: Import, row: ImportRow) -> str:
    """`Tampa, issued Sep 1, 2025, expires Aug 31, 2027`: what a new row says, its days in words."""
    cells = {header.field: cell for header, cell in zip(it.headers, row.cells, strict=False) if cell.strip()}
    days = [f"{words} {_in_words(cells[field])}" for field, words in DAYS.items() if field in cells]
    return ", ".join([*([cells["clinic"]] if "clinic" in cells else []), *days])


def _in_words(text: str) -> str:
    """A day of a roster, which is ISO or month first; what is neither stays as it is."""
    american = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text.strip())
    try:
        if american:
            month, number, year = map(int, american.groups())
            return day(date(year, month, number))
        return day(date.fromisoformat(text.strip()[:10]))
    except ValueError:
        return text.strip()


def _address(it: Import, shown: str, side: str, line: int) -> str:
    return f"/imports/{it.id}?{urlencode({'show': shown, side: line})}#rows"


async def _absent(page: Page, it: Import) -> list[tuple[Any, str]]:
    return await reading.absent_therapists(page.session, page.organization_id, it.id, today=page.today, limit=50)
