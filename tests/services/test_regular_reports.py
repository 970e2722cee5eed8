"""Regular reports: one for its days however often the job runs, told to those who may read it, and who opened it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from compliance.db.engine import Database
from compliance.db.queries import regular_reports as reading
from compliance.db.queries.regular_reports import Made, Regular
from compliance.db.records import OutboxRow, ReportRow, TrailEntryRow
from compliance.services import accounts, openings, regular_reports
from compliance.services.mailing import MailSettings
from compliance.services.refusals import Refused, Unknown
from compliance.store import open_store
from tests import builders
from tests.builders import NOW
from tests.services.report_world import World
from tests.signing import SIGNING

MAIL = MailSettings("reminders@example.org", "https://clinics.example.org", b"s" * 32)
DECEMBER = datetime(2026, 12, 1, 11, 30, tzinfo=UTC)


class Office(World):
    """The clinic, an owner, an auditor and a reviewer."""

    async def open(self) -> Office:
        await self.begin()
        self.people: dict[str, UUID] = {}
        async with self.database.write.begin() as session:
            for role in ("owner", "auditor", "reviewer"):
                who = await accounts.invite(session, act=self.act, email=f"{role}@example.org", role=role)
                self.people[role] = who.person_id
        return self

    async def add(self, **more: Any) -> UUID:
        readers = [self.people["owner"], self.people["auditor"]]
        given = {"clinic_id": self.clinic_id, "every": "month", "reader_ids": readers} | more
        async with self.database.write.begin() as session:
            return await regular_reports.add(session, act=self.act, **given)

    async def run(self, now: datetime, due: list[Regular] | None = None) -> list[bool]:
        """The job, once."""
        if due is None:
            async with self.database.read() as session:
                due = await regular_reports.waiting(session, now=now)
        act = replace(self.act, actor=regular_reports.ACTOR, now=now)
        return [
            await regular_reports.make(self.database, self.store, act=act, regular=each, mail=MAIL, signing=SIGNING)
            for each in due
        ]

    async def made(self) -> list[Made]:
        async with self.database.read() as session:
            return await reading.made(session, self.act.organization_id, clinic_ids=(), limit=50)

    async def mail(self) -> list[Any]:
        async with self.database.read() as session:
            row = OutboxRow
            query = select(row.recipient_address, row.subject, row.text).where(row.kind == regular_reports.KIND)
            return list((await session.execute(query.order_by(row.recipient_address))).all())

    async def count(self, row: Any) -> int:
        async with self.database.read() as session:
            return (await session.scalar(select(func.count()).select_from(row))) or 0


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, open_store("file:evidence", tmp_path)).open()


async def test_a_month_makes_one_report_and_one_mail_a_reader_however_often_the_job_runs(office: Office) -> None:
    await office.add()
    assert await office.run(NOW) == []
    assert await office.run(DECEMBER) == [True]
    assert await office.run(DECEMBER + timedelta(hours=1)) == []
    (made,) = await office.made()
    assert (made.starts_on, made.ends_on, made.every) == (date(2026, 11, 1), date(2026, 11, 30), "month")
    mail = await office.mail()
    assert [each[0] for each in mail] == ["auditor@example.org", "owner@example.org"]
    assert mail[0][1] == "Audit report of Tampa, Nov 1, 2026 to Nov 30, 2026"
    assert f"https://clinics.example.org/reports/{made.report_id}" in mail[0][2]
    async with office.database.read() as session:
        actions = list(await session.scalars(select(TrailEntryRow.action)))
    assert actions.count("regular-report.made") == actions.count("regular-report.set") == 1


async def test_a_job_that_was_killed_before_it_told_makes_no_second_report(office: Office) -> None:
    await office.add()
    async with office.database.read() as session:
        (before,) = await regular_reports.waiting(session, now=DECEMBER)
    assert await office.run(DECEMBER, [before]) == [True]
    reports = await office.count(ReportRow)
    # another job that has read the same line before, and this one again, later
    assert await office.run(DECEMBER + timedelta(minutes=20), [before]) == [False]
    assert (await office.count(ReportRow), len(await office.made()), len(await office.mail())) == (reports, 1, 2)


async def test_after_months_of_silence_there_is_one_report_of_all_of_them(office: Office) -> None:
    await office.add()
    assert await office.run(datetime(2027, 3, 10, 12, tzinfo=UTC)) == [True]
    (made,) = await office.made()
    assert (made.starts_on, made.ends_on) == (date(2026, 11, 1), date(2027, 2, 28))
    assert len(await office.mail()) == 2


async def test_whoever_left_is_told_nothing_and_what_is_ended_makes_nothing(office: Office) -> None:
    regular_id = await office.add()
    async with office.database.write.begin() as session:
        await accounts.end_membership(session, act=office.act, person_id=office.people["auditor"])
    assert await office.run(DECEMBER) == [True]
    assert [each[0] for each in await office.mail()] == ["owner@example.org"]
    async with office.database.write.begin() as session:
        await regular_reports.end(session, act=office.act, regular_id=regular_id)
        with pytest.raises(Unknown):
            await regular_reports.end(session, act=office.act, regular_id=regular_id)
    assert await office.run(DECEMBER + timedelta(days=40)) == []
    assert len(await office.made()) == 1


async def test_one_that_cannot_be_made_says_why_and_is_made_when_it_can_be(office: Office, tmp_path: Path) -> None:
    await office.add()
    folder = tmp_path / "evidence"
    folder.write_text("a file where the folder should be")
    assert await office.run(DECEMBER) == [False]
    async with office.database.read() as session:
        (found,) = await reading.regulars(session, office.act.organization_id)
    assert "cannot be written" in found.problem
    assert await office.made() == []
    folder.unlink()
    assert await office.run(DECEMBER + timedelta(hours=1)) == [True]
    async with office.database.read() as session:
        assert [each.problem for each in await reading.regulars(session, office.act.organization_id)] == [""]


async def test_only_those_who_may_read_reports_are_chosen_and_only_ones_own_clinics(office: Office) -> None:
    for wrong in ({"reader_ids": [office.people["reviewer"]]}, {"reader_ids": []}, {"every": "week"}):
        with pytest.raises(Refused):
            await office.add(**wrong)
    with pytest.raises(Unknown):
        await office.add(clinic_id=uuid4())
    regular_id = await office.add()
    async with office.database.write.begin() as session:
        stranger = await builders.organization(session, "Somebody Else")
        with pytest.raises(Unknown):
            await regular_reports.end(session, act=stranger, regular_id=regular_id)


async def test_the_list_says_who_opened_a_report_first_and_when(office: Office) -> None:
    await office.add()
    await office.run(DECEMBER)
    (made,) = await office.made()
    about: dict[str, Any] = {"organization_id": office.act.organization_id, "report_id": made.report_id}
    async with office.database.write.begin() as session:
        for role, minutes in (("auditor", 5), ("auditor", 5.5), ("auditor", 90), ("owner", 95)):
            at = DECEMBER + timedelta(minutes=minutes)
            await openings.note(session, person_id=office.people[role], now=at, **about)
    async with office.database.read() as session:
        found = (await reading.openings(session, office.act.organization_id, [made.report_id]))[made.report_id]
    assert [(each.who, (each.at - DECEMBER).seconds // 60) for each in found] == [
        ("auditor@example.org", 5), ("owner@example.org", 95),
    ]  # fmt: skip
