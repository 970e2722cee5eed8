"""What the law says of one term that ends on a day, as far as reminders go: asked of the catalog once for each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from compliance.catalog import load
from compliance.domain.reminders import endless


@dataclass(frozen=True, slots=True)
class TermLaw:
    """From when the board takes the renewal, until when it wants the application, and the hours it asks for; each None
    where the catalog does not know it."""

    opens_on: date | None = None
    apply_by: date | None = None
    board: str = ""
    hours_asked: float | None = None
    hours_years: int | None = None


@lru_cache(maxsize=4096)
def term_law(type_code: str, jurisdiction: str | None, ends_on: date) -> TermLaw:
    """The law of a term by its type, its place and its last day."""
    catalog = load()
    place = catalog.jurisdictions.get(jurisdiction or "")
    if place is None or type_code not in catalog.types or endless(ends_on):
        return TermLaw()
    rule = catalog.renewal(place.code, type_code, ends_on)
    board = place.board.name if place.board else ""
    if rule is None:
        return TermLaw(board=board)
    hours = rule.continuing_education
    return TermLaw(
        opens_on=rule.window_opens_on(ends_on),
        apply_by=rule.apply_by_on(ends_on),
        board=board,
        hours_asked=hours.hours if hours else None,
        hours_years=hours.window_years if hours else None,
    )
