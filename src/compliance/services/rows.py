"""Rows in sets: one awaited statement for thousands, always inside one organization.

Speaks to tables, not to mapped objects: a service decides from what it read and writes lists of plain values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.bulk import put
from compliance.db.records import Appended, Owned, TherapistRow
from compliance.services import fresh
from compliance.services.refusals import Problem, Refused, Unknown
from compliance.services.trail import Act
from compliance.services.trail_end import locked

R = TypeVar("R", bound=Owned)
A = TypeVar("A", bound=Appended)
CHUNK = 10_000  # below the number of parameters that either database takes
Values = dict[str, object]


def table(row: type[Any]) -> Table:
    """The table of a record."""
    return cast("Table", row.__table__)


def chunks(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    """The ids, each once, in lists that fit into one statement."""
    rest = iter(dict.fromkeys(ids))
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


async def take_turn(session: AsyncSession, act: Act) -> None:
    """Waits for whoever is acting in this organization, so that checks see what was committed before."""
    await locked(session, act.organization_id)


async def load(session: AsyncSession, act: Act, row: type[R], ids: Iterable[UUID], noun: str) -> dict[UUID, R]:
    """The rows with these ids. Raises Unknown, naming what is not there."""
    wanted = list(dict.fromkeys(ids))
    found: dict[UUID, R] = {}
    for chunk in chunks(wanted):
        query = select(*table(row).columns).where(row.organization_id == act.organization_id, row.id.in_(chunk))
        found |= {each.id: each for each in await _read(session, row, query)}
    missing = [each for each in wanted if each not in found]
    if missing:
        raise Unknown(*(Problem(f"{noun}_id", f"No {noun.replace('_', ' ')} has the id {each}.") for each in missing))
    return found


async def load_current(session: AsyncSession, act: Act, row: type[A], ids: Iterable[UUID], noun: str) -> dict[UUID, A]:
    """The same for append-only rows; one that was voided is refused."""
    found = await load(session, act, row, ids, noun)
    voided = [each for each in found.values() if each.voided_seq is not None]
    if voided:
        raise Refused(*(Problem(f"{noun}_id", _voided(noun, each.void_reason)) for each in voided))
    return found


def _voided(noun: str, reason: str | None) -> str:
    return f"This {noun.replace('_', ' ')} was voided ({reason or 'no reason given'}) and cannot be changed any more."


async def load_therapists(session: AsyncSession, act: Act, ids: Iterable[UUID]) -> dict[UUID, TherapistRow]:
    """Therapists to whom something may be added: a record that was merged into another takes nothing more."""
    found = await load(session, act, TherapistRow, ids, "therapist")
    merged = [each for each in found.values() if each.merged_into_id]
    if merged:
        raise Refused(*(Problem("therapist_id", _gone(each)) for each in merged))
    return found


async def need_therapists(session: AsyncSession, act: Act, ids: Iterable[UUID]) -> None:
    """The same, without a look at those who were recorded in this very transaction."""
    wanted = set(ids)
    await load_therapists(session, act, wanted - fresh.recorded(session, wanted))


def _gone(row: TherapistRow) -> str:
    if row.voided_seq is not None:
        return _voided("therapist", row.void_reason)
    return f"This record was merged into another one ({row.merged_into_id}). Work on that one, or part them first."


async def of_holders(
    session: AsyncSession, act: Act, row: type[A], column: str, ids: Iterable[UUID]
) -> dict[UUID, list[A]]:
    """Current rows by the id in `column`, in the order in which they were recorded."""
    key, wanted = getattr(row, column), set(ids)
    new = fresh.rows_of(session, row, column, wanted)
    found: dict[UUID, list[A]] = {id_: list(held) for id_, held in new.items() if held}
    for chunk in chunks(wanted - new.keys()):
        mine = (row.organization_id == act.organization_id, key.in_(chunk), row.voided_seq.is_(None))
        query = select(*table(row).columns).where(*mine).order_by(row.recorded_seq, row.id)
        for each in await _read(session, row, query):
            found.setdefault(getattr(each, column), []).append(each)
    return found


async def _read(session: AsyncSession, row: type[R], query: Select[Any]) -> Sequence[R]:
    """Plain rows: they have the record's attributes, cost a third of mapped objects, and change nothing when set."""
    return cast("Sequence[R]", (await session.execute(query)).all())


async def add(session: AsyncSession, act: Act, row: type[Any], rows: Sequence[Values]) -> None:
    """Inserts all of them in one statement; every row must have the same keys."""
    await put(session, table(row), rows, organization_id=act.organization_id)
    fresh.note(session, row, rows)


async def change(session: AsyncSession, act: Act, row: type[Any], changes: Mapping[UUID, Values]) -> None:
    """Sets columns of the rows with these ids; every change must have the same keys."""
    if not changes:
        return
    fresh.forget(session)
    at = table(row)
    columns = next(iter(changes.values()))
    query = update(at).where(at.c.organization_id == bindparam("its_organization"), at.c.id == bindparam("its_id"))
    query = query.values({each: bindparam(f"new_{each}") for each in columns})
    fixed: Values = {"its_organization": act.organization_id}
    rows = [fixed | {"its_id": id_} | {f"new_{k}": v for k, v in new.items()} for id_, new in changes.items()]
    connection = await session.connection()  # the session would take a list of values for rows of a mapped class
    await connection.execute(query, rows)


async def void(session: AsyncSession, act: Act, row: type[Any], seqs: Mapping[UUID, int], reason: str) -> None:
    """Marks rows as void from their places in the trail on; nothing is ever deleted."""
    marks: dict[UUID, Values] = {id_: {"voided_seq": seq, "void_reason": reason} for id_, seq in seqs.items()}
    await change(session, act, row, marks)
