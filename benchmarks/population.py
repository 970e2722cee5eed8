"""A database full of people for the page benchmarks: organizations of a given size, five clinics each with its own
license, each therapist with a license, an examination, a certification, a membership, one assignment, a few
reminders and trail entries, and the stored copy made by the program itself.

    python benchmarks/population.py [FOLDER] [--organizations 800] [--largest 20000] [--people 400000]

The data is the same for the same numbers (seeded). One in twelve licenses has lapsed, one in fifty is suspended. More
people than MODEL in an organization, and more organizations of one size, are copies under other ids, which the database
makes by itself in a tenth of the time.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Text, Uuid, cast, func, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db import schema
from compliance.db.engine import Database, open_database, parse_url
from compliance.db.records import (
    AssignmentRow,
    ClearancePeriodRow,
    ClinicRow,
    CoveragePeriodRow,
    CredentialRow,
    OrganizationRow,
    ReminderRow,
    StandingRow,
    TermRow,
    TherapistRow,
    TrailEntryRow,
    VerificationRow,
)
from compliance.domain.periods import FOREVER
from compliance.services import assessments

KEPT = Path(tempfile.gettempdir()) / f"compliance-benchmarks-{assessments.RULES_VERSION}"
"""Where the filled databases lie, so that they are filled once for each version of the rules."""

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TODAY = NOW.date()
CHUNK = assessments.AT_ONCE  # more at once would only be marked stale
MODEL = 2_000
ENTRIES = 3  # of the trail, a person
FIRST = ("Ana", "Maria", "Dwayne", "Priya", "Tomasz", "Keisha", "Luis", "Mei", "Aoife", "Noor", "Olivia", "Sam")
LAST = ("Alvarez", "Brooks", "Chandra", "Dupont", "Freeman", "Huang", "Kowalski", "Nguyen", "Okafor", "Park", "Reyes")


def sizes(organizations: int, largest: int, people: int) -> list[int]:
    """How many people each organization has: one large, the rest alike."""
    rest = (people - largest) // max(organizations - 1, 1)
    return [largest, *([rest] * (organizations - 1))]


def _person(dice: random.Random, own: dict[str, Any], clinic: UUID, number: int) -> dict[str, list[dict[str, Any]]]:
    person, first, last = new_id(NOW), dice.choice(FIRST), f"{dice.choice(LAST)} {number:06d}"
    ends = TODAY + timedelta(days=dice.randrange(1, 730) if number % 12 else -dice.randrange(1, 60))
    rows: dict[str, list[dict[str, Any]]] = {"credential": [], "term": [], "look": [], "standing": []}
    rows["therapist"] = [
        own | {"id": person, "first_name": first, "last_name": last, "folded_name": f"{last} {first}".lower()}
        | {"folded_first": first.lower(), "email": f"p{number}@example.org", "folded_email": f"p{number}@example.org"}
        | {"created_at": NOW}
    ]  # fmt: skip
    rows["assignment"] = [
        own | {"id": new_id(NOW), "therapist_id": person, "clinic_id": clinic, "recorded_seq": 1}
        | {"modalities": ("trigger-point-therapy",), "starts_on": date(2024, 1, 8), "ends_on": FOREVER}
    ]  # fmt: skip
    kinds: list[tuple[str, str | None, date]] = [("massage-license", "us-fl", ends), ("mblex", None, FOREVER)]
    kinds += [("bctmb", None, TODAY + timedelta(days=900)), ("amta-membership", None, TODAY + timedelta(days=400))]
    for type, place, end in kinds:
        held, term = new_id(NOW), new_id(NOW)
        row = {"id": held, "therapist_id": person, "type": type, "jurisdiction": place, "created_at": NOW}
        rows["credential"].append(
            own | row | {"number": f"MA{number}", "folded_number": f"MA{number}", "recorded_seq": 1}
        )
        span = {"id": term, "credential_id": held, "starts_on": date(2024, 1, 1), "ends_on": end, "recorded_seq": 1}
        rows["term"].append(own | span)
        look = {"id": new_id(NOW), "credential_id": held, "term_id": term, "result": "confirmed", "recorded_seq": 1}
        rows["look"].append(
            own | look | {"verified_on": date(2026, 9, 1), "verified_by": "J.", "source": "board website"}
        )
        if place and number % 50 == 0:
            told = {"id": new_id(NOW), "credential_id": held, "standing": "suspended", "recorded_seq": 1}
            rows["standing"].append(own | told | {"starts_on": date(2026, 11, 1), "ends_on": FOREVER})
    license = rows["credential"][0]["id"]
    rows["reminder"] = [own | _reminder(person, license, ends, rung) for rung in (90, 60)]
    rows["trail"] = [own | _entry(person, number * ENTRIES + place + 1) for place in range(ENTRIES)]
    return rows


def _reminder(person: UUID, license: UUID, ends: date, rung: int) -> dict[str, Any]:
    who = {"id": new_id(NOW), "subject_id": license, "therapist_id": person, "anchor": "expiry", "anchor_on": ends}
    sent = {"rung": rung, "recipient": "therapist", "channel": "email", "local_date": ends - timedelta(days=rung)}
    return who | sent | {"time_zone": "America/New_York", "due_at": NOW, "state": "done", "created_at": NOW}


def _entry(person: UUID, seq: int) -> dict[str, Any]:
    what = {
        "seq": seq,
        "at": NOW,
        "actor": "cli:bench",
        "action": "therapist.changed",
        "subject": f"therapist:{person}",
    }
    body = '{"new":{"phone":"555"},"old":{"phone":""},"why":""}'
    return what | {"therapist_id": person, "body": body, "prev": str(seq).encode(), "hash": b""}


TABLES = {
    "therapist": TherapistRow, "assignment": AssignmentRow, "credential": CredentialRow, "term": TermRow,
    "look": VerificationRow, "standing": StandingRow, "reminder": ReminderRow, "trail": TrailEntryRow,
}  # fmt: skip


async def organization(database: Database, size: int, number: int) -> UUID:
    """One organization with five clinics and so many people; its id."""
    dice, mine = random.Random(number), new_id(NOW)
    clinics = await _founded(database, mine, f"Organization {number} of {size}")
    written = min(size, MODEL)
    await _written(database, dice, mine, clinics, range(written))
    for copy in range(1, size // MODEL):
        await _copied(database, mine, mine, copy)
        written += MODEL
    await _written(database, dice, mine, clinics, range(written, size))
    return mine


async def _founded(database: Database, mine: UUID, name: str) -> list[UUID]:
    zone, clinics = {"time_zone": "America/New_York", "created_at": NOW}, [new_id(NOW) for _ in range(5)]
    async with database.write.begin() as session:
        await session.execute(insert(OrganizationRow).values(id=mine, name=name, folded_name=name.lower(), **zone))
        for place, clinic in enumerate(clinics):
            row = {"id": clinic, "name": f"Clinic {place}", "folded_name": f"clinic {place}", "jurisdiction": "us-fl"}
            await session.execute(insert(ClinicRow).values(organization_id=mine, **row, **zone))
            await licensed(session, mine, clinic, place)
    return clinics


async def licensed(session: AsyncSession, mine: UUID, clinic: UUID, place: int) -> None:
    """A clinic's own license. Its id does not begin with the instant, so that no copy of people takes it along."""
    held, own = UUID(int=place + 1), {"organization_id": mine, "recorded_seq": 1}
    row = {"id": held, "clinic_id": clinic, "type": "establishment-license", "jurisdiction": "us-fl"}
    number = {"number": f"MM{place}", "folded_number": f"MM{place}", "created_at": NOW}
    await session.execute(insert(CredentialRow).values(**own, **row, **number))
    term = {"id": held, "credential_id": held, "starts_on": date(2020, 1, 1), "ends_on": date(2029, 12, 31)}
    await session.execute(insert(TermRow).values(**own, **term))


