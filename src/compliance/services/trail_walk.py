"""Walking a chain: is every entry where it was, as it was, after the one before it, and does what lies beside it fit?

A walk meets a hundred thousand entries: it reads plain rows as the driver gives them, and an entry's words are parsed
only where values lie beside them or its columns are not found in them as they were written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.hashes import GENESIS, chain_hash, instant_text, personal_hash
from compliance.db.records import TrailEntryRow, TrailHeadRow, TrailValueRow

_quoted: Callable[[str], str] = json.encoder.encode_basestring  # as canonical words have texts
NOTHING: Final[Mapping[int, bytes]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry of a chain that does not hold, and why."""

    seq: int
    problem: str


@dataclass(frozen=True, slots=True)
class Step:
    """How far a walk along a chain has come: the last entry that held, and its hash."""

    seq: int
    hash: bytes


async def verify(session: AsyncSession, *, organization_id: UUID, batch: int = 2000) -> tuple[int, Broken | None]:
    """Walks a chain from its beginning: places without holes, links, hashes, values, the head. Entries read, break."""
    step = Step(0, GENESIS)
    while True:
        there, broken = await walk(session, organization_id=organization_id, step=step, batch=batch)
        if broken or there.seq - step.seq < batch:
            return there.seq, broken or await check_head(session, organization_id, there)
        step = there


async def walk(
    session: AsyncSession, *, organization_id: UUID, step: Step, batch: int, hashes: Mapping[int, bytes] = NOTHING
) -> tuple[Step, Broken | None]:
    """One stretch of a walk, at most `batch` entries: where it came to, and what does not hold there.

    `hashes`: what entries at certain places must have as theirs, as somebody else has kept it.
    """
    prev, expected = step.hash, step.seq + 1
    beside = await _values(session, organization_id, expected, expected + batch)
    for row in await _entries(session, organization_id, expected, batch):
        seq, *_, link = row
        problem = _check(row, organization_id, prev, expected, beside.get(seq))
        if problem is None and expected in hashes and hashes[expected] != link:
            problem = "a checkpoint or a report was made of another entry here"
        if problem:
            return Step(expected - 1, prev), Broken(seq, problem)
        prev, expected = link, expected + 1
    return Step(expected - 1, prev), None


async def _entries(session: AsyncSession, organization_id: UUID, first: int, count: int) -> Sequence[Any]:
    """Place, time, actor, action, subject, whose, words, link, hash; time and whose as the driver has them."""
    at = TrailEntryRow
    raw = (type_coerce(at.at, Text), at.actor, at.action, at.subject, type_coerce(at.therapist_id, Text))
    query = select(at.seq, *raw, at.body, at.prev, at.hash).where(at.organization_id == organization_id)
    return (await session.execute(query.where(at.seq >= first).order_by(at.seq).limit(count))).all()


async def _values(session: AsyncSession, organization_id: UUID, first: int, end: int) -> dict[int, dict[str, Any]]:
    at = TrailValueRow
    query = select(at.seq, at.kept).where(at.organization_id == organization_id, at.seq.between(first, end))
    return {each.seq: each.kept for each in await session.execute(query)}


def _check(
    row: Sequence[Any], organization_id: UUID, prev: bytes, expected: int, beside: Mapping[str, Any] | None
) -> str | None:
    seq, at, actor, action, subject, whose, body, before, link = row
    if seq != expected:
        return f"entry {expected} is not there"
    if before != prev:
        return "it does not follow the entry before it"
    if link != chain_hash(organization_id, seq, prev, body.encode()):
        return "its words are not those that were hashed"
    columns = (_instant(at), actor, action, subject, _id(whose))
    if not (_stand_in(body, _id(organization_id), seq, columns) or _same(json.loads(body), columns)):
        return "its columns say something else than its words"
    if beside and not _values_hold(json.loads(body), beside):
        return "a value beside it is not the one that was hashed"
    return None


@lru_cache(maxsize=64)
def _instant(at: str | datetime) -> str:
    """SQLite gives `2026-11-22 15:00:00.000000`, PostgreSQL an instant."""
    if isinstance(at, str):
        at = datetime.fromisoformat(f"{at}+00:00")
    return instant_text(at)


@lru_cache(maxsize=8192)
def _id(given: str | UUID | None) -> str | None:
    """SQLite gives the digits, PostgreSQL an id."""
    return None if given is None else str(UUID(given) if isinstance(given, str) else given)


_Columns = tuple[str, str, str, str, str | None]


def _stand_in(body: str, organization: str | None, seq: int, columns: _Columns) -> bool:
    """Whether words begin and go on as canonical words with these columns do, whose names stand in the alphabet's
    order. No text inside can look so: its quotation marks are written with a backslash."""
    at, actor, action, subject, whose = columns
    last = "null" if whose is None else f'"{whose}"'
    return (
        body.startswith(f'{{"action":{_quoted(action)},"actor":{_quoted(actor)},"as_if_at":')
        and f',"at":"{at}","new":{{' in body
        and f'}},"organization":"{organization}","seq":{seq},"subject":{_quoted(subject)},"therapist":{last},"why":'
        in body
    )


def _same(body: Mapping[str, Any], columns: _Columns) -> bool:
    return columns == tuple(body[name] for name in ("at", "actor", "action", "subject", "therapist"))


def _values_hold(body: dict[str, Any], beside: Mapping[str, Any]) -> bool:
    """Whether each value beside an entry is the one whose hash stands in its place; an erased one says nothing."""
    try:
        return all(_at(body, place) == {"hash": _hash_of(*kept)} for place, kept in beside.items())
    except (AttributeError, TypeError, ValueError):  # what lies there has not even the shape of a salt and a value
        return False


def _at(body: dict[str, Any], place: str) -> object:
    part, _, key = place.partition(".")
    return body[part].get(key) if key else body.get(part)


def _hash_of(salt: str, value: str) -> str:
    return personal_hash(bytes.fromhex(salt), value)


async def check_head(session: AsyncSession, organization_id: UUID, last: Step) -> Broken | None:
    """Whether the head is the last entry that a walk came to."""
    head = await session.get(TrailHeadRow, organization_id)
    if head is None:
        return None if last.seq == 0 else Broken(last.seq, "the chain has entries but no head")
    if (head.seq, head.hash) != (last.seq, last.hash):
        return Broken(last.seq + 1, f"the head says that {head.seq} entries were written, {last.seq} are there")
    return None
