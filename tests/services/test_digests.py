"""The weekly digest: to whom, of what, once, and nothing when there is nothing if that is wished."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from compliance.channels.compose import compose
from compliance.db.engine import Database
from compliance.db.records import DigestRow, OrganizationRow, OutboxRow
from compliance.domain import digests as digests_due
from compliance.jobs import Context, run_job
from compliance.services import accounts, digests, mailing
from compliance.services.trail import Act
from compliance.settings import read_settings
from tests import builders as build

MONDAY = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)  # 7:30 in New York
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCD"


class Setting:
    """A live organization with two clinics and an owner; Kim at Tampa has nothing on file."""

    act: Act
    tampa: UUID
    orlando: UUID
    owner: UUID

    async def make(self, database: Database) -> Setting:
        async with database.write.begin() as session:
            self.act = await build.organization(session)
            self.tampa = await build.clinic(session, self.act, "Tampa")
            self.orlando = await build.clinic(session, self.act, "Orlando")
            kim = await build.therapist(session, self.act, "Kim", "Low")
            await build.assignment(session, self.act, kim, self.tampa)
            invited = await accounts.invite(session, act=self.act, email="dana@example.org", role="owner", name="Dana")
            self.owner = invited.person_id
            long_ago = MONDAY - timedelta(days=90)
            mine = update(OrganizationRow).where(OrganizationRow.id == self.act.organization_id)
            await session.execute(mine.values(reminders_started_at=long_ago, time_zone="America/New_York"))
        return self

    async def manager_of_orlando(self, database: Database) -> UUID:
        async with database.write.begin() as session:
            invited = await accounts.invite(
                session, act=self.act, email="omar@example.org", role="manager", clinic_ids=[self.orlando]
            )
        return invited.person_id


def context(database: Database, at: datetime, tmp_path: Any) -> Context:
    given = {"COMPLIANCE_SECRET_KEY": KEY, "COMPLIANCE_HOME": str(tmp_path)}
    return Context(database, read_settings(given), as_if_at=at)


async def written(database: Database) -> list[OutboxRow]:
    async with database.read() as session:
        query = select(OutboxRow).where(OutboxRow.kind == "weekly-digest").order_by(OutboxRow.recipient_address)
        return list(await session.scalars(query))


async def test_each_reader_gets_one_a_week_however_often_the_job_runs(database: Database, tmp_path: Any) -> None:
    here = await Setting().make(database)
    await here.manager_of_orlando(database)
    for minutes in (0, 5, 600, 2000):
        await run_job("send-digests", context(database, MONDAY + timedelta(minutes=minutes), tmp_path))
    assert [each.recipient_address for each in await written(database)] == ["dana@example.org", "omar@example.org"]
    await run_job("send-digests", context(database, MONDAY + timedelta(days=7), tmp_path))
    assert len(await written(database)) == 4


async def test_it_names_who_may_not_practice_at_which_clinic_and_why(database: Database, tmp_path: Any) -> None:
    await (await Setting().make(database)).manager_of_orlando(database)
    await run_job("send-digests", context(database, MONDAY, tmp_path))
    dana, omar = await written(database)
    assert dana.subject.startswith("1 therapist may not practice")
    for said in ("Tampa", "Kim Low", "missing"):
        assert said in dana.text
        assert said in dana.html
    assert "Kim" not in omar.text
    assert omar.subject == "Everybody may practice, and nothing waits for you"


async def test_nothing_is_mailed_when_there_is_nothing_and_that_is_wished(database: Database, tmp_path: Any) -> None:
    here = await Setting().make(database)
    omar = await here.manager_of_orlando(database)
    async with database.write.begin() as session:
        await digests.wish(session, act=here.act, person_id=omar, weekday=0, hour=7, wanted=True, when_empty=False)
        await digests.wish(
            session, act=here.act, person_id=here.owner, weekday=0, hour=7, wanted=True, when_empty=False
        )
    done = await run_job("send-digests", context(database, MONDAY, tmp_path))
    assert done["done"] == {"queued": 1, "left_out": 1}
    assert [each.recipient_address for each in await written(database)] == ["dana@example.org"]
    assert (await run_job("send-digests", context(database, MONDAY, tmp_path)))["done"] == {"queued": 0, "left_out": 0}


async def test_an_organization_that_is_not_live_gets_none(database: Database, tmp_path: Any) -> None:
    await Setting().make(database)
    async with database.write.begin() as session:
        await session.execute(update(OrganizationRow).values(reminders_started_at=None))
    await run_job("send-digests", context(database, MONDAY, tmp_path))
    assert await written(database) == []


async def test_the_mail_says_how_to_stop_it_and_stopping_holds(database: Database, tmp_path: Any) -> None:
    here = await Setting().make(database)
    await run_job("send-digests", context(database, MONDAY, tmp_path))
    [dana] = await written(database)
    raw = compose(mailing.letter(dana, sender="compliance@example.org", at=MONDAY)).decode()
    assert "List-Unsubscribe: <http://127.0.0.1:8000/unsubscribe/" in raw
    token = str(dana.facts["unsubscribe"]).rpartition("/")[2]
    secret = read_settings({"COMPLIANCE_SECRET_KEY": KEY}).secret_key()
    assert digests.whose(secret, token) == (here.act.organization_id, here.owner)
    for wrong in (token[:-1], token[:-2] + "AA", "", "x", token + "A"):
        assert digests.whose(secret, wrong) is None
    async with database.write.begin() as session:
        await digests.unsubscribe(session, act=here.act, person_id=here.owner)
    await run_job("send-digests", context(database, MONDAY + timedelta(days=7), tmp_path))
    assert len(await written(database)) == 1


def test_one_click_is_offered_over_tls_alone() -> None:
    """RFC 8058 asks for https; without it only the page is offered."""
    letter = mailing.Letter(
        sender="a@example.org", organization="Harbor", postal_address="", recipient="b@example.org", recipient_name="B",
        subject="S", text="T", html="<p>T</p>", message_id="<abc@example.org>", at=MONDAY,
        list_unsubscribe="https://x.example/unsubscribe/t",
    )  # fmt: skip
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in compose(letter)


async def test_a_digest_whose_time_runs_out_while_it_is_written_leaves_no_trace(database: Database) -> None:
    setting = await Setting().make(database)
    last = MONDAY - timedelta(minutes=30) + digests_due.CATCH_UP
    async with database.read() as session:
        due = await digests.due(session, now=last)
    late = replace(setting.act, now=last + timedelta(seconds=1))
    mail = mailing.MailSettings("reminders@example.org", "http://127.0.0.1:8000", b"0" * 40)
    async with database.write.begin() as session:
        readers = due[setting.act.organization_id]
        assert readers
        assert await digests.write(session, act=late, mail=mail, readers=readers) == 0
    async with database.read() as session:
        assert list(await session.scalars(select(DigestRow.last_on))) == []
