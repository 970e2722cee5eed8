"""What an owner lets go of the list of `keeping`, and the one job that erases: what was approved, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.queries.organizations import Organization, organization
from compliance.db.records import CourseRow, EvidenceRow, Record, RetentionApprovalRow, TherapistRow
from compliance.services import rows, trail
from compliance.services.personal.erasing import erase
from compliance.services.personal.gathering import pointing_to
from compliance.services.personal.keeping import CERTIFICATES, FILE, Due, due, terms_of
from compliance.services.personal.removing import doom
from compliance.services.refusals import Refused, need_reason, refuse
from compliance.services.rows import table
from compliance.services.trail import Act, Entry

ACTOR: Final = "job:erase-approved"
KEPT: Final = "It must be kept after all: a hold, work here, or a longer time."


class Approval(NamedTuple):
    """One row of what was approved."""

    organization_id: UUID
    id: UUID
    therapist_id: UUID
    kind: str
    through: date


async def approve(
    session: AsyncSession, *, act: Act, ours: Organization, wanted: Iterable[tuple[UUID, str]], reason: str
) -> int:
    """An owner lets these go; how many. Raises Refused for what is not due by today, and without a reason."""
    need_reason(reason, "they may go")
    asked = set(wanted)
    found = await _due(session, act, ours, {each for each, _kind in asked})
    if not asked or asked - found.keys():
        raise refuse("chosen", "Choose from the list: only what is due may go.")
    fresh = [found[each] for each in sorted(asked) if not found[each].approved_by]
    entries = [
        Entry(
            "retention.approved", f"therapist:{each.therapist_id}", each.therapist_id,
            new={"kind": each.kind, "through": each.through, "due_on": each.due_on}, why=reason,
        )
        for each in fresh
    ]  # fmt: skip
    if fresh:
        await trail.record_all(session, act=act, entries=entries)
        await _put(session, act, fresh)
    return len(fresh)


async def _due(
    session: AsyncSession, act: Act, ours: Organization, only: Iterable[UUID]
) -> dict[tuple[UUID, str], Due]:
    today = ours.today(act.effective)
    found = await due(session, organization_id=ours.id, terms=terms_of(ours), by=today, only=only)
    return {(each.therapist_id, each.kind): each for each in found}


async def _put(session: AsyncSession, act: Act, found: Iterable[Due]) -> None:
    row = RetentionApprovalRow
    made: list[dict[str, Any]] = []
    for each in found:
        same = (row.organization_id == act.organization_id, row.therapist_id == each.therapist_id)
        await session.execute(delete(table(row)).where(*same, row.kind == each.kind))
        made.append(
            {"organization_id": act.organization_id, "id": new_id(act.now), "therapist_id": each.therapist_id,
             "kind": each.kind, "through": each.through, "approved_by": act.actor, "approved_at": act.now}
        )  # fmt: skip
    await session.execute(insert(table(row)), made)


async def withdraw_approval(session: AsyncSession, *, act: Act, therapist_id: UUID, kind: str, reason: str) -> None:
    """It stays after all. Raises Unknown, and Refused where nothing was approved."""
    await rows.load(session, act, TherapistRow, [therapist_id], "therapist")
    row = RetentionApprovalRow
    mine = (row.organization_id == act.organization_id, row.therapist_id == therapist_id, row.kind == kind)
    if await session.scalar(select(row.id).where(*mine)) is None:
        raise refuse("kind", "Nothing of this was approved.")
    entry = Entry("retention.withdrawn", f"therapist:{therapist_id}", therapist_id, old={"kind": kind}, why=reason)
    await trail.record(session, act=act, entry=entry)
    await session.execute(delete(table(row)).where(*mine))


async def erase_certificates(session: AsyncSession, *, act: Act, therapist_id: UUID, through: date, reason: str) -> int:
    """The certificates of courses completed by a day; the courses stay in the ledger. How many documents went.
    Raises Unknown, and Refused for a file on legal hold."""
    need_reason(reason, "the certificates are erased")
    await rows.take_turn(session, act)
    await rows.load(session, act, TherapistRow, [therapist_id], "therapist")
    who, row = TherapistRow, CourseRow
    person = (who.id == therapist_id) | (who.merged_into_id == therapist_id)
    records = (await session.execute(select(who.id, who.legal_hold).where(_mine(act, who), person))).all()
    if any(each.legal_hold for each in records):
        raise refuse("therapist_id", "This file is on legal hold. End the hold first.")
    query = select(row.id, row.evidence_id).where(_mine(act, row), row.therapist_id.in_([each.id for each in records]))
    courses = (await session.execute(query.where(row.evidence_id.is_not(None), row.completed_on <= through))).all()
    told = {"through": through, "certificates": len(courses)}
    entry = Entry("certificates.erased", f"therapist:{therapist_id}", therapist_id, new=told, why=reason)
    await trail.record(session, act=act, entry=entry)
    await rows.change(session, act, row, {each.id: {"evidence_id": None} for each in courses})
    return await _drop(session, act, {each.evidence_id for each in courses if each.evidence_id})


def _mine(act: Act, row: Any) -> Any:
    return row.organization_id == act.organization_id


async def _drop(session: AsyncSession, act: Act, ids: set[UUID]) -> int:
    """Documents that nothing points to any more."""
    evidence = table(EvidenceRow)
    for name, column in pointing_to(evidence):
        each = Record.metadata.tables[name]
        for part in rows.chunks(sorted(ids)):
            query = select(each.c[column]).where(
                each.c.organization_id == act.organization_id, each.c[column].in_(part)
            )
            ids = ids - set(await session.scalars(query))
    files: set[str] = set()
    for part in rows.chunks(sorted(ids)):
        mine = (evidence.c.organization_id == act.organization_id, evidence.c.id.in_(part))
        for found in await session.execute(select(evidence.c.sha256, evidence.c.rendition_sha256).where(*mine)):
            files |= {each for each in found if each}
        await session.execute(delete(evidence).where(*mine))
    await doom(session, act=act, files=files)
    return len(ids)


async def erase_approved(
    database: Database, *, now: Callable[[AsyncSession], Awaitable[datetime]], stopping: asyncio.Event
) -> Mapping[str, int]:
    """Erases what was approved and is still due, one transaction each; what is not stays, and its approval goes.

    `now(session)` says the instant: the rules are asked about it, too.
    """
    done: Counter[str] = Counter(files=0, certificates=0, kept=0)
    row = RetentionApprovalRow
    async with database.system.read() as session:
        query = select(row.organization_id, row.id, row.therapist_id, row.kind, row.through)
        waiting = [Approval(*each) for each in await session.execute(query.order_by(row.approved_at, row.id))]
    for each in waiting:
        if stopping.is_set():
            break
        async with database.of(each.organization_id).write.begin() as session:
            done[await _carry_out(session, Act(each.organization_id, ACTOR, await now(session)), each)] += 1
    return done


async def _carry_out(session: AsyncSession, act: Act, each: Approval) -> str:
    await rows.take_turn(session, act)
    row = RetentionApprovalRow
    approved = select(row).where(row.organization_id == each.organization_id, row.id == each.id)
    found = (await session.scalars(approved)).one_or_none()
    ours = await organization(session, each.organization_id)
    if found is None or ours is None:
        return "gone"  # withdrawn, or done by another meanwhile
    still = (await _due(session, act, ours, [each.therapist_id])).get((each.therapist_id, each.kind))
    about: dict[str, Any] = {"act": act, "therapist_id": each.therapist_id}
    reason = f"Its time of keeping is over; approved on {found.approved_at.date().isoformat()}."
    try:
        if still is None:
            raise refuse("therapist_id", KEPT)
        if each.kind == FILE:
            await erase(session, reason=reason, **about)
            return "files"
        await erase_certificates(session, through=min(each.through, still.through), reason=reason, **about)
        await session.execute(delete(table(row)).where(row.organization_id == each.organization_id, row.id == each.id))
    except Refused as refusal:
        await withdraw_approval(session, kind=each.kind, reason=str(refusal), **about)
        return "kept"
    return CERTIFICATES
