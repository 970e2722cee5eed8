"""The engines: no update is lost, readers cannot write, and a wrong address is told apart without its password."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from compliance.crypto.ids import new_id
from compliance.db import schema
from compliance.db.engine import CARRIED_OVER, PAGE, Database, WrongUrl, open_database, parse_url
from compliance.db.records import CredentialRow, JobRunRow, OrganizationRow, TherapistRow

NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def test_read_modify_write_transactions_at_the_same_time_lose_nothing(database: Database) -> None:
    async with database.write.begin() as session:
        session.add(JobRunRow(job="count", started_at=NOW, done={}, took_ms=0))

    async def add_one() -> None:
        async with database.write.begin() as session:
            query = select(JobRunRow).where(JobRunRow.job == "count").with_for_update()
            row = (await session.scalars(query)).one()
            row.took_ms += 1

    await asyncio.gather(*(add_one() for _ in range(40)))
    async with database.read.begin() as session:
        assert await session.scalar(select(JobRunRow.took_ms)) == 40


async def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        async with database.read.begin() as session:
            await session.execute(text("DELETE FROM job_runs"))


async def test_an_error_does_not_repeat_the_values_it_was_given(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with database.write.begin() as session:
            await session.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "Ana Ruiz"})
    assert "Ana Ruiz" not in str(caught.value)


async def test_a_row_cannot_point_into_another_organization(database: Database) -> None:
    mine, other = new_id(NOW), new_id(NOW)
    async with database.write.begin() as session:
        for each in (mine, other):
            session.add(OrganizationRow(id=each, name="O", folded_name=str(each), time_zone="UTC", created_at=NOW))
        await session.flush()
        person = TherapistRow(
            organization_id=mine, id=new_id(NOW), first_name="A", last_name="B", folded_name="b a", folded_first="a",
            created_at=NOW,
        )  # fmt: skip
        session.add(person)
    stray = CredentialRow(
        organization_id=other, id=new_id(NOW), therapist_id=person.id, type="mblex", created_at=NOW, recorded_seq=1
    )
    with pytest.raises(IntegrityError):
        async with database.write.begin() as session:
            session.add(stray)


async def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        async with database.write.begin() as session:
            session.add(JobRunRow(job="x", started_at=datetime(2026, 1, 1)))  # noqa: DTZ001


@pytest.mark.parametrize(
    "address", ["nonsense", "mysql://u:hunter2@host/db", "sqlite://", "postgresql://u:hunter2@host", "", "://"]
)
def test_a_wrong_address_says_what_is_allowed_and_keeps_the_password_to_itself(address: str) -> None:
    with pytest.raises(WrongUrl, match="sqlite:///") as caught:
        parse_url(address)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("before", "then"), [(None, PAGE), (4096, 4096)])
async def test_a_new_file_has_large_pages_and_one_that_is_there_keeps_its_own(
    tmp_path: Path, before: int | None, then: int
) -> None:
    file = tmp_path / "new.db"
    if before:
        with closing(sqlite3.connect(file)) as made:
            made.executescript(f"PRAGMA page_size={before}; CREATE TABLE here_before (x); PRAGMA journal_mode=WAL")
    schema.upgrade(parse_url(f"sqlite:///{file}"))
    database = open_database(f"sqlite:///{file}").system
    async with database.write.begin() as session:
        assert await session.scalar(text("PRAGMA page_size")) == then
        assert await session.scalar(text("PRAGMA wal_autocheckpoint")) == CARRIED_OVER // then
        session.add(JobRunRow(job="count", started_at=NOW, done={}, took_ms=0))
    await database.close()
