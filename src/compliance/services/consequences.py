"""What follows from a change of a file: the stored copy of coverage is rewritten, ladders are set anew, mail waits.

Every verb ends here. Who calls many verbs in one transaction wraps them in `once`, and it happens at the end, once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import AssignmentRow, CredentialRow, TherapistRow
from compliance.services import assessments, fresh, reminders
from compliance.services.rows import chunks
from compliance.services.trail import Act

_WAITING = "compliance.consequences"


@dataclass(slots=True)
class _Waiting:
    therapist_ids: dict[UUID, None] = field(default_factory=dict)
    credential_ids: dict[UUID, None] = field(default_factory=dict)
    clinic_ids: dict[UUID, None] = field(default_factory=dict)


@asynccontextmanager
async def once(session: AsyncSession, act: Act) -> AsyncIterator[None]:
    """All verbs inside share one rewriting at the end; an error inside skips it, for nothing will be committed."""
    if _WAITING in session.info:
        yield
        return
    waiting = session.info[_WAITING] = _Waiting()
    try:
        yield
    finally:
        del session.info[_WAITING]
    them = {"therapist_ids": waiting.therapist_ids, "credential_ids": waiting.credential_ids}
    await follow(session, act=act, **them, clinic_ids=waiting.clinic_ids)


async def follow(
    session: AsyncSession,
    act: Act,
    *,
    therapist_ids: Iterable[UUID] = (),
    credential_ids: Iterable[UUID] = (),
    clinic_ids: Iterable[UUID] = (),
) -> None:
    """The files of these therapists and clinics and the terms of these credentials have changed."""
    people, credentials, places = dict.fromkeys(therapist_ids), dict.fromkeys(credential_ids), dict.fromkeys(clinic_ids)
    waiting: _Waiting | None = session.info.get(_WAITING)
    if waiting is not None:
        waiting.therapist_ids |= people
        waiting.credential_ids |= credentials
        waiting.clinic_ids |= places
        return
    new = fresh.recorded(session, people)  # of whom no mail waits, and who were merged into nobody
    older = await _kept(session, act, [each for each in people if each not in new])
    kept = [*older, *(each for each in people if each in new)]
    changed = {"credential_ids": credentials, "therapist_ids": kept}
    await reminders.schedule(session, organization_id=act.organization_id, **changed, today=act.effective.date())
    await reminders.look_again(session, act=act, therapist_ids=older)
    await reminders.look_again_at_clinics(session, act=act, clinic_ids=places)
    await assessments.refresh(session, organization_id=act.organization_id, therapist_ids=kept)


async def _kept(session: AsyncSession, act: Act, therapist_ids: Iterable[UUID]) -> list[UUID]:
    """These therapists, and the records that they were merged into."""
    found: dict[UUID, None] = {}
    for chunk in chunks(therapist_ids):
        found |= dict.fromkeys(chunk)
        mine = (TherapistRow.organization_id == act.organization_id, TherapistRow.id.in_(chunk))
        query = select(TherapistRow.merged_into_id).where(*mine, TherapistRow.merged_into_id.is_not(None))
        found |= dict.fromkeys(each for each in await session.scalars(query) if each)
    return list(found)


async def staff_of(session: AsyncSession, act: Act, clinic_ids: Iterable[UUID]) -> list[UUID]:
    """Everybody ever assigned to these clinics: whose clearance a clinic's own license touches."""
    found: dict[UUID, None] = {}
    for chunk in chunks(clinic_ids):
        mine = (AssignmentRow.organization_id == act.organization_id, AssignmentRow.clinic_id.in_(chunk))
        query = select(AssignmentRow.therapist_id).where(*mine, AssignmentRow.voided_seq.is_(None)).distinct()
        found |= dict.fromkeys(await session.scalars(query))
    return list(found)


async def follow_credentials(
    session: AsyncSession, act: Act, *, credentials: Iterable[CredentialRow], terms: bool = False
) -> None:
    """The same for credentials, whoever holds them; `terms`: their ladders are set anew, for their terms changed."""
    touched = list(credentials)
    people = [each.therapist_id for each in touched if each.therapist_id]
    places = [each.clinic_id for each in touched if each.clinic_id]
    staff = await staff_of(session, act, places)
    ids = [each.id for each in touched] if terms else []
    await follow(session, act=act, therapist_ids=[*people, *staff], credential_ids=ids, clinic_ids=places)
