"""Claims about the jobs and their clock: a mail leaves once, whatever happens to servers, workers and schedulers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.records import JobRunRow, RefusedAddressRow
from compliance.jobs import JOBS, Context, UnknownJob, run_job
from compliance.services import outbox, refused_addresses, reminders
from compliance.settings import Settings, read_settings
from tests.services.reminder_world import ENDS, World, morning
from tests.services.smtp_server import Post, smtp_server


@pytest.fixture
async def here(database: Database) -> World:
    return await World(database).begin()


def before(days: int) -> date:
    return ENDS - timedelta(days=days)


def settings(tmp_path: Path, port: int | None) -> Settings:
    given = {"COMPLIANCE_HOME": str(tmp_path), "COMPLIANCE_MAIL_FROM": "reminders@example.test"}
    if port:
        given["COMPLIANCE_SMTP_URL"] = f"smtp://127.0.0.1:{port}?tls=none"
    return read_settings(given)


async def run(database: Database, tmp_path: Path, port: int | None, job: str, at: datetime) -> dict[str, int]:
    result = await run_job(job, Context(database, settings(tmp_path, port), as_if_at=at))
    assert result["job"] == job
    assert result["at"] == at.isoformat()
    done: dict[str, int] = result["done"]
    return done


async def test_from_plan_to_a_real_mail_server_and_no_further(here: World, tmp_path: Path) -> None:
    await here.therapist()
    post = Post()
    async with smtp_server(post) as port:
        for hour in (14, 15, 16):
            await run(here.database, tmp_path, port, "plan-reminders", morning(before(30), hour))
            await run(here.database, tmp_path, port, "deliver-outbox", morning(before(30), hour))
    assert [recipient for recipient, _ in post.accepted] == ["ana@example.test"]
    letter = post.letters[0]
    assert letter["subject"] == "Your Florida massage license ends in 30 days, Aug 31, 2027"
    assert letter["auto-submitted"] == "auto-generated"
    assert letter["reply-to"] == f"The manager <manager.{here.manager}@example.test>"
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for words in ("Send in your renewal here:", "1 Main St, Tampa, FL 33601",
                  "You receive this mail because", "Not legal advice; the board’s word counts."):  # fmt: skip
        assert words in text
    assert (await here.outbox())[0]["state"] == "sent"
    assert (await here.notes())["therapist", 30] == ("done", "")


async def test_without_a_server_mail_is_kept_in_the_mailbox(here: World, tmp_path: Path) -> None:
    await here.therapist()
    await run(here.database, tmp_path, None, "plan-reminders", morning(before(30)))
    assert await run(here.database, tmp_path, None, "deliver-outbox", morning(before(30))) == {"kept": 1}
    assert (await here.outbox())[0]["state"] == "kept"


async def test_a_demonstration_never_leaves_the_mailbox_even_with_a_server(database: Database, tmp_path: Path) -> None:
    here = await World(database).begin(demonstration=True)
    await here.therapist()
    post = Post()
    async with smtp_server(post) as port:
        await run(database, tmp_path, port, "plan-reminders", morning(before(30)))
        await run(database, tmp_path, port, "deliver-outbox", morning(before(30)))
    assert post.accepted == []
    assert (await here.outbox())[0]["state"] == "kept"


async def test_a_server_that_is_down_is_tried_again_until_it_is_back(here: World, tmp_path: Path) -> None:
    await here.therapist()
    at = morning(before(30))
    await run(here.database, tmp_path, 1, "plan-reminders", at)
    assert await run(here.database, tmp_path, 1, "deliver-outbox", at) == {"kept": 0, "retry": 1}
    assert await run(here.database, tmp_path, 1, "deliver-outbox", at) == {"kept": 0}  # its circuit is open
    row = (await here.outbox())[0]
    assert (row["state"], row["attempts"]) == ("pending", 0)  # the server's failure is not the message's
    post = Post()
    async with smtp_server(post) as port:
        await run(here.database, tmp_path, port, "deliver-outbox", at + timedelta(minutes=20))
    assert len(post.accepted) == 1


async def test_a_message_that_is_put_off_waits_longer_each_time_and_then_leaves(here: World, tmp_path: Path) -> None:
    await here.therapist()
    at = morning(before(30))
    answers = ["451 Not now", "451 Not now", None]
    post = Post(on_data=lambda _: answers.pop(0))
    waits = []
    async with smtp_server(post) as port:
        await run(here.database, tmp_path, port, "plan-reminders", at)
        for _ in range(3):
            await run(here.database, tmp_path, port, "deliver-outbox", at)
            row = (await here.outbox())[0]
            waits.append(row["next_at"] - at)
            at = row["next_at"]
    assert timedelta(seconds=30) <= waits[0] <= timedelta(seconds=90)
    assert timedelta(seconds=150) <= waits[1] <= timedelta(seconds=450)
    assert len(post.accepted) == 1
    assert row["state"] == "sent"


async def test_a_refused_address_is_given_up_and_the_manager_is_told(here: World, tmp_path: Path) -> None:
    await here.therapist()
    post = Post(on_recipient=lambda to: "550 5.1.1 No such person" if to == "ana@example.test" else None)
    at = morning(before(30))
    async with smtp_server(post) as port:
        await run(here.database, tmp_path, port, "plan-reminders", at)
        await run(here.database, tmp_path, port, "deliver-outbox", at)
    assert [to for to, _ in post.accepted] == [f"manager.{here.manager}@example.test"]
    assert "5.1.1 No such person" in post.letters[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (await here.notes())["therapist", 30][0] == "failed"
    async with here.database.write.begin() as session:
        refused = (await session.scalars(select(RefusedAddressRow.id))).one()
        await refused_addresses.say_good(session, act=here.act(at), refused_id=refused, why="The mailbox was full.")
    async with smtp_server(again := Post()) as port:
        await run(here.database, tmp_path, port, "plan-reminders", at + timedelta(days=1))
        await run(here.database, tmp_path, port, "deliver-outbox", at + timedelta(days=1))
    assert [to for to, _ in again.accepted] == ["ana@example.test"]


async def test_after_three_days_without_success_a_message_is_given_up(here: World, tmp_path: Path) -> None:
    await here.therapist()
    at = morning(before(30))
    post = Post(on_data=lambda to: "451 Not now" if to == "ana@example.test" else None)
    async with smtp_server(post) as port:
        await run(here.database, tmp_path, port, "plan-reminders", at)
        await run(here.database, tmp_path, port, "deliver-outbox", at + timedelta(hours=73))
        await run(here.database, tmp_path, port, "deliver-outbox", at + timedelta(hours=74))
    assert [(row["kind"], row["state"]) for row in await here.outbox()] == [
        ("renewal-reminder", "dead"), ("given-up", "sent"),
    ]  # fmt: skip


async def test_a_message_whose_day_passes_before_it_leaves_says_the_right_number_of_days(
    here: World, tmp_path: Path
) -> None:
    await here.therapist()
    await run(here.database, tmp_path, None, "plan-reminders", morning(before(30)))
    first = (await here.outbox())[0]["message_id"]
    post = Post()
    async with smtp_server(post) as port:
        await run(here.database, tmp_path, port, "deliver-outbox", morning(before(28)))
    assert post.letters[0]["subject"] == "Your Florida massage license ends in 28 days, Aug 31, 2027"
    assert post.letters[0]["message-id"] == first


async def test_from_the_first_mark_on_the_bytes_are_frozen(here: World, tmp_path: Path) -> None:
    await here.therapist()
    at = morning(before(30))
    seen: list[object] = []
    post = Post(on_data=lambda _: "451 Not now" if len(seen) == 1 else None)

    async def look() -> None:
        seen.append((await here.outbox())[0]["rfc822"])

    post.before_answer = look
    async with smtp_server(post) as port:
        await run(here.database, tmp_path, port, "plan-reminders", at)
        await run(here.database, tmp_path, port, "deliver-outbox", at)
        await run(here.database, tmp_path, port, "deliver-outbox", at + timedelta(days=2))
    assert seen[0] == seen[1]
    assert post.letters[0]["subject"] == "Your Florida massage license ends in 30 days, Aug 31, 2027"


async def test_a_renewal_while_the_message_is_on_its_way_stops_it_before_the_dot(here: World, tmp_path: Path) -> None:
    _, held = await here.therapist()
    at = morning(before(30))
    await here.plan(at)
    async with here.database.write.begin() as session:
        worker = await outbox.register(session, now=at, host="here", pid=1)
        claimed = await outbox.claim(
            session, now=at, worker_id=worker, route_id="r", sender="reminders@example.test", limit=5
        )
    async with here.database.write.begin() as session:
        await reminders.withdraw(session, act=here.act(at), credential_ids=[held], reason="renewed")
    async with here.database.write.begin() as session:
        assert await outbox.mark(session, claimed=claimed) == set()
    assert (await here.outbox())[0]["state"] == "withdrawn"


async def test_every_run_is_written_down_with_what_it_did(here: World, tmp_path: Path) -> None:
    await here.therapist()
    at = morning(before(30))
    await run(here.database, tmp_path, None, "plan-reminders", at)
    async with here.database.read() as session:
        row = (await session.scalars(select(JobRunRow))).one()
    assert (row.job, row.done["queued"], row.error) == ("plan-reminders", 1, "")
    assert row.ended_at is not None
    assert row.ended_at >= row.started_at


@pytest.mark.parametrize("job", JOBS)
async def test_every_job_runs_on_an_empty_installation(database: Database, tmp_path: Path, job: str) -> None:
    done = (await run_job(job, Context(database, settings(tmp_path, None))))["done"]
    assert not any(done.values())


async def test_an_unknown_job_is_refused_with_the_names_there_are(database: Database, tmp_path: Path) -> None:
    with pytest.raises(UnknownJob, match="plan-reminders, deliver-outbox"):
        await run_job("plan", Context(database, settings(tmp_path, None)))


async def test_a_job_that_fails_says_so_where_people_look(database: Database, tmp_path: Path) -> None:
    broken = replace(settings(tmp_path, None), evidence_url="nowhere:")
    with pytest.raises(ValueError, match="names no evidence store"):
        await run_job("run-tasks", Context(database, broken))
    async with database.read() as session:
        assert "names no evidence store" in (await session.scalars(select(JobRunRow.error))).one()
