"""A person says that an address is good, whatever a mail server said of it: mail goes there again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import PersonRow, RefusedAddressRow, TherapistRow
from compliance.services import reminders, rows, trail
from compliance.services.refusals import need_reason, refuse
from compliance.services.trail import Act, Entry


async def say_good(session: AsyncSession, *, act: Act, refused_id: UUID, why: str) -> None:
    """Takes the note back; reminders that could not reach whoever has the address are decided again.

    Raises Unknown, and Refused without a reason or where it was taken back before.
    """
    need_reason(why, "this address is good after all")
    await rows.take_turn(session, act)
    row = (await rows.load(session, act, RefusedAddressRow, [refused_id], "refused_address"))[refused_id]
    if row.cleared_at is not None:
        raise refuse("address", "Somebody has said already that this address is good.")
    said = {"address": row.folded_email, "reason": row.reason}
    entry = Entry("address.cleared", f"outbox:{row.outbox_id}", old=said, why=why.strip())
    await trail.record(session, act=act, entry=entry)
    new = {"cleared_at": act.now, "cleared_by": act.actor, "cleared_why": why.strip()}
    await rows.change(session, act, RefusedAddressRow, {refused_id: new})
    await _speak_again(session, act, row.folded_email)


async def _speak_again(session: AsyncSession, act: Act, folded: str) -> None:
    who = TherapistRow
    mine = (who.organization_id == act.organization_id, who.folded_email == folded, who.merged_into_id.is_(None))
    for therapist_id in (await session.scalars(select(who.id).where(*mine))).all():
        await reminders.reopen(session, act=act, therapist_id=therapist_id)
    for person_id in (await session.scalars(select(PersonRow.id).where(PersonRow.folded_email == folded))).all():
        await reminders.reopen_staff(session, act=act, person_id=person_id)
