"""The same look at the source for many: one board, one day, one person who looked; a verification for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.chosen import Chosen, Held, held_by, looked_at
from compliance.domain.credentials import Result, StandingCode
from compliance.domain.months import end_in_words, in_words
from compliance.services import rows, verifications
from compliance.services.many import Plan
from compliance.services.refusals import Checks
from compliance.services.trail import Act
from compliance.services.verifications import NewVerification

RESULTS = (Result.CONFIRMED, Result.COULD_NOT_CHECK)
"""What can be said of many at once; what differs or was not found is one person's own."""


@dataclass(frozen=True, slots=True)
class SameLook:
    """Which credential of each was looked up, and what is the same for all."""

    type: str
    jurisdiction: str | None
    result: Result
    verified_on: date
    verified_by: str
    source: str
    standing: StandingCode | None = None
    note: str = ""


@dataclass(slots=True)
class _Planned:
    plan: Plan
    new: list[NewVerification]


async def plan_looks(session: AsyncSession, organization_id: UUID, people: Sequence[Chosen], look: SameLook) -> Plan:
    """What would be written, for whom, and who is left out and why."""
    return (await _planned(session, organization_id, people, look)).plan


async def record_looks(session: AsyncSession, *, act: Act, people: Sequence[Chosen], look: SameLook) -> Plan:
    """Writes a verification for each of whom it can be said; the same plan, made anew. Raises Refused."""
    checks = Checks()
    if look.result not in RESULTS:
        checks.refuse("result", "This cannot be said of many at once; record it for each of them.")
    checks.done()
    await rows.take_turn(session, act)
    planned = await _planned(session, act.organization_id, people, look)
    if planned.new:
        await verifications.record_many(session, act=act, verifications=planned.new)
    return planned.plan


async def _planned(session: AsyncSession, organization_id: UUID, people: Sequence[Chosen], look: SameLook) -> _Planned:
    held = await held_by(session, organization_id, [each.id for each in people])
    meant: dict[UUID, list[Held]] = {}
    for each in held:
        if (each.type, each.jurisdiction) == (look.type, look.jurisdiction):
            meant.setdefault(each.therapist_id, []).append(each)
    ids = [each.id for some in meant.values() for each in some]
    done = await looked_at(session, organization_id, ids, look.verified_on, look.verified_by.strip())
    planned = _Planned(Plan(), [])
    for who in people:
        _decide(planned, who, meant, done, look)
    return planned


def _decide(
    planned: _Planned, who: Chosen, meant: Mapping[UUID, Sequence[Held]], done: frozenset[UUID], look: SameLook
) -> None:
    theirs = meant.get(who.id, ())
    problem = _problem(who, theirs, done, look)
    term = None if problem else _term(theirs[0], look.verified_on)
    if not problem and term is None and look.result is Result.CONFIRMED:
        problem = _no_term(theirs[0], look.verified_on)
    if problem:
        planned.plan.leave(who, problem)
        return
    said = f"Term {in_words(term[1])} to {end_in_words(term[2])}" if term else "Of no term"
    planned.plan.do(who, said, theirs[0].number or "no number on file")
    planned.new.append(_new(theirs[0], term[0] if term else None, look))


def _problem(who: Chosen, theirs: Sequence[Held], done: frozenset[UUID], look: SameLook) -> str:
    if who.merged:
        return "This record was merged into another one."
    if not theirs:
        return "None of these is on file."
    if len(theirs) > 1:
        return f"{len(theirs)} of these are on file; record each look on its own."
    if theirs[0].id in done:
        return f"A look by {look.verified_by.strip()} on {in_words(look.verified_on)} is on file already."
    return ""


def _term(held: Held, day: date) -> tuple[UUID, date, date] | None:
    """The term of the day; where two have it, the one that ends last."""
    there = [each for each in held.terms if each[1] <= day <= each[2]]
    return max(there, key=lambda each: each[2], default=None)


def _no_term(held: Held, day: date) -> str:
    if not held.terms:
        return "No dates are on file; record them first."
    if held.terms[-1][2] < day:
        return f"The last term on file ended on {in_words(held.terms[-1][2])}; record the renewal first."
    return f"No term on file holds {in_words(day)}."


def _new(held: Held, term_id: UUID | None, look: SameLook) -> NewVerification:
    said = (look.result, look.verified_on, look.verified_by.strip(), look.source.strip())
    return NewVerification(held.id, *said, term_id, look.standing, look.note.strip())
