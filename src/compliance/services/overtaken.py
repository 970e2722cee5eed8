"""What becomes of submissions when the file changes under them: a renewal was recorded otherwise, a term was voided."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import SubmissionRow
from compliance.domain.answers import Kind, State
from compliance.services import rows, trail
from compliance.services.trail import Act, Entry

RENEWED: Final = "A renewal was recorded."
VOIDED: Final = "The credential was voided."


async def overtake(session: AsyncSession, *, act: Act, credential_ids: Collection[UUID], reason: str) -> int:
    """Nothing waits for review any more about these credentials; how many did. For who has just written the change."""
    row = SubmissionRow
    found: list[Any] = []
    for some in rows.chunks(credential_ids):
        mine = (row.organization_id == act.organization_id, row.credential_id.in_(some))
        waits = (row.state.in_((State.WAITING, State.NOTED)), row.kind != Kind.NOT_ME)
        found += (await session.execute(select(row.id, row.therapist_id).where(*mine, *waits))).all()
    if found:
        entries = [
            Entry("submission.withdrawn", f"submission:{each.id}", each.therapist_id, why=reason) for each in found
        ]
        seqs = await trail.record_all(session, act=act, entries=entries)
        marks = {each.id: decided(act, State.WITHDRAWN, seq, reason) for each, seq in zip(found, seqs, strict=True)}
        await rows.change(session, act, SubmissionRow, marks)
    return len(found)


async def reopen(session: AsyncSession, *, act: Act, term_ids: Collection[UUID]) -> int:
    """Terms that were made of submissions are void: these wait for review again; how many."""
    row = SubmissionRow
    found: list[Any] = []
    for some in rows.chunks(term_ids):
        mine = (row.organization_id == act.organization_id, row.term_id.in_(some), row.state == State.ACCEPTED)
        found += (await session.execute(select(row.id, row.therapist_id).where(*mine))).all()
    if found:
        entries = [Entry("submission.reopened", f"submission:{each.id}", each.therapist_id) for each in found]
        await trail.record_all(session, act=act, entries=entries)
        again: rows.Values = {
            "state": State.WAITING, "reason": "", "term_id": None, "decided_by": "", "decided_at": None,
            "decided_seq": None,
        }  # fmt: skip
        await rows.change(session, act, SubmissionRow, dict.fromkeys((each.id for each in found), again))
    return len(found)


def decided(act: Act, state: State, seq: int, reason: str = "") -> rows.Values:
    """The columns of a decision."""
    return {
        "state": state,
        "reason": reason,
        "decided_by": act.actor,
        "decided_at": act.effective,
        "decided_seq": seq,
    }
