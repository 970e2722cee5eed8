"""A clinic's own license comes in with the roster, beside everybody who works there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from compliance.db.engine import Database
from compliance.db.queries import intake_known
from compliance.db.queries.intake_known import HeldCredential
from compliance.domain.covers import Status
from compliance.services import clinic_licenses, intake
from compliance.services.assessments import frame, joined_findings
from compliance.services.refusals import Refused
from compliance.services.roster_export import export_roster
from tests import builders
from tests.services.rosters import APPLY, Office, license_row, told

CREATE = intake.Options(create_clinics=True, apply=True)
OURS = {
    "clinic_license_number": "MM 41207", "clinic_license_issued_on": "2025-09-01",
    "clinic_license_expires_on": "2027-08-31",
}  # fmt: skip
ANA = license_row(
    first_name="Ana", last_name="Ruiz", email="ana@example.org", number="MA80001", birth_date="1990-01-01"
)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    """An organization without a clinic yet."""
    return await Office(database, tmp_path).open(clinic="")


async def held(office: Office) -> list[HeldCredential]:
    async with office.database.read() as session:
        clinics = await intake_known.clinics(session, office.act.organization_id)
        ids = [each.id for each in clinics.values()]
        found = await intake_known.held_by_clinics(session, office.act.organization_id, ids)
    return [each for some in found.values() for each in some]


async def status(office: Office, on: date = builders.TODAY) -> list[Status]:
    async with office.database.read() as session:
        around = await frame(session, office.act.organization_id)
    return [found.status for id_ in around.clinics for found in joined_findings(around, id_, on)]


async def test_it_is_recorded_once_and_the_same_file_twice_changes_nothing(office: Office) -> None:
    first = await office.give([license_row(**OURS), ANA | OURS], CREATE)
    assert (first["created"], first["refused"], first["questions"]) == (2, [], [])
    (own,) = await held(office)
    assert (own.number, own.jurisdiction) == ("MM 41207", "us-fl")
    assert [(each.starts_on, each.ends_on) for each in own.terms] == [(date(2025, 9, 1), date(2027, 8, 31))]
    assert await status(office) == [Status.MET]
    entries = await office.entries()
    again = await office.give([license_row(**OURS), ANA | OURS])
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 2)
    assert await office.entries() == entries


async def test_one_row_is_enough_and_says_what_is_new(office: Office) -> None:
    await office.give([license_row(), ANA], CREATE)
    assert await status(office) == [Status.MISSING]
    outcome = await office.give([license_row(), ANA | OURS])
    assert (outcome["created"], outcome["unchanged"]) == (1, 1)
    (row,) = await office.rows("created")
    assert row.line == 3
    assert await status(office) == [Status.MET]


async def test_a_later_expiry_renews_it_and_an_earlier_one_is_asked_about(office: Office) -> None:
    await office.give([license_row(**OURS)], CREATE)
    later = await office.give([license_row(**OURS | {"clinic_license_expires_on": "2029-08-31"})])
    assert (later["changed"] + later["created"], later["questions"]) == (1, [])
    (own,) = await held(office)
    assert [each.ends_on for each in own.terms] == [date(2027, 8, 31), date(2029, 8, 31)]
    earlier = await office.give([license_row(**OURS | {"clinic_license_expires_on": "2026-08-31"})])
    assert told(earlier["questions"]) == [(2, "clinic_license_expires_on")]
    assert len((await held(office))[0].terms) == 2


async def test_rows_of_one_clinic_that_contradict_each_other_are_refused_naming_both(office: Office) -> None:
    other = OURS | {"clinic_license_number": "MM 99999"}
    outcome = await office.give([license_row(**OURS), ANA | other], CREATE)
    assert told(outcome["refused"]) == [(2, "clinic_license_number"), (3, "clinic_license_number")]
    assert "Lines 2 and 3 say “MM 41207” and “MM 99999” of the license of Tampa." in outcome["refused"][0]["problem"]
    assert await held(office) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"clinic_license_expires_on": "31/12/2027"}, "clinic_license_expires_on"),
        ({"clinic_license_expires_on": "2024-08-31"}, "clinic_license_expires_on"),
        ({"clinic": "", "started_on": ""}, "clinic_license_number"),
    ],
)
async def test_what_cannot_be_is_refused_where_it_stands(office: Office, changed: dict[str, str], field: str) -> None:
    outcome = await office.give([license_row(**OURS | changed), ANA], CREATE)
    assert [each["field"] for each in outcome["refused"]] == [field]
    assert [each["line"] for each in outcome["refused"]] == [2]


async def test_an_export_carries_it_and_importing_that_changes_nothing(office: Office) -> None:
    await office.give([license_row(**OURS), ANA | OURS], CREATE)
    async with office.database.read() as session:
        pieces = [
            each
            async for each in export_roster(
                session, organization_id=office.act.organization_id, format="csv", today=builders.TODAY
            )
        ]
    path = office.folder / "export.csv"
    path.write_bytes(b"".join(pieces))
    assert b"MM 41207,2025-09-01,2027-08-31" in path.read_bytes()
    again = await office.give_file(path, APPLY)
    assert (again["created"], again["changed"], again["refused"], again["questions"]) == (0, 0, [], [])


async def test_undoing_the_import_takes_it_back(office: Office) -> None:
    await office.give([license_row()], CREATE)
    await office.give([license_row(**OURS)])
    async with office.database.write.begin() as session:
        act = builders.act_in(office.act.organization_id, office.clock())
        undo = await intake.undo_import(session, act=act, import_id=office.imports[-1], reason="wrong file")
    await office.run_task(undo)
    assert await held(office) == []
    assert await status(office) == [Status.MISSING]


async def test_typed_for_a_clinic_it_is_judged_by_the_same_rules(office: Office) -> None:
    await office.give([license_row()], CREATE)
    async with office.database.write.begin() as session:
        (clinic,) = (await intake_known.clinics(session, office.act.organization_id)).values()
        given = {"number": "MM 1", "issued_on": date(2025, 9, 1), "expires_on": date(2027, 8, 31)}
        new = await clinic_licenses.add(session, act=office.act, clinic_id=clinic.id, **given)
        same = await clinic_licenses.add(session, act=office.act, clinic_id=clinic.id, **given)
        assert (new.outcome, same.outcome) == ("created", "unchanged")
        later = given | {"expires_on": date(2029, 8, 31)}
        renewed = await clinic_licenses.add(session, act=office.act, clinic_id=clinic.id, **later)
        assert renewed.outcome in ("created", "changed")
        with pytest.raises(Refused, match="before it began"):
            await clinic_licenses.add(
                session, act=office.act, clinic_id=clinic.id, issued_on=date(2027, 1, 1), expires_on=date(2026, 1, 1)
            )
        with pytest.raises(Refused, match="Give the number"):
            await clinic_licenses.add(session, act=office.act, clinic_id=clinic.id)
    assert await status(office) == [Status.MET]
