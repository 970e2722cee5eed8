"""The trail as people read it: entries with their values put back in, newest first."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.actors import people
from compliance.db.records import TherapistRow, TrailEntryRow, TrailHeadRow, TrailValueRow

ERASED = "(erased)"
CHUNK = 1000
"""Places that one statement asks for."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry. `who` is the actor's name where one is known; a value that was erased says so."""

    seq: int
    at: datetime
    actor: str
    who: str
    action: str
    subject: str
    therapist_id: UUID | None
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    why: str


async def history(
    session: AsyncSession, organization_id: UUID, therapist_id: UUID, *, before: int | None = None, limit: int = 50
) -> list[Recorded]:
    """What was recorded about a therapist and the records merged into that one; `before`: only places before this."""
    row, mine = TrailEntryRow, TrailEntryRow.organization_id == organization_id
    if before is not None:
        mine = mine & (row.seq < before)
    merged = select(TherapistRow.id).where(
        TherapistRow.organization_id == organization_id, TherapistRow.merged_into_id == therapist_id
    )
    # Two ranges of the index by therapist; asked for at once, SQLite goes back through the trail of the organization.
    own = select(row.seq).where(mine, row.therapist_id == therapist_id).order_by(row.seq.desc()).limit(limit)
    theirs = select(row.seq).where(mine, row.therapist_id.in_(merged))
    seqs = union_all(select(own.subquery().c.seq), theirs)
    return await _newest(session, organization_id, None, limit, row.seq.in_(seqs))


async def of_subject(
    session: AsyncSession, organization_id: UUID, subject: str, *, before: int | None = None, limit: int = 50
) -> list[Recorded]:
    """What was recorded about one thing, such as "credential:ID" or "clinic:ID"."""
    return await _newest(session, organization_id, before, limit, TrailEntryRow.subject == subject)


async def latest(
    session: AsyncSession, organization_id: UUID, *, before: int | None = None, limit: int = 50
) -> list[Recorded]:
    """What was recorded last."""
    return await _newest(session, organization_id, before, limit)


async def head(session: AsyncSession, organization_id: UUID) -> tuple[int, str]:
    """The place and the hash of the last entry; (0, "") before the first."""
    query = select(TrailHeadRow.seq, TrailHeadRow.hash).where(TrailHeadRow.organization_id == organization_id)
    found = (await session.execute(query)).one_or_none()
    return (found.seq, found.hash.hex()) if found else (0, "")


async def _newest(
    session: AsyncSession, organization_id: UUID, before: int | None, limit: int, *which: ColumnElement[bool]
) -> list[Recorded]:
    row = TrailEntryRow
    query = select(row).where(row.organization_id == organization_id, *which).order_by(row.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(row.seq < before)
    found = (await session.scalars(query)).all()
    values = await values_beside(session, organization_id, [each.seq for each in found])
    names = await people(session, {each.actor for each in found})
    return [_recorded(each, values[each.seq], names.get(each.actor, each.actor)) for each in found]


def _recorded(row: TrailEntryRow, beside: Mapping[str, str], who: str) -> Recorded:
    place = (row.seq, row.at, row.actor, who, row.action, row.subject, row.therapist_id)
    return Recorded(*place, *unfolded(row.body, beside))


async def values_beside(
    session: AsyncSession, organization_id: UUID, seqs: Sequence[int]
) -> defaultdict[int, dict[str, str]]:
    """What stands beside the entries at these places, by place and key."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    row = TrailValueRow
    query = select(row.seq, row.kept).where(row.organization_id == organization_id)
    for start in range(0, len(seqs), CHUNK):
        for seq, kept in await session.execute(query.where(row.seq.in_(seqs[start : start + CHUNK]))):
            found[seq] = {place: value for place, (_salt, value) in kept.items()}
    return found


def unfolded(body: str, beside: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any], str]:
    """An entry's old values, new values and reason, with what stands beside it put back in."""
    kept = json.loads(body)

    def whole(key: str, value: Any) -> Any:
        outside = isinstance(value, dict) and value.keys() == {"hash"}
        return beside.get(key, ERASED) if outside else value

    def side(name: str) -> dict[str, Any]:
        return {key: whole(f"{name}.{key}", value) for key, value in kept[name].items()}

    return side("old"), side("new"), whole("why", kept["why"])
