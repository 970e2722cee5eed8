"""What a roster says that the board says: standings from a day on, and looks at the primary source."""

from __future__ import annotations

from datetime import date, timedelta

from compliance.db.queries.intake_known import Look
from compliance.domain.credentials import StandingCode
from compliance.domain.methods import METHODS, method_of
from compliance.domain.standings import standing_on
from compliance.services.intake.lines import PLACE, Line, shown
from compliance.services.intake.plan import Around, Draft, DraftLook, DraftTerm
from compliance.services.renewals import ENDED_BY_RENEWAL

BY_THE_DATES = frozenset({StandingCode.ACTIVE, StandingCode.ACTIVE_RESTRICTED})


def source_told(line: Line) -> str:
    """Where it was looked up; many rosters say it in a column that is headed as the method."""
    return line["verification_source"] or method_told(line)


def method_told(line: Line) -> str:
    """What a row says of the method; rows that were read by an earlier version have no place for it."""
    return line["verification_method"] if len(line.values) > PLACE["verification_method"] else ""


def _method(line: Line) -> str:
    """The method's code; words that name none are asked about, unless they stand for the source."""
    told = method_told(line)
    found = method_of(told)
    if told and found is None and line["verification_source"]:
        line.ask("verification_method", f"How it was looked up was left out: write one of {', '.join(METHODS)}.")
    return found or ""


def plan_look(draft: Draft, line: Line, term: DraftTerm | None, around: Around) -> bool:
    """A look with day, person and source is a confirmed verification of the row's term; whether it is new."""
    day, by, source = line.day("verified_on"), line["verified_by"], source_told(line)
    if not (day and by and source) or day > around.today + timedelta(days=1):
        return False
    if draft.held and Look(day, by, source) in draft.held.looks:
        return False
    if any((each.verified_on, each.verified_by, each.source) == (day, by, source) for each in draft.looks):
        return False
    if term is None:
        line.ask("verified_on", "No term is known that this look could prove, so it was left out. Which dates hold?")
        return False
    standing = StandingCode(line.meant.standing) if line.meant.standing else None
    draft.looks.append(DraftLook(day, by, source, term.ends_on, standing, _method(line)))
    return True


def plan_standing(draft: Draft, line: Line, term: DraftTerm | None, around: Around, *, fresh: bool) -> None:
    """The standing of the row, from the day on which it was looked up, where it is not on file."""
    if not line.meant.standing:
        return
    said = StandingCode(line.meant.standing)
    since = _since(line, around)
    if draft.held is None:
        _first(draft, line, term, said, since, fresh=fresh)
        return
    current = standing_on(draft.held.standings, around.today)
    if current and current.standing == said.value:
        return
    if current and current.starts_on > since:
        sentence = f"On file it is {current.standing} since {shown(current.starts_on)}, later than this look."
        line.ask("standing", sentence + " It was left so.")
        return
    if draft.new_terms and current and StandingCode(current.standing) in ENDED_BY_RENEWAL and said in BY_THE_DATES:
        return  # the renewal says so itself
    line.change("Credential", "standing", current.standing if current else None, said.value)
    draft.standing, draft.standing_from = said, since


def _since(line: Line, around: Around) -> date:
    day = line.day("verified_on")
    return day if day and day <= around.today else around.today


def _first(draft: Draft, line: Line, term: DraftTerm | None, said: StandingCode, since: date, *, fresh: bool) -> None:
    """The standing of a new credential: good ones from the term's beginning, others from the day of the look."""
    if not fresh and draft.standing and draft.standing is not said:
        line.ask("standing", f"Another row of this file says {draft.standing} of the same credential.")
        return
    begins = term.starts_on if term and said in BY_THE_DATES else since
    draft.standing, draft.standing_from = said, min(begins, since) if said in BY_THE_DATES else since
