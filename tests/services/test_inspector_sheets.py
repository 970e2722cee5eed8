"""The inspector sheet: what it says is what is on record, its copies are pages, and what is lacking is said."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import update

from compliance.crypto.hashes import sha256_hex
from compliance.db.engine import Database
from compliance.db.queries import audit_reports as kept
from compliance.db.records import ReportFingerprintRow, ReportRow
from compliance.reports.inspector import size_of_jpeg
from compliance.services import audit_reports, backups, evidence, inspector_sheets, sheet_issuing, therapists
from compliance.services.audit_reports import Answer, Checked
from compliance.services.inspector_sheets import Draft
from compliance.services.refusals import Refused
from compliance.store import EvidenceMissing, open_store
from tests import builders
from tests.builders import TODAY
from tests.services.report_world import LATER, World
from tests.signing import SIGNING


def jpeg(color: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (120, 80), color).save(made, "JPEG")
    return made.getvalue()


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    return await World(database, open_store("file:evidence", tmp_path)).begin()


async def paper(
    world: World, session: Any, credential_id: UUID, name: str, color: str, pages: int = 1, **more: Any
) -> str:
    """A file with a picture of it; the hash of the picture."""
    original, picture = f"original {name}".encode(), jpeg(color)
    digests = [hashlib.sha256(each).hexdigest() for each in (original, picture)]
    for content, digest in zip((original, picture), digests, strict=True):
        await world.store.put(content, digest)
    file = evidence.NewEvidence(name, "jpeg", "image/jpeg", digests[0], len(original), pages, digests[1], "image/jpeg")
    await evidence.attach(session, act=world.act, evidence=file, credential_id=credential_id, **more)
    return digests[1]


async def drafted(world: World, as_of: date = TODAY) -> Draft:
    async with world.database.read.begin() as session:
        mine = world.act.organization_id
        return await inspector_sheets.gather(
            session, organization_id=mine, clinic_id=world.clinic_id, as_of=as_of, now=LATER
        )


def text_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


async def test_the_sheet_has_the_roster_the_copies_and_who_left(world: World) -> None:
    license_id = await world.license_of(world.ana)
    async with world.database.write.begin() as session:
        await paper(world, session, license_id, "first.jpg", "white")
        shown = await paper(world, session, license_id, "renewed.jpg", "gray")
        look = await builders.verification(session, world.act, license_id)
        await paper(world, session, license_id, "board.jpg", "black", verification_id=look)
        for name, days in (("Gone", 30), ("Longgone", 91)):
            who = await builders.therapist(session, world.act, "Bo", name)
            await builders.assignment(session, world.act, who, world.clinic_id)
            await builders.credential(session, world.act, who, number=f"MA-{name}")
            await therapists.depart(session, act=world.act, therapist_id=who, last_day=TODAY - timedelta(days=days))
        own = await builders.credential(
            session, world.act, None, "establishment-license", clinic_id=world.clinic_id, number="MM1"
        )
        await paper(world, session, own.id, "establishment.jpg", "blue")
    draft = await drafted(world)
    assert [each.name for each in draft.sheet.people] == ["Ana Ruiz"]
    assert [each.name for each in draft.sheet.leavers] == ["Bo Gone"]
    assert draft.sheet.leavers[0].numbers == ("MA-Gone",)
    assert [each.proof.name for each in draft.wanted] == ["establishment.jpg", "renewed.jpg"]
    assert draft.wanted[1].proof.rendition_sha256 == shown
    held = draft.sheet.people[0].licenses[0]
    assert (held.until, held.copies) == (date(2027, 8, 31), 1)
    pages = text_of(await inspector_sheets.finish(draft, world.store))
    first = " ".join(pages[0].split())
    for said in (
        "1 therapist works at Tampa on Nov 22, 2026.",
        "Ana Ruiz",
        held.number,
        "Aug 31, 2027",
        "Bo Gone",
        "MM1",
    ):
        assert said in first
    assert len(pages) == 3
    assert "establishment.jpg" in pages[1]
    assert draft.wanted[1].proof.sha256 in "".join(pages[2].split())


async def test_a_document_of_several_pages_has_as_many_pages_as_were_drawn(world: World) -> None:
    license_id = await world.license_of(world.ana)
    async with world.database.write.begin() as session:
        await paper(world, session, license_id, "long.pdf", "white", pages=7)
    pages = text_of(await inspector_sheets.finish(await drafted(world), world.store))
    assert [f"long.pdf, page {at} of 7" in each for at, each in zip((1, 2, 3), pages[-3:], strict=True)] == [True] * 3


async def test_the_same_records_give_the_same_bytes(world: World) -> None:
    draft = await drafted(world)
    assert await inspector_sheets.finish(draft, world.store) == await inspector_sheets.finish(draft, world.store)
    assert draft.file_name == "inspector-tampa-2026-11-22.pdf"


async def test_a_copy_that_cannot_be_read_is_a_page_that_says_so(world: World) -> None:
    license_id = await world.license_of(world.ana)
    async with world.database.write.begin() as session:
        picture = await paper(world, session, license_id, "license.jpg", "white")
    await world.store.remove(picture)
    pages = text_of(await inspector_sheets.finish(await drafted(world), world.store))
    assert "The copy cannot be read from the evidence store: it is not there." in " ".join(pages[-1].split())


async def test_an_empty_clinic_has_a_sheet_and_more_copies_than_it_holds_are_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = text_of(await inspector_sheets.finish(await drafted(world, date(2020, 1, 1)), world.store))
    assert "Nobody works at Tampa on Jan 1, 2020." in " ".join(before[0].split())
    license_id = await world.license_of(world.ana)
    async with world.database.write.begin() as session:
        await paper(world, session, license_id, "license.jpg", "white")
    monkeypatch.setattr(inspector_sheets, "MOST_COPIES", 0)
    assert (await drafted(world)).sheet.left_out == (
        "1 copy is on file and not enclosed, from Ana Ruiz on: ask for the evidence packet.",
    )
    monkeypatch.setattr(inspector_sheets, "MOST_PEOPLE", 0)
    with pytest.raises(Refused, match="1 person works here"):
        await drafted(world)


async def issued(world: World) -> bytes:
    act = replace(world.act, now=LATER)
    return await sheet_issuing.issue(world.database, world.store, act=act, draft=await drafted(world), signing=SIGNING)


async def told(world: World, content: bytes) -> Checked:
    async with world.database.read() as session:
        return await audit_reports.check(session, content=content, now=LATER)


async def test_a_sheet_that_was_handed_out_is_recognized_and_a_changed_one_is_not(world: World) -> None:
    content = await issued(world)
    found = await told(world, content)
    assert (found.answer, found.report and found.report.noun) == (Answer.UNCHANGED, "Inspector sheet")
    assert found.signer is not None
    assert found.signer.ours
    at = content.index(b"stream") + 40
    changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    assert (await told(world, changed)).answer == Answer.CHANGED


async def test_a_sheet_is_known_by_the_address_that_it_prints(world: World) -> None:
    text = re.sub(r"[^!-~]", "", text_of(await issued(world))[0])
    printed = re.search(r"/verify/([0-9a-f]{8}-[0-9a-f-]{27})", text)
    assert printed
    async with world.database.read() as session:
        found = await audit_reports.verify_id(session, report_id=UUID(printed[1]))
    assert found is not None
    assert (found.kind, found.clinic) == ("inspector", "Tampa")


async def test_a_sheet_whose_row_names_another_file_contradicts_the_trail(world: World) -> None:
    mine, forged = sha256_hex(await issued(world)), b"%PDF-1.7 forged"
    async with world.database.write.begin() as session:
        for row in (ReportRow, ReportFingerprintRow):
            await session.execute(update(row).where(row.sha256 == mine).values(sha256=sha256_hex(forged)))
    assert (await told(world, forged)).answer == Answer.DISPUTED


async def test_a_sheet_is_not_among_the_reports_and_a_backup_does_not_ask_for_its_file(world: World) -> None:
    content = await issued(world)
    async with world.database.read() as session:
        assert await kept.issued(session, world.act.organization_id) == []
    with pytest.raises(EvidenceMissing):
        await world.store.get(sha256_hex(content))
    async with world.database.read() as session:
        assert sha256_hex(content) not in await backups._named(await session.connection())


def test_the_size_of_a_picture_is_read_from_its_own_header() -> None:
    assert size_of_jpeg(jpeg("white")) == (120, 80)
    with pytest.raises(ValueError, match="no JPEG"):
        size_of_jpeg(b"GIF89a" + bytes(20))
