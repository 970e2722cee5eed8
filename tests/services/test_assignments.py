"""Assignments: who works where, with which modalities, from when to when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.records import ClearancePeriodRow
from compliance.domain.periods import FOREVER
from compliance.services import assignments, therapists
from compliance.services.refusals import Refused
from tests import builders as build
from tests.services.asking import assigned, file_of

TODAY = build.TODAY
BOTH = (build.MASSAGE, build.TRIGGER_POINT)


async def test_a_departure_ends_all_assignments_and_keeps_the_file(database: Database) -> None:
    async with database.write.begin() as session:
        act, _tampa, who, _first = await assigned(session)
        await build.assignment(session, act, who, await build.clinic(session, act))
        assert await therapists.depart(session, act=act, therapist_id=who, last_day=TODAY, reason="moved") == 2
        found = await file_of(session, act, who)
        assert {(each.ends_on, each.end_reason) for each in found.assignments} == {(TODAY, "moved")}
        stored = select(ClearancePeriodRow.ends_on).where(ClearancePeriodRow.therapist_id == who)
        assert max(await session.scalars(stored)) == TODAY
        with pytest.raises(Refused, match="no assignment that runs longer"):
            await therapists.depart(session, act=act, therapist_id=who, last_day=TODAY, reason="again")


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"modalities": ()}, "modalities", "Say what is practiced"),
        ({"modalities": ("yoga",)}, "modalities", "'yoga' is no modality here. Allowed are massage-therapy"),
        ({"modalities": (build.MASSAGE, build.MASSAGE)}, "modalities", "named twice"),
        ({"ends_on": date(2020, 1, 1)}, "ends_on", "before the first day"),
        ({}, "starts_on", "Already assigned to Tampa"),
    ],
)
async def test_impossible_assignments_are_refused_in_words(
    database: Database, given: dict[str, Any], field: str, words: str
) -> None:
    async with database.write.begin() as session:
        act, clinic, who, _first = await assigned(session)
        with pytest.raises(Refused) as refused:
            await build.assignment(session, act, who, clinic, **given)
        assert words in refused.value.fields[field]


async def test_a_rehire_is_a_second_assignment(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, first = await assigned(session)
        await assignments.end(session, act=act, assignment_id=first, last_day=date(2025, 5, 31), reason="left")
        await build.assignment(session, act, who, clinic, starts_on=date(2026, 1, 5))
        found = (await file_of(session, act, who)).assignments
        assert [(each.starts_on.year, each.ends_on.year) for each in found] == [(2023, 2025), (2026, 9999)]


async def test_an_ending_can_be_taken_back_unless_the_place_is_taken(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, first = await assigned(session)
        ended = await assignments.end(session, act=act, assignment_id=first, last_day=TODAY)
        again = await assignments.undo_end(session, act=act, assignment_id=ended, reason="she stays")
        assert [each.ends_on for each in (await file_of(session, act, who)).assignments] == [FOREVER]
        ended = await assignments.end(session, act=act, assignment_id=again, last_day=TODAY)
        await build.assignment(session, act, who, clinic, starts_on=TODAY + timedelta(days=7))
        with pytest.raises(Refused, match="Already assigned"):
            await assignments.undo_end(session, act=act, assignment_id=ended, reason="she stays")


async def test_other_modalities_from_a_day_on_leave_the_days_before_as_they_were(database: Database) -> None:
    async with database.write.begin() as session:
        act, _clinic, who, first = await assigned(session)
        changed = await assignments.change_modalities(
            session, act=act, assignment_id=first, modalities=BOTH, reason="trained", starts_on=TODAY
        )
        found = (await file_of(session, act, who)).assignments
        assert [(each.modalities, each.ends_on) for each in found] == [
            ((build.MASSAGE,), TODAY - timedelta(days=1)),
            (BOTH, FOREVER),
        ]
        assert found[1].id == changed
        with pytest.raises(Refused, match="lies outside the assignment"):
            await assignments.change_modalities(
                session, act=act, assignment_id=changed, modalities=BOTH, reason="x", starts_on=date(2020, 1, 1)
            )


async def test_an_assignment_that_never_was_leaves_no_clearance(database: Database) -> None:
    async with database.write.begin() as session:
        act, _clinic, who, first = await assigned(session)
        stored = select(ClearancePeriodRow.status).where(ClearancePeriodRow.therapist_id == who)
        assert list(await session.scalars(stored))
        await assignments.void(session, act=act, assignment_id=first, reason="another person")
        assert not list(await session.scalars(stored))


async def test_an_end_that_is_moved_back_leaves_room_for_the_assignment_after_it(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, first = await assigned(session)
        first = await assignments.end(session, act=act, assignment_id=first, last_day=date(2024, 6, 30))
        first = await assignments.end(session, act=act, assignment_id=first, last_day=date(2024, 7, 31))
        await build.assignment(session, act, who, clinic, starts_on=date(2025, 1, 1))
        with pytest.raises(Refused, match="Already assigned"):
            await assignments.end(session, act=act, assignment_id=first, last_day=date(2025, 6, 30))
