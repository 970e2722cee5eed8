"""Claims: planning and queueing 1,000 due reminders takes under 1 s, and a round with none due takes at most 1.3 times
as long with 1,000,000 credentials as with 10,000.

    python benchmarks/plan_reminders.py [--large 1000000] [--url postgresql://...]

Without --url on SQLite in a temporary folder. The database given by --url must be empty and is left filled.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from compliance.crypto.ids import new_id
from compliance.db import schema
from compliance.db.engine import Database, open_database, parse_url
from compliance.db.records import (
    AssignmentRow,
    ClinicRow,
    CredentialRow,
    MembershipRow,
    OrganizationRow,
    PersonRow,
    TermRow,
    TherapistRow,
)
from compliance.services import reminders
from compliance.services.mailing import MailSettings

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
ENDS = date(2027, 8, 31)
MAIL = MailSettings("reminders@example.test", "https://tracker.example.test", b"x" * 32)
Row = dict[str, Any]


async def found(database: Database) -> tuple[UUID, UUID]:
    """An organization that has gone live, with a clinic, a manager and an owner."""
    organization, clinic = new_id(LONG_AGO), new_id(LONG_AGO)
    mine = {"organization_id": organization, "created_at": LONG_AGO}
    async with database.write.begin() as session:
        await session.execute(insert(OrganizationRow).values(
            id=organization, name="Harbor", folded_name=str(organization), time_zone="America/New_York",
            created_at=LONG_AGO, reminders_started_at=LONG_AGO, settings={},
        ))  # fmt: skip
        place = {"name": "Tampa", "folded_name": "tampa", "jurisdiction": "us-fl", "time_zone": "America/New_York"}
        await session.execute(insert(ClinicRow).values(mine | place | {"id": clinic}))
        for role in ("manager", "owner"):
            person = new_id(LONG_AGO)
            row = {"id": person, "email": f"{role}@example.test", "folded_email": f"{role}{person}", "name": role}
            await session.execute(insert(PersonRow).values(row | {"created_at": LONG_AGO}))
            member = {"id": new_id(LONG_AGO), "person_id": person, "role": role, "clinic_ids": ()}
            await session.execute(insert(MembershipRow).values(mine | member))
    return organization, clinic


def people(organization: UUID, clinic: UUID, count: int, next_on: date) -> Iterator[dict[type, Row]]:
    """Therapists, each with a license whose ladder speaks next on a day."""
    for number in range(count):
        who, held = new_id(LONG_AGO), new_id(LONG_AGO)
        mine = {"organization_id": organization}
        recorded = mine | {"recorded_seq": 1}
        yield {
            TherapistRow: mine | {
                "id": who, "first_name": "Ana", "last_name": f"Ruiz {number}", "folded_name": f"ruiz {number} ana",
                "folded_first": "ana", "email": f"t{number}@example.test", "folded_email": f"t{number}@example.test",
                "created_at": LONG_AGO,
            },
            AssignmentRow: recorded | {
                "id": new_id(LONG_AGO), "therapist_id": who, "clinic_id": clinic, "modalities": ("massage-therapy",),
                "starts_on": date(2024, 1, 1), "ends_on": date.max,
            },
            CredentialRow: recorded | {
                "id": held, "therapist_id": who, "type": "massage-license", "jurisdiction": "us-fl",
                "number": f"MA {number}", "details": {}, "created_at": LONG_AGO,
            },
            TermRow: recorded | {
                "id": new_id(LONG_AGO), "credential_id": held, "starts_on": date(2025, 9, 1), "ends_on": ENDS,
                "next_rung_on": next_on,
            },
        }  # fmt: skip


async def fill(database: Database, count: int, next_on: date) -> None:
    """So many credentials more, in a new organization."""
    organization, clinic = await found(database)
    everyone = people(organization, clinic, count, next_on)
    while some := list(islice(everyone, 10_000)):
        async with database.write.begin() as session:
            for table in (TherapistRow, AssignmentRow, CredentialRow, TermRow):
                await session.execute(insert(table), [each[table] for each in some])
    async with database.writer.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE"))


async def round_of(database: Database, now: datetime) -> tuple[float, int]:
    """One round of the planner: seconds, messages queued."""
    began, queued, after = perf_counter(), 0, None
    while True:
        async with database.write.begin() as session:
            done = await reminders.plan(session, now=now, mail=MAIL, after=after)
        queued, after = queued + done.queued, done.after
        if after is None:
            return perf_counter() - began, queued


async def none_due(databases: list[Database], now: datetime, rounds: int = 300) -> list[float]:
    """The median of many rounds that find nothing, in seconds, in turns so that a busy machine is busy for all."""
    times: list[list[float]] = [[] for _ in databases]
    for _ in range(rounds):
        for database, mine in zip(databases, times, strict=True):
            seconds, queued = await round_of(database, now)
            assert queued == 0
            mine.append(seconds)
    return [statistics.median(mine) for mine in times]


async def measure(open_new: Callable[[str], str], large: int) -> None:
    """Both claims, each on a database of its own."""
    now = datetime(2027, 6, 2, 14, tzinfo=UTC)  # ninety days before the end
    database = open_database(open_new("due")).system
    await fill(database, 1000, ENDS - timedelta(days=90))
    seconds, queued = await round_of(database, now)
    print(f"1,000 due reminders planned and queued: {queued} in {seconds:.2f} s (to reach: under 1 s)")
    again, none = await round_of(database, now)
    assert none == 0, "a second round must queue nothing"
    print(f"the same again, nothing left to do: {again * 1000:.1f} ms")
    await database.close()
    databases = []
    for count in (10_000, large):
        databases.append(open_database(open_new(f"none_{count}")).system)
        await fill(databases[-1], count, date(2027, 12, 1))
    few, many = await none_due(databases, now)
    for opened in databases:
        await opened.close()
    print(f"none of 10,000 credentials due: {few * 1000:.2f} ms a round (median)")
    print(f"none of {large:,} credentials due: {many * 1000:.2f} ms a round (median)")
    print(f"ratio: {many / few:.2f} (to reach: at most 1.3)")


def main() -> None:
    """Reads the arguments and measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--url", help="a PostgreSQL server's maintenance database; databases are made and dropped")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(_maker(given.url, Path(folder)), given.large))


def _maker(server: str | None, folder: Path) -> Callable[[str], str]:
    """Makes a migrated, empty database and returns its address."""

    def make(name: str) -> str:
        url = f"sqlite:///{folder / name}.db"
        if server:
            import psycopg
            from sqlalchemy.engine import make_url

            database = f"benchmark_{name}"
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{database}"')
                connection.execute(f'CREATE DATABASE "{database}"')
            named = make_url(server).set(drivername="postgresql", database=database)
            url = named.render_as_string(hide_password=False)
        schema.upgrade(parse_url(url))
        return url

    return make


if __name__ == "__main__":
    main()
