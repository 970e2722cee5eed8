"""What a transaction knows without asking the database: files of people whom it has recorded itself, above all.

An import records hundreds of people and works out their coverage at the end of the same transaction. Whatever is on
file about somebody who was not there before was written since, so nothing has to be read back. It is asked for by
whoever brings in many (`noting`). All verbs write through `rows.add` and `rows.change`, which tell it here; whatever is
not plainly a new row of a known kind makes it forget everybody, and then files are read as always. Whoever brings in
many may also say beforehand what nothing that is written changes: the law in force, for one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import credential_values as values
from compliance.db.records import (
    AssignmentRow,
    CredentialRow,
    StandingRow,
    TermRow,
    TherapistAddressRow,
    TherapistNameRow,
    TherapistRow,
    VerificationRow,
)
from compliance.domain.credentials import Credential, CredentialFile

K = TypeVar("K")
Written = Sequence[Mapping[str, Any]]
HOLDER: Final[Mapping[type[Any], str]] = {
    CredentialRow: "therapist_id",
    AssignmentRow: "therapist_id",
    TermRow: "credential_id",
    StandingRow: "credential_id",
    VerificationRow: "credential_id",
}
"""What is in a file, and by whose id it belongs there."""
NOT_IN_FILES: Final = (TherapistNameRow, TherapistAddressRow)
_NOTED: Final = "compliance.fresh"


@dataclass(slots=True)
class _Fresh:
    known: Mapping[type[Any], Any]
    people: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    of: dict[type[Any], defaultdict[UUID, list[Any]]] = field(
        default_factory=lambda: {row: defaultdict(list) for row in HOLDER}
    )

    def note(self, row: type[Any], written: Written) -> None:
        if row is TherapistRow:
            self.people.update((each["id"], each) for each in written)
        elif row in HOLDER:
            held, whose = self.of[row], HOLDER[row]
            for each in written:
                held[each[whose]].append(SimpleNamespace(**each))
        elif row not in NOT_IN_FILES:
            self.people.clear()

    def file(self, id_: UUID) -> CredentialFile:
        person = self.people[id_]
        return CredentialFile(
            therapist_id=id_,
            name=f"{person['first_name']} {person['last_name']}".strip(),
            birth_date=person["birth_date"],
            credentials=tuple(self._credential(each) for each in self.of[CredentialRow].get(id_, ())),
            assignments=tuple(values.assignment(each) for each in self.of[AssignmentRow].get(id_, ())),
        )

    def _credential(self, row: Any) -> Credential:
        terms = [values.term(each) for each in self.of[TermRow].get(row.id, ())]
        standings = [values.standing(each) for each in self.of[StandingRow].get(row.id, ())]
        looks = [values.verification(each, row, ()) for each in self.of[VerificationRow].get(row.id, ())]
        return values.credential(row, terms, standings, looks, [])


@contextmanager
def noting(session: AsyncSession, *known: object) -> Iterator[None]:
    """What is written inside about people who are recorded inside is noted, until the end.

    What is `known` is not read again inside, so nothing that is done there may change it, and all of it is of the one
    organization that is worked on.
    """
    session.info[_NOTED] = _Fresh({type(each): each for each in known})
    try:
        yield
    finally:
        del session.info[_NOTED]


def known(session: AsyncSession, kind: type[K]) -> K | None:
    """What was said to be known, of this kind."""
    noted: _Fresh | None = session.info.get(_NOTED)
    return noted.known.get(kind) if noted else None


def note(session: AsyncSession, row: type[Any], written: Written) -> None:
    """These rows are new."""
    noted: _Fresh | None = session.info.get(_NOTED)
    if noted is not None:
        noted.note(row, written)


def forget(session: AsyncSession) -> None:
    """Something that was written before is another now."""
    noted: _Fresh | None = session.info.get(_NOTED)
    if noted is not None:
        noted.people.clear()


def recorded(session: AsyncSession, therapist_ids: Collection[UUID]) -> set[UUID]:
    """Those of them who were recorded since `noting` began: nothing older can be about them."""
    noted: _Fresh | None = session.info.get(_NOTED)
    return {id_ for id_ in therapist_ids if id_ in noted.people} if noted else set()


def files(session: AsyncSession, therapist_ids: Collection[UUID]) -> dict[UUID, CredentialFile]:
    """The files of those of them who were recorded since `noting` began, as reading them would give them."""
    noted: _Fresh | None = session.info.get(_NOTED)
    return {id_: noted.file(id_) for id_ in therapist_ids if id_ in noted.people} if noted else {}


def rows_of(session: AsyncSession, row: type[Any], column: str, holders: Collection[UUID]) -> dict[UUID, list[Any]]:
    """Of those holders who were recorded since `noting` began the rows that were written of them, and nothing else."""
    noted: _Fresh | None = session.info.get(_NOTED)
    if noted is None or column != "therapist_id" or row not in HOLDER:
        return {}
    return {id_: noted.of[row].get(id_, []) for id_ in holders if id_ in noted.people}


def credentials(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those credentials that were recorded since `noting` began, whoever holds them."""
    noted: _Fresh | None = session.info.get(_NOTED)
    if noted is None:
        return set()
    return {each.id for held in noted.of[CredentialRow].values() for each in held}.intersection(ids)
