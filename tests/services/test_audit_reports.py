"""Audit reports: they say what was known, the same question has the same bytes, and every file is recognized."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from compliance.crypto.hashes import sha256_hex
from compliance.db.engine import Database
from compliance.db.queries import audit_reports as kept
from compliance.domain.audit_report import AuditReport, Span
from compliance.domain.credentials import StandingCode
from compliance.services import (
    assignments,
    audit_report_frame,
    audit_reports,
    clinics,
    credentials,
    therapists,
    trail,
    waivers,
)
from compliance.services.audit_reports import Asked
from compliance.services.refusals import Refused, Unknown
from compliance.services.trail import Act
from compliance.store import EvidenceMissing, Store, open_store
from tests import builders
from tests.builders import MASSAGE, NOW, TODAY, TRIGGER_POINT

YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))
LATER = NOW + timedelta(hours=1)


class World:
    """One clinic with one therapist who is cleared."""

    def __init__(self, database: Database, store: Store) -> None:
        self.database, self.store = database, store

    async def begin(self) -> World:
        async with self.database.write.begin() as session:
            self.act = await builders.organization(session)
            self.clinic_id = await builders.clinic(session, self.act, "Tampa", address="1 Bay Road")
            self.ana = await builders.trigger_point_therapist(
                session, self.act, self.clinic_id, first_name="Ana", last_name="Ruiz", email="ana@example.org"
            )
        return self

    def later(self, **span: float) -> Act:
        return replace(self.act, now=NOW + timedelta(**span))

    async def license_of(self, therapist_id: UUID) -> UUID:
        report = await self.report()
        person = next(each for each in report.therapists if each.name == "Ana Ruiz")
        return next(UUID(each.id) for each in person.credentials if each.type == "massage-license")

    async def report(self, known_at: datetime = LATER, **asked: Any) -> AuditReport:
        question = Asked(**({"clinic_id": self.clinic_id, "as_of": TODAY, "known_at": known_at} | asked))
        async with self.database.read.begin() as session:
            return await audit_reports.build(session, organization_id=self.act.organization_id, asked=question)

    async def issue(self, known_at: datetime = NOW, format: str = "json", **asked: Any) -> audit_reports.Issued:
        question = Asked(**({"clinic_id": self.clinic_id, "as_of": TODAY, "known_at": known_at} | asked))
        return await audit_reports.issue(
            self.database, self.store, act=self.later(hours=2), asked=question, format=format
        )


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    return await World(database, open_store("file:evidence", tmp_path)).begin()


async def test_a_report_says_who_may_practice_what_and_what_that_rests_on(world: World) -> None:
    report = await world.report()
    person = report.therapists[0]
    verdict = person.modalities[0]
    assert (report.organization, report.clinic.name, report.clinic.jurisdiction_title) == (
        "Gulf Coast Massage", "Tampa", "Florida",
    )  # fmt: skip
    assert (person.name, person.email, person.verdict) == ("Ana Ruiz", "ana@example.org", "cleared")
    assert (verdict.title, verdict.until) == ("Trigger point therapy", date(2027, 1, 28))
    assert [each.requirement for each in verdict.findings] == [
        "license", "licensing-exam", "certification", "membership",
    ]  # fmt: skip
    held = {each.id: each for each in person.credentials}
    license_ = held[verdict.findings[0].credential or ""]
    assert person.license_numbers == (license_.number,)
    assert (license_.standing, license_.jurisdiction) == ("active", "Florida")
    assert license_.verifications[0].by == "J. Ortiz"
    assert report.lapses is report.sent is report.changes is None


async def test_what_is_recorded_later_does_not_change_what_was_known(world: World) -> None:
    held = await world.license_of(world.ana)
    async with world.database.write.begin() as session:
        suspended = credentials.StandingChange(held, StandingCode.SUSPENDED, TODAY - timedelta(days=30))
        await credentials.record_standing(session, act=world.later(hours=3), change=suspended)
    before, after = await world.report(), await world.report(NOW + timedelta(hours=4))
    assert [each.therapists[0].verdict for each in (before, after)] == ["cleared", "not-cleared"]
    assert before.provenance.recorded_seq < after.provenance.recorded_seq


async def test_facts_that_were_corrected_in_place_are_read_back_as_they_were_known(world: World) -> None:
    held = await world.license_of(world.ana)
    number = (await world.report()).therapists[0].license_numbers
    async with world.database.write.begin() as session:
        act = world.later(hours=3)
        await credentials.correct(
            session, act=act, correction=credentials.Correction(held, "misread", number="MA 999", jurisdiction="us-tx")
        )
        await clinics.change(session, act=act, clinic_id=world.clinic_id, name="Tampa Bay", reason="new sign")
    before, after = await world.report(), await world.report(NOW + timedelta(hours=4))
    assert (before.clinic.name, before.therapists[0].license_numbers) == ("Tampa", number)
    assert before.therapists[0].verdict == "cleared"
    assert (after.clinic.name, after.therapists[0].license_numbers) == ("Tampa Bay", ("MA 999",))
    assert after.therapists[0].verdict == "not-cleared"


async def test_a_period_tells_lapses_changes_and_those_who_have_left(world: World) -> None:
    async with world.database.write.begin() as session:
        bo = await builders.therapist(session, world.act, "Bo", "Lind")
        await builders.assignment(session, world.act, bo, world.clinic_id, (MASSAGE,))
        await builders.verified_license(session, world.act, bo, starts_on=date(2026, 3, 1))
        await therapists.depart(session, act=world.act, therapist_id=bo, last_day=date(2026, 6, 30), reason="moved")
        await waivers.grant(
            session, act=world.act, therapist_id=world.ana, requirement="membership", starts_on=TODAY,
            ends_on=date(2026, 12, 31), reason="Card is late", granted_by="D. Hart",
        )  # fmt: skip
    report = await world.report(period=YEAR)
    lapses = [each for each in report.lapses or () if each.therapist == "Bo Lind"]
    assert [(each.starts_on, each.ends_on) for each in lapses] == [(date(2026, 1, 1), date(2026, 2, 28))]
    ana = [each for each in report.lapses or () if each.therapist == "Ana Ruiz"]
    assert [(each.requirement, each.ends_on) for each in ana] == [("Professional membership", date(2026, 1, 28))]
    left = next(each for each in report.therapists if each.name == "Bo Lind")
    assert left.modalities[0].findings[0].reason == "Worked here until Jun 30, 2026."
    assert [each.reason for each in report.waivers] == ["Card is late"]
    said = {each.what: each for each in report.changes or ()}
    assert said["therapist departed, Bo Lind"].why == "moved"
    assert "requirement: membership" in said["waiver granted, Ana Ruiz"].new
    assert "Bo Lind" not in {each.name for each in (await world.report()).therapists}


async def test_names_are_those_of_the_day(world: World) -> None:
    married = therapists.Change(world.ana, last_name="Vega", name_starts_on=date(2026, 6, 1), reason="Marriage")
    async with world.database.write.begin() as session:
        await therapists.change(session, act=world.later(minutes=1), change=married)
    spring, winter = await world.report(as_of=date(2026, 4, 1)), await world.report()
    assert (spring.therapists[0].name, spring.therapists[0].former_names) == ("Ana Ruiz", ())
    assert (winter.therapists[0].name, winter.therapists[0].former_names) == ("Ana Vega", ("Ana Ruiz",))


async def test_the_whole_organization_is_asked_without_a_clinic(world: World) -> None:
    async with world.database.write.begin() as session:
        austin = await builders.clinic(session, world.act, "Austin", "us-tx", time_zone="America/Chicago")
        await builders.assignment(session, world.act, world.ana, austin, (MASSAGE,))
    report = await world.report(clinic_id=None)
    assert report.clinic.name == "Gulf Coast Massage"
    assert report.clinic.jurisdiction_title == "Florida, Texas"
    assert [each.title for each in report.therapists[0].modalities] == [
        "Trigger point therapy, Tampa", "Massage therapy, Austin",
    ]  # fmt: skip


@pytest.mark.parametrize("format", audit_reports.SHAPES)
async def test_the_same_question_gets_the_kept_bytes_in_every_format(world: World, format: str) -> None:
    first, second = await world.issue(format=format), await world.issue(format=format)
    assert (first.made, second.made) == (True, False)
    assert (first.report_id, first.content) == (second.report_id, second.content)
    assert first.file_name == f"audit-tampa-2026-11-22.{format}"
    other = await world.issue(format=format, as_of=date(2026, 11, 21))
    assert other.report_id != first.report_id


async def test_two_who_ask_at_once_get_one_report(world: World) -> None:
    first, second = await asyncio.gather(world.issue(), world.issue())
    assert first.report_id == second.report_id
    assert sorted((first.made, second.made)) == [False, True]


async def test_a_newer_program_makes_a_new_report_that_says_which_it_supersedes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await world.issue()
    monkeypatch.setattr(audit_reports, "program_version", lambda: "9.9.9")
    monkeypatch.setattr("compliance.services.audit_report_building.program_version", lambda: "9.9.9")
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


async def test_a_merged_record_is_reported_under_the_kept_one(world: World) -> None:
    from compliance.services import merging

    async with world.database.write.begin() as session:
        double = await builders.therapist(session, world.act, "Anna", "Ruiz")
        await builders.assignment(session, world.act, double, world.clinic_id, (MASSAGE,))
        await merging.merge(session, act=world.act, kept_id=world.ana, merged_id=double, reason="same person")
    report = await world.report()
    assert [each.name for each in report.therapists] == ["Ana Ruiz"]
    assert {each.modality for each in report.therapists[0].modalities} == {TRIGGER_POINT, MASSAGE}


def test_the_version_names_the_rules_too() -> None:
    assert audit_report_frame.program_version().endswith("(rules 1)")


async def test_assignments_elsewhere_are_not_this_clinics(world: World) -> None:
    async with world.database.write.begin() as session:
        reno = await builders.clinic(session, world.act, "Reno", "us-nv", time_zone="America/Los_Angeles")
        new = assignments.NewAssignment(world.ana, reno, (MASSAGE,), date(2024, 1, 1))
        await assignments.add(session, act=world.act, assignment=new)
    report = await world.report()
    assert [each.modality for each in report.therapists[0].modalities] == [TRIGGER_POINT]
