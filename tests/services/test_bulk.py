"""The same deed for many: each of them has an entry of their own in the trail, and the list of who was done is kept."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.db.queries.chosen import Chosen, chosen
from compliance.db.records import TrailEntryRow
from compliance.domain.credentials import Result
from compliance.services import bulk, trail
from compliance.services.bulk import SameLook, SamePlace
from compliance.services.trail import Act
from tests import builders as build

LOOK = SameLook("massage-license", "us-fl", Result.CONFIRMED, build.NOW.date(), "Maria", "The list of licensees")


async def people(session: AsyncSession, act: Act, *ids: UUID) -> list[Chosen]:
    return await chosen(session, act.organization_id, ids, clinic_ids=frozenset())


async def about(session: AsyncSession, act: Act, action: str) -> set[UUID | None]:
    """The therapists whom entries of this action are about."""
    mine = (TrailEntryRow.organization_id == act.organization_id, TrailEntryRow.action == action)
    return set((await session.scalars(select(TrailEntryRow.therapist_id).where(*mine))).all())


async def test_each_of_many_has_an_entry_and_who_was_left_out_has_none(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        ids = [await build.therapist(session, act, name, "Berg") for name in ("Anna", "Bo", "Cara")]
        for each in ids[:2]:
            await build.credential(session, act, each)
        found = await people(session, act, *ids)
        plan = await bulk.record_looks(session, act=act, people=found, look=LOOK)
        assert {each.who.id for each in plan.does} == set(ids[:2])
        assert await about(session, act, "verification.recorded") == set(ids[:2])
        tampa = await build.clinic(session, act, "Tampa")
        place = SamePlace(tampa, "Tampa", (build.MASSAGE,), date(2026, 12, 1))
        await bulk.assign_all(session, act=act, people=found, place=place)
        assert await about(session, act, "assignment.added") == set(ids)
        await bulk.keep(session, act=act, title="Assigned", plan=plan)
        assert await about(session, act, "task.started") == {None}
        assert (await trail.verify(session, organization_id=act.organization_id))[1] is None


async def test_one_who_has_two_of_a_kind_or_no_term_of_the_day_is_left_out_with_the_reason(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        two, old = [await build.therapist(session, act, name, "Berg") for name in ("Two", "Old")]
        await build.credential(session, act, two, number="MA1")
        await build.credential(session, act, two, number="MA2")
        await build.credential(session, act, old, number="MA3", starts_on=date(2021, 9, 1), ends_on=date(2023, 8, 31))
        plan = await bulk.plan_looks(session, act.organization_id, await people(session, act, two, old), LOOK)
        why = {each.who.name: each.why for each in plan.left_out}
        assert why["Two Berg"].startswith("2 of these are on file")
        assert why["Old Berg"] == "The last term on file ended on Aug 31, 2023; record the renewal first."
