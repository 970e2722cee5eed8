"""What was sent in, for the ladder: asked once for a whole batch, which may be of several organizations."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.ladders import Owned, among
from compliance.db.records import SubmissionRow
from compliance.domain.answers import Answer, Kind, State


async def answers(session: AsyncSession, owned: Owned) -> dict[tuple[UUID, date], Answer]:
    """The newest answer about each cycle of these credentials, by credential and last day. One that was withdrawn says
    nothing any more, and "this is not me" is about the address and not about the credential."""
    row = SubmissionRow
    columns = (
        row.id, row.credential_id, row.about_ends_on, row.kind, row.state, row.sent_at, row.rests_until, row.decided_at,
    )  # fmt: skip
    speaks = (row.voided_seq.is_(None), row.state != State.WITHDRAWN, row.kind != Kind.NOT_ME)
    found: dict[tuple[UUID, date], Answer] = {}
    for some in among(row, row.credential_id, owned):
        query = select(*columns).where(some, *speaks).order_by(row.recorded_seq)
        for each in await session.execute(query):
            found[each.credential_id, each.about_ends_on] = _answer(each)
    return found


def _answer(row: Any) -> Answer:
    sent_back = row.state == State.SENT_BACK
    return Answer(
        submission_id=row.id,
        credential_id=row.credential_id,
        about_ends_on=row.about_ends_on,
        kind=Kind(row.kind),
        state=State(row.state),
        sent_at=row.sent_at,
        rests_until=row.rests_until if row.state in (State.WAITING, State.NOTED) else None,
        told_on=row.decided_at.astimezone(UTC).date() if sent_back and row.decided_at else None,
    )


async def unwanted(session: AsyncSession, owned: Owned) -> dict[UUID, frozenset[str]]:
    """Folded addresses of which a reader said "this is not me", by therapist, until somebody says they are right."""
    row = SubmissionRow
    holds = (row.kind == Kind.NOT_ME, row.voided_seq.is_(None), row.state.in_((State.WAITING, State.ACCEPTED)))
    found: dict[UUID, set[str]] = defaultdict(set)
    for some in among(row, row.therapist_id, owned):
        for therapist, address in await session.execute(select(row.therapist_id, row.folded_email).where(some, *holds)):
            found[therapist].add(address)
    return {therapist: frozenset(addresses) for therapist, addresses in found.items()}
