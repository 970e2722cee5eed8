"""A therapist with a license that ends in December 2026, and the link of its reminder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.crypto.tokens import token_hash
from compliance.db.engine import Database
from compliance.db.queries.renewal_links import Link, link_of
from compliance.db.queries.submissions import answers, unwanted
from compliance.db.records import OrganizationRow, OutboxRow, SubmissionRow, TermRow, TherapistRow
from compliance.domain.answers import Answer, Kind
from compliance.services import accounts, submissions
from compliance.services.evidence import NewEvidence
from compliance.services.mailing import MailSettings
from compliance.services.renewal_links import Cycle, renewal_links
from compliance.services.submissions import Sent
from compliance.services.trail import Act
from tests import builders as build

NOW, TODAY = build.NOW, build.TODAY
ENDS = date(2026, 12, 22)
NEW_END = date(2028, 12, 22)
MAIL = MailSettings("reminders@example.org", "http://127.0.0.1:8000", b"a secret of this installation only")


def photo(number: int = 1, size: int = 2_000_000) -> NewEvidence:
    """A stored picture."""
    return NewEvidence(f"card {number}.jpg", "jpeg", "image/jpeg", f"{number:064x}", size, 1, "e" * 64, "image/jpeg")


RENEWED = Sent(Kind.RENEWAL, ends_on=NEW_END, files=(photo(),))


@dataclass
class Cards:
    """One therapist, one license, one link."""

    database: Database
    act: Act
    therapist: UUID
    credential: UUID
    address: str
    token: str

    def cycle(self, **more: Any) -> Cycle:
        """What the link is about."""
        return replace(Cycle(self.act.organization_id, self.therapist, self.credential, ENDS, self.address), **more)

    async def link(self, **ahead: float) -> Link:
        """The link as it is now, or so much later."""
        async with self.database.read() as session:
            found = await link_of(session, token_hash(self.token), self.act.now + timedelta(**ahead))
        assert found is not None
        return found

    async def send(self, sent: Sent = RENEWED) -> UUID:
        """Something comes in by the link."""
        link = await self.link()
        async with self.database.write.begin() as session:
            return await submissions.send_in(session, act=self.by(link), link=link, sent=sent)

    def by(self, link: Link) -> Act:
        """Its holder acts."""
        return Act(self.act.organization_id, link.actor, self.act.now)

    async def not_me(self) -> UUID:
        """The reader is somebody else."""
        link = await self.link()
        async with self.database.write.begin() as session:
            return await submissions.say_not_me(session, act=self.by(link), link=link)

    async def answer(self) -> Answer | None:
        """What the ladder is told."""
        async with self.database.read() as session:
            found = await answers(session, {self.credential: self.act.organization_id})
        return found.get((self.credential, ENDS))

    async def unwanted(self) -> frozenset[str]:
        """Addresses at which somebody said that they are not this person."""
        async with self.database.read() as session:
            return (await unwanted(session, {self.therapist: self.act.organization_id})).get(
                self.therapist, frozenset()
            )

    async def rows(self, table: Any, *order: Any) -> list[Any]:
        """Everything in a table, of this organization."""
        mine = table.organization_id == self.act.organization_id
        query = select(*table.__table__.columns).where(mine).order_by(*(order or (table.id,)))
        async with self.database.read() as session:
            return list((await session.execute(query)).all())

    async def states(self) -> dict[UUID, str]:
        """State of each submission."""
        return {row.id: row.state for row in await self.rows(SubmissionRow)}

    async def terms(self) -> list[date]:
        """The last days of current terms."""
        return sorted(row.ends_on for row in await self.rows(TermRow) if row.voided_seq is None)

    async def letters(self, kind: str) -> list[Any]:
        """Messages of a kind."""
        return [row for row in await self.rows(OutboxRow) if row.kind == kind]

    async def watched(self) -> date | None:
        """The day on which the planner looks at the last term again."""
        days: list[date | None] = [row.next_rung_on for row in await self.rows(TermRow) if row.ends_on == ENDS]
        return days[0]

    async def move(self, email: str | None) -> None:
        """The therapist's address is another one from now on."""
        async with self.database.write.begin() as session:
            await session.execute(
                update(TherapistRow).where(TherapistRow.id == self.therapist).values(email=email, folded_email=email)
            )


async def cards(database: Database) -> Cards:
    """Makes them in an organization whose reminders are on."""
    async with database.write.begin() as session:
        act = await build.organization(session, f"Gulf Coast {new_id(NOW)}")
        await accounts.invite(
            session, act=act, email=f"{new_id(NOW)}@example.org", role="manager", name="Dana Whitfield"
        )
        live = update(OrganizationRow).where(OrganizationRow.id == act.organization_id)
        await session.execute(live.values(reminders_started_at=act.now))
        return await _person(session, database, act)


async def _person(session: AsyncSession, database: Database, act: Act) -> Cards:
    clinic = await build.clinic(session, act, licensed=False)
    who = await build.therapist(session, act, email="maria@example.org")
    await build.assignment(session, act, who, clinic)
    held = await build.credential(session, act, who, starts_on=date(2024, 12, 23), ends_on=ENDS)
    made = Cards(database, act, who, held.id, "maria@example.org", "")
    found = await renewal_links(session, mail=MAIL, wanted=[made.cycle()], now=act.now)
    made.token = found[made.cycle()].rpartition("/")[2]
    return made


@asynccontextmanager
async def world(database: Database) -> AsyncIterator[Cards]:
    """The same, for a test."""
    yield await cards(database)
