"""The pack: the same bytes for the same question, what belongs to a cycle, and what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from compliance.crypto.hashes import sha256_hex
from compliance.db.engine import Database
from compliance.domain.hours import Form
from compliance.domain.periods import FOREVER
from compliance.services import credentials, education
from compliance.services.education import NewCourse
from compliance.services.education_pack import AskedPack, Draft, finish, gather, pieces
from compliance.services.evidence import NewEvidence
from compliance.services.refusals import Refused, Unknown
from compliance.services.trail import Act
from compliance.store import Store, open_store
from tests import builders as build

PICTURE = b"\xff\xd8 a rendition"
NOW = build.NOW


async def certified(session: Any, act: Act, who: UUID, title: str, on: date, **more: Any) -> UUID:
    file = NewEvidence("scan.pdf", "pdf", "application/pdf", "ab" * 32, 900, 1, sha256_hex(PICTURE), "image/jpeg")
    given = NewCourse(who, title, on, 180, Form.LIVE, certificate=file, **more)
    return await education.record(session, act=act, course=given)


async def draft_of(session: Any, act: Act, asked: AskedPack, now: datetime = NOW) -> Draft:
    return await gather(session, organization_id=act.organization_id, asked=asked, now=now)


async def content(draft: Draft, store: Store) -> bytes:
    return b"".join([each async for each in pieces(await finish(draft, store), store)])


def manifest(made: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        assert file.testzip() is None
        found: dict[str, Any] = json.loads(file.read("manifest.json"))
        return found


async def test_the_same_question_gives_the_same_bytes(database: Database, tmp_path: Path) -> None:
    store = open_store("file:evidence", tmp_path)
    await store.put(PICTURE, sha256_hex(PICTURE))
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        held = await build.credential(session, act, who, jurisdiction="us-tx")
        await certified(session, act, who, "Ethics / at work", date(2026, 3, 1))
        await certified(session, act, who, "Ethics / at work", date(2026, 4, 1))
        asked = AskedPack(who, held.id, build.TODAY)
        first, second = await draft_of(session, act, asked), await draft_of(session, act, asked)
        later = await draft_of(session, act, asked, NOW + timedelta(hours=1))
    made = await content(first, store)
    assert made == await content(second, store)
    assert made != await content(later, store)
    names = [each["name"] for each in manifest(made)["files"]]
    assert names[2:] == ["certificates/001-ethics-at-work.jpg", "certificates/002-ethics-at-work.jpg"]


async def test_an_earlier_terms_pack_holds_that_terms_courses(database: Database, tmp_path: Path) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        held = await build.credential(
            session, act, who, jurisdiction="us-tx", starts_on=date(2023, 9, 1), ends_on=date(2025, 8, 31)
        )
        await credentials.renew(
            session, act=act, renewal=credentials.Renewal(held.id, date(2027, 8, 31), date(2025, 9, 1))
        )
        for title, on in (("Before", date(2024, 3, 1)), ("Now", date(2026, 3, 1))):
            given = NewCourse(who, title, on, 180, Form.LIVE)
            await education.record(session, act=act, course=given)
        now = await draft_of(session, act, AskedPack(who, held.id, build.TODAY))
        then = await draft_of(session, act, AskedPack(who, held.id, build.TODAY, held.term_id))
    assert [each["title"] for each in now.manifest["courses"]] == ["Now"]
    assert [each["title"] for each in then.manifest["courses"]] == ["Before"]
    assert then.report.courses[0].counts == "3.6 hours"


async def test_what_nobody_can_count_makes_no_pack(database: Database, tmp_path: Path) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        exam = await build.credential(session, act, who, "mblex", date(2018, 5, 1), FOREVER)
        held = await build.credential(session, act, who, jurisdiction="us-tx")
        with pytest.raises(Refused, match="Nobody knows here"):
            await draft_of(session, act, AskedPack(who, exam.id, build.TODAY))
        for asked in (
            AskedPack(uuid4(), held.id, build.TODAY),
            AskedPack(who, uuid4(), build.TODAY),
            AskedPack(who, held.id, build.TODAY, uuid4()),
        ):
            with pytest.raises(Unknown):
                await draft_of(session, act, asked)
        stranger = await build.organization(session, "Strangers")
        with pytest.raises(Unknown):
            await draft_of(session, stranger, AskedPack(who, held.id, build.TODAY))


async def test_a_certificate_that_is_gone_is_said_before_anything_is_sent(database: Database, tmp_path: Path) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        held = await build.credential(session, act, who, jurisdiction="us-tx")
        await certified(session, act, who, "Ethics", date(2026, 3, 1))
        draft = await draft_of(session, act, AskedPack(who, held.id, build.TODAY))
    with pytest.raises(Refused, match="“Ethics” cannot be read"):
        await finish(draft, open_store("file:evidence", tmp_path))
