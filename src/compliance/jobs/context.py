"""What a job works with: the opened installation, the instant, the mail server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import clock
from compliance.channels import CHANNELS, Channel
from compliance.crypto.return_paths import return_path
from compliance.db.engine import Database
from compliance.services.mailing import MailSettings
from compliance.services.outbox import PACE, Pace, Terms
from compliance.services.trail import Act
from compliance.settings import Settings

Counts = Mapping[str, int]


class Due(Protocol):
    """Which organizations have something to be written at an instant."""

    async def __call__(self, session: AsyncSession, *, now: datetime) -> Sequence[UUID]: ...


class Write(Protocol):
    """Writes it for one of them; how much it was."""

    async def __call__(self, session: AsyncSession, *, act: Act, mail: MailSettings) -> int: ...


FAR: Final = 12 * 3600.0
"""A clock that has jumped so many seconds plans nothing until it has stood still for an hour."""


@dataclass(frozen=True)
class Context:
    """What a job works with. `as_if_at`: the instant that rules are asked about, in place of this one.

    `worker_id` is this process's as long as a scheduler runs in it; one job run by hand makes its own.
    """

    database: Database
    settings: Settings
    as_if_at: datetime | None = None
    worker_id: UUID | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    noted: dict[str, float] = field(default_factory=dict)
    pace: Pace = PACE
    open_channel: Callable[[str], Channel] = CHANNELS["email"]
    steadiness: clock.Steadiness = field(default_factory=clock.Steadiness)

    @property
    def mail(self) -> MailSettings:
        """What every mail says of this installation."""
        given = self.settings
        return MailSettings(given.mail_from, given.public_url, given.secret_key(), given.former_key())

    @cached_property
    def channel(self) -> Channel | None:
        """The mail server; None where mail is kept in the mailbox."""
        return self.open_channel(self.settings.smtp_url) if self.settings.smtp_url else None

    async def now(self, session: AsyncSession) -> datetime:
        """This instant: of the database where it has a clock of its own, so that workers agree."""
        if self.database.embedded:
            self.steadiness.look()
            return clock.now()
        found: datetime = (await session.scalars(select(func.clock_timestamp()))).one()
        return found.astimezone(UTC)

    def return_path(self, message: UUID) -> str:
        """Where reports on a message come back to; without an address for them, the sender's."""
        given = self.settings.bounce_address
        return return_path(self.settings.secret_key(), message, given) if given else self.settings.mail_from

    def clock_doubted(self, by: float = 0.0) -> bool:
        """Whether this instant may be wrong: the process's clock counts here and has just jumped so far."""
        return self.database.embedded and self.as_if_at is None and self.steadiness.doubted(by)

    async def for_each_due(self, due: Due, actor: str, write: Write) -> int:
        """What is due in some organizations at this instant, written in one transaction for each; how much, in all."""
        async with self.database.read() as session:
            found = await due(session, now=self.as_if_at or await self.now(session))
        done = 0
        for organization_id in found:
            async with self.database.write.begin() as session:
                act = Act(organization_id, actor, await self.now(session), self.as_if_at)
                done += await write(session, act=act, mail=self.mail)
        return done

    def terms(self, now: datetime) -> Terms:
        """On which terms leases end and attempts are settled."""
        return Terms(now, self.mail, self.as_if_at, self.pace, self.clock_doubted())
