"""The same clinic for many: who works there from a day on, with which modalities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries.chosen import Chosen, at_clinic
from compliance.domain.months import in_words
from compliance.services import assignments, rows
from compliance.services.assignments import NewAssignment
from compliance.services.many import Plan
from compliance.services.trail import Act


@dataclass(frozen=True, slots=True)
class SamePlace:
    """A clinic, what is practiced there, and from which day on."""

    clinic_id: UUID
    clinic: str
    modalities: tuple[str, ...]
    starts_on: date


async def plan_places(session: AsyncSession, organization_id: UUID, people: Sequence[Chosen], place: SamePlace) -> Plan:
    """Who would be assigned, and who is left out and why."""
    ids = [each.id for each in people]
    there = await at_clinic(session, organization_id, place.clinic_id, ids, place.starts_on)
    modalities = load().modalities
    titles = ", ".join(modalities[each].title for each in place.modalities if each in modalities)
    plan = Plan()
    for who in people:
        if who.merged:
            plan.leave(who, "This record was merged into another one.")
        elif who.id in there:
            plan.leave(who, f"Works at {place.clinic} since {in_words(there[who.id])} already.")
        else:
            plan.do(who, f"{place.clinic} from {in_words(place.starts_on)}: {titles}")
    return plan


async def assign_all(session: AsyncSession, *, act: Act, people: Sequence[Chosen], place: SamePlace) -> Plan:
    """Assigns each of whom it can be said; the same plan, made anew. Raises Refused for a clinic that is not open."""
    await rows.take_turn(session, act)
    plan = await plan_places(session, act.organization_id, people, place)
    new = [NewAssignment(each.who.id, place.clinic_id, place.modalities, place.starts_on) for each in plan.does]
    if new:
        await assignments.add_many(session, act=act, assignments=new)
    return plan
