"""The ledger: what is recorded, corrected and voided, whose it is, and what was known of it when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.queries.education import course, ledgers
from compliance.db.records import CourseRow, EvidenceRow
from compliance.domain.hours import Form
from compliance.domain.ledger import SEEN
from compliance.services import education, evidence, merging, trail
from compliance.services.education import CourseCorrection, NewCourse
from compliance.services.refusals import Refused, Unsure
from compliance.services.trail import Act
from tests import builders as build

DAY = date(2026, 5, 2)
FILE = evidence.NewEvidence("certificate.pdf", "pdf", "application/pdf", "ab" * 32, 900, 1, "cd" * 32, "image/jpeg")


def new(therapist_id: UUID, title: str = "Ethics at work", **more: Any) -> NewCourse:
    given: dict[str, Any] = {"completed_on": DAY, "minutes": 180, "form": Form.LIVE} | more
    return NewCourse(therapist_id, title, **given)


async def test_a_course_is_on_file_as_it_was_given(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        given = new(
            who, " Ethics  at work ", subjects={" Ethics ": 60, "ethics": 60}, provider="Hands On",
            provider_number="451-12", certificate=FILE, certificate_shows=tuple(SEEN),
        )  # fmt: skip
        id_ = await education.record(session, act=act, course=given)
        found = (await ledgers(session, act.organization_id, [who]))[who]
    assert [each.course.id for each in found] == [id_]
    filed = found[0].course
    assert (filed.title, filed.subjects, filed.minutes) == ("Ethics  at work", {"ethics": 120}, 180)
    assert filed.certificate
    assert filed.certificate_lacks() == ()
    assert found[0].certificate
    assert found[0].certificate.sha256 == FILE.sha256


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 200_000}, "minutes"),
        ({"completed_on": build.TODAY + timedelta(days=2)}, "completed_on"),
        ({"completed_on": date(1890, 1, 1)}, "completed_on"),
        ({"subjects": {"ethics": 181}}, "subjects"),
        ({"subjects": {"ethics": 0}}, "subjects"),
        ({"subjects": {"  ": 60}}, "subjects"),
        ({"certificate_shows": ("stamp",)}, "certificate_shows"),
        ({"certificate": replace(FILE, sha256="xyz")}, "sha256"),
    ],
)
async def test_what_cannot_be_true_is_refused_and_nothing_is_written(
    database: Database, changed: dict[str, Any], field: str
) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        given: dict[str, Any] = {"title": "Ethics"} | changed
        with pytest.raises(Refused) as refused:
            await education.record_many(session, act=act, courses=[new(who, "Good"), new(who, **given)])
        assert [(each.field, each.index) for each in refused.value.problems] == [(field, 1)]
        assert (await session.scalars(select(CourseRow.id))).all() == []


async def test_the_same_course_twice_is_a_question(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who, other = await build.therapist(session, act), await build.therapist(session, act)
        await education.record(session, act=act, course=new(who))
        with pytest.raises(Unsure):
            await education.record(session, act=act, course=new(who, "ETHICS AT WORK"))
        with pytest.raises(Unsure):
            await education.record_many(session, act=act, courses=[new(other, "Cupping"), new(other, "cupping")])
        await education.record(session, act=act, course=new(who, sure=True))
        await education.record(session, act=act, course=new(other))
        assert len((await ledgers(session, act.organization_id, [who]))[who]) == 2


async def test_a_correction_leaves_the_old_course_in_the_past_and_keeps_its_certificate(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        old = await education.record(session, act=act, course=new(who, certificate=FILE))
        then = await trail_head(session, act)
        right = new(who, minutes=120)
        id_ = await education.correct(session, act=act, correction=CourseCorrection(old, right, "two hours, not three"))
        now = (await ledgers(session, act.organization_id, [who]))[who]
        before = (await ledgers(session, act.organization_id, [who], known_seq=then))[who]
        voided = await course(session, act.organization_id, old)
    assert [(each.course.id, each.course.minutes, each.replaces_id) for each in now] == [(id_, 120, old)]
    assert [(each.course.id, each.course.minutes) for each in before] == [(old, 180)]
    assert now[0].certificate == before[0].certificate
    assert voided
    assert voided.void_reason == "two hours, not three"


async def trail_head(session: Any, act: Act) -> int:
    from compliance.db.queries.trail import head

    return (await head(session, act.organization_id))[0]


async def test_the_trail_tells_what_a_correction_changed(database: Database) -> None:
    from compliance.db.queries.trail import history

    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        old = await education.record(session, act=act, course=new(who))
        await education.correct(session, act=act, correction=CourseCorrection(old, new(who, minutes=120), "misread"))
        entry = (await history(session, act.organization_id, who))[0]
        assert (await trail.verify(session, organization_id=act.organization_id))[1] is None
    assert (entry.action, entry.old, entry.why) == ("course.corrected", {"minutes": 180}, "misread")
    assert entry.new["minutes"] == 120


async def test_a_void_course_is_gone_from_the_ledger_but_not_from_the_table(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        id_ = await education.record(session, act=act, course=new(who))
        with pytest.raises(Refused):
            await education.void(session, act=act, course_id=id_, reason=" ")
        await education.void(session, act=act, course_id=id_, reason="somebody else's")
        assert (await ledgers(session, act.organization_id, [who]))[who] == []
        assert await session.get(CourseRow, (act.organization_id, id_))
        with pytest.raises(Refused, match="was voided"):
            await education.correct(session, act=act, correction=CourseCorrection(id_, new(who), "x"))


async def test_a_merged_records_courses_are_in_the_kept_ones_ledger(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        kept, merged = await build.therapist(session, act), await build.therapist(session, act)
        await education.record(session, act=act, course=new(merged))
        await merging.merge(session, act=act, kept_id=kept, merged_id=merged, reason="one person")
        assert len((await ledgers(session, act.organization_id, [kept]))[kept]) == 1
        with pytest.raises(Refused):
            await education.record(session, act=act, course=new(merged, "Another"))


async def test_a_certificate_is_stored_once_per_course_and_a_thousand_courses_go_in_together(
    database: Database,
) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act)
        many = [new(who, f"Course {n}", certificate=FILE if n % 2 else None) for n in range(1000)]
        ids = await education.record_many(session, act=act, courses=many)
        assert len(set(ids)) == 1000
        assert len((await session.scalars(select(EvidenceRow.id))).all()) == 500
        assert await education.void_many(session, act=act, course_ids=ids, reason="a test") == 1000
