"""The trail: one chain without forks, and every way of tampering with it is found."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.hashes import canonical_json
from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.records import INSTALLATION, TrailEntryRow, TrailHeadRow, TrailValueRow
from compliance.services.trail import Act, Entry, record, record_all, verify

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
ORGANIZATION = UUID(int=77)
ACT = Act(ORGANIZATION, "user:dana", NOW)


def entry(number: int) -> Entry:
    return Entry(
        "therapist.changed", f"therapist:{number}", old={"email": "a@example.org"}, new={"email": f"{number}@x"}
    )


async def ten(database: Database) -> None:
    async with database.write.begin() as session:
        await record_all(session, act=ACT, entries=[entry(number) for number in range(10)])


async def broken(database: Database) -> int | None:
    async with database.read.begin() as session:
        _, problem = await verify(session, organization_id=ORGANIZATION, batch=4)
        return problem.seq if problem else None


async def test_a_chain_holds_from_its_first_entry_and_says_how_long_it_is(database: Database) -> None:
    await ten(database)
    async with database.read.begin() as session:
        assert await verify(session, organization_id=ORGANIZATION, batch=4) == (10, None)
        assert await verify(session, organization_id=INSTALLATION) == (0, None)


async def test_personal_values_lie_beside_the_chain_and_may_be_erased_without_breaking_it(database: Database) -> None:
    await ten(database)
    async with database.write.begin() as session:
        body = await session.scalar(select(TrailEntryRow.body).where(TrailEntryRow.seq == 3))
        assert body is not None
        assert "@" not in body
        await session.execute(delete(TrailValueRow).where(TrailValueRow.seq == 3))
    assert await broken(database) is None


async def test_one_value_of_an_entry_may_be_erased_and_the_others_still_hold(database: Database) -> None:
    await ten(database)
    async with database.write.begin() as session:
        row = (await session.scalars(select(TrailValueRow).where(TrailValueRow.seq == 3))).one()
        assert {place: value for place, (_salt, value) in row.kept.items()} == {
            "old.email": "a@example.org",
            "new.email": "2@x",
        }
        row.kept = {"new.email": row.kept["new.email"]}
    assert await broken(database) is None


async def test_writers_at_the_same_time_make_one_chain_without_a_fork(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.write.begin() as session:
            await record(session, act=ACT, entry=entry(number))

    await asyncio.gather(*(write(number) for number in range(24)))
    async with database.read.begin() as session:
        assert await verify(session, organization_id=ORGANIZATION) == (24, None)


async def test_time_never_runs_backwards_along_a_chain(database: Database) -> None:
    async with database.write.begin() as session:
        await record(session, act=ACT, entry=entry(1))
        earlier = Act(ORGANIZATION, "user:dana", NOW - timedelta(hours=1))
        await record(session, act=earlier, entry=entry(2))
        assert await session.scalar(select(TrailEntryRow.at).where(TrailEntryRow.seq == 2)) == NOW


async def test_a_rolled_back_act_leaves_no_entry(database: Database) -> None:
    session = database.write()
    await record(session, act=ACT, entry=entry(1))
    await session.rollback()
    await session.close()
    async with database.read.begin() as session:
        assert await verify(session, organization_id=ORGANIZATION) == (0, None)


def _set(seq: int, **values: object) -> Callable[[AsyncSession], Awaitable[object]]:
    return lambda session: session.execute(update(TrailEntryRow).where(TrailEntryRow.seq == seq).values(**values))


def _drop(seq: int) -> Callable[[AsyncSession], Awaitable[object]]:
    return lambda session: session.execute(delete(TrailEntryRow).where(TrailEntryRow.seq == seq))


async def _swap_bodies(session: AsyncSession) -> None:
    rows = (await session.scalars(select(TrailEntryRow).where(TrailEntryRow.seq.in_([4, 5])))).all()
    rows[0].body, rows[1].body = rows[1].body, rows[0].body


async def _insert_after_the_end(session: AsyncSession) -> None:
    row = (await session.scalars(select(TrailEntryRow).where(TrailEntryRow.seq == 10))).one()
    body = canonical_json({"made": "up"}).decode()
    session.add(
        TrailEntryRow(
            organization_id=ORGANIZATION, seq=11, at=NOW, actor="x", action="x", subject="x", body=body, prev=row.hash,
            hash=bytes(32),
        )
    )  # fmt: skip


async def _beside(session: AsyncSession, seq: int, **changed: str) -> None:
    """Another salt or value for the new address beside an entry."""
    row = (await session.scalars(select(TrailValueRow).where(TrailValueRow.seq == seq))).one()
    salt, value = row.kept["new.email"]
    row.kept = row.kept | {"new.email": [changed.get("salt", salt), changed.get("value", value)]}


TAMPERINGS: dict[str, tuple[Callable[[AsyncSession], Awaitable[object]], int]] = {
    "an entry's words": (_set(5, body="{}"), 5),
    "its actor's column": (_set(5, actor="user:somebody"), 5),
    "its time's column": (_set(5, at=NOW + timedelta(days=1)), 5),
    "its subject's column": (_set(5, subject="therapist:99"), 5),
    "whose history it is": (_set(5, therapist_id=new_id(NOW)), 5),
    "its hash": (_set(5, hash=bytes(32)), 5),
    "its link": (_set(5, prev=bytes(31) + b"\1"), 5),
    "the first one gone": (_drop(1), 2),
    "one in the middle gone": (_drop(5), 6),
    "the last one gone": (_drop(10), 10),
    "two swapped": (_swap_bodies, 4),
    "one more at the end": (_insert_after_the_end, 11),
    "a value beside it": (
        lambda session: _beside(session, 5, value="c@d"),
        5,
    ),
    "a salt beside it": (lambda session: _beside(session, 5, salt="00" * 16), 5),
    "a value beside it, by one in another shape": (lambda session: _beside(session, 5, salt="short"), 5),
    "the head": (lambda session: session.execute(update(TrailHeadRow).values(seq=9)), 11),
}


@pytest.mark.parametrize("what", TAMPERINGS)
async def test_tampering_is_found_where_it_was_done(database: Database, what: str) -> None:
    await ten(database)
    tamper, where = TAMPERINGS[what]
    async with database.write.begin() as session:
        await tamper(session)
    assert await broken(database) == where


class Word(StrEnum):
    A = "a"


TRICKY: dict[str, object] = {
    "control": "\x00\x1f\x7f\b\f\n\r\t",
    "quotes": '"\\/',
    "beyond": "\u2028 é \ud7ff 𝄞",
    "word": Word.A,
    "count": 2**53 - 1,
    "yes": True,
    "none": None,
    "day": date(2028, 2, 29),
    "instant": NOW,
    "id": ORGANIZATION,
    "many": ("b", 1, {"z": 1, "a": date(2026, 1, 1)}),
    "": {},
}


async def test_an_entry_is_written_as_the_canonical_bytes_of_what_it_says(database: Database) -> None:
    told = Entry("therapist.changed", "therapist:1", ORGANIZATION, old={}, new=TRICKY)
    async with database.write.begin() as session:
        await record(session, act=Act(ORGANIZATION, "user:dana", NOW, NOW), entry=told)
        body = await session.scalar(select(TrailEntryRow.body))
    said = {
        "organization": ORGANIZATION, "seq": 1, "at": NOW, "as_if_at": NOW, "actor": "user:dana",
        "action": told.action, "subject": told.subject, "therapist": ORGANIZATION, "old": {}, "new": TRICKY, "why": "",
    }  # fmt: skip
    assert body == canonical_json(said).decode()


@pytest.mark.parametrize("value", [1.5, 2**53, [0.1], NOW.replace(tzinfo=None), "\ud800"])
async def test_what_has_no_canonical_form_is_not_written(database: Database, value: object) -> None:
    async with database.write.begin() as session:
        with pytest.raises((TypeError, ValueError)):
            await record(session, act=ACT, entry=Entry("therapist.changed", "therapist:1", new={"share": value}))
