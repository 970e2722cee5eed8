"""Audit reports: they say what was known, the same question has the same bytes, and every file is recognized."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.db.engine import Database
from compliance.db.queries.credentials import of_clinic
from compliance.domain.credentials import StandingCode
from compliance.services import (
    assignments,
    clinics,
    credentials,
    organizations,
    therapists,
    waivers,
)
from compliance.services.assessments import RULES_VERSION
from compliance.services.audit_reports.frame import program_version
from compliance.services.refusals import Refused
from compliance.store import open_store
from tests import builders
from tests.builders import MASSAGE, NOW, TODAY, TRIGGER_POINT
from tests.services.report_world import YEAR, World


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
        "license", "licensing-exam", "certification", "membership", "establishment-license",
    ]  # fmt: skip
    held = {each.id: each for each in person.credentials}
    license_ = held[verdict.findings[0].credential or ""]
    assert person.license_numbers == (license_.number,)
    assert (license_.standing, license_.jurisdiction) == ("active", "Florida")
    assert license_.verifications[0].by == "J. Ortiz"
    assert [report.lapses, report.sent, report.changes] == [None] * 3


async def test_a_report_says_what_is_asked_of_the_clinic_itself(world: World) -> None:
    (asked,) = (await world.report()).clinic.asked
    assert (asked.title, asked.status) == ("Florida establishment license", "met")
    assert "480.043" in asked.citation


async def test_a_clinic_that_is_excepted_is_so_for_its_people_and_listed_among_the_waivers(world: World) -> None:
    async with world.database.write.begin() as session:
        (held,) = await of_clinic(session, world.act.organization_id, world.clinic_id)
        await credentials.void(session, act=world.act, credential_id=held.id, reason="another clinic's")
    assert (await world.report()).therapists[0].verdict == "not-cleared"
    async with world.database.write.begin() as session:
        given: dict[str, Any] = {"requirement": "establishment-license", "reason": "A school", "granted_by": "O. Hart"}
        days = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
        await waivers.grant_to_clinic(session, act=world.act, clinic_id=world.clinic_id, **given, **days)
    report = await world.report()
    assert (report.therapists[0].verdict, report.clinic.asked[0].status) == ("cleared", "waived")
    (waived,) = report.waivers
    assert (waived.therapist, waived.requirement) == ("Tampa", "Florida establishment license")


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


async def test_a_clinic_that_was_not_on_record_then_is_in_no_report_of_then(world: World) -> None:
    """Neither its place nor its zone nor its name; and what a clinic was called then is read back, its zone too."""
    async with world.database.write.begin() as session:
        act = world.later(hours=3)
        austin = await clinics.add(
            session, act=act, clinic=clinics.NewClinic("Austin", "us-tx", time_zone="America/Chicago")
        )
        await clinics.change(session, act=act, clinic_id=world.clinic_id, time_zone="America/Chicago", address="2 Oak")
        await organizations.change(session, act=act, name="Renamed", reason="a new sign")
    later = NOW + timedelta(hours=4)
    whole = [(await world.report(at, clinic_id=None)).clinic.jurisdiction for at in (NOW, later)]
    here = [(await world.report(at)).clinic for at in (NOW, later)]
    assert whole == ["us-fl", "us-fl, us-tx"]
    assert [(each.time_zone, each.address) for each in here] == [
        ("America/New_York", "1 Bay Road"), ("America/Chicago", "2 Oak"),
    ]  # fmt: skip
    assert [(await world.report(at)).organization for at in (NOW, later)] == ["Gulf Coast Massage", "Renamed"]
    with pytest.raises(Refused, match="Austin was not on record then"):
        await world.report(clinic_id=austin)
    assert (await world.report(later, clinic_id=austin)).clinic.name == "Austin"


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
    assert str(world.clinic_id) not in str(report.changes)
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
    assert program_version().endswith(f"(rules {RULES_VERSION})")


async def test_assignments_elsewhere_are_not_this_clinics(world: World) -> None:
    async with world.database.write.begin() as session:
        reno = await builders.clinic(session, world.act, "Reno", "us-nv", time_zone="America/Los_Angeles")
        new = assignments.NewAssignment(world.ana, reno, (MASSAGE,), date(2024, 1, 1))
        await assignments.add(session, act=world.act, assignment=new)
    report = await world.report()
    assert [each.modality for each in report.therapists[0].modalities] == [TRIGGER_POINT]
