"""What can be said of any file that somebody holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.certificates import make, read_pkcs12
from compliance.crypto.hashes import sha256_hex
from compliance.db.engine import Database
from compliance.db.records import ReportFingerprintRow, ReportRow, SigningKeyRow, TrailEntryRow
from compliance.reports import render
from compliance.reports.signing import Seal, sign
from compliance.services import audit_reports, signing
from compliance.services.audit_reports import Answer, Checked
from compliance.services.certificates import SigningKey, every
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


async def test_each_file_has_its_own_answer(world: World) -> None:
    issued = await world.issue(format="pdf")
    changed = bytearray(issued.content)
    changed[len(changed) // 3] ^= 1
    found = await told(world, bytes(changed))
    assert (found.answer, found.report) == (Answer.CHANGED, None)
    assert found.signer is not None
    assert found.signer.ours
    assert (await told(world, issued.content)).answer == Answer.UNCHANGED
    assert (await told(world, issued.content + b"% and more\n")).answer == Answer.CHANGED
    elsewhere = make("elsewhere.example.org", NOW)
    unsigned = issued.content[: issued.content.index(b"%%EOF\n") + 6]
    theirs = await sign(unsigned, Seal(elsewhere.key, elsewhere.chain, NOW))
    found = await told(world, theirs)
    assert found.answer == Answer.ELSEWHERE
    assert found.signer is not None
    assert found.signer.fingerprint == elsewhere.certificate.fingerprint
    assert (await told(world, unsigned)).answer == Answer.UNKNOWN
    assert (await told(world, b"\xff\xd8\xff a picture")).answer == Answer.NO_REPORT
    assert (await told(world, b"")).answer == Answer.NO_REPORT


@pytest.mark.parametrize("format", ["json", "csv", "xlsx"])
async def test_a_file_without_a_signature_is_known_by_its_bytes_and_else_nothing_is_claimed(
    world: World, format: str
) -> None:
    issued = await world.issue(format=format)
    assert (await told(world, issued.content)).answer == Answer.UNCHANGED
    changed = issued.content[:600] + b" " + issued.content[600:]
    assert (await told(world, changed)).answer == Answer.UNKNOWN


async def test_an_expired_certificate_has_its_own_answer(world: World) -> None:
    await use(world, brought(until=NOW + timedelta(days=300)))
    issued = await world.issue(format="pdf")
    today, later = await told(world, issued.content), await told(world, issued.content, NOW + timedelta(days=301))
    assert (today.answer, later.answer) == (Answer.UNCHANGED, Answer.UNCHANGED)
    assert today.signer is not None
    assert later.signer is not None
    assert (today.signer.expired, later.signer.expired) == (False, True)


async def test_a_report_that_was_signed_here_and_is_on_no_record_is_said_to_be_so(world: World) -> None:
    issued = await world.issue(format="pdf")
    async with world.database.write.begin() as session:
        await session.execute(delete(ReportFingerprintRow))
    assert (await told(world, issued.content)).answer == Answer.NOT_ON_RECORD


async def _point_at(session: AsyncSession, forged: str) -> None:
    """Who forges a file and rules the database makes its rows say that it was issued."""
    await session.execute(update(ReportRow).values(sha256=forged))
    await session.execute(update(ReportFingerprintRow).values(sha256=forged))


@pytest.mark.parametrize("format", ["pdf", "json"])
async def test_a_changed_row_of_the_database_makes_no_forged_file_a_report(world: World, format: str) -> None:
    issued = await world.issue(format=format)
    forged = issued.content.replace(b"Tampa", b"Miami").replace(b"%PDF-1.7", b"%PDF-1.6")
    assert forged != issued.content
    async with world.database.write.begin() as session:
        await _point_at(session, sha256_hex(forged))
    assert (await told(world, forged)).answer == Answer.DISPUTED


async def test_nor_does_a_changed_entry_of_the_trail(world: World) -> None:
    issued = await world.issue(format="json")
    forged = issued.content.replace(b"Tampa", b"Miami")
    async with world.database.write.begin() as session:
        await _point_at(session, sha256_hex(forged))
        entry = (await session.scalars(select(TrailEntryRow).where(TrailEntryRow.action == "report.issued"))).one()
        entry.body = entry.body.replace(sha256_hex(issued.content), sha256_hex(forged))
    assert (await told(world, forged)).answer == Answer.DISPUTED


async def test_a_report_is_not_told_by_another_s_signature_once_its_row_says_so(world: World) -> None:
    """The hash and the trail agree, the certificate on record is another one."""
    issued = await world.issue(format="pdf")
    async with world.database.write.begin() as session:
        await session.execute(update(ReportRow).values(signed_by="ab" * 32))
    assert (await told(world, issued.content)).answer == Answer.DISPUTED


async def test_what_is_sealed_opens_for_no_other_row(world: World) -> None:
    await use(world, brought())
    other = read_pkcs12(brought("Other"), PASSWORD)
    async with world.database.write.begin() as session:
        changed: dict[str, Any] = {"certificates": other.chain.decode(), "fingerprint": other.certificate.fingerprint}
        await session.execute(update(SigningKeyRow).values(**changed))
    mine = world.act.organization_id
    with pytest.raises(Refused, match="cannot be used"):
        await signing.signer(world.database, settings=SIGNING, organization_id=mine, dated=NOW, now=NOW)


async def test_two_processes_make_the_same_bytes_before_signing(world: World) -> None:
    report = await world.report(NOW)
    assert await render(report, "pdf") == await render(report, "pdf")
