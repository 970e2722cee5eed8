"""The inspector sheet: what it says is what is on record, its copies are pages, and what is lacking is said."""

from __future__ import annotations

import hashlib
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from PIL import Image

from compliance.db.engine import Database
from compliance.reports.inspector import size_of_jpeg
from compliance.services import evidence, inspector_sheets, therapists
from compliance.services.inspector_sheets import Draft
from compliance.services.refusals import Refused
from compliance.store import open_store
from tests import builders
from tests.builders import TODAY
from tests.services.report_world import LATER, World


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


def test_the_size_of_a_picture_is_read_from_its_own_header() -> None:
    assert size_of_jpeg(jpeg("white")) == (120, 80)
    with pytest.raises(ValueError, match="no JPEG"):
        size_of_jpeg(b"GIF89a" + bytes(20))
