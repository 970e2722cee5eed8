"""What a reminder's link opens: one credential's cycle, or the reason why it opens nothing any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import ladders
from compliance.db.queries.ladders import Subject
from compliance.db.records import CapabilityRow, RenewalLinkRow, TherapistRow
from compliance.db.scope import Scope, narrow
from compliance.domain.periods import ONE_DAY


@dataclass(frozen=True, slots=True)
class Link:
    """Whose link it is, and what it is about. `subject` is none where the cycle is over."""

    id: UUID
    organization_id: UUID
    therapist_id: UUID  # the record that is kept, where two were made one
    credential_id: UUID
    about_ends_on: date
    folded_email: str
    good_until: datetime
    subject: Subject | None

    @property
    def actor(self) -> str:
        """Who acts by it."""
        return f"link:{self.id}"


async def link_of(session: AsyncSession, digest: str, now: datetime) -> Link | None:
    """The link of this token's hash; none for a token that nobody was given."""
    power, link = CapabilityRow, RenewalLinkRow
    same = and_(link.organization_id == power.organization_id, link.id == power.subject_id)
    columns = (
        link.id, link.organization_id, link.therapist_id, link.credential_id, link.about_ends_on, link.folded_email,
        power.expires_at, power.revoked_at,
    )  # fmt: skip
    query = select(*columns).join(link, same).where(power.token_hash == digest, power.kind == "renewal")
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    await narrow(session, Scope(row.organization_id))
    over = row.revoked_at is not None or row.expires_at <= now
    subject = None if over else await _subject(session, row, now)
    kept = subject.holder.id if subject and subject.holder else row.therapist_id
    return Link(row.id, row.organization_id, kept, row.credential_id, *row[4:7], subject)


async def _subject(session: AsyncSession, row: Any, now: datetime) -> Subject | None:
    """The credential with what stands around it, while the cycle runs: not renewed, not void, its holder still here
    and still at this address."""
    owned = {row.credential_id: row.organization_id}
    found = next(iter(await ladders.subjects(session, owned, today=now.date() - ONE_DAY)), None)
    if found is None or found.holder is None or found.ends_on != row.about_ends_on or not found.assignments:
        return None
    who = TherapistRow
    mine = (who.organization_id == row.organization_id, who.id == found.holder.id)
    address = await session.scalar(select(who.folded_email).where(*mine))
    same_person = found.holder.id == row.therapist_id or await _merged(session, row, found.holder.id)
    return found if same_person and address == row.folded_email else None


async def _merged(session: AsyncSession, row: Any, kept: UUID) -> bool:
    who = TherapistRow
    mine = (who.organization_id == row.organization_id, who.id == row.therapist_id, who.merged_into_id == kept)
    return await session.scalar(select(who.id).where(*mine)) is not None
