"""The whole import: all or nothing, left out, confirmed, undone, told, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.queries import intake as queries
from compliance.db.queries import intake_known
from compliance.db.records import TherapistRow, TrailEntryRow
from compliance.services import intake
from compliance.services.intake import Options
from compliance.services.refusals import Refused, Unknown
from tests import builders
from tests.services.rosters import APPLY, EXAM, Office, license_row


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, tmp_path).open()


async def test_nothing_is_applied_unless_every_row_is_good_or_the_bad_are_left_out(office: Office) -> None:
    rows = [license_row(), EXAM | {"standing": "Weird"}]
    outcome = await office.give(rows)
    assert (outcome["state"], outcome["applied"], await office.people()) == ("ready", False, [])
    async with office.database.write.begin() as session:
        await intake.confirm_import(
            session, act=office.act, import_id=office.imports[-1], options=replace(APPLY, leave_out_refused=True)
        )
    outcome = await office.run()
    assert (outcome["state"], outcome["created"], len(outcome["refused"])) == ("done", 1, 1)
    assert [each.type for each in (await office.person()).credentials] == ["massage-license"]


async def test_people_who_are_not_in_the_file_are_left_alone_and_listed(office: Office) -> None:
    async with office.database.write.begin() as session:
        await builders.therapist(session, office.act, "Jo", "Doe")
    outcome = await office.give([license_row()])
    assert outcome["absent"] == 1
    async with office.database.read() as session:
        absent = await queries.absent_therapists(
            session, office.act.organization_id, office.imports[-1], today=builders.TODAY
        )
    assert [name for _id, name in absent] == ["Jo Doe"]


async def test_clinics_are_created_when_asked_for_and_their_zone_can_be_corrected(office: Office) -> None:
    outcome = await office.give([license_row(clinic="Orlando")], replace(APPLY, create_clinics=True))
    assert outcome["clinics_missing"] == [
        {"name": "Orlando", "jurisdiction": "us-fl", "time_zone": "America/New_York", "created": True}
    ]
    with pytest.raises(Refused, match="us-fl"):
        Options(clinic_jurisdictions={"Orlando": "Narnia"}).check()


async def test_a_clinic_is_not_created_when_every_row_of_it_is_left_out(office: Office) -> None:
    bo = {"first_name": "Bo", "last_name": "Lind", "email": "bo@example.org", "number": "MA90000"}
    rows = [license_row(clinic="Orlando"), license_row(clinic="Miami", standing="Weird", **bo)]
    wanted = replace(APPLY, create_clinics=True, leave_out_refused=True)
    outcome = await office.give(rows, wanted)
    assert (outcome["created"], len(outcome["refused"]), outcome["applied"]) == (1, 1, True)
    created = {each["name"]: each["created"] for each in outcome["clinics_missing"]}
    assert created == {"Orlando": True, "Miami": False}
    async with office.database.read() as session:
        on_file = await intake_known.clinics(session, office.act.organization_id)
    assert {each.name for each in on_file.values()} == {"Tampa", "Orlando"}


async def test_an_import_can_be_undone_and_made_again(office: Office) -> None:
    await office.give([license_row(), EXAM])
    async with office.database.write.begin() as session:
        undo = await intake.undo_import(session, act=office.act, import_id=office.imports[-1], reason="wrong file")
    task = await office.run_task(undo)
    assert (task.state, task.problem) == ("done", "")
    assert (await office.rows())[0].therapist_id is not None
    async with office.database.read() as session:
        assert await session.scalar(select(TherapistRow.voided_seq)) is not None
    async with office.database.write.begin() as session:
        with pytest.raises(Refused, match="undone already"):
            await intake.undo_import(session, act=office.act, import_id=office.imports[-1], reason="again")
    outcome = await office.give([license_row(), EXAM])
    assert (outcome["created"], outcome["therapists_created"]) == (2, 1)


async def test_the_trail_says_who_imported_what_and_who_had_looked(office: Office) -> None:
    await office.give([license_row()])
    async with office.database.read() as session:
        mine = TrailEntryRow.organization_id == office.act.organization_id
        found = (
            await session.execute(
                select(TrailEntryRow.action, TrailEntryRow.actor).where(mine).order_by(TrailEntryRow.seq)
            )
        ).all()
    actions = [action for action, _actor in found]
    assert actions[-5:] == [
        "import.began", "therapist.added", "assignment.added", "credential.added", "import.applied",
    ]  # fmt: skip
    assert {actor for action, actor in found if action.startswith("import.")} == {"user:tester"}


async def test_another_organization_knows_nothing_of_an_import(office: Office) -> None:
    await office.give([license_row()], Options())
    async with office.database.write.begin() as session:
        stranger = await builders.organization(session, "Somebody Else")
        for verb in (
            intake.confirm_import(session, act=stranger, import_id=office.imports[-1], options=APPLY),
            intake.cancel_import(session, act=stranger, import_id=office.imports[-1]),
            intake.undo_import(session, act=stranger, import_id=office.imports[-1], reason="x"),
        ):
            with pytest.raises(Unknown):
                await verb
        assert await queries.outcome(session, stranger.organization_id, office.imports[-1]) == {}
        assert await queries.import_rows(session, stranger.organization_id, office.imports[-1]) == []
