"""Checkpoints: signed when a trail has grown, mailed once a week, and proof against every way of tampering."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.checkpoints import TrailKey, holds
from compliance.crypto.hashes import GENESIS, chain_hash
from compliance.crypto.offline.trail_file import read_notes
from compliance.db.engine import Database
from compliance.db.records import OutboxRow, TrailCheckpointRow, TrailEntryRow, TrailHeadRow, TrailValueRow
from compliance.services import accounts, checkpoint_mail, checkpoints, trail_proof
from compliance.services.mailing import MailSettings
from compliance.services.trail import Act, Broken
from tests import builders
from tests.services.trails import KEY, MINE, NOW, THEIRS, sign, ten_entries, write
from tests.signing import SIGNING

MAIL = MailSettings("reminders@example.org", SIGNING.public_url, SIGNING.secret)
Session = AsyncSession
Deed = Callable[[AsyncSession], Awaitable[object]]


async def proof(database: Database) -> trail_proof.Proof:
    async with database.read() as session:
        return await trail_proof.prove(session, organization_id=MINE, public=KEY.public, batch=4)


async def due(database: Database, now: datetime) -> list[UUID]:
    async with database.read() as session:
        return await checkpoints.due(session, now=now)


# -- when ------------------------------------------------------------------------------------------------------------


async def test_a_trail_is_signed_after_an_hour_with_entries_or_a_thousand_of_them(database: Database) -> None:
    assert await due(database, NOW) == []
    await write(database, 3)
    assert await due(database, NOW) == [MINE]
    made = await sign(database)
    assert (made.seq, holds(made.note, KEY.public)) == (3, True)
    later = NOW + timedelta(hours=1)
    assert await due(database, later) == []
    await write(database, 999)
    assert await due(database, NOW + timedelta(minutes=59)) == []
    assert await due(database, later) == [MINE]
    await write(database, 1)
    assert await due(database, NOW + timedelta(minutes=1)) == [MINE]


async def test_what_was_tampered_with_is_not_signed(database: Database) -> None:
    await write(database, 5)
    async with database.write.begin() as session:
        await session.execute(update(TrailEntryRow).where(TrailEntryRow.seq == 4).values(actor="user:nobody"))
        made = await checkpoints.next_one(session, organization_id=MINE, key=KEY)
    assert isinstance(made, Broken)
    assert made.seq == 4


async def test_two_workers_write_one_checkpoint(database: Database) -> None:
    await write(database, 5)
    assert (await sign(database)).note == (await sign(database)).note
    async with database.read() as session:
        assert len((await session.scalars(select(TrailCheckpointRow))).all()) == 1


# -- tampering -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def ten(database: Database) -> Database:
    return await ten_entries(database)


def _change(seq: int, **values: object) -> Deed:
    mine = (TrailEntryRow.organization_id == MINE, TrailEntryRow.seq == seq)
    return lambda session: session.execute(update(TrailEntryRow).where(*mine).values(**values))


def _reword(seq: int, old: str, new: str) -> Deed:
    async def deed(session: Session) -> None:
        row = await _row(session, seq)
        assert old in row.body
        row.body = row.body.replace(old, new)

    return deed


async def _row(session: Session, seq: int, chain: UUID = MINE) -> TrailEntryRow:
    query = select(TrailEntryRow).where(TrailEntryRow.organization_id == chain, TrailEntryRow.seq == seq)
    return (await session.scalars(query)).one()


def _drop(first: int, last: int, *, head: bool = False) -> Deed:
    async def deed(session: Session) -> None:
        mine = TrailEntryRow.organization_id == MINE
        await session.execute(delete(TrailEntryRow).where(mine, TrailEntryRow.seq.between(first, last)))
        if head:
            await _set_head(session, first - 1)

    return deed


async def _set_head(session: Session, seq: int) -> None:
    last = await _row(session, seq)
    mine = TrailHeadRow.organization_id == MINE
    await session.execute(update(TrailHeadRow).where(mine).values(seq=seq, hash=last.hash))


async def _write_anew(session: Session, bodies: list[str], first: int = 1) -> None:
    """Who rules the database writes the chain again from a place on, head and all."""
    prev = (await _row(session, first - 1)).hash if first > 1 else GENESIS
    old = [(await _row(session, min(first + n, 10))) for n in range(len(bodies))]
    facts = [{"at": o.at, "actor": o.actor, "action": o.action, "subject": o.subject} for o in old]
    await session.execute(
        delete(TrailEntryRow).where(TrailEntryRow.organization_id == MINE, TrailEntryRow.seq >= first)
    )
    await session.execute(delete(TrailValueRow).where(TrailValueRow.seq >= first))
    for number, body in enumerate(bodies):
        seq, said = first + number, json.loads(body)
        link = chain_hash(MINE, seq, prev, body.encode())
        row = facts[number] | {"subject": said["subject"], "actor": said["actor"]}
        row |= {"organization_id": MINE, "seq": seq, "therapist_id": None, "body": body, "prev": prev, "hash": link}
        await session.execute(insert(TrailEntryRow), [row])
        prev = link
    await _set_head(session, first + len(bodies) - 1)


async def _bodies(session: Session) -> list[str]:
    query = select(TrailEntryRow.body).where(TrailEntryRow.organization_id == MINE).order_by(TrailEntryRow.seq)
    return list(await session.scalars(query))


def _renumbered(bodies: list[str]) -> list[str]:
    return [
        json.dumps(json.loads(body) | {"seq": seq}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        for seq, body in enumerate(bodies, 1)
    ]


async def _insert(session: Session) -> None:
    bodies = await _bodies(session)
    await _write_anew(session, _renumbered([*bodies[:5], bodies[4], *bodies[5:]]))


async def _swap(session: Session) -> None:
    one, other = await _row(session, 4), await _row(session, 5)
    one.body, other.body = other.body, one.body


async def _from_another(session: Session) -> None:
    """An entry of another organization's chain in the place of one of this."""
    theirs, mine = await _row(session, 5, THEIRS), await _row(session, 5)
    mine.body, mine.hash, mine.subject = theirs.body, theirs.hash, theirs.subject


