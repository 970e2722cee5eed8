"""Issued reports: one file for each question, the same bytes whenever it is asked again, known by its hash."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from compliance.crypto.hashes import sha256_hex
from compliance.db.engine import Database
from compliance.db.queries import audit_reports as kept
from compliance.services import (
    audit_reports,
    trail,
)
from compliance.services.audit_reports import Asked
from compliance.services.refusals import Refused, Unknown
from compliance.store import EvidenceMissing, open_store
from tests import builders
from tests.builders import NOW, TODAY
from tests.reports.fonts_at_hand import folder_of, font
from tests.services.report_world import LATER, YEAR, World
from tests.signing import SIGNING


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    return await World(database, open_store("file:evidence", tmp_path)).begin()


@pytest.mark.parametrize("format", audit_reports.SHAPES)
async def test_the_same_question_gets_the_kept_bytes_in_every_format(world: World, format: str) -> None:
    first, second = await world.issue(format=format), await world.issue(format=format)
    assert (first.made, second.made) == (True, False)
    assert (first.report_id, first.content) == (second.report_id, second.content)
    assert first.file_name == f"audit-tampa-2026-11-22.{format}"
    other = await world.issue(format=format, as_of=date(2026, 11, 21))
    assert other.report_id != first.report_id


async def test_an_instant_keeps_its_place_in_the_trail_once_it_was_asked_about(world: World) -> None:
    """Also for entries that are committed later and say an earlier instant, such as the one on this very report."""
    question = Asked(world.clinic_id, TODAY, NOW)
    first = await audit_reports.issue(
        world.database, world.store, act=world.act, asked=question, format="json", signing=SIGNING
    )
    async with world.database.write.begin() as session:
        await builders.therapist(session, world.act, "Late", "Comer")
    again = await audit_reports.issue(
        world.database, world.store, act=world.act, asked=question, format="json", signing=SIGNING
    )
    table = await audit_reports.issue(
        world.database, world.store, act=world.act, asked=question, format="csv", signing=SIGNING
    )
    assert (again.content, again.made) == (first.content, False)
    said = json.loads(first.content)["provenance"]
    async with world.database.read.begin() as session:
        listed = await kept.issued_one(session, world.act.organization_id, table.report_id)
        shown = await audit_reports.build(session, organization_id=world.act.organization_id, asked=question)
    assert listed is not None
    assert said["recorded_seq"] == listed.recorded_seq == shown.provenance.recorded_seq


async def test_two_who_ask_at_once_get_one_report(world: World) -> None:
    first, second = await asyncio.gather(world.issue(), world.issue())
    assert first.report_id == second.report_id
    assert sorted((first.made, second.made)) == [False, True]


async def test_a_newer_program_makes_a_new_report_that_says_which_it_supersedes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await world.issue()
    monkeypatch.setattr("compliance.services.audit_reports.issuing.program_version", lambda: "9.9.9")
    monkeypatch.setattr("compliance.services.audit_reports.building.program_version", lambda: "9.9.9")
    new = await world.issue()
    said = json.loads(new.content)["provenance"]
    assert new.supersedes_id == old.report_id
    assert (said["program_version"], said["supersedes"]) == ("9.9.9", old.sha256)
    async with world.database.read.begin() as session:
        was = await audit_reports.verify(session, sha256=old.sha256)
        now = await audit_reports.verify_id(session, report_id=new.report_id)
    assert was is not None
    assert now is not None
    assert (was.superseded, now.superseded) == (True, False)


async def test_other_fonts_make_a_new_pdf_that_supersedes_and_no_new_table(world: World, tmp_path: Path) -> None:
    async def issue(format: str, fonts: Path | None) -> audit_reports.Issued:
        asked = Asked(world.clinic_id, TODAY, NOW)
        return await audit_reports.issue(
            *(world.database, world.store),
            act=world.act,
            asked=asked,
            format=format,
            signing=SIGNING,
            added_fonts=fonts,
        )

    fonts = folder_of(tmp_path / "fonts", one=font())
    plain, table = await issue("pdf", None), await issue("csv", None)
    again, more = await issue("pdf", fonts), await issue("csv", fonts)
    assert (again.made, again.supersedes_id) == (True, plain.report_id)
    assert (more.made, more.report_id) == (False, table.report_id)
    assert (await issue("pdf", fonts)).report_id == again.report_id
    assert (await issue("pdf", None)).report_id == plain.report_id


async def test_a_file_is_recognized_by_its_bytes_and_not_when_one_is_changed(world: World) -> None:
    issued = await world.issue()
    async with world.database.read.begin() as session:
        found = await audit_reports.verify(session, sha256=sha256_hex(issued.content))
        changed = await audit_reports.verify(session, sha256=sha256_hex(issued.content + b" "))
    assert changed is None
    assert found is not None
    assert (found.organization, found.clinic, found.known_at) == ("Gulf Coast Massage", "Tampa", NOW)


async def test_an_issued_report_is_listed_told_in_the_trail_and_can_be_had_again(world: World) -> None:
    issued = await world.issue(period=YEAR)
    organization_id = world.act.organization_id
    async with world.database.read.begin() as session:
        listed = await kept.issued(session, organization_id)
        elsewhere = await kept.issued(session, organization_id, clinic_ids=[UUID(int=5)])
        mine = await kept.issued(session, organization_id, clinic_ids=[world.clinic_id])
        again = await audit_reports.content(
            session, world.store, organization_id=organization_id, report_id=issued.report_id
        )
        assert (await trail.verify(session, organization_id=organization_id))[1] is None
    assert [each.id for each in listed] == [each.id for each in mine] == [issued.report_id]
    assert (elsewhere, again.content) == ([], issued.content)
    assert (listed[0].period, listed[0].clinic, listed[0].made_by) == (YEAR, "Tampa", "user:tester")
    changes = (await world.report(NOW + timedelta(hours=3), clinic_id=None, period=YEAR)).changes or ()
    assert changes[-1].what == "report issued"


async def test_another_organization_sees_neither_clinic_nor_report(world: World) -> None:
    issued = await world.issue()
    async with world.database.write.begin() as session:
        theirs = await builders.organization(session, "Elsewhere")
    async with world.database.read.begin() as session:
        with pytest.raises(Unknown):
            await audit_reports.content(
                session, world.store, organization_id=theirs.organization_id, report_id=issued.report_id
            )
        with pytest.raises(Unknown, match="No clinic"):
            await audit_reports.build(
                session, organization_id=theirs.organization_id, asked=Asked(world.clinic_id, TODAY, LATER)
            )


@pytest.mark.parametrize(
    ("asked", "format", "says"),
    [
        ({"known_at": NOW + timedelta(days=1)}, "json", "lies ahead"),
        ({"known_at": datetime(2020, 1, 1, tzinfo=UTC)}, "json", "Nothing was on record"),
        ({"known_at": datetime(2026, 11, 22)}, "json", "no time zone"),  # noqa: DTZ001
        ({}, "docx", "Allowed are pdf, xlsx, csv, json"),
    ],
)
async def test_what_cannot_be_answered_is_refused_in_a_sentence(
    world: World, asked: dict[str, Any], format: str, says: str
) -> None:
    with pytest.raises(Refused, match=says):
        await world.issue(format=format, **asked)


async def test_a_kept_file_that_is_gone_is_said_and_not_made_up(world: World) -> None:
    issued = await world.issue()
    await world.store.remove(issued.sha256)
    with pytest.raises(EvidenceMissing):
        await world.issue()
