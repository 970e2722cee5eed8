"""What one import's page shows in each of its states."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from compliance.catalog import load
from compliance.db.queries import intake as reading
from compliance.db.queries.actors import names_of
from compliance.db.queries.intake import Import, ImportRow
from compliance.rendering import day
from compliance.sources import FIELDS
from compliance.web.law import place_options
from compliance.web.page import Page

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


async def around(page: Page, it: Import) -> dict[str, Any]:
    """The rows that are asked for, the clinics to choose for, and whom the file does not name."""
    shown = _shown(page, it)
    rows = await _rows(page, it, shown) if it.state in ("ready", "done") else []
    more = len(rows) > ROWS
    people = await _absent(page, it) if it.absent and it.state in ("ready", "done") else []
    return {
        "rows": rows[:ROWS],
        "shown": shown,
        "outcomes": {each: words for each, words in OUTCOMES.items() if getattr(it.counts, each)},
        "facts": {each.line: _facts(it, each) for each in rows[:ROWS] if each.outcome == "created"},
        "next_rows": _address(it, shown, rows[ROWS - 1].line) if more else None,
        "absent_people": people,
        "places": place_options(load()),
        "steps": STEPS,
        "fields": [(each, each.replace("_", " ").capitalize()) for each in FIELDS],
        "names": await names_of(page.session, [it.started_by]),
        "zone": page.membership.time_zone,
    }


def _shown(page: Page, it: Import) -> str:
    """The outcome asked for; else refused rows come first, for they need somebody."""
    asked = page.request.query_params.get("show", "")
    if asked in OUTCOMES:
        return asked
    return next((each for each in ("refused", "questions", "created", "changed") if getattr(it.counts, each)), "")


async def _rows(page: Page, it: Import, shown: str) -> list[ImportRow]:
    after = page.request.query_params.get("after", "0")
    line = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    return await reading.import_rows(
        page.session, page.organization_id, it.id, outcome=shown or None, after_line=line, limit=ROWS + 1
    )


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


def _address(it: Import, shown: str, line: int) -> str:
    return f"/imports/{it.id}?{urlencode({'show': shown, 'after': line})}#rows"


async def _absent(page: Page, it: Import) -> list[tuple[Any, str]]:
    return await reading.absent_therapists(page.session, page.organization_id, it.id, today=page.today, limit=50)
