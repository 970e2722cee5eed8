"""Keeps facts that are about to be changed in place, so that what was known before can still be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import FormerFactsRow
from compliance.services import rows
from compliance.services.trail import Act


class Former(NamedTuple):
    """What facts of one subject were until an entry of the trail."""

    subject_id: UUID
    until_seq: int
    facts: Mapping[str, object]


async def keep(
    session: AsyncSession,
    act: Act,
    noun: Literal["credential", "clinic", "therapist", "organization"],
    former: Sequence[Former],
) -> None:
    """Writes them down, in the transaction that changes the facts; nothing for what changes nothing."""
    made: list[rows.Values] = [
        {
            "id": new_id(act.now),
            "noun": noun,
            "subject_id": each.subject_id,
            "until_seq": each.until_seq,
            "facts": {key: _plain(value) for key, value in each.facts.items()},
        }
        for each in former
        if each.facts
    ]
    await rows.add(session, act, FormerFactsRow, made)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
