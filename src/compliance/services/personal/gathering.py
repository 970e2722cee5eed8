"""What is on record of one person, found by the schema itself: every table that points to them, near or far.

A table that is added later belongs to it by its foreign key, without a line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import (
    GLOBAL_TABLES,
    CapabilityRow,
    EvidenceRow,
    FormerFactsRow,
    ImportRowRow,
    MembershipRow,
    PersonRow,
    Record,
    TherapistRow,
    TrailEntryRow,
)
from compliance.db.scope import also_of, reaching
from compliance.services.rows import chunks, table

CHAIN: Final = "trail_entries"
"""Never taken out: it holds hashes of what is somebody's, and `trail_values` beside it the rest."""


@dataclass(slots=True)
class Gathered:
    """The rows of one person, by table, each table after those that it points to; and the places in the trail of
    the entries about them."""

    organization_id: UUID
    therapist_id: UUID
    therapist_ids: list[UUID]
    rows: dict[str, list[Row[Any]]] = field(default_factory=dict)
    seqs: list[int] = field(default_factory=list)
    person_id: UUID | None = None

    def ids(self, name: str) -> set[UUID]:
        """The ids of the rows of one table."""
        return {row.id for row in self.rows.get(name, ()) if hasattr(row, "id")}

    @property
    def every_id(self) -> set[UUID]:
        """The ids of all rows that have one."""
        return {id_ for name in self.rows for id_ in self.ids(name)}

    @property
    def number(self) -> int:
        """How many rows."""
        return sum(map(len, self.rows.values()))


async def gather(session: AsyncSession, organization_id: UUID, therapist_id: UUID) -> Gathered:
    """All of it, with the records that were merged into this one."""
    who = TherapistRow
    mine = (who.organization_id == organization_id, or_(who.id == therapist_id, who.merged_into_id == therapist_id))
    found = Gathered(organization_id, therapist_id, list(await session.scalars(select(who.id).where(*mine))))
    for each in Record.metadata.sorted_tables:
        await _add(session, found, each, _pointing(each, found))
    await _add(session, found, table(ImportRowRow), [ImportRowRow.therapist_id.in_(found.therapist_ids)])
    await _evidence(session, found)
    await _of_the_sign_in(session, found)
    ids = sorted(found.every_id)
    for part in chunks(ids):
        await _add(session, found, table(FormerFactsRow), [FormerFactsRow.subject_id.in_(part)])
        await _add(session, found, table(CapabilityRow), [CapabilityRow.subject_id.in_(part)])
    found.seqs = await _places(session, found, set(map(str, ids)))
    return found


def _pointing(each: Table, found: Gathered) -> list[ColumnElement[bool]]:
    """The conditions of being the person, or of pointing to what is theirs."""
    if each.name == TherapistRow.__tablename__:
        return [each.c.id.in_(found.therapist_ids)]
    if each.name == CHAIN or "organization_id" not in each.columns:
        return []
    made: list[ColumnElement[bool]] = []
    for key in each.foreign_key_constraints:
        ids = found.ids(key.referred_table.name)
        if len(key.column_keys) == 2 and key.referred_table is not each and ids:
            made.append(each.c[key.column_keys[1]].in_(ids))
    return made


async def _add(session: AsyncSession, found: Gathered, each: Table, ways: Iterable[ColumnElement[bool]]) -> None:
    """Rows that fulfil any of these and are not there yet."""
    known = {_key(each, row) for row in found.rows.get(each.name, ())}
    owned = each.name not in GLOBAL_TABLES
    for way in ways:
        mine = [each.c.organization_id == found.organization_id] if owned else []
        for row in (await session.execute(select(each).where(*mine, way))).all():
            if _key(each, row) not in known:
                known.add(_key(each, row))
                found.rows.setdefault(each.name, []).append(row)


def _key(each: Table, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(getattr(row, column.name) for column in each.primary_key.columns)


async def _evidence(session: AsyncSession, found: Gathered) -> None:
    """Documents that nothing else points to: they stand above what points to them."""
    evidence = table(EvidenceRow)
    theirs = {row[at] for name, at in pointing_to(evidence) for row in _as_dicts(found.rows.get(name, ())) if row[at]}
    for name, at in pointing_to(evidence):
        each, kept = (
            Record.metadata.tables[name],
            {_key(Record.metadata.tables[name], r) for r in found.rows.get(name, ())},
        )
        for part in chunks(sorted(theirs)):
            rows = await session.execute(
                select(each).where(each.c.organization_id == found.organization_id, each.c[at].in_(part))
            )
            theirs -= {getattr(row, at) for row in rows if _key(each, row) not in kept}
    for part in chunks(sorted(theirs)):
        await _add(session, found, evidence, [evidence.c.id.in_(part)])


def pointing_to(target: Table) -> Iterator[tuple[str, str]]:
    """Tables and columns that point to a table."""
    for each in Record.metadata.sorted_tables:
        for key in each.foreign_key_constraints:
            if key.referred_table is target and len(key.column_keys) == 2:
                yield each.name, key.column_keys[1]


def _as_dicts(rows: Iterable[Row[Any]]) -> Iterator[Any]:
    return (row._mapping for row in rows)


async def _of_the_sign_in(session: AsyncSession, found: Gathered) -> None:
    """The sign-in too, where it opened nothing but this file."""
    people = {row.person_id for row in found.rows.get("memberships", ()) if row.role == "therapist"}
    for person_id in people:
        member = MembershipRow
        elsewhere = select(member.id).where(member.person_id == person_id, member.id.not_in(found.ids("memberships")))
        async with reaching(session, also_of(session, person_id)):
            if await session.scalar(elsewhere.limit(1)) is not None:
                continue
        found.person_id = person_id
        person = table(PersonRow)
        await _add(session, found, person, [person.c.id == person_id])
        for each in Record.metadata.sorted_tables:
            if "person_id" in each.columns and each.name != CHAIN:
                await _add(session, found, each, [each.c.person_id == person_id])


async def _places(session: AsyncSession, found: Gathered, ids: set[str]) -> list[int]:
    """Entries of the trail about the person, or about anything that is theirs."""
    row = TrailEntryRow
    query = select(row.seq, row.subject, row.therapist_id).where(row.organization_id == found.organization_id)
    theirs = set(found.therapist_ids)
    return [
        seq
        for seq, subject, therapist_id in await session.execute(query.order_by(row.seq))
        if therapist_id in theirs or subject.rpartition(":")[2] in ids
    ]
