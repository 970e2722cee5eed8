"""Courses from a file: whose they are, what they say, and that a file with one bad row records nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from compliance.db.engine import Database
from compliance.db.queries.education import ledgers
from compliance.domain.hours import Form
from compliance.services import course_files, education, merging
from compliance.services.course_files import Judged
from compliance.services.trail import Act
from compliance.sources.rows import Unreadable
from tests import builders as build

HEAD = "email,title,completed_on,hours,minutes_per_hour,form,subjects,provider_number,approved_from,approved_until\n"
GOOD = "{},Ethics at work,05/02/2026,3,50,Live,ethics=60; self-care=30,451-12,2024-01-01,2026-12-31\n"


async def judged(database: Database, act: Act, folder: Path, text: str) -> Judged:
    path = folder / "courses.csv"
    path.write_text(text, encoding="utf-8")
    async with database.read() as session:
        return await course_files.judge(session, act=act, path=path)


async def somebody(database: Database, **more: str) -> tuple[Act, UUID]:
    async with database.write.begin() as session:
        act = await build.organization(session)
        return act, await build.therapist(session, act, "Ana", "Ruiz", **more)


async def test_a_row_says_whose_course_it_is_and_all_of_it(database: Database, tmp_path: Path) -> None:
    act, ana = await somebody(database, email="ana@example.org")
    found = await judged(database, act, tmp_path, HEAD + GOOD.format("ANA@example.org"))
    assert found.refused == ()
    (course,) = found.courses
    assert (course.therapist_id, course.minutes, course.form) == (ana, 150, Form.LIVE)
    assert (course.completed_on, course.subjects) == (date(2026, 5, 2), {"ethics": 60, "self-care": 30})
    assert (course.approved_from, course.approved_until) == (date(2024, 1, 1), date(2026, 12, 31))


async def test_the_same_file_again_and_the_same_row_twice_change_nothing(database: Database, tmp_path: Path) -> None:
    act, ana = await somebody(database, email="ana@example.org")
    text = HEAD + GOOD.format("ana@example.org") * 2
    first = await judged(database, act, tmp_path, text)
    assert (len(first.courses), first.unchanged) == (1, 1)
    async with database.write.begin() as session:
        await education.record_many(session, act=act, courses=first.courses)
    again = await judged(database, act, tmp_path, text)
    assert (again.courses, again.unchanged) == ((), 2)
    async with database.read() as session:
        assert len((await ledgers(session, act.organization_id, [ana]))[ana]) == 1


@pytest.mark.parametrize("header", ["License #", "Number"])
async def test_a_license_number_or_a_whole_name_is_enough_where_one_person_has_it(
    database: Database, tmp_path: Path, header: str
) -> None:
    act, ana = await somebody(database)
    async with database.write.begin() as session:
        await build.credential(session, act, ana, number="MA 92644")
    columns = f"{header},First,Surname,Course,Completed,Minutes,Delivery\n"
    rows = "ma92644,,,Ethics,2026-05-02,60,webinar\n,Ana,RUIZ,Stones,2026-05-03,60,Home Study\n"
    found = await judged(database, act, tmp_path, columns + rows)
    assert found.refused == ()
    assert [(each.therapist_id, each.form) for each in found.courses] == [(ana, Form.WEBINAR), (ana, Form.SELF_STUDY)]


async def test_two_people_of_one_name_are_asked_about_and_a_merged_one_is_the_kept_one(
    database: Database, tmp_path: Path
) -> None:
    act, ana = await somebody(database)
    async with database.write.begin() as session:
        twin = await build.therapist(session, act, "Ana", "Ruiz", email="twin@example.org")
    text = "first_name,last_name,therapist_id,title,completed_on,minutes,form\nAna,Ruiz,{},Ethics,2026-05-02,60,live\n"
    (refused,) = (await judged(database, act, tmp_path, text.format(""))).refused
    assert (refused.line, refused.field) == (2, "last_name")
    assert "may be any of 2 therapists" in refused.problem
    async with database.write.begin() as session:
        await merging.merge(session, act=act, kept_id=ana, merged_id=twin, reason="one")
    found = await judged(database, act, tmp_path, text.format(twin))
    assert [each.therapist_id for each in found.courses] == [ana]


@pytest.mark.parametrize(
    ("good", "bad", "field"),
    [
        ("{}", "nobody@example.org", "email"),
        ("05/02/2026", "13/02/2026", "completed_on"),
        ("05/02/2026", "", "completed_on"),
        ("05/02/2026", "2099-01-01", "completed_on"),
        (",3,", ",three,", "hours"),
        (",50,", ",45,", "minutes_per_hour"),
        ("Live", "online", "form"),
        ("ethics=60", "ethics", "subjects"),
        ("ethics=60", "ethics=600", "subjects"),
        ("451-12", "", "approved_until"),
        ("2024-01-01", "2027-01-01", "approved_until"),
    ],
)
async def test_what_cannot_be_read_or_be_true_names_line_and_column(
    database: Database, tmp_path: Path, good: str, bad: str, field: str
) -> None:
    act, _ana = await somebody(database, email="ana@example.org")
    text = HEAD + GOOD.format("ana@example.org") + GOOD.replace("Ethics at", "More at").replace(good, bad)
    found = await judged(database, act, tmp_path, text.format("ana@example.org"))
    assert [(each.line, each.field) for each in found.refused] == [(3, field)]
    assert found.refused[0].problem.endswith((".", "?"))


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "title,completed_on,form,minutes\nx,y,z,1\n", HEAD + "one,two\n", HEAD + '"open\n']
)
async def test_what_is_no_file_of_courses_is_one_sentence(database: Database, tmp_path: Path, text: str) -> None:
    act, _ana = await somebody(database)
    with pytest.raises(Unreadable):
        await judged(database, act, tmp_path, text)


async def test_another_organizations_people_are_nobody(database: Database, tmp_path: Path) -> None:
    _act, _ana = await somebody(database, email="ana@example.org")
    async with database.write.begin() as session:
        other = await build.organization(session, name="Another one")
    found = await judged(database, other, tmp_path, HEAD + GOOD.format("ana@example.org"))
    assert [each.field for each in found.refused] == ["email"]
