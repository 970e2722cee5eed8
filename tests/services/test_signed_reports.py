"""What a PDF is signed with, and what can be said of any file that somebody holds."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from compliance.crypto.certificates import KeyPair, make
from compliance.crypto.checkpoints import TrailKey, holds, read
from compliance.crypto.hashes import sha256_hex
from compliance.crypto.offline.signed_pdf import INTACT, inspect
from compliance.db.engine import Database
from compliance.db.records import ReportFingerprintRow, ReportRow, TrailEntryRow
from compliance.services import audit_reports, signing, trail
from compliance.services.audit_reports import Answer, Checked
from compliance.services.certificates import SigningKey, every, in_use
from compliance.services.refusals import Refused
from compliance.store import open_store
from tests.builders import NOW
from tests.certificates import brought
from tests.services.report_world import World
from tests.signing import SIGNING

PASSWORD = "open sesame"


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    return await World(database, open_store("file:evidence", tmp_path)).begin()


async def told(world: World, content: bytes, now: datetime = NOW) -> Checked:
    async with world.database.read() as session:
        return await audit_reports.check(session, content=content, now=now)


async def certificates(world: World, own: bool = False) -> list[SigningKey]:
    async with world.database.read() as session:
        return await every(session, world.act.organization_id if own else None)


async def use(world: World, content: bytes, password: str = PASSWORD) -> SigningKey:
    async with world.database.write.begin() as session:
        return await signing.use_own(session, act=world.act, settings=SIGNING, content=content, password=password)


# -- signing ---------------------------------------------------------------------------------------------------------


async def test_the_first_report_makes_the_installation_s_certificate_and_the_second_uses_it(world: World) -> None:
    assert await certificates(world) == []
    first, second = await world.issue(format="pdf"), await world.issue(NOW + timedelta(minutes=1), format="pdf")
    (kept,) = await certificates(world)
    for issued in (first, second):
        found = inspect(issued.content)
        assert (found.state, found.certificate and found.certificate.fingerprint) == (
            INTACT,
            kept.certificate.fingerprint,
        )
    assert kept.certificate.subject == "CN=Audit reports of clinics.example.org"
    assert inspect(first.content).signed_at == NOW.strftime("D:%Y%m%d%H%M%SZ")
    assert b"PRIVATE" not in (kept.sealed or b"PRIVATE")


async def test_two_who_need_a_certificate_at_once_get_one(world: World) -> None:
    async def ask() -> KeyPair:
        mine = world.act.organization_id
        return await signing.signer(world.database, settings=SIGNING, organization_id=mine, dated=NOW, now=NOW)

    async with world.database.write.begin() as session:
        installation = replace(world.act, organization_id=signing.INSTALLATION)
        await trail.record(session, act=installation, entry=trail.Entry("job.begun", "job:test"))
    one, other = await asyncio.gather(ask(), ask())
    assert one == other
    assert len(await certificates(world)) == 1


async def test_the_same_question_gives_the_kept_signature_and_the_same_bytes_under_it(world: World) -> None:
    first, again = await world.issue(format="pdf"), await world.issue(format="pdf")
    assert first.content == again.content
    async with world.database.write.begin() as session:
        row = (await session.scalars(select(ReportRow))).one()
        assert (row.sha256, row.signed_by) == (
            sha256_hex(first.content),
            (await certificates(world))[0].certificate.fingerprint,
        )
        before = row.unsigned_sha256
        await session.execute(delete(ReportFingerprintRow))
        await session.execute(delete(ReportRow))
    anew = await world.issue(format="pdf")
    async with world.database.read() as session:
        assert await session.scalar(select(ReportRow.unsigned_sha256)) == before
    assert anew.content != first.content
    assert sha256_hex(first.content[: first.content.index(b"%%EOF\n") + 6]) == before


async def test_a_report_prints_the_trail_as_a_signed_checkpoint_and_where_it_can_be_checked(world: World) -> None:
    issued = await world.issue(format="json")
    said = json.loads(issued.content)["provenance"]
    note = read(said["checkpoint"])
    assert note is not None
    assert (note.seq, note.hash.hex()) == (said["recorded_seq"], said["trail_head"])
    assert note.organization_id == world.act.organization_id
    assert holds(said["checkpoint"], TrailKey(SIGNING.secret).public)
    address, _, reference = said["verify_at"].rpartition("/")
    assert address == "https://clinics.example.org/verify"
    async with world.database.read() as session:
        found = await audit_reports.verify_id(session, report_id=type(issued.report_id)(reference))
    assert found is not None
    assert found.report_id == issued.report_id


async def test_an_organization_s_own_certificate_signs_from_then_on_and_is_taken_away_again(world: World) -> None:
    content = brought()
    own = await use(world, content)
    assert own.certificate.subject == "CN=Harbor Massage"
    issued = await world.issue(format="pdf")
    found = await told(world, issued.content)
    assert found.signer is not None
    assert (found.answer, found.signer.subject) == (Answer.UNCHANGED, "CN=Harbor Massage")
    assert (await use(world, content)).id == own.id
    async with world.database.write.begin() as session:
        await signing.stop_own(session, act=world.act)
        with pytest.raises(Refused, match="no certificate of its own"):
            await signing.stop_own(session, act=world.act)
    later = await told(world, (await world.issue(NOW + timedelta(minutes=1), format="pdf")).content)
    assert later.signer is not None
    assert later.signer.subject == "CN=Audit reports of clinics.example.org"
    (kept,) = await certificates(world, own=True)
    assert (kept.sealed, kept.retired_at) == (None, NOW)
    assert (await told(world, issued.content)).answer == Answer.UNCHANGED
    async with world.database.read() as session:
        query = select(TrailEntryRow.action).where(TrailEntryRow.subject == f"certificate:{own.id}")
        assert list(await session.scalars(query.order_by(TrailEntryRow.seq))) == [
            "certificate.added",
            "certificate.retired",
        ]


async def test_a_certificate_that_did_not_hold_yet_leaves_reports_about_earlier_to_the_installation_s(
    world: World,
) -> None:
    await use(world, brought(since=NOW - timedelta(minutes=1)))
    earlier = await told(world, (await world.issue(NOW, format="pdf")).content)
    assert earlier.signer is not None
    assert earlier.signer.subject == "CN=Harbor Massage"
    async with world.database.write.begin() as session:
        await signing.stop_own(session, act=world.act)
    await use(world, brought("Later", since=NOW - timedelta(seconds=1)))
    mine = world.act.organization_id
    dated = NOW - timedelta(hours=1)
    pair = await signing.signer(world.database, settings=SIGNING, organization_id=mine, dated=dated, now=NOW)
    assert pair.certificate.subject == "CN=Audit reports of clinics.example.org"


@pytest.mark.parametrize(
    ("content", "password", "sentence"),
    [
        (brought(), "another", "its password is another one"),
        (b"no such file", PASSWORD, "no PKCS#12 file"),
        (brought(until=datetime(2026, 2, 1, tzinfo=UTC)), PASSWORD, "holds from 2026-01-01 to 2026-02-01"),
    ],
)
async def test_what_cannot_sign_is_refused_and_nothing_is_written(
    world: World, content: bytes, password: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        await use(world, content, password)
    assert await certificates(world, own=True) == []


async def test_a_certificate_under_another_secret_is_said_to_be_so_and_not_passed_over(world: World) -> None:
    await use(world, brought())
    moved = replace(SIGNING, secret=b"a secret of another machine, 32 bytes or more")
    mine = world.act.organization_id
    with pytest.raises(Refused, match="kept under another secret key"):
        await signing.signer(world.database, settings=moved, organization_id=mine, dated=NOW, now=NOW)


async def test_after_a_change_of_the_secret_the_installation_makes_another_and_knows_the_old_one(world: World) -> None:
    issued = await world.issue(format="pdf")
    moved, mine = replace(SIGNING, secret=b"a secret of another machine, 32 bytes or more"), world.act.organization_id
    pair = await signing.signer(world.database, settings=moved, organization_id=mine, dated=NOW, now=NOW)
    assert pair.certificate.fingerprint != (await told(world, issued.content)).signer.fingerprint  # type: ignore[union-attr]
    assert (await told(world, issued.content)).answer == Answer.UNCHANGED
    assert len(await certificates(world)) == 2


async def test_the_installation_s_certificate_is_followed_by_another_before_it_ends(world: World) -> None:
    mine = world.act.organization_id

    async def at(now: datetime) -> str:
        pair = await signing.signer(world.database, settings=SIGNING, organization_id=mine, dated=NOW, now=now)
        return pair.certificate.fingerprint

    first = await at(NOW)
    assert await at(NOW + timedelta(days=3600)) == first
    assert await at(NOW + timedelta(days=3630)) != first
    async with world.database.read() as session:
        assert len(await in_use(session, None)) == 1


async def test_a_certificate_that_the_settings_name_is_used_and_known(world: World) -> None:
    given = make("given.example.org", NOW)
    mine = world.act.organization_id
    named = replace(SIGNING, given=given)
    for _ in range(2):
        pair = await signing.signer(world.database, settings=named, organization_id=mine, dated=NOW, now=NOW)
        assert pair == given
    (kept,) = await certificates(world)
    assert (kept.certificate.fingerprint, kept.sealed) == (given.certificate.fingerprint, None)
