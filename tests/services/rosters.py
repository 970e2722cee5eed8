"""An office that imports rosters: files are written, imports started and run, and what came of them is read."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.queries import intake as queries
from compliance.db.queries import intake_known
from compliance.db.queries.intake_known import OnFile
from compliance.db.queries.tasks import Task, task
from compliance.db.records import TherapistRow, TrailEntryRow
from compliance.services import intake
from compliance.services.intake import Options
from compliance.services.task_runner import Progress, Tools, run_one
from compliance.services.trail import Act
from compliance.store import open_store
from tests import builders
from tests.signing import SIGNING

DATA = Path(__file__).parent.parent / "data"
APPLY = Options(apply=True)
MESSY = Options(create_clinics=True, clinic_jurisdictions={"Kansas City": "us-ks"}, apply=True)
LICENSE = {
    "first_name": "Maria", "last_name": "Alvarez", "email": "maria@example.org", "birth_date": "1985-04-03",
    "clinic": "Tampa", "modalities": "massage", "started_on": "2023-01-09", "credential_type": "LMT License",
    "jurisdiction": "FL", "issuing_authority": "Florida Board of Massage Therapy", "number": "MA80000",
    "issued_on": "2019-08-01", "expires_on": "2027-08-31", "standing": "Active", "verified_on": "2026-10-01",
    "verified_by": "J. Ortiz", "verification_source": "board website",
}  # fmt: skip
Row = Mapping[str, str]
NOT_VERIFIED = {"verified_on": "", "verified_by": "", "verification_source": ""}


@dataclass
class Clock:
    """Time as the test says; every look at it takes a moment."""

    at: datetime = builders.NOW

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class Office:
    """One organization with a clinic in Tampa, and the means to import."""

    database: Database
    folder: Path
    act: Act = field(init=False)
    clock: Clock = field(default_factory=Clock)
    imports: list[UUID] = field(default_factory=list)
    on_progress: Progress | None = None

    @property
    def tools(self) -> Tools:
        return Tools(self.database, open_store("file:evidence", self.folder), self.clock, SIGNING)

    async def open(self, *, clinic: str = "Tampa", name: str = "Gulf Coast Massage") -> Office:
        async with self.database.write.begin() as session:
            self.act = await builders.organization(session, name)
            if clinic:
                await builders.clinic(session, self.act, clinic)
        return self

    async def give(self, rows: Sequence[Row], options: Options = APPLY) -> dict[str, Any]:
        """Imports these rows as a CSV file."""
        names = list(dict.fromkeys(name for row in rows for name in row))
        path = self.folder / f"roster-{len(self.imports)}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            writer.writerows(rows)
        return await self.give_file(path, options)

    async def give_file(self, path: Path, options: Options = APPLY) -> dict[str, Any]:
        """Imports a file through the evidence store, as a page does."""
        content = path.read_bytes()
        digest = sha256(content).hexdigest()
        await self.tools.store.put(content, digest)
        async with self.database.write.begin() as session:
            act = builders.act_in(self.act.organization_id, self.clock())
            started = await intake.start_import(session, act=act, sha256=digest, name=path.name, options=options)
        self.imports.append(started)
        return await self.run()

    async def run(self, import_id: UUID | None = None) -> dict[str, Any]:
        """Runs the last import, or another task, as far as it goes; what a script reads of it."""
        await self.run_task(import_id or self.imports[-1])
        async with self.database.read() as session:
            return await queries.outcome(session, self.act.organization_id, self.imports[-1])

    async def run_task(self, task_id: UUID) -> Task:
        worker_id = new_id(self.clock())
        await run_one(self.tools, worker_id=worker_id, task_id=task_id, on_progress=self.on_progress)
        async with self.database.read() as session:
            found = await task(session, self.act.organization_id, task_id)
        assert found is not None
        return found

    async def rows(self, outcome: str | None = None) -> list[queries.ImportRow]:
        async with self.database.read() as session:
            return await queries.import_rows(
                session, self.act.organization_id, self.imports[-1], outcome=outcome, limit=500
            )

    async def person(self, name: str = "Maria Alvarez") -> OnFile:
        """All that is on file about the one with this name."""
        found = [each for each in await self.people() if each.name == name]
        assert len(found) == 1, f"{len(found)} people are called {name}"
        return found[0]

    async def people(self) -> list[OnFile]:
        async with self.database.read() as session:
            mine = TherapistRow.organization_id == self.act.organization_id
            ids = list(await session.scalars(select(TherapistRow.id).where(mine)))
            return list((await intake_known.on_file(session, self.act.organization_id, ids)).values())

    async def entries(self) -> int:
        """How many entries the trail has about anything but tasks and imports."""
        async with self.database.read() as session:
            query = select(func.count()).select_from(TrailEntryRow)
            mine = TrailEntryRow.organization_id == self.act.organization_id
            about = ~TrailEntryRow.action.startswith("task.") & ~TrailEntryRow.action.startswith("import.")
            return await session.scalar(query.where(mine, about)) or 0


def license_row(**changes: str) -> dict[str, str]:
    """Maria's license, with other facts where a test says so."""
    return LICENSE | changes


def told(found: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Line and field of problems or questions."""
    return [(each["line"], each["field"]) for each in found]


EXAM = license_row(
    credential_type="MBLEx", jurisdiction="", issuing_authority="FSMTB", number="5500000", issued_on="2018-05-01",
    expires_on="",
)  # fmt: skip
