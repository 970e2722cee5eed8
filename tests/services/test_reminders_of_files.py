"""Claims about what follows from a file as a whole: gaps, looks and exceptions, told to the clinic's managers alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.db.engine import Database
from compliance.db.records import AssignmentRow, MembershipRow, OutboxRow, ReminderRow, TherapistRow
from compliance.domain.credentials import Result
from compliance.domain.periods import BEGINNING
from compliance.domain.requirements import Citation, Policy, Provision, Requirement, Verify
from compliance.jobs import Context, run_job
from compliance.services import assignments, policies, reminders, therapists, verifications, waivers
from compliance.services.mailing import lines_of
from compliance.services.reminders.looking import NO_LONGER
from compliance.services.reminders.withdrawing import CHANGED
from compliance.services.trail import Act
from compliance.settings import read_settings
from tests import builders as build
from tests.services.reminder_world import World, morning

TODAY = date(2027, 3, 1)


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


def act(here: World, day: date = TODAY) -> Act:
    return here.act(morning(day))


async def hired(here: World, on: date = TODAY, *, licensed: bool = True) -> UUID:
    """Somebody who begins on a day, with a verified license that lasts or with nothing."""
    async with here.database.write.begin() as session:
        who = await build.therapist(session, act(here), "Ana", "Ruiz", email="ana@example.test")
        await build.assignment(session, act(here), who, here.clinic, starts_on=on)
        if licensed:
            added = await build.credential(session, act(here), who, ends_on=date(2029, 8, 31))
            look = verifications.NewVerification(added.id, Result.CONFIRMED, TODAY, "J. Ortiz", "board website")
            await verifications.record(session, act=act(here), verification=look)
    return who


async def lines(here: World, state: str = "pending") -> list[tuple[str, Mapping[str, Any]]]:
    """Who is told what by the mail in a state."""
    return [
        (row["recipient_address"].partition(".")[0], line)
        for row in await here.outbox(state=state)
        for line in lines_of(row["facts"])
    ]


async def told(here: World) -> list[tuple[str, int, str]]:
    """Anchor, rung and state of everything about files, by day."""
    found = await here.rows(ReminderRow)
    return sorted((row["anchor"], -row["rung"], row["state"]) for row in found if row["anchor"] != "expiry")


async def test_what_is_missing_is_told_to_the_managers_and_to_nobody_else(here: World) -> None:
    await hired(here, licensed=False)
    await here.plan(morning(TODAY))
    ((who, line),) = await lines(here)
    assert (who, line["anchor"], line["requirement"]) == ("manager", "missing", "Florida massage license")
    (message,) = await here.outbox()
    assert message["subject"] == "Ana Ruiz has needed “Florida massage license” since today, Mar 1, 2027"
    assert "It is asked at Tampa, and nothing on file meets it" in message["text"]
    assert "/therapists/" in message["text"]


async def test_the_owner_stands_in_where_there_is_no_manager(here: World) -> None:
    async with here.database.write.begin() as session:
        await session.execute(
            update(MembershipRow).where(MembershipRow.role == "manager").values(ended_at=morning(TODAY))
        )
    await hired(here, licensed=False)
    await here.plan(morning(TODAY))
    assert [who for who, _ in await lines(here)] == ["owner"]


async def test_who_begins_later_and_lacks_something_is_told_two_weeks_before(here: World) -> None:
    await hired(here, TODAY + timedelta(days=20), licensed=False)
    await here.plan(morning(TODAY))
    assert await lines(here) == []
    assert (await here.rows(TherapistRow))[0]["next_look_on"] == TODAY + timedelta(days=6)
    await here.plan(morning(TODAY + timedelta(days=6)))
    ((_, line),) = await lines(here)
    assert line["ends_on"] == "2027-03-21"
    assert "will need “Florida massage license” in 14 days" in (await here.outbox())[0]["subject"]


async def test_each_step_goes_out_once_however_often_files_are_looked_at(here: World) -> None:
    who = await hired(here, licensed=False)
    for days in range(12):
        for hour in (14, 15):
            async with here.database.write.begin() as session:
                await session.execute(update(TherapistRow).values(next_look_on=BEGINNING))
            await here.plan(morning(TODAY + timedelta(days=days), hour))
            async with here.database.write.begin() as session:
                await session.execute(update(OutboxRow).values(state="sent"))
                await session.execute(update(ReminderRow).where(ReminderRow.state == "queued").values(state="done"))
    assert [(rung, state) for _, rung, state in await told(here)] == [(-14, "skipped"), (0, "done"), (7, "done")]
    assert len(await here.outbox()) == 2
    assert (await here.rows(TherapistRow, id=who))[0]["next_look_on"] is None


async def test_what_has_been_missing_for_long_is_work_and_no_news(here: World) -> None:
    await hired(here, TODAY - timedelta(days=400), licensed=False)
    await here.plan(morning(TODAY))
    assert await told(here) == []


async def test_a_credential_that_closes_the_gap_takes_the_reminder_back_in_its_own_transaction(here: World) -> None:
    who = await hired(here, licensed=False)
    await here.plan(morning(TODAY))
    async with here.database.write.begin() as session:
        await build.credential(session, act(here), who, ends_on=date(2029, 8, 31))
        reasons = await session.scalars(select(ReminderRow.reason).where(ReminderRow.state == "withdrawn"))
        assert list(reasons) == [CHANGED]
    assert await lines(here) == []
    await here.plan(morning(TODAY))  # nobody has looked at the license yet: that is told instead
    assert [line["anchor"] for _, line in await lines(here)] == ["recheck"]


async def test_a_change_that_closes_nothing_brings_the_very_same_mail_back(here: World) -> None:
    who = await hired(here, licensed=False)
    await here.plan(morning(TODAY))
    (first,) = await here.outbox()
    async with here.database.write.begin() as session:
        await therapists.change(session, act=act(here), change=therapists.Change(who, phone="813 555 0100"))
        both, mine = (build.MASSAGE, "deep-tissue-massage"), await assigned(here)
        await assignments.change_modalities(session, act=act(here), assignment_id=mine, modalities=both, reason="asked")
    await here.plan(morning(TODAY))
    (again,) = await here.outbox(state="pending")
    assert again["message_id"] == first["message_id"]


async def assigned(here: World) -> UUID:
    found = await here.rows(AssignmentRow, voided_seq=None)
    return UUID(str(found[0]["id"]))


async def test_a_waiver_silences_the_gap_and_its_own_end_is_told(here: World) -> None:
    who = await hired(here, licensed=False)
    await here.plan(morning(TODAY))
    ends = TODAY + timedelta(days=30)
    async with here.database.write.begin() as session:
        await waivers.grant(
            session, act=act(here), therapist_id=who, requirement="license", starts_on=TODAY, ends_on=ends,
            reason="papers on their way", granted_by="The owner",
        )  # fmt: skip
        assert set(await session.scalars(select(ReminderRow.state))) == {"withdrawn", "skipped"}
    for days in range(46):
        await here.plan(morning(TODAY + timedelta(days=days)))
    goes = [(anchor.partition(":")[0], rung) for anchor, rung, state in await told(here) if state == "queued"]
    assert goes == [("waiver", 0)]  # 14 and 1 days before were overtaken: nothing was delivered here
    ((_, line),) = await lines(here)
    assert (line["requirement"], line["ends_on"]) == ("Florida massage license", ends.isoformat())


async def test_a_term_that_nobody_has_looked_at_is_told_once_it_begins(here: World) -> None:
    await hired(here, licensed=False)
    async with here.database.write.begin() as session:
        who = (await session.scalars(select(TherapistRow.id))).one()
        await build.credential(session, act(here), who, starts_on=TODAY, ends_on=date(2029, 2, 28))
    await here.plan(morning(TODAY))
    ((who_is_told, line),) = await lines(here)
    assert (who_is_told, line["anchor"], line["first_look"]) == ("manager", "recheck", True)
    assert "is to be looked up today" in (await here.outbox(state="pending"))[0]["subject"]


async def test_a_look_every_so_many_days_is_asked_for_a_week_before_and_again_after_it(here: World) -> None:
    await hired(here)
    asked = Provision(
        accepts=frozenset({"massage-license"}),
        verify=Verify.EVERY_N_DAYS,
        every_days=90,
        citation=Citation("House rule"),
    )
    async with here.database.write.begin() as session:
        policy = Policy(Requirement("looked-at", "License looked at", (asked,)))
        await policies.add(session, act=act(here), policy=policy, applies_on=TODAY, at_once=True)
    await run_job("refresh-coverage", Context(here.database, read_settings({}), morning(TODAY)))
    await here.plan(morning(TODAY))
    assert await lines(here) == []
    due = TODAY + timedelta(days=90)
    assert (await here.rows(TherapistRow))[0]["next_look_on"] == due - timedelta(days=7)
    await here.plan(morning(due - timedelta(days=7)))
    ((_, line),) = await lines(here)
    assert (line["anchor"], line["ends_on"], line["credential"]) == (
        "recheck",
        due.isoformat(),
        "Florida massage license",
    )
    async with here.database.write.begin() as session:
        credential = (await session.scalars(select(ReminderRow.subject_id))).one()
        look = verifications.NewVerification(credential, Result.CONFIRMED, due, "J. Ortiz", "board website")
        await verifications.record(session, act=act(here, due), verification=look)
    await here.plan(morning(due))
    assert await lines(here) == []
    assert (await here.rows(TherapistRow))[0]["next_look_on"] == due + timedelta(days=83)


async def test_what_is_no_longer_asked_is_taken_back_by_the_next_look(here: World) -> None:
    await hired(here)
    asked = Provision(accepts=frozenset({"cpr"}), citation=Citation("House rule"))
    async with here.database.write.begin() as session:
        policy = Policy(Requirement("first-aid", "First aid", (asked,)))
        added = await policies.add(session, act=act(here), policy=policy, applies_on=TODAY, at_once=True)
    context = Context(here.database, read_settings({}), morning(TODAY))
    await run_job("refresh-coverage", context)
    await here.plan(morning(TODAY))
    assert [line["requirement"] for _, line in await lines(here)] == ["First aid"]
    async with here.database.write.begin() as session:
        await policies.void(session, act=act(here), policy_id=added, reason="a mistake")
    await run_job("refresh-coverage", context)
    await here.plan(morning(TODAY))
    assert await lines(here) == []
    assert [row["reason"] for row in await here.rows(ReminderRow, state="withdrawn")] == [NO_LONGER]


async def test_files_and_terms_that_fall_on_one_day_are_one_mail(here: World) -> None:
    who = await hired(here, licensed=False)
    async with here.database.write.begin() as session:
        ends_on = TODAY + timedelta(days=14)
        await build.credential(session, act(here), who, "cpr", starts_on=date(2026, 1, 1), ends_on=ends_on)
    await here.plan(morning(TODAY))
    found = {row["recipient_address"].partition(".")[0]: row for row in await here.outbox(state="pending")}
    assert len(lines_of(found["manager"]["facts"])) == 2
    assert "and 1 more" in found["manager"]["subject"]


async def test_whoever_left_or_is_away_gives_no_reason_for_mail(here: World) -> None:
    who = await hired(here, licensed=False)
    async with here.database.write.begin() as session:
        await assignments.record_leave(
            session, act=act(here), therapist_id=who, starts_on=TODAY, ends_on=TODAY + timedelta(days=9)
        )
    await here.plan(morning(TODAY))
    assert await lines(here) == []
    assert (await here.rows(TherapistRow))[0]["next_look_on"] == TODAY + timedelta(days=7)
    async with here.database.write.begin() as session:
        await therapists.depart(session, act=act(here), therapist_id=who, last_day=TODAY)
    for days in range(1, 20):
        await here.plan(morning(TODAY + timedelta(days=days)))
    assert await lines(here) == []


async def test_before_going_live_files_are_not_looked_at_and_ask_for_nothing(database: Database) -> None:
    off = await World(database).begin(live=False)
    await hired(off, licensed=False)
    await off.plan(morning(TODAY))
    assert (await off.outbox(), (await off.rows(TherapistRow))[0]["next_look_on"]) == ([], None)


@pytest.mark.parametrize("by", ["credential", "therapist"])
async def test_an_answer_about_a_license_takes_no_look_at_it_from_the_managers(here: World, by: str) -> None:
    async with here.database.write.begin() as session:
        who = await build.therapist(session, act(here), "Ana", "Ruiz", email="ana@example.test")
        await build.assignment(session, act(here), who, here.clinic, starts_on=TODAY)
        added = await build.credential(session, act(here), who, ends_on=date(2029, 8, 31))
    await here.plan(morning(TODAY))
    before = await told(here)
    assert ("recheck", 0, "queued") in before
    async with here.database.write.begin() as session:
        about = {"credential_ids": [added.id]} if by == "credential" else {"therapist_ids": [who]}
        assert await reminders.withdraw(session, act=act(here), reason="the therapist has applied", **about)
    await here.plan(morning(TODAY, 15))
    assert await told(here) == before
