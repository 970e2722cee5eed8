"""What pages read of people, clinics and their histories, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.db.queries import clinics, organizations, therapists, trail
from compliance.services import assignments, merging
from compliance.services import therapists as people
from compliance.services.trail import Act
from tests import builders as build


async def three(session: AsyncSession) -> tuple[Act, dict[str, Any]]:
    """Ana is cleared in Tampa, Ben has no license there, Cem was never assigned."""
    act = await build.organization(session)
    tampa = await build.clinic(session, act, "Tampa")
    ana = await build.trigger_point_therapist(session, act, tampa, first_name="Ana", last_name="Ruiz")
    ben = await build.therapist(session, act, "Ben", "Łęcki", email="ben@example.org")
    await build.assignment(session, act, ben, tampa)
    cem = await build.therapist(session, act, "Cem", "de la Cruz")
    return act, {"tampa": tampa, "ana": ana, "ben": ben, "cem": cem}


async def test_a_merged_records_history_is_in_the_kept_one(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await three(session)
        ana, ben = who["ana"], who["ben"]
        await merging.merge(session, act=act, kept_id=ana, merged_id=ben, reason="one person")
        kept = await therapists.therapist(session, act.organization_id, ana)
        history = await trail.history(session, act.organization_id, ana)
    assert kept
    assert len(kept.assignments) == 2
    assert [each.therapist_id for each in kept.merged] == [ben]
    assert {each.therapist_id for each in history} == {ana, ben}


async def test_a_therapist_has_names_over_time_and_where_they_work(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await three(session)
        change = people.Change(who["ana"], last_name="Solis", name_starts_on=build.TODAY, reason="marriage")
        await people.change(session, act=act, change=change)
        ana = await therapists.therapist(session, act.organization_id, who["ana"])
    assert ana
    assert (ana.name, ana.former_names()) == ("Ana Solis", ("Ana Ruiz",))
    assert [each.clinic for each in ana.assignments] == ["Tampa"]


async def test_a_clinic_counts_who_works_there_on_a_day(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await three(session)
        tampa, ben = who["tampa"], who["ben"]
        current = await therapists.therapist(session, act.organization_id, ben)
        assert current
        await assignments.end(session, act=act, assignment_id=current.assignments[0].id, last_day=build.TODAY)
        heads = await clinics.headcounts(session, act.organization_id, build.TODAY + timedelta(1))
        place = await clinics.clinic(session, act.organization_id, tampa)
    assert heads == {tampa: 1}
    assert place
    assert place.today(build.NOW) == build.TODAY


async def test_the_trail_reads_with_its_values_newest_first(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await three(session)
        added = (await trail.history(session, act.organization_id, who["cem"]))[0]
        newest = await trail.latest(session, act.organization_id, limit=2)
        older = await trail.latest(session, act.organization_id, before=newest[-1].seq, limit=1)
        seq, _hash = await trail.head(session, act.organization_id)
    assert (added.action, added.new["last_name"]) == ("therapist.added", "de la Cruz")
    assert newest[0].seq == seq
    assert older[0].seq == newest[-1].seq - 1


async def test_organizations_are_read_by_id_and_by_name(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session, "Zeta")
        await build.organization(session, "Alpha")
        one = await organizations.organization(session, act.organization_id)
        every = await organizations.organizations(session)
    assert one
    assert (one.name, one.reminders_started_at) == ("Zeta", None)
    assert [each.name for each in every] == ["Alpha", "Zeta"]
