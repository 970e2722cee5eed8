"""What becomes due to go is told to the owners in its month, once, before anything goes; nothing goes by it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.records import OutboxRow, TherapistRow
from compliance.jobs import Context, run_job
from compliance.services import accounts
from compliance.settings import read_settings
from tests import builders

EIGHT = datetime(2033, 8, 5, 12, 10, tzinfo=UTC)  # ten past eight in New York


async def run(database: Database, folder: Path, at: datetime) -> int:
    settings = read_settings({"COMPLIANCE_HOME": str(folder)})
    done: dict[str, int] = (await run_job("erase-approved", Context(database, settings, as_if_at=at)))["done"]
    return done["told"]


async def test_owners_are_told_once_a_month_what_becomes_due_and_nothing_goes(
    database: Database, tmp_path: Path
) -> None:
    async with database.write.begin() as session:
        act = await builders.organization(session)
        await accounts.invite(session, act=act, email="olivia@example.org", role="owner", name="Olivia")
        clinic = await builders.clinic(session, act)
        days = {"Ana": date(2026, 8, 9), "Bea": date(2026, 8, 30), "Cleo": date(2026, 9, 2), "Dora": date(2026, 2, 1)}
        for name, day in days.items():
            one = await builders.therapist(session, act, name, "<b>Due</b>")
            await builders.assignment(session, act, one, clinic, ends_on=day)
    assert await run(database, tmp_path, EIGHT.replace(hour=18)) == 0
    assert [await run(database, tmp_path, EIGHT) for _ in range(2)] == [1, 0]
    assert await run(database, tmp_path, EIGHT.replace(day=20)) == 0
    async with database.read() as session:
        (letter,) = await session.scalars(select(OutboxRow).where(OutboxRow.kind == "retention-due"))
        assert len(list(await session.scalars(select(TherapistRow.id)))) == 4
    assert letter.recipient_address == "olivia@example.org"
    assert letter.subject.startswith("2 records may go this month")
    assert "Ana <b>Due</b>: the whole file, last day of work Aug 9, 2026, may go from Aug 10, 2033" in letter.text
    assert "Bea" in letter.text
    assert "Cleo" not in letter.text
    assert "1 record has waited" in letter.text
    assert "&lt;b&gt;Due" in letter.html
    assert await run(database, tmp_path, EIGHT.replace(month=9)) == 1
    assert await run(database, tmp_path, EIGHT.replace(month=11)) == 0