async def _written(database: Database, dice: random.Random, mine: UUID, clinics: list[UUID], numbers: range) -> None:
    """These people, with the stored copy that the program makes of them."""
    own = {"organization_id": mine}
    for chunk in _chunks(numbers):
        people = [_person(dice, own, clinics[each % 5], each) for each in chunk]
        async with database.write.begin() as session:
            for table, record in TABLES.items():
                rows = [row for person in people for row in person[table]]
                if rows:
                    await session.execute(insert(record), rows)
            ids = [person["therapist"][0]["id"] for person in people]
            await assessments.refresh(session, organization_id=mine, therapist_ids=ids)


async def _copied(database: Database, model: UUID, mine: UUID, copy: int) -> None:
    """The first MODEL people of an organization once more: in the same one under other ids, or all of it in another."""
    places = [ClinicRow] if model != mine else []
    async with database.write.begin() as session:
        for record in (*places, *TABLES.values(), CoveragePeriodRow, ClearancePeriodRow):
            table = record.__table__
            given = [_copy_of(column, mine, copy) if copy else _theirs(column, mine) for column in table.columns]
            rows = select(*given).where(table.c.organization_id == model)
            if copy:
                rows = rows.where(_in_model(table))
            await session.execute(insert(table).from_select(list(table.columns.keys()), rows))


