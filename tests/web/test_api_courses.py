"""Courses that programs record by the API: all of them or none, each once, and nobody's out of their sight."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.db.queries.education import ledgers
from compliance.db.records import CourseRow, TrailEntryRow
from tests.web.conftest import Site
from tests.web.test_api import key_for, kim_at_tampa, tell
from tests.web.world import world

ETHICS = {"title": "Ethics at work", "completed_on": "2026-05-02", "minutes": 180, "form": "live"}


async def test_a_program_records_courses_once_however_often_it_sends_them(site: Site) -> None:
    question, key = await kim_at_tampa(site), await key_for(site, scopes=["education.write"])
    path = f"/api/v1/therapists/{question['therapist']}/courses"
    more = {"subjects": {"Ethics": 60}, "provider_number": "451-12", "approved_until": "2026-12-31"}
    first = await tell(site, key.key, path, courses=[ETHICS | more, ETHICS | {"title": "Hot stones"}])
    assert (first.status_code, first.json()["unchanged"]) == (201, 0), first.text
    again = await tell(site, key.key, path, courses=[ETHICS | more, ETHICS | {"title": "Hot stones"}])
    assert again.json() == {"recorded": [], "unchanged": 2}
    async with site.database.read() as session:
        filed = (await ledgers(session, site.ours.id, [UUID(question["therapist"])]))[UUID(question["therapist"])]
        entries = await session.scalars(select(TrailEntryRow.actor).where(TrailEntryRow.action == "course.recorded"))
        assert set(entries) == {f"key:{key.id}"}
    assert {str(each.course.id) for each in filed} == set(first.json()["recorded"])
    ethics = next(each.course for each in filed if each.course.subjects)
    assert (ethics.subjects, ethics.approved_until) == ({"ethics": 60}, date(2026, 12, 31))


@pytest.mark.parametrize(
    ("courses", "status"),
    [
        ([ETHICS, ETHICS | {"title": "Two", "minutes": 0}], 422),
        ([ETHICS | {"form": "by-post"}], 400),
        ([ETHICS | {"completed_on": "05/02/2026"}], 400),
        ([ETHICS | {"completed_on": "2099-01-01"}], 422),
        ([ETHICS | {"subjects": {"ethics": 181}}], 422),
        ([ETHICS | {"approved_until": "2026-12-31"}], 422),  # of no number
        ([], 422),
        ([ETHICS | {"title": str(each)} for each in range(201)], 422),
    ],
)
async def test_courses_that_cannot_be_true_are_refused_with_all_that_were_sent(
    site: Site, courses: Any, status: int
) -> None:
    question, key = await kim_at_tampa(site), await key_for(site)
    answer = await tell(site, key.key, f"/api/v1/therapists/{question['therapist']}/courses", courses=courses)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    async with site.database.read() as session:
        assert (await session.scalars(select(CourseRow.id))).all() == []


async def test_a_program_records_nothing_of_a_stranger_or_out_of_its_clinics(site: Site) -> None:
    ours, theirs = await kim_at_tampa(site), await world(site, site.theirs)
    path = "/api/v1/therapists/{}/courses"
    limited = await key_for(site, clinic_ids=[site.ours.clinics[1]])
    for key, who in ((await key_for(site), theirs.ids["therapists"]), (limited, ours["therapist"])):
        answer = await tell(site, key.key, path.format(who), courses=[ETHICS])
        assert answer.status_code == 404, answer.text
