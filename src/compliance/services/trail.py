"""The trail: every mutating service writes who, when, what, old, new and why, in its own transaction.

A hash chain per organization with a locked head row: the order of `seq` is the order of commit, which is what
`known_at` rests on. Values that name or describe a person go beside the chain, by salted hash in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy import Table, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.hashes import GENESIS, canonical_json, chain_hash, instant_text, new_salts, personal_hash
from compliance.db.bulk import put
from compliance.db.records import TrailEntryRow, TrailHeadRow, TrailValueRow
from compliance.services.trail_end import End, locked
from compliance.services.trail_walk import Broken, Step, check_head, verify, walk

__all__ = ["Act", "Broken", "Entry", "Step", "check_head", "record", "record_all", "verify", "walk"]

# Everything in these fields stays outside the chain: it names, describes or locates a person, or is free text.
PERSONAL = frozenset(
    {
        "name", "first_name", "last_name", "email", "phone", "npi", "birth_date", "number", "notes", "note", "reason",
        "address", "postal_address", "details", "verified_by", "granted_by", "recipient_address", "subject", "why",
        "file_name", "source",
    }
)  # fmt: skip

Kept = dict[str, tuple[str, str]]
"""What lies beside an entry: its places, each with the salt in hexadecimal and the value."""
_PLAIN = frozenset({str, bool, type(None), date, UUID})
"""Values of which every writer of JSON makes the same text; all others are spelled out by `canonical_json`."""
_sorted = msgspec.json.Encoder(order="sorted").encode
"""The canonical bytes of an object of such values, whose names are ours: `canonical_json` in a tenth of the time."""
ENTRIES, VALUES = cast("Table", TrailEntryRow.__table__), cast("Table", TrailValueRow.__table__)


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, in which organization, at which real instant; `as_if_at` is the instant a command pretends."""

    organization_id: UUID
    actor: str
    now: datetime
    as_if_at: datetime | None = None

    @property
    def effective(self) -> datetime:
        """The instant that rules are asked about: the pretended one where there is one."""
        return self.as_if_at or self.now


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to one thing. `subject` is "credential:ID"; `therapist_id` is whose history it belongs to."""

    action: str
    subject: str
    therapist_id: UUID | None = None
    old: Mapping[str, object] = field(default_factory=dict)
    new: Mapping[str, object] = field(default_factory=dict)
    why: str = ""


async def record(session: AsyncSession, *, act: Act, entry: Entry) -> int:
    """Writes one entry; its place in the chain, for the rows that it speaks of."""
    return (await record_all(session, act=act, entries=[entry]))[0]


async def record_all(session: AsyncSession, *, act: Act, entries: Sequence[Entry]) -> list[int]:
    """Writes entries one after the other under the head's lock, in two statements; their places in the chain."""
    if not entries:
        return []
    end = await _locked(session, act)
    seq, prev, at = end.seq, end.hash, max(end.at, act.now)  # `at` never runs backwards along a chain
    salts = new_salts()
    rows: list[dict[str, object]] = []
    beside: list[dict[str, object]] = []
    for entry in entries:
        seq += 1
        body, kept = _body(act, entry, seq, at, salts)
        link = chain_hash(act.organization_id, seq, prev, body)
        rows.append(_row(entry, seq) | {"body": body.decode(), "prev": prev, "hash": link})
        if kept:
            beside.append({"seq": seq, "kept": kept})
        prev = link
    head = update(TrailHeadRow).where(TrailHeadRow.organization_id == act.organization_id)
    await session.execute(head.values(seq=seq, hash=prev, at=at))
    end.seq, end.hash, end.at = seq, prev, at
    await put(session, ENTRIES, rows, organization_id=act.organization_id, at=at, actor=act.actor)
    await put(session, VALUES, beside, organization_id=act.organization_id)
    return list(range(seq - len(entries) + 1, seq + 1))


def _row(entry: Entry, seq: int) -> dict[str, object]:
    return {"seq": seq, "action": entry.action, "subject": entry.subject, "therapist_id": entry.therapist_id}


async def _locked(session: AsyncSession, act: Act) -> End:
    """The chain's end, locked until commit."""
    end = await locked(session, act.organization_id)
    if end is None:
        await _begin_chain(session, act)
        end = await locked(session, act.organization_id)
    assert end  # noqa: S101  (for the type checker: it has just been begun)
    return end


async def _begin_chain(session: AsyncSession, act: Act) -> None:
    """Two who begin a chain at once: one row, and the second waits for the first."""
    dialect = session.get_bind().dialect.name
    make = sqlite_insert if dialect == "sqlite" else postgresql_insert
    first = {"organization_id": act.organization_id, "seq": 0, "hash": GENESIS, "at": act.now}
    await session.execute(make(TrailHeadRow).values(first).on_conflict_do_nothing())


@lru_cache(maxsize=1024)
def _places(part: str, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each field, and where its value is kept if it stays outside the chain, `term.note` as well as `note`."""
    return tuple((name, part + name if name.rpartition(".")[2] in PERSONAL else "") for name in names)


def _body(act: Act, entry: Entry, seq: int, at: datetime, salts: Iterator[bytes]) -> tuple[bytes, Kept]:
    """The canonical bytes of an entry, and the personal values that stay beside them."""
    kept: Kept = {}
    body = {
        "organization": act.organization_id,
        "seq": seq,
        "at": instant_text(at),
        "as_if_at": instant_text(act.as_if_at) if act.as_if_at else None,
        "actor": act.actor,
        "action": entry.action,
        "subject": entry.subject,
        "therapist": entry.therapist_id,
        "old": _told("old.", entry.old, kept, salts),
        "new": _told("new.", entry.new, kept, salts),
        "why": _hashed("why", entry.why, kept, salts) if entry.why else entry.why,
    }
    return _sorted(body), kept


def _told(part: str, values: Mapping[str, object], kept: Kept, salts: Iterator[bytes]) -> dict[str, object]:
    """Values as the chain holds them: those that are somebody's as their hashes."""
    told: dict[str, object] = {}
    for name, place in _places(part, tuple(values)):
        value = values[name]
        if place and value not in (None, ""):
            told[name] = _hashed(place, value, kept, salts)
        else:
            told[name] = value if type(value) in _PLAIN else msgspec.Raw(canonical_json(value))
    return told


def _hashed(place: str, value: object, kept: Kept, salts: Iterator[bytes]) -> dict[str, str]:
    salt, text = next(salts), value if isinstance(value, str) else canonical_json(value).decode()
    kept[place] = (salt.hex(), text)
    return {"hash": personal_hash(salt, text)}
