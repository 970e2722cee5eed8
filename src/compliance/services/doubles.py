"""The same credential twice: same holder, type, place and number. Several of one type at once are normal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import CredentialRow
from compliance.domain.matching import fold_number
from compliance.services import rows
from compliance.services.trail import Act

Key = tuple[UUID | None, str, str | None, str]


class Numbered(Protocol):
    """What has a holder, a type, a place and a number."""

    @property
    def therapist_id(self) -> UUID | None: ...
    @property
    def clinic_id(self) -> UUID | None: ...
    @property
    def type(self) -> str: ...
    @property
    def jurisdiction(self) -> str | None: ...
    @property
    def number(self) -> str: ...


def _key(each: Numbered) -> Key:
    return (each.therapist_id or each.clinic_id, each.type, each.jurisdiction or None, fold_number(each.number))


@dataclass(slots=True)
class Doubles:
    """The credentials that holders have, to be asked whether one more is the same."""

    known: set[Key] = field(default_factory=set)

    @classmethod
    async def among(
        cls, session: AsyncSession, act: Act, new: Sequence[Numbered], besides: Collection[UUID] = ()
    ) -> Doubles:
        """Reads what the holders of these have, without the rows in `besides`."""
        people = await _held(session, act, "therapist_id", (each.therapist_id for each in new))
        clinics = await _held(session, act, "clinic_id", (each.clinic_id for each in new))
        return cls({_key(each) for each in (*people, *clinics) if each.folded_number and each.id not in besides})

    def problem(self, new: Numbered) -> str | None:
        """Why this one would be a double; otherwise it counts as known from now on."""
        key = _key(new)
        if not key[-1]:
            return None
        if key in self.known:
            return f"{new.type} {new.number} is on file already. Renew or correct that one."
        self.known.add(key)
        return None


async def _held(session: AsyncSession, act: Act, column: str, ids: Iterable[UUID | None]) -> list[CredentialRow]:
    found = await rows.of_holders(session, act, CredentialRow, column, (each for each in ids if each))
    return [each for held in found.values() for each in held]
