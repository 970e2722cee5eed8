"""Calendars that people subscribe to: made for a person, a clinic or a therapist, and revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.crypto.tokens import new_token, token_hash
from compliance.db.queries.calendars import CALENDAR, feeds
from compliance.db.records import CalendarFeedRow, CapabilityRow
from compliance.services import rows, trail
from compliance.services.refusals import refuse
from compliance.services.trail import Act, Entry

MOST: Final = 20
"""Calendars that one person may have in an organization."""

FOR_GOOD: Final = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NewFeed:
    """Whose days it shows: exactly one of the three. What the reader may see is asked again at each reading."""

    name: str
    person_id: UUID | None = None
    clinic_id: UUID | None = None
    therapist_id: UUID | None = None


async def make(session: AsyncSession, *, act: Act, reader_id: UUID, feed: NewFeed) -> str:
    """A calendar for this person; the token of its address, which is told once and kept by its hash.

    Raises Refused for one too many.
    """
    await rows.take_turn(session, act)
    if len(await feeds(session, act.organization_id, reader_id)) >= MOST:
        raise refuse("of", f"You have {MOST} calendars already. Revoke one that nobody reads.")
    id_, token = new_id(act.now), new_token()
    about: rows.Values = {
        "person_id": feed.person_id, "clinic_id": feed.clinic_id, "therapist_id": feed.therapist_id,
        "name": feed.name,
    }  # fmt: skip
    new = {name: value for name, value in about.items() if value}
    await trail.record(session, act=act, entry=Entry("calendar.made", f"calendar:{id_}", feed.therapist_id, new=new))
    row = about | {"id": id_, "created_by": reader_id, "created_at": act.now}
    await rows.add(session, act, CalendarFeedRow, [row])
    power: rows.Values = {
        "token_hash": token_hash(token), "kind": CALENDAR, "organization_id": act.organization_id, "subject_id": id_,
        "created_at": act.now, "expires_at": FOR_GOOD,
    }  # fmt: skip
    await session.execute(insert(CapabilityRow), [power])
    return token


async def revoke(session: AsyncSession, *, act: Act, feed_id: UUID) -> None:
    """Its address shows nothing from here on. Raises Unknown, and Refused for one that was revoked."""
    row = (await rows.load(session, act, CalendarFeedRow, [feed_id], "calendar"))[feed_id]
    if row.revoked_at is not None:
        raise refuse("calendar_id", "This calendar was revoked already.")
    await trail.record(session, act=act, entry=Entry("calendar.revoked", f"calendar:{feed_id}", row.therapist_id))
    await rows.change(session, act, CalendarFeedRow, {feed_id: {"revoked_at": act.now}})
    power = CapabilityRow
    mine = (power.kind == CALENDAR, power.organization_id == act.organization_id, power.subject_id == feed_id)
    await session.execute(
        update(power).where(*mine).values(revoked_at=act.now), execution_options={"synchronize_session": False}
    )