async def _replay(session: Session) -> None:
    """An old entry once more, at the end, with a right link and a right head."""
    bodies = await _bodies(session)
    await _write_anew(session, _renumbered([*bodies, bodies[2]]))
    await session.execute(delete(TrailEntryRow).where(TrailEntryRow.seq == 3, TrailEntryRow.organization_id == MINE))


async def _rehash(session: Session) -> None:
    bodies = await _bodies(session)
    bodies[5] = bodies[5].replace("Georgia", "Florida")
    await _write_anew(session, bodies[5:], first=6)


KINDS: dict[str, tuple[Deed, int]] = {
    "an entry's words": (_reword(5, "Georgia", "Florida"), 5),
    "its actor": (_change(5, actor="user:somebody"), 5),
    "its time": (_change(5, at=NOW - timedelta(days=1)), 5),
    "the first one gone": (_drop(1, 1), 2),
    "one in the middle gone": (_drop(5, 5), 6),
    "the last one gone, and the head says so": (_drop(10, 10, head=True), 10),
    "the tail cut off, and the head says so": (_drop(6, 10, head=True), 6),
    "one inserted, and all after it written anew": (_insert, 8),
    "two swapped": (_swap, 4),
    "one of another organization": (_from_another, 5),
    "one replayed": (_replay, 4),
    "written anew from the middle on": (_rehash, 8),
    "a look-alike of a letter": (_reword(5, "Georgia", "G\u0435orgia"), 5),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_tampering_is_found_at_its_place(ten: Database, kind: str) -> None:
    assert await proof(ten) == trail_proof.Proof(10, 3, None)
    deed, place = KINDS[kind]
    async with ten.write.begin() as session:
        await deed(session)
    broken = (await proof(ten)).broken
    assert broken is not None
    assert broken.seq == place, broken.problem


async def test_a_place_twice_cannot_be_written(ten: Database) -> None:
    """The fourteenth kind: the database itself refuses it; in a file it is found."""
    async with ten.read() as session:
        row = await _row(session, 5)
        values = {column.name: getattr(row, column.name) for column in TrailEntryRow.__table__.columns}
    with pytest.raises(IntegrityError):
        async with ten.write.begin() as session:
            await session.execute(insert(TrailEntryRow), [values | {"prev": b"x" * 32}])


async def test_a_checkpoint_by_another_key_or_for_another_place_is_found(ten: Database) -> None:
    another = TrailKey(b"another secret of at least 32 bytes.")
    async with ten.read() as session:
        digest = (await _row(session, 8)).hash
    note = another.checkpoint(MINE, 8, digest).note
    async with ten.write.begin() as session:
        await session.execute(update(TrailCheckpointRow).where(TrailCheckpointRow.seq == 8).values(note=note))
    assert (await proof(ten)).broken == Broken(8, "its checkpoint was not signed with this installation's key")


# -- mailed ----------------------------------------------------------------------------------------------------------

MONDAY = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)


async def letters(database: Database) -> list[OutboxRow]:
    async with database.read() as session:
        query = select(OutboxRow).where(OutboxRow.kind == checkpoint_mail.KIND).order_by(OutboxRow.created_at)
        return list(await session.scalars(query))


async def mail(database: Database, act: Act, now: datetime) -> int:
    async with database.write.begin() as session:
        if act.organization_id not in await checkpoint_mail.due(session, now=now):
            return 0
        return await checkpoint_mail.write(session, act=replace(act, now=now), mail=MAIL, signing=SIGNING)


async def test_the_owner_gets_the_newest_checkpoint_once_a_week(database: Database) -> None:
    async with database.write.begin() as session:
        act = await builders.organization(session)
        for name, role in (("olivia", "owner"), ("max", "manager")):
            await accounts.invite(session, act=act, email=f"{name}@example.org", role=role, name=name)
    made = await sign(database, act.organization_id)
    assert await mail(database, act, NOW) == 0  # since when there is one, no Monday has come
    assert await mail(database, act, MONDAY) == 1
    assert await mail(database, act, MONDAY + timedelta(hours=5)) == 0
    newer = await sign(database, act.organization_id, MONDAY + timedelta(days=1))
    assert await mail(database, act, MONDAY + timedelta(days=7)) == 1
    first, second = await letters(database)
    assert first.recipient_address == second.recipient_address == "olivia@example.org"
    assert made.note in first.text
    assert newer.note in second.text
    assert KEY.verifier(act.organization_id) in first.text
    assert read_notes(first.text)[0].seq == made.seq
    assert f"up to entry {made.seq}" in first.subject
