"""Undoing an import takes back what only it made, puts back what it changed, and leaves what others touched since."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.queries import clinics as clinic_queries
from compliance.db.queries import tasks as task_queries
from compliance.db.queries import therapists as people
from compliance.db.queries.credentials import of_therapist
from compliance.db.records import TherapistRow
from compliance.services import intake, task_runner, tasks, therapists
from compliance.services.intake import Options
from compliance.services.intake import undo as runner
from compliance.services.intake.undo_plan import CHANGED_SINCE, UndoPlan, plan_of
from tests import builders
from tests.services.rosters import EXAM, Office, license_row

JO = {"first_name": "Jo", "last_name": "Doe", "email": "jo@example.org", "number": "MA2", "birth_date": ""}


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, tmp_path).open()


async def undo(office: Office) -> dict[str, Any]:
    async with office.database.write.begin() as session:
        id_ = await intake.undo_import(session, act=office.act, import_id=office.imports[-1], reason="wrong file")
    task = await office.run_task(id_)
    assert (task.state, task.problem) == ("done", "")
    counts: Any = task.result["undone"]
    return dict(counts)


async def plan(office: Office) -> UndoPlan:
    async with office.database.read() as session:
        task = await task_queries.task(session, office.act.organization_id, office.imports[-1])
        spans: Any = task.result["spans"] if task else []
        return await plan_of(session, office.act.organization_id, spans)


async def current(office: Office) -> list[str]:
    """Who is in the lists."""
    async with office.database.read() as session:
        mine = (TherapistRow.organization_id == office.act.organization_id, TherapistRow.merged_into_id.is_(None))
        return sorted(await session.scalars(select(TherapistRow.first_name).where(*mine)))


async def facts(office: Office, id_: UUID) -> people.Therapist:
    async with office.database.read() as session:
        found = await people.therapist(session, office.act.organization_id, id_)
    assert found
    return found


async def test_people_and_clinics_that_only_the_import_made_are_void_and_can_be_imported_again(office: Office) -> None:
    rows = [license_row(clinic="Orlando"), license_row(**JO)]
    options = Options(create_clinics=True, apply=True)
    await office.give(rows, options)
    before = await plan(office)
    assert (before.therapists, before.therapists_left, [name for _id, name in before.clinics]) == (2, 0, ["Orlando"])
    assert (before.voids["credentials"], before.voids["assignments"]) == (2, 2)
    counts = await undo(office)
    assert (counts["therapists"], counts["clinics"], await current(office)) == (2, 1, [])
    async with office.database.read() as session:
        names = [each.name for each in await clinic_queries.clinics(session, office.act.organization_id)]
    assert names == ["Tampa"]
    outcome = await office.give(rows, options)
    assert (outcome["state"], outcome["therapists_created"], await current(office)) == ("done", 2, ["Jo", "Maria"])


async def test_whom_somebody_touched_since_stays_and_so_does_what_they_recorded(office: Office) -> None:
    await office.give([license_row(), license_row(**JO)])
    jo = next(each.id for each in await office.people() if each.name == "Jo Doe")
    async with office.database.write.begin() as session:
        await builders.credential(session, builders.act_in(office.act.organization_id, office.clock()), jo, type="cpr")
    before = await plan(office)
    assert (before.therapists, before.therapists_left, before.some_left) == (1, 1, ((jo, "Jo Doe"),))
    await undo(office)
    assert await current(office) == ["Jo"]
    async with office.database.read() as session:
        held = await of_therapist(session, office.act.organization_id, jo)
    assert [each.type for each in held] == ["cpr"]


async def test_facts_and_assignments_that_it_changed_are_as_before_unless_somebody_changed_them_since(
    office: Office,
) -> None:
    await office.give([license_row(), license_row(**JO, phone="1")])
    ids = {each.name: each.id for each in await office.people()}
    await office.give(
        [
            license_row(phone="555 0100", npi="", left_on="2026-10-31", number="MA80000"),
            license_row(**JO, phone="2"),
        ]
    )
    maria, jo = ids["Maria Alvarez"], ids["Jo Doe"]
    assert (await facts(office, maria)).phone == "555 0100"
    async with office.database.write.begin() as session:
        act = builders.act_in(office.act.organization_id, office.clock())
        await therapists.change(session, act=act, change=therapists.Change(jo, phone="3"))
    before = await plan(office)
    assert [(each.subject_id, each.field, each.before) for each in before.put_back] == [(maria, "phone", "")]
    assert [(each.subject_id, each.now, each.stays) for each in before.facts_left] == [(jo, "3", CHANGED_SINCE)]
    assert (before.assignments_again, before.therapists) == (1, 0)
    counts = await undo(office)
    assert (counts["facts"], counts["assignments_again"]) == (1, 1)
    after = await facts(office, maria)
    assert after.phone == ""
    assert [str(each.ends_on) for each in after.assignments] == ["9999-12-31"]
    assert (await facts(office, jo)).phone == "3"


async def test_an_undo_that_is_killed_half_way_goes_on_where_it_was(office: Office) -> None:
    """What it has done so far is its own doing and not somebody else's touch."""
    await office.give([license_row(), EXAM, license_row(**JO)])
    async with office.database.write.begin() as session:
        id_ = await intake.undo_import(session, act=office.act, import_id=office.imports[-1], reason="wrong file")
    async with office.database.write.begin() as session:
        claimed = await tasks.claim(session, worker_id=new_id(office.clock()), now=office.clock(), task_id=id_)
    assert claimed
    work = task_runner.Work(claimed, office.tools)
    name, table, void = runner.NOUNS[0]
    half = runner._Undo(work, "wrong file", await runner._spans(work))
    ids = await runner._ids(work, table, *half.spans[0])
    await half.chunk(name, len(ids), partial(runner._void, void, ids))
    async with office.database.write.begin() as session:
        await tasks.release(session, task=work.task, now=office.clock())
    task = await office.run_task(id_)
    assert (task.state, await current(office)) == ("done", [])