def _in_model(table: Any) -> Any:
    """Ids begin with the instant, which is the same for all, until a copy changes it."""
    if "seq" in table.c:
        return table.c.seq <= MODEL * ENTRIES
    key = table.c.id if "id" in table.c else table.c.therapist_id
    return key >= UUID(int=1 << 112)


def _theirs(column: Any, mine: UUID) -> Any:
    return literal(mine, Uuid).label(column.name) if column.name == "organization_id" else column


def _copy_of(column: Any, mine: UUID, copy: int) -> Any:
    if column.name in ("id", "therapist_id", "credential_id", "term_id", "subject_id"):
        rest = func.substr(cast(column, Text), 9)
        return cast(literal(f"{copy:08x}").concat(rest), column.type) if isinstance(column.type, Uuid) else column
    if column.name in ("last_name", "folded_name"):
        return column.concat(f" {copy:03d}")
    if column.name == "seq":
        return column + copy * MODEL * ENTRIES
    if column.name == "prev":
        return cast(cast(column.table.c.seq + copy * MODEL * ENTRIES, Text), LargeBinary)
    return column


def _chunks(numbers: range) -> Iterator[range]:
    for start in range(0, len(numbers), CHUNK):
        yield numbers[start : start + CHUNK]


async def populate(address: str, counts: list[int]) -> list[UUID]:
    """Fills an empty database; the organizations' ids in the order of the counts."""
    schema.upgrade(parse_url(address))
    database = open_database(address).system
    start, made, models = time.perf_counter(), list[UUID](), dict[int, UUID]()
    for number, size in enumerate(counts):
        if size in models:
            made.append(await _another(database, models[size], f"Organization {number} of {size}"))
        else:
            made.append(await organization(database, size, number))
        if size <= MODEL:
            models[size] = made[-1]
        if number % 100 == 0:
            print(f"{sum(counts[: number + 1]):,} people after {time.perf_counter() - start:.0f} s", flush=True)
    if not database.embedded:  # the server does it by itself a little later
        async with database.write.begin() as session:
            await session.execute(text("ANALYZE"))
    await database.close()
    return made


async def _another(database: Database, model: UUID, name: str) -> UUID:
    mine, row = new_id(NOW), {"name": name, "folded_name": name.lower(), "time_zone": "America/New_York"}
    async with database.write.begin() as session:
        await session.execute(insert(OrganizationRow).values(id=mine, created_at=NOW, **row))
    await _copied(database, model, mine, 0)
    return mine


async def filled(address: str, counts: list[int]) -> str:
    """The address of a database with these organizations: filled now, unless it was before."""
    schema.upgrade(parse_url(address))
    database = open_database(address).system
    async with database.read() as session:
        there = await session.scalar(select(func.count()).select_from(TherapistRow))
    await database.close()
    if there == 0:
        print(f"filling {parse_url(address).database} with {sum(counts):,} people ...", flush=True)
        await populate(address, counts)
    elif there != sum(counts):
        raise SystemExit(f"{parse_url(address).database} holds {there:,} people and not {sum(counts):,}: remove it.")
    return address


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=KEPT)
    parser.add_argument("--organizations", type=int, default=800)
    parser.add_argument("--largest", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=400_000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    counts = sizes(given.organizations, given.largest, given.people)
    asyncio.run(filled(f"sqlite:///{given.folder / 'many.db'}", counts))


if __name__ == "__main__":
    main()
