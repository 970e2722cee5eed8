"""Claims about last days: of somebody's work, counted where they work, and of a clinic that holds a license."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from compliance.db.engine import Database
from compliance.db.records import ClinicRow, CredentialRow, MembershipRow
from compliance.services import clinics
from tests.services.reminder_world import ENDS, LONG_AGO, World, morning

DAY = ENDS - timedelta(days=14)


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


def at(day: date, hour: int) -> datetime:
    """An hour of a day in New York, in the summer."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour + 4)


async def addressed(here: World) -> set[str]:
    return {row["recipient_address"].partition(".")[0] for row in await here.outbox(state="pending")}


async def test_on_the_evening_of_a_last_day_no_manager_of_another_clinic_is_told(here: World) -> None:
    async with here.database.write.begin() as session:
        other = await here.add(
            session, ClinicRow, None, name="Ocala", folded_name="ocala", jurisdiction="us-fl",
            time_zone="America/New_York", created_at=LONG_AGO,
        )  # fmt: skip
        theirs = update(MembershipRow).where(MembershipRow.person_id == here.manager)
        await session.execute(theirs.values(clinic_ids=[str(other)]))
    await here.therapist(left_on=DAY)
    await here.plan(at(DAY, 21))  # in UTC it is the next day
    assert "manager" not in await addressed(here)


async def test_who_left_yesterday_is_told_nothing_in_the_night(here: World) -> None:
    await here.therapist(left_on=DAY)
    await here.plan(at(DAY + timedelta(days=1), 3))
    assert await addressed(here) == set()


async def test_who_works_on_is_told_in_the_night_what_was_left_over(here: World) -> None:
    await here.therapist()
    await here.plan(at(DAY + timedelta(days=1), 3))
    assert await addressed(here) == {"ana@example", "manager"}


async def establishment(here: World) -> UUID:
    """The clinic's own license."""
    async with here.database.write.begin() as session:
        held = await here.add(
            session, CredentialRow, None, clinic_id=here.clinic, type="establishment-license", jurisdiction="us-fl",
            number="MM 1", created_at=LONG_AGO,
        )  # fmt: skip
    await here.term(held, ENDS)
    return held


async def close(here: World, last_day: date) -> None:
    async with here.database.write.begin() as session:
        await clinics.close(session, act=here.act(morning(DAY)), clinic_id=here.clinic, closed_on=last_day)


async def test_the_license_of_a_clinic_is_told_until_it_closes(here: World) -> None:
    await establishment(here)
    await close(here, DAY + timedelta(days=1))
    await here.plan(morning(DAY))
    assert await addressed(here) == {"manager"}


@pytest.mark.parametrize("planned", [False, True])
async def test_of_a_clinic_that_is_closed_nothing_is_told_and_it_goes_on_when_it_opens_again(
    here: World, planned: bool
) -> None:
    await establishment(here)
    if planned:
        await here.plan(morning(DAY))
    await close(here, DAY - timedelta(days=2))
    await here.plan(morning(DAY, 15))
    assert await addressed(here) == set()
    async with here.database.write.begin() as session:
        act = here.act(morning(DAY, 16))
        await clinics.reopen(session, act=act, clinic_id=here.clinic, reason="a mistake")
    await here.plan(morning(DAY, 17))
    assert await addressed(here) == {"manager"}
