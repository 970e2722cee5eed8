"""Erases one person's file: every row of it, and what is said of them elsewhere. The trail's chain stays whole.

The chain holds salted hashes of what is somebody's; the values and their salts beside it go, and the hashes say nothing
any more. Issued reports are files that others hold and are not changed: they go when the organization says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Table, Text, and_, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.trail import ERASED
from compliance.db.records import (
    IncidentRow,
    OutboxRow,
    Record,
    TaskRow,
    TherapistRow,
    TrailValueRow,
)
from compliance.domain.periods import FOREVER
from compliance.services import reminders, trail
from compliance.services.personal.gathering import Gathered, gather
from compliance.services.personal.removing import doom
from compliance.services.refusals import need_reason, refuse
from compliance.services.rows import load, table, take_turn
from compliance.services.trail import Act, Entry

SHORTEST: Final = 6
"""Texts shorter than this are looked for nowhere else: they would be found in other words."""

SAID: Final[dict[type[Any], tuple[str, ...]]] = {
    OutboxRow: ("subject", "text", "html", "facts", "recipient_name"),
    TaskRow: ("title", "input", "result", "problem"),
    IncidentRow: ("subject", "detail"),
}
"""Where a person may be named in what is not theirs: a manager's digest, the outcome of an import."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows went, and how many documents wait to leave the store (`removing.sweep`, after the commit)."""

    rows: int
    documents: int


async def erase(session: AsyncSession, *, act: Act, therapist_id: UUID, reason: str) -> Erased:
    """All of it in one transaction. Raises Unknown, and Refused for a file on legal hold, for somebody who still works
    here, for a record that was merged into another, and without a reason."""
    need_reason(reason, "the file is erased")
    await take_turn(session, act)
    await load(session, act, TherapistRow, [therapist_id], "therapist")
    await reminders.withdraw(session, act=act, therapist_ids=[therapist_id], reason="the file is erased")
    found = await gather(session, act.organization_id, therapist_id)
    why_not = kept_because(found, act.effective.date())
    if why_not:
        raise refuse("therapist_id", why_not)
    files, words = _files(found), _words(found)
    about = {"rows": found.number, "entries": len(found.seqs)}
    await _forget(session, found)
    await _delete(session, found)
    await _unsay(session, act.organization_id, words)
    entry = Entry("therapist.erased", f"therapist:{therapist_id}", new=about, why=reason)
    await trail.record(session, act=act, entry=entry)
    await doom(session, act=act, files=files)
    return Erased(found.number, len(files))


def kept_because(found: Gathered, today: date) -> str:
    """Why the file may not be erased, as a sentence; empty if it may."""
    own = [row for row in found.rows.get("therapists", ()) if row.id == found.therapist_id]
    if any(row.merged_into_id not in (None, row.id) for row in own):
        return "This record was merged into another one; erase that one, and this goes with it."
    if any(row.legal_hold for row in found.rows.get("therapists", ())):
        return "This file is on legal hold. End the hold first."
    works = [each for each in found.rows.get("assignments", ()) if each.voided_seq is None and each.ends_on >= today]
    if works:
        until = "without an end" if works[-1].ends_on == FOREVER else "still"
        return f"They work here {until}. Record their last day first."
    return ""


def _files(found: Gathered) -> set[str]:
    rows = found.rows.get("evidence", ())
    return {each for row in rows for each in (row.sha256, row.rendition_sha256) if each}


def _words(found: Gathered) -> list[str]:
    """By what a person is named elsewhere, the longest first."""
    said: set[str] = set()
    for name in ("therapists", "therapist_names"):
        said |= {f"{row.first_name} {row.last_name}".strip() for row in found.rows.get(name, ())}
    for row in found.rows.get("therapists", ()):
        said |= {row.email or "", row.folded_email or "", row.phone, row.npi or ""}
    said |= {row.email for row in found.rows.get("therapist_addresses", ())}
    said |= {row.number for row in found.rows.get("credentials", ())}
    return sorted((each for each in said if len(each) >= SHORTEST), key=lambda each: (-len(each), each))


async def _forget(session: AsyncSession, found: Gathered) -> None:
    """What lies beside the entries about them, with the salts."""
    row = TrailValueRow
    for start in range(0, len(found.seqs), 10_000):
        mine = (row.organization_id == found.organization_id, row.seq.in_(found.seqs[start : start + 10_000]))
        await session.execute(delete(row).where(*mine), execution_options={"synchronize_session": False})


async def _delete(session: AsyncSession, found: Gathered) -> None:
    """The rows, each table before those that it points to; rows that point to their own table let go first."""
    for each in reversed(Record.metadata.sorted_tables):
        rows = found.rows.get(each.name)
        if rows:
            keys = list(each.primary_key.columns)
            named = [tuple(getattr(row, key.name) for key in keys) for row in rows]
            for start in range(0, len(named), 500):
                at = tuple_(*keys).in_(named[start : start + 500])
                own = _own(each)
                if own:
                    await session.execute(update(each).where(at).values(dict.fromkeys(own)))
                await session.execute(delete(each).where(at))


def _own(each: Table) -> list[str]:
    """Columns by which rows point to others of their table."""
    keys = [key for key in each.foreign_key_constraints if key.referred_table is each]
    return [key.column_keys[1] for key in keys if each.c[key.column_keys[1]].nullable]


async def _unsay(session: AsyncSession, organization_id: UUID, words: list[str]) -> None:
    """Puts "(erased)" where they are named in what is not theirs."""
    for row, names in SAID.items():
        each = table(row)
        keys = list(each.primary_key.columns)
        for found in await _naming(session, organization_id, each, names, words):
            new: dict[str, Any] = {name: _without(getattr(found, name), words) for name in names}
            if row is OutboxRow:
                new["rfc822"] = None
            same = and_(*(key == getattr(found, key.name) for key in keys))
            await session.execute(update(each).where(same).values(new))
    value = table(TrailValueRow)
    for found in await _naming(session, organization_id, value, ("kept",), words):
        kept = {place: pair for place, pair in found.kept.items() if _without(pair[1], words) == pair[1]}
        same = and_(value.c.organization_id == organization_id, value.c.seq == found.seq)
        await session.execute(update(value).where(same).values(kept=kept) if kept else delete(value).where(same))


async def _naming(
    session: AsyncSession, organization_id: UUID, each: Table, names: Iterable[str], words: list[str]
) -> Sequence[Row[Any]]:
    """The rows that name them in any of these columns."""
    columns = [each.c[name] for name in names]
    spelled = {spelling for word in words for spelling in (word, json.dumps(word)[1:-1])}  # as JSON may have it, too
    said = [column.cast(Text).contains(spelling, autoescape=True) for column in columns for spelling in spelled]
    if not said:
        return ()
    query = select(*each.primary_key.columns, *columns).where(each.c.organization_id == organization_id, or_(*said))
    return (await session.execute(query)).all()


def _without(value: Any, words: list[str]) -> Any:
    if isinstance(value, str):
        for word in words:
            value = value.replace(word, ERASED)
        return value
    if isinstance(value, dict):
        return {key: _without(each, words) for key, each in value.items()}
    return [_without(each, words) for each in value] if isinstance(value, (list, tuple)) else value
