"""Claims about explaining and going live: the list before is what goes out after, and every rung has its reason."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from compliance.db.engine import Database
from compliance.db.queries.decisions import silent
from compliance.db.records import CredentialRow, TermRow, TherapistRow
from compliance.domain.periods import FOREVER
from compliance.domain.reminders import NO_ADDRESS, OLDER, TOO_OLD
from compliance.jobs import Context, run_job
from compliance.services import reminders
from compliance.services.refusals import Refused
from compliance.services.reminders.explaining import LATER, LEFT, NO_END, OFF, VOIDED, Why
from compliance.settings import read_settings
from tests.services.reminder_world import ENDS, MAIL, World, morning


def before(days: int) -> date:
    return ENDS - timedelta(days=days)


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


async def explained(here: World, held: object, days: int) -> Why:
    async with here.database.read() as session:
        return await reminders.why(session, here.id, held, morning(before(days)))  # type: ignore[arg-type]


def mine(why: Why) -> dict[int, tuple[str, str]]:
    return {each.days: (each.state, each.reason) for each in why.rungs if each.recipient == "therapist"}


async def test_what_the_list_says_before_going_live_is_what_goes_out_after(database: Database) -> None:
    here = await World(database).begin(live=False)
    for days in (5, 25, 44, 200, -3, -400):
        await here.therapist(ends_on=before(30) + timedelta(days=days), email=f"t{days}@example.test")
    await here.therapist(ends_on=before(10), email=None)
    await here.therapist(ends_on=before(10), left_on=before(40), email="gone@example.test")
    now = morning(before(30))
    async with database.read() as session:
        preview = await reminders.go_live_preview(session, here.id, now)
    async with database.write.begin() as session:
        await reminders.go_live(session, act=here.act(now), mail=MAIL)
    assert (await here.plan(now)).queued == len(preview.goes_out)
    sent = await here.outbox(kind="renewal-reminder")
    assert {row["recipient_address"] for row in sent} == {line.address for line in preview.goes_out}
    assert {f"t{days}@example.test" for days in (5, 25, 44, -3)} <= {line.address for line in preview.goes_out}
    assert not {"t200@example.test", "t-400@example.test", "gone@example.test"} & {
        line.address for line in preview.goes_out
    }
    assert [name for _, name in preview.without_address] == ["Ana Ruiz"]


async def test_going_live_sends_one_mail_a_credential_and_writes_the_older_rungs_as_skipped(database: Database) -> None:
    here = await World(database).begin(live=False)
    await here.therapist()
    now = morning(before(5))
    async with database.write.begin() as session:
        await reminders.go_live(session, act=here.act(now), mail=MAIL)
    await here.plan(now)
    notes = await here.notes()
    assert notes["therapist", 7] == ("queued", "")
    assert notes["therapist", 14] == notes["therapist", 30] == ("skipped", OLDER)
    assert notes["therapist", 90] == ("skipped", TOO_OLD)
    summary = (await here.outbox(kind="going-live"))[0]
    assert summary["recipient_address"] == f"owner.{here.owner}@example.test"
    assert "2 reminders go out now" in summary["subject"]


async def test_going_live_twice_is_refused(here: World) -> None:
    with pytest.raises(Refused, match="are on since 2024-01-01"):
        async with here.database.write.begin() as session:
            await reminders.go_live(session, act=here.act(morning(ENDS)), mail=MAIL)


async def test_every_rung_says_what_became_of_it(here: World, tmp_path: Path) -> None:
    _, held = await here.therapist()
    at = morning(before(30))
    await here.plan(at)
    await run_job("deliver-outbox", Context(here.database, read_settings({"COMPLIANCE_HOME": str(tmp_path)}), at))
    await here.plan(morning(before(7)))
    said = mine(await explained(here, held, 7))
    assert said[30] == ("kept", "")
    assert said[60] == ("skipped", OLDER)
    assert said[14] == ("skipped", OLDER)
    assert said[7] == ("queued", "")
    assert said[1] == said[-30] == ("upcoming", "")
    why = await explained(here, held, 7)
    assert why.label == "Florida massage license"
    assert why.notice == ""
    assert len(why.rungs) == 9 + 3 + 1


async def test_a_renewed_credential_shows_the_old_ladder_and_the_new_one(here: World) -> None:
    _, held = await here.therapist()
    await here.plan(morning(before(14)))
    async with here.database.write.begin() as session:
        await reminders.withdraw(session, act=here.act(morning(before(13))), credential_ids=[held], reason="renewed")
    await here.term(held, date(2029, 8, 31))
    why = await explained(here, held, 12)
    old = {each.days: (each.state, each.reason) for each in why.rungs if each.ends_on == ENDS and each.days < 90}
    assert old[14] == ("withdrawn", "renewed")
    assert old[1] == old[0] == ("skipped", LATER)
    assert {each.state for each in why.rungs if each.ends_on == date(2029, 8, 31)} == {"upcoming"}


async def test_the_notice_says_why_nothing_goes_out_at_all(database: Database) -> None:
    off = await World(database).begin(live=False)
    here = await World(database).begin()
    _, quiet = await off.therapist()
    _, endless = await here.therapist(ends_on=FOREVER)
    _, left = await here.therapist(left_on=before(50))
    who, away = await here.therapist()
    await here.leave(who, before(50), before(20))
    assert (await explained(off, quiet, 30)).notice == OFF
    assert (await explained(here, endless, 30)).notice == NO_END
    assert (await explained(here, left, 30)).notice == LEFT
    assert (await explained(here, away, 30)).notice == (
        "Nothing goes out until Aug 12, 2027: the therapist is away or has not started."
    )
    async with database.write.begin() as session:
        await session.execute(update(TermRow).where(TermRow.credential_id == left).values(voided_seq=9))
    assert (await explained(here, left, 30)).notice == VOIDED


async def test_what_was_sent_about_a_credential_is_still_told_after_it_was_voided(here: World) -> None:
    _, held = await here.therapist()
    await here.plan(morning(before(30)))
    async with here.database.write.begin() as session:
        await session.execute(update(CredentialRow).values(voided_seq=9))
    why = await explained(here, held, 20)
    assert why.notice == VOIDED
    assert mine(why)[30][0] == "queued"


async def test_another_organization_s_credential_is_not_explained(here: World) -> None:
    there = await World(here.database).begin()
    _, held = await there.therapist()
    with pytest.raises(LookupError):
        await explained(here, held, 30)


async def test_what_will_go_out_is_listed_before_it_does(here: World) -> None:
    await here.therapist()
    async with here.database.read() as session:
        lines = await reminders.upcoming(session, here.id, 30, morning(before(20)))
    assert [(line.recipient.partition(":")[0], line.days) for line in lines] == [
        ("manager", 14), ("therapist", 14), ("therapist", 7), ("therapist", 1), ("manager", 0), ("therapist", 0),
        ("manager", -7), ("owner", -7), ("therapist", -7),
    ]  # fmt: skip


async def test_of_more_files_than_are_read_for_a_page_the_list_says_until_when_it_is_whole(here: World) -> None:
    today = before(20)
    for days in (5, 9):
        who, _ = await here.therapist()
        async with here.database.write.begin() as session:
            look = update(TherapistRow).where(TherapistRow.id == who)
            await session.execute(look.values(next_look_on=today + timedelta(days=days)))
    async with here.database.read() as session:
        some = await reminders.upcoming_page(session, here.id, 30, morning(today), most_files=1)
        more = await reminders.upcoming_page(session, here.id, 30, morning(today), most_files=3)
    assert some.whole_until == today + timedelta(days=4)
    assert more.whole_until == today + timedelta(days=30)


async def test_who_cannot_be_reached_stands_in_the_work_list_until_there_is_an_address(here: World) -> None:
    who, _ = await here.therapist(email=None)
    await here.plan(morning(before(30)))
    async with here.database.read() as session:
        waiting = await silent(session, here.id, before(30))
    assert [(each.therapist_id, each.first_name) for each in waiting] == [(who, "Ana")]
    assert (await here.notes())["therapist", 30] == ("skipped", NO_ADDRESS)
