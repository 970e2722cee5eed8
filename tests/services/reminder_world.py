"""A small organization for tests of reminders: one clinic in Tampa, a manager, an owner, therapists with licenses.

Rows are written as the tables have them, so that these tests stand on nothing but the schema.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.records import (
    AssignmentRow,
    ClinicRow,
    CredentialRow,
    LeaveRow,
    MembershipRow,
    OrganizationRow,
    OutboxRow,
    PersonRow,
    ReminderRow,
    TermRow,
    TherapistRow,
)
from compliance.domain.periods import FOREVER
from compliance.services import reminders
from compliance.services.mailing import MailSettings
from compliance.services.trail import Act

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
MAIL = MailSettings("reminders@example.test", "https://tracker.example.test", b"x" * 32)
ENDS = date(2027, 8, 31)


def morning(day: date, hour: int = 14) -> datetime:
    """Late enough for 09:00 to have come everywhere in the East of the United States."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@dataclass
class World:
    """One organization in one database."""

    database: Database
    id: UUID = field(default_factory=lambda: new_id(LONG_AGO))
    clinic: UUID = field(default_factory=lambda: new_id(LONG_AGO))
    manager: UUID = field(default_factory=lambda: new_id(LONG_AGO))
    owner: UUID = field(default_factory=lambda: new_id(LONG_AGO))

    async def begin(self, *, live: bool = True, zone: str = "America/New_York", demonstration: bool = False) -> World:
        """Writes organization, clinic, manager and owner."""
        name = f"Harbor {self.id}"
        async with self.database.write.begin() as session:
            await session.execute(insert(OrganizationRow).values(
                id=self.id, name=name, folded_name=name, time_zone=zone, created_at=LONG_AGO, settings={},
                reminders_started_at=LONG_AGO if live else None, demonstration=demonstration,
                postal_address="1 Main St, Tampa, FL 33601",
            ))  # fmt: skip
            await self.add(session, ClinicRow, self.clinic, name="Tampa", folded_name="tampa", jurisdiction="us-fl",
                           time_zone=zone, created_at=LONG_AGO)  # fmt: skip
            for person, role in ((self.manager, "manager"), (self.owner, "owner")):
                email = f"{role}.{person}@example.test"
                row = {"id": person, "email": email, "folded_email": email, "name": f"The {role}"}
                await session.execute(insert(PersonRow).values(row | {"created_at": LONG_AGO}))
                await self.add(session, MembershipRow, None, person_id=person, role=role, clinic_ids=(),
                               created_at=LONG_AGO)  # fmt: skip
        return self

    async def add(self, session: AsyncSession, table: Any, id_: UUID | None, **values: Any) -> UUID:
        """One row of this organization."""
        row = {"organization_id": self.id, "id": id_ or new_id(LONG_AGO)} | values
        if hasattr(table, "recorded_seq"):
            row |= {"recorded_seq": 1}
        await session.execute(insert(table).values(row))
        return row["id"]  # type: ignore[no-any-return]

    async def therapist(
        self, *, ends_on: date = ENDS, email: str | None = "ana@example.test", left_on: date = FOREVER,
        type: str = "massage-license", today: date | None = None,
    ) -> tuple[UUID, UUID]:  # fmt: skip
        """A therapist with one credential; their ids. Scheduled as of `today` where it is given."""
        async with self.database.write.begin() as session:
            who = await self.add(session, TherapistRow, None, first_name="Ana", last_name="Ruiz", email=email,
                                 folded_name="ruiz ana", folded_first="ana", folded_email=email,
                                 created_at=LONG_AGO)  # fmt: skip
            await self.add(session, AssignmentRow, None, therapist_id=who, clinic_id=self.clinic,
                           modalities=("massage-therapy",), starts_on=date(2024, 1, 1), ends_on=left_on)  # fmt: skip
            held = await self.add(session, CredentialRow, None, therapist_id=who, type=type, jurisdiction="us-fl",
                                  number="MA 12345", created_at=LONG_AGO)  # fmt: skip
        await self.term(held, ends_on, today=today)
        return who, held

    async def credential(
        self, who: UUID, *, ends_on: date = ENDS, type: str = "cpr", today: date | None = None
    ) -> UUID:
        """One more credential of a therapist, good everywhere; its id."""
        async with self.database.write.begin() as session:
            held = await self.add(session, CredentialRow, None, therapist_id=who, type=type, number="",
                                  created_at=LONG_AGO)  # fmt: skip
        await self.term(held, ends_on, today=today)
        return held

    async def term(self, credential: UUID, ends_on: date, *, today: date | None = None) -> UUID:
        """A term of a credential."""
        async with self.database.write.begin() as session:
            start = date(min(ends_on.year, 2100) - 2, 1, 1)
            id_ = await self.add(session, TermRow, None, credential_id=credential, starts_on=start, ends_on=ends_on)
            await reminders.schedule(
                session, organization_id=self.id, credential_ids=[credential], today=today or date(2026, 1, 1)
            )
        return id_

    async def leave(self, therapist: UUID, starts_on: date, ends_on: date) -> None:
        """A leave everywhere."""
        async with self.database.write.begin() as session:
            await self.add(session, LeaveRow, None, therapist_id=therapist, starts_on=starts_on, ends_on=ends_on)

    async def rearm(self, now: datetime) -> None:
        """Sets every ladder as of an instant."""
        async with self.database.write.begin() as session:
            held = list(await session.scalars(select(CredentialRow.id).where(CredentialRow.organization_id == self.id)))
            await reminders.schedule(session, organization_id=self.id, credential_ids=held, today=now.date())

    def act(self, now: datetime) -> Act:
        """Somebody of this organization does something."""
        return Act(self.id, f"user:{self.owner}", now)

    async def plan(self, now: datetime) -> reminders.Planned:
        """One round of the planner."""
        async with self.database.write.begin() as session:
            return await reminders.plan(session, now=now, mail=MAIL)

    async def rows(self, table: Any, **where: Any) -> list[Mapping[str, Any]]:
        """Rows of this organization, in the order of their ids."""
        columns = table.__table__.columns
        mine = [table.organization_id == self.id, *(columns[name] == value for name, value in where.items())]
        async with self.database.read() as session:
            found = await session.execute(select(*columns).where(*mine).order_by(table.id))
            return [dict(row) for row in found.mappings()]

    async def outbox(self, **where: Any) -> list[Mapping[str, Any]]:
        """Messages."""
        return await self.rows(OutboxRow, **where)

    async def notes(self, **where: Any) -> dict[tuple[str, int], tuple[str, str]]:
        """State and reason of reminders by recipient's kind and rung."""
        found = await self.rows(ReminderRow, **where)
        return {(row["recipient"].partition(":")[0], row["rung"]): (row["state"], row["reason"]) for row in found}


@asynccontextmanager
async def world(database: Database, **settings: Any) -> AsyncIterator[World]:
    """A fresh organization that has gone live."""
    yield await World(database).begin(**settings)
