"""Claims about what a clinic itself lacks: its managers are told, once a step, until something of its own meets it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.db.engine import Database
from compliance.db.records import ClinicRow, CredentialRow, OutboxRow, ReminderRow
from compliance.domain.credentials import Result
from compliance.services import clinics, corrections, credentials, policies, reminders, verifications, waivers
from compliance.services.clinics import NewClinic
from compliance.services.mailing import lines_of
from compliance.services.reminders.standing import needless
from compliance.services.reminders.withdrawing import CHANGED
from compliance.services.trail import Act
from tests.services.reminder_world import World, morning

TODAY = date(2027, 3, 1)
LICENSE, ZONE = "establishment-license", "America/New_York"


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


def act(here: World, day: date = TODAY) -> Act:
    return here.act(morning(day))


async def opened(here: World, **values: Any) -> UUID:
    async with here.database.write.begin() as session:
        return await clinics.add(session, act=act(here), clinic=NewClinic("Ocala", "us-fl", ZONE, **values))


async def licensed(here: World, clinic: UUID, ends_on: date = date(2028, 12, 31)) -> UUID:
    async with here.database.write.begin() as session:
        term = credentials.NewTerm(date(2026, 1, 1), ends_on)
        new = credentials.NewCredential(LICENSE, clinic_id=clinic, jurisdiction="us-fl", number="MM 1", term=term)
        return (await credentials.add(session, act=act(here), credential=new)).id


async def lines(here: World, state: str = "pending") -> list[tuple[str, Mapping[str, Any]]]:
    return [
        (row["recipient_address"].partition(".")[0], line)
        for row in await here.outbox(state=state)
        for line in lines_of(row["facts"])
    ]


async def test_a_clinic_that_opens_without_its_license_is_told_to_its_managers(here: World) -> None:
    clinic = await opened(here, opened_on=TODAY)
    await here.plan(morning(TODAY))
    ((who, line),) = await lines(here)
    assert (who, line["anchor"], line["holder"], line["by_clinic"]) == ("manager", "missing", "Ocala", True)
    (message,) = await here.outbox()
    assert message["subject"] == "Ocala has needed “Florida establishment license” since today, Mar 1, 2027"
    assert "It is asked of the clinic itself" in message["text"]
    assert "nobody is cleared there" in message["text"]
    assert f"/clinics/{clinic}" in message["text"]
    assert message["therapist_id"] is None


async def test_two_weeks_before_it_opens_on_the_day_and_a_week_after_each_once(here: World) -> None:
    await opened(here, opened_on=TODAY + timedelta(days=20))
    for days in range(40):
        for hour in (14, 15):
            await here.plan(morning(TODAY + timedelta(days=days), hour))
            async with here.database.write.begin() as session:
                await session.execute(update(OutboxRow).values(state="sent"))
                await session.execute(update(ReminderRow).where(ReminderRow.state == "queued").values(state="done"))
    found = await here.rows(ReminderRow)
    told = sorted((row["local_date"], row["rung"], row["state"]) for row in found)
    assert told == [(TODAY + timedelta(days=20 - rung), rung, "done") for rung in (14, 0, -7)]
    assert len(await here.outbox()) == 3
    assert "will need" in (await here.outbox())[0]["subject"]


async def test_its_license_takes_the_reminder_back_in_its_own_transaction_and_voiding_it_brings_it_again(
    here: World,
) -> None:
    clinic = await opened(here, opened_on=TODAY)
    await here.plan(morning(TODAY))
    held = await licensed(here, clinic)
    assert {row["reason"] for row in await here.rows(ReminderRow, state="withdrawn")} == {CHANGED}
    await here.plan(morning(TODAY))
    assert await lines(here) == []
    async with here.database.write.begin() as session:
        await corrections.void(session, act=act(here), credential_id=held, reason="another clinic's")
    await here.plan(morning(TODAY))
    assert [line["anchor"] for _, line in await lines(here)] == ["missing"]


async def test_a_clinic_that_closes_or_is_void_gives_no_more_reason_for_mail(here: World) -> None:
    first, second = await opened(here, opened_on=TODAY), None
    await here.plan(morning(TODAY))
    async with here.database.write.begin() as session:
        await clinics.close(session, act=act(here), clinic_id=first, closed_on=TODAY)
        second = await clinics.add(session, act=act(here), clinic=NewClinic("Miami", "us-fl", ZONE, opened_on=TODAY))
    await here.plan(morning(TODAY + timedelta(days=1)))
    assert [line["holder"] for _, line in await lines(here)] == ["Miami"]
    async with here.database.write.begin() as session:
        await clinics.void(session, act=act(here), clinic_id=second, reason="a mistake")
    await here.plan(morning(TODAY + timedelta(days=2)))
    assert await lines(here) == []


async def test_what_a_place_does_not_ask_of_clinics_is_not_missing(here: World) -> None:
    async with here.database.write.begin() as session:
        await clinics.add(session, act=act(here), clinic=NewClinic("Atlanta", "us-ga", opened_on=TODAY))
    await here.plan(morning(TODAY))
    assert await lines(here) == []


async def test_a_clinic_that_was_there_before_reminders_is_work_and_no_news(here: World) -> None:
    async with here.database.write.begin() as session:
        await reminders.look_again_at_clinics(session, act=act(here), clinic_ids=[here.clinic])
    await here.plan(morning(TODAY))
    assert await here.rows(ReminderRow) == []
    assert (await here.rows(ClinicRow))[0]["next_look_on"] == TODAY + timedelta(days=1)


async def test_before_going_live_clinics_are_not_looked_at(database: Database) -> None:
    off = await World(database).begin(live=False)
    clinic = await opened(off, opened_on=TODAY)
    await off.plan(morning(TODAY))
    assert await off.rows(ReminderRow) == []
    assert (await off.rows(ClinicRow, id=clinic))[0]["next_look_on"] is None


async def test_a_policy_that_wants_the_license_looked_up_asks_for_that_look_from_its_day_on(here: World) -> None:
    clinic = await opened(here, opened_on=TODAY)
    held = await licensed(here, clinic)
    await here.plan(morning(TODAY))
    async with here.database.write.begin() as session:
        applies_on = TODAY + timedelta(days=1)
        await policies.adopt(session, act=act(here), offer="establishment-license-us-fl", applies_on=applies_on)
    await here.plan(morning(TODAY))
    assert await lines(here) == []
    for days in (1, 2):
        await here.plan(morning(TODAY + timedelta(days=days)))
    ((who, line),) = await lines(here)
    assert (who, line["anchor"], line["first_look"], line["by_clinic"]) == ("manager", "recheck", True, True)
    async with here.database.write.begin() as session:
        look = verifications.NewVerification(held, Result.CONFIRMED, TODAY, "J. Ortiz", "board website")
        await verifications.record(session, act=act(here, TODAY + timedelta(days=2)), verification=look)
        assert "queued" not in set(await session.scalars(select(ReminderRow.state)))
    await here.plan(morning(TODAY + timedelta(days=3)))
    assert await lines(here) == []


async def test_a_license_of_the_clinic_that_lapses_is_told_by_its_own_ladder(here: World) -> None:
    clinic = await opened(here, opened_on=TODAY)
    await licensed(here, clinic, ends_on=TODAY + timedelta(days=14))
    await here.plan(morning(TODAY))
    assert {(who, line["anchor"]) for who, line in await lines(here)} == {("manager", "expiry")}


async def test_what_goes_out_about_a_clinic_is_listed_before_and_explained(here: World) -> None:
    clinic = await opened(here, opened_on=TODAY + timedelta(days=20))
    await here.plan(morning(TODAY))
    async with here.database.read() as session:
        page = await reminders.upcoming_page(session, here.id, 30, morning(TODAY))
        every = await reminders.upcoming(session, here.id, 30, morning(TODAY))
        elsewhere = await reminders.upcoming_page(session, here.id, 30, morning(TODAY), clinic_ids=[here.clinic])
        said = await reminders.why_clinic(session, here.id, clinic, morning(TODAY))
    assert [(each.clinic_id, each.days) for each in page.lines] == [(clinic, 14), (clinic, 0), (clinic, -7)]
    assert page.lines == every
    assert elsewhere.lines == ()
    assert [(each.days, each.state) for each in said.rungs] == [(14, "upcoming"), (0, "upcoming"), (-7, "upcoming")]
    assert said.therapist == "Ocala"
    with pytest.raises(LookupError):
        async with here.database.read() as session:
            await reminders.why_clinic(session, here.id, here.owner, morning(TODAY))


async def test_a_mail_about_a_clinic_that_was_given_up_is_sent_again_only_while_it_holds(here: World) -> None:
    clinic = await opened(here, opened_on=TODAY)
    await here.plan(morning(TODAY))
    async with here.database.write.begin() as session:
        await session.execute(update(OutboxRow).values(state="dead"))
        await session.execute(update(ReminderRow).where(ReminderRow.state == "queued").values(state="failed"))
    async with here.database.read() as session:
        row = (await session.scalars(select(OutboxRow))).one()
        assert await needless(session, row=row, now=morning(TODAY)) == set()
    await licensed(here, clinic)
    async with here.database.read() as session:
        row = (await session.scalars(select(OutboxRow))).one()
        assert len(await needless(session, row=row, now=morning(TODAY))) == 1
        assert (await session.scalars(select(CredentialRow.clinic_id))).one() == clinic


async def test_the_end_of_a_clinics_exception_is_told_and_voiding_it_takes_that_back(here: World) -> None:
    clinic = await opened(here, opened_on=TODAY)
    given: dict[str, Any] = {"requirement": LICENSE, "reason": "A physician's office", "granted_by": "O. Hart"}
    async with here.database.write.begin() as session:
        days: dict[str, Any] = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=14)}
        waiver = await waivers.grant_to_clinic(session, act=act(here), clinic_id=clinic, **given, **days)
    await here.plan(morning(TODAY))
    ((who, line),) = await lines(here)
    assert (who, line["anchor"], line["holder"]) == ("manager", "waiver", "Ocala")
    assert "Ocala’s exception from “Florida establishment license” ends" in (await here.outbox())[0]["subject"]
    async with here.database.write.begin() as session:
        await waivers.void(session, act=act(here), waiver_id=waiver, reason="it is none")
    await here.plan(morning(TODAY))
    assert [line["anchor"] for _, line in await lines(here)] == ["missing"]
