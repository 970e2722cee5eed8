"""Facts as they were before they were changed in place (`former_facts`): what was known at a place in the trail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import FormerFactsRow
from compliance.domain.credentials import Named

Formerly = Sequence[tuple[int, Mapping[str, Any]]]
"""Of one subject, the latest first: until which place in the trail these facts held."""


async def former_facts(
    session: AsyncSession,
    organization_id: UUID,
    noun: str,
    subjects: Collection[UUID] | Select[Any] | None = None,
    *,
    after_seq: int | None = None,
) -> dict[UUID, Formerly]:
    """What was changed in place, by subject (None: of all); with `after_seq` only what held at that place or later."""
    row = FormerFactsRow
    query = select(row.subject_id, row.until_seq, row.facts)
    query = query.where(row.organization_id == organization_id, row.noun == noun)
    if subjects is not None:
        query = query.where(row.subject_id.in_(subjects))
    if after_seq is not None:
        query = query.where(row.until_seq > after_seq)
    found: dict[UUID, list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
    connection = await session.connection()
    for subject, until_seq, facts in await connection.execute(query.order_by(row.until_seq.desc())):
        found[subject].append((until_seq, facts))
    return dict(found)


def facts_at(formerly: Formerly, seq: int | None) -> dict[str, Any]:
    """The facts that were others at a place in the trail than they are now (None: now, so none were)."""
    found: dict[str, Any] = {}
    if seq is not None:
        for until_seq, facts in formerly:  # from now back to then: the earliest change after it has the last word
            if until_seq > seq:
                found.update(facts)
    return found


def then(former: Mapping[UUID, Formerly], seq: int) -> dict[UUID, dict[str, Any]]:
    """The same for each of several subjects."""
    return {id_: facts_at(each, seq) for id_, each in former.items()}


def named_at(formerly: Formerly, seq: int, held: Any) -> Named | None:
    """What a look that was recorded at a place in the trail named; None where nothing was changed since."""
    was = facts_at(formerly, seq)
    if was.keys().isdisjoint(Named._fields):
        return None
    return Named(*(was.get(key, getattr(held, key)) for key in Named._fields))


def day_of(value: Any) -> date | None:
    """A day as it lies in `facts`."""
    return date.fromisoformat(value) if value else None
