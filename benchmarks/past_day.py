"""Claim: the report of one clinic on a past day takes at most 1.2 times as long where 400,000 therapists are on file as
where 400 are.

    python benchmarks/past_day.py [--folder FOLDER] [--people 400000] [--rounds 15]

The databases are those of `pages.py`; in each, eighty people of the largest organization (in one of 20,000, and in one
of 400) work at a clinic of their own. Measured is `audit_reports.build`: all that is read and worked out for the report
(with its period: lapses, reminders, changes), before it is typeset, in turns, by the clock and of processor time.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

from pages import LARGEST, ORGANIZATIONS, SMALL
from population import KEPT, NOW, filled, licensed, sizes
from sqlalchemy import Text, cast, func, insert, select, update

from compliance.crypto.ids import new_id
from compliance.db.engine import Database, open_database
from compliance.db.records import AssignmentRow, ClinicRow, OrganizationRow, TherapistRow, TrailEntryRow
from compliance.domain.audit_report import Span
from compliance.services import assessments
from compliance.services.audit_reports import Asked, build

STAFF = 80
PAST = date(2026, 3, 2)
KNOWN = NOW + timedelta(minutes=1)
REACH = 1.2


async def opened(address: str) -> tuple[Database, UUID, UUID]:
    """The database, its largest organization and the clinic of eighty there."""
    database = open_database(address).system
    async with database.read() as session:
        found = (await session.execute(select(OrganizationRow.name, OrganizationRow.id))).all()
        mine = max(found, key=lambda each: int(each[0].rpartition(" ")[2]))[1]
        row = ClinicRow
        there = await session.scalar(select(row.id).where(row.organization_id == mine, row.name == "Clinic of 80"))
    return database, mine, there or await _clinic(database, mine)


async def _clinic(database: Database, mine: UUID) -> UUID:
    """Moves eighty people there and makes their stored copies anew."""
    clinic, theirs, entry = new_id(NOW), AssignmentRow, TrailEntryRow
    async with database.write.begin() as session:
        row = {"id": clinic, "name": "Clinic of 80", "folded_name": "clinic of 80", "jurisdiction": "us-fl"}
        zone = {"time_zone": "America/New_York", "created_at": NOW}
        await session.execute(insert(ClinicRow).values(organization_id=mine, **row, **zone))
        await licensed(session, mine, clinic, 5)
        people = select(TherapistRow.id).where(TherapistRow.organization_id == mine).order_by(TherapistRow.id)
        ids = list(await session.scalars(people.limit(STAFF)))
        where = (theirs.organization_id == mine, theirs.therapist_id.in_(ids))
        await session.execute(update(theirs).where(*where).values(clinic_id=clinic))
        await assessments.refresh(session, organization_id=mine, therapist_ids=ids)
        at = func.strftime("%Y-%m-%d %H:%M:%f", cast(NOW.replace(tzinfo=None), Text), _days_before(mine))
        await session.execute(
            update(entry).where(entry.organization_id == mine).values(at=cast(at.concat("000"), Text))
        )
    return clinic


def _days_before(mine: UUID) -> Any:
    """Entries over two years, the last one now: a trail is not written in one moment."""
    last = select(func.max(TrailEntryRow.seq)).where(TrailEntryRow.organization_id == mine).scalar_subquery()
    return cast((TrailEntryRow.seq - last) * 730.0 / last, Text).concat(" days")


async def asked(database: Database, mine: UUID, clinic: UUID) -> tuple[float, float]:
    """Seconds by the clock and of this process's work."""
    question = Asked(clinic, PAST, KNOWN, Span(PAST - timedelta(days=60), PAST))
    began, worked = perf_counter(), process_time()
    async with database.read.begin() as session:
        report = await build(session, organization_id=mine, asked=question)
    took = perf_counter() - began, process_time() - worked
    if len(report.therapists) != STAFF:
        raise SystemExit(f"the report shows {len(report.therapists)} people and not {STAFF}")
    return took


async def run(given: argparse.Namespace) -> bool:
    share = given.people / 400_000
    many = sizes(max(int(ORGANIZATIONS * share), 2), min(LARGEST, given.people), given.people)
    shapes = {f"{SMALL}": ("small", [SMALL]), f"{given.people:,}": ("many", many)}
    given.folder.mkdir(parents=True, exist_ok=True)
    sites = {
        title: await opened(await filled(f"sqlite:///{given.folder / name}.db", counts))
        for title, (name, counts) in shapes.items()
    }
    took: dict[str, list[tuple[float, float]]] = {title: [] for title in sites}
    for number in range(-2, given.rounds):
        for title, site in sites.items():
            one = await asked(*site)
            if number >= 0:
                took[title].append(one)
    for database, _, _ in sites.values():
        await database.close()
    return _told(took)


def _told(took: dict[str, list[tuple[float, float]]]) -> bool:
    median = {title: [statistics.median(part) for part in zip(*each, strict=True)] for title, each in took.items()}
    for title, (clock, worked) in median.items():
        print(f"{title} therapists: {clock * 1000:.0f} ms by the clock, {worked * 1000:.0f} of processor time")
    few, many = median.values()
    clock, worked = many[0] / few[0], many[1] / few[1]
    print(f"ratio {clock:.2f}, by processor time {worked:.2f} (to reach: under {REACH})")
    return bool(min(clock, worked) < REACH)


def main() -> int:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=KEPT)
    parser.add_argument("--people", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=15)
    return 0 if asyncio.run(run(parser.parse_args())) else 1


if __name__ == "__main__":
    raise SystemExit(main())
