"""A database full of people for the page benchmarks: organizations of a given size, each therapist with a license,
an examination, a certification and a membership, one assignment, and the stored copy made by the program itself.

    python benchmarks/population.py FOLDER --organizations 800 --largest 20000 --people 400000

The data is the same for the same numbers (seeded). One in twelve licenses has lapsed, one in fifty is suspended.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from compliance.crypto.ids import new_id
from compliance.db import schema
from compliance.db.engine import Database, open_database, parse_url
from compliance.db.records import (
    AssignmentRow,
    ClinicRow,
    CredentialRow,
    OrganizationRow,
    StandingRow,
    TermRow,
    TherapistRow,
    VerificationRow,
)
from compliance.domain.periods import FOREVER
from compliance.services import assessments

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TODAY = NOW.date()
CHUNK = 2_000
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
    return rows


TABLES = {
    "therapist": TherapistRow, "assignment": AssignmentRow, "credential": CredentialRow, "term": TermRow,
    "look": VerificationRow, "standing": StandingRow,
}  # fmt: skip


async def organization(database: Database, size: int, number: int) -> UUID:
    """One organization with five clinics and so many people; its id."""
    dice, mine = random.Random(number), new_id(NOW)
    own = {"organization_id": mine}
    clinics = [new_id(NOW) for _ in range(5)]
    async with database.write.begin() as session:
        name = f"Organization {number} of {size}"
        row = {"id": mine, "name": name, "folded_name": name.lower(), "time_zone": "America/New_York"}
        await session.execute(insert(OrganizationRow).values(**row, created_at=NOW))
        for place, clinic in enumerate(clinics):
            row = {"id": clinic, "name": f"Clinic {place}", "folded_name": f"clinic {place}", "jurisdiction": "us-fl"}
            await session.execute(insert(ClinicRow).values(**own, **row, time_zone="America/New_York", created_at=NOW))
    for chunk in _chunks(size):
        people = [_person(dice, own, clinics[each % 5], each) for each in chunk]
        async with database.write.begin() as session:
            for table, record in TABLES.items():
                rows = [row for person in people for row in person[table]]
                if rows:
                    await session.execute(insert(record), rows)
            ids = [person["therapist"][0]["id"] for person in people]
            await assessments.refresh(session, organization_id=mine, therapist_ids=ids)
    return mine


def _chunks(size: int) -> Iterator[range]:
    for start in range(0, size, CHUNK):
        yield range(start, min(start + CHUNK, size))


async def populate(address: str, counts: list[int]) -> list[UUID]:
    """Fills an empty database; the organizations' ids in the order of the counts."""
    schema.upgrade(parse_url(address))
    database = open_database(address)
    start, made = time.perf_counter(), []
    for number, size in enumerate(counts):
        made.append(await organization(database, size, number))
        if number % 100 == 0:
            print(f"{sum(counts[: number + 1]):,} people after {time.perf_counter() - start:.0f} s", flush=True)
    await database.close()
    return made


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--organizations", type=int, default=800)
    parser.add_argument("--largest", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=400_000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    counts = sizes(given.organizations, given.largest, given.people)
    asyncio.run(populate(f"sqlite:///{given.folder / 'compliance.db'}", counts))


if __name__ == "__main__":
    main()
