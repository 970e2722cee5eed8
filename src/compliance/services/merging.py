"""Two records of one person made one, and parted again. Both histories stay; the kept one's file is the union."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import CredentialRow, MergeRow, TherapistRow
from compliance.services import consequences, reminders, rows, trail
from compliance.services.refusals import need_reason, refuse
from compliance.services.trail import Act, Entry


async def merge(session: AsyncSession, *, act: Act, kept_id: UUID, merged_id: UUID, reason: str) -> UUID:
    """From now on `merged_id` is read as `kept_id`; the merge's id. Raises Unknown and Refused."""
    need_reason(reason, "these are one person")
    await rows.take_turn(session, act)
    await rows.load_therapists(session, act, [kept_id, merged_id])
    if kept_id == merged_id:
        raise refuse("merged_id", "A record cannot be merged into itself. Choose two.")
    id_ = new_id(act.now)
    facts: rows.Values = {"kept_id": kept_id, "merged_id": merged_id}
    seqs = await trail.record_all(
        session,
        act=act,
        entries=[
            Entry("therapist.merged", f"therapist:{kept_id}", kept_id, new=facts, why=reason),
            Entry("therapist.merged", f"therapist:{merged_id}", merged_id, new=facts, why=reason),
        ],
    )
    row = facts | {"id": id_, "recorded_seq": seqs[0], "reason": reason}
    await rows.add(session, act, MergeRow, [row])
    await reminders.withdraw(session, act=act, therapist_ids=[merged_id], reason="merged into another record")
    await _settle(session, act, kept_id, merged_id)
    return id_


async def unmerge(session: AsyncSession, *, act: Act, merge_id: UUID, reason: str) -> None:
    """Parts two records again. What was recorded since the merge stays where it was recorded."""
    need_reason(reason, "these are two people")
    await rows.take_turn(session, act)
    row = (await rows.load_current(session, act, MergeRow, [merge_id], "merge"))[merge_id]
    facts: rows.Values = {"kept_id": row.kept_id, "merged_id": row.merged_id}
    seqs = await trail.record_all(
        session,
        act=act,
        entries=[
            Entry("therapist.unmerged", f"therapist:{row.kept_id}", row.kept_id, facts, why=reason),
            Entry("therapist.unmerged", f"therapist:{row.merged_id}", row.merged_id, facts, why=reason),
        ],
    )
    await rows.void(session, act, MergeRow, {merge_id: seqs[0]}, reason)
    await _settle(session, act, row.kept_id, row.merged_id)


async def _settle(session: AsyncSession, act: Act, *touched: UUID) -> None:
    """Points every merged record at the one that is kept in the end, and has their files looked at anew."""
    columns = (MergeRow.merged_id, MergeRow.kept_id)
    mine = (MergeRow.organization_id == act.organization_id, MergeRow.voided_seq.is_(None))
    kept = dict((await session.execute(select(*columns).where(*mine))).all())
    now = {id_: _root(kept, id_) for id_ in (*kept, *touched)}
    then = await rows.load(session, act, TherapistRow, now, "therapist")
    moved: dict[UUID, rows.Values] = {
        id_: {"merged_into_id": root if root != id_ else None}
        for id_, root in now.items()
        if then[id_].merged_into_id != (root if root != id_ else None)
    }
    await rows.change(session, act, TherapistRow, moved)
    people = list(dict.fromkeys([*touched, *moved, *(now[id_] for id_ in touched)]))
    held = (CredentialRow.organization_id == act.organization_id, CredentialRow.voided_seq.is_(None))
    credentials = await session.scalars(select(CredentialRow.id).where(*held, CredentialRow.therapist_id.in_(people)))
    await consequences.follow(session, act=act, therapist_ids=people, credential_ids=credentials)


def _root(kept: Mapping[UUID, UUID], id_: UUID) -> UUID:
    while id_ in kept:
        id_ = kept[id_]
    return id_
