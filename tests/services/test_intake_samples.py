"""The two sample rosters: the messy one is taken whole, the bad one refused whole, row by row, with remedies."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from compliance.db.engine import Database
from compliance.db.queries import clinics as clinic_queries
from compliance.db.queries.files import credential_files
from compliance.services import assessments
from compliance.services.intake.corrections import corrections
from tests import builders
from tests.services.rosters import DATA, MESSY, Office, told

AS_OF = date(2026, 11, 22)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, tmp_path).open(clinic="")


async def test_the_messy_roster_is_taken_whole_and_taken_again_changes_nothing(office: Office) -> None:
    first = await office.give_file(DATA / "roster-messy.csv", MESSY)
    assert (first["state"], first["applied"], first["refused"]) == ("done", True, [])
    assert (first["created"], first["changed"], first["unchanged"], first["therapists_created"]) == (89, 0, 0, 24)
    before = await office.entries()
    again = await office.give_file(DATA / "roster-messy.csv", MESSY)
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 89)
    assert (again["therapists_created"], again["therapists_unchanged"]) == (0, 24)
    assert await office.entries() == before
    assert again["questions"] == first["questions"]


async def test_what_looks_wrong_in_the_messy_roster_is_asked_and_not_refused(office: Office) -> None:
    questions = (await office.give_file(DATA / "roster-messy.csv", MESSY))["questions"]
    shared = [each["line"] for each in questions if each["field"] == "npi"]
    assert len(shared) == 7
    assert all("Line 2 has the same NPI" in each["problem"] for each in questions if each["field"] == "npi")
    texas = next(each for each in questions if (each["line"], each["field"]) == (10, "expires_on"))
    assert "by the rule it would be Aug 3, 2027" in texas["problem"]
    assert len(await office.people()) == 24, "a shared NPI makes nobody the same person"


async def test_named_therapists_get_the_verdicts_that_the_messy_roster_gives_them(office: Office) -> None:
    await office.give_file(DATA / "roster-messy.csv", MESSY)
    async with office.database.write.begin() as session:  # which the roster does not bring
        for each in await clinic_queries.clinics(session, office.act.organization_id):
            await builders.clinic_license(session, office.act, each.id, each.jurisdiction)
    verdicts = {name: await _verdict(office, name, clinic) for name, clinic in _PEOPLE.items()}
    assert verdicts == {
        "Dwayne Brooks": "cleared",
        "Maria Alvarez": "certification missing",
        "Keisha Freeman": "license unverified",
        "Luis Hernández": "license blocked",
        "Chloé Dupont": "cleared",
        "Noor Rahman": "membership missing",
    }


_PEOPLE = {
    "Dwayne Brooks": "St. Pete Beach",
    "Maria Alvarez": "Downtown Tampa",
    "Keisha Freeman": "Downtown Tampa",
    "Luis Hernández": "Austin South",
    "Chloé Dupont": "Reno Midtown",
    "Noor Rahman": "Kansas City",
}


async def _verdict(office: Office, name: str, clinic: str) -> str:
    person = await office.person(name)
    async with office.database.read() as session:
        places = {each.name: each.id for each in await clinic_queries.clinics(session, office.act.organization_id)}
        found = await assessments.clearance_of(
            session,
            organization_id=office.act.organization_id,
            therapist_id=person.id,
            clinic_id=places[clinic],
            modality="trigger-point-therapy",
            as_of=AS_OF,
        )
    assert found is not None
    if found.cleared:
        return "cleared"
    bad = [each for each in found.findings if each.status.value not in ("met", "expiring", "waived", "not-asked")]
    return f"{bad[0].requirement} {bad[0].status.value}"


async def test_clinics_get_the_states_of_their_peoples_licenses_or_are_asked_for(office: Office) -> None:
    from dataclasses import replace

    outcome = await office.give_file(DATA / "roster-messy.csv", replace(MESSY, clinic_jurisdictions={}, apply=False))
    missing = {each["name"]: each["jurisdiction"] for each in outcome["clinics_missing"]}
    assert missing == {
        "Downtown Tampa": "us-fl",
        "St. Pete Beach": "us-fl",
        "Austin South": "us-tx",
        "Reno Midtown": "us-nv",
        "Kansas City": None,
    }
    assert {each["field"] for each in outcome["refused"]} == {"clinic"}
    assert all('--create-clinics "Kansas City=us-fl"' in each["problem"] for each in outcome["refused"])


BAD = {
    3: ("expires_on", "31/02/2027", "has the month 31"),
    4: ("expires_on", "2027-13-01", "has the month 13"),
    5: ("email", "not an address", "It needs one @"),
    6: ("credential_type", "Reiki Master", "Allowed are massage-license"),
    7: ("expires_on", "2025-08-31", "before it began on Aug 31, 2027"),
    8: ("clinic", "Nowhere Clinic", "is no clinic on file"),
    9: ("jurisdiction", "ZZ", "Allowed are us-ak (Alaska)"),
    10: ("standing", "Weird", "Allowed are active"),
    11: ("row", "line 2 again", "Delete one of the two"),
    12: ("birth_date", "04/05/1980 or so", "Write YYYY-MM-DD"),
    13: ("row", "8 of 22 columns", "breaks off before “Start Date”"),
}


async def test_the_bad_roster_is_refused_whole_with_line_field_value_and_remedy(office: Office) -> None:
    outcome = await office.give_file(DATA / "roster-bad-rows.csv", MESSY)
    assert (outcome["state"], outcome["applied"]) == ("ready", False)
    assert await office.people() == []
    refused = {each["line"]: each for each in outcome["refused"]}
    assert told(outcome["refused"]) == [(line, field) for line, (field, _value, _says) in BAD.items()]
    for line, (_field, value, says) in BAD.items():
        assert refused[line]["value"] == value
        assert says in refused[line]["problem"]


async def test_refused_rows_come_back_as_a_file_of_the_same_shape_with_their_problems(office: Office) -> None:
    await office.give_file(DATA / "roster-bad-rows.csv", MESSY)
    given = list(csv.reader((DATA / "roster-bad-rows.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    async with office.database.read() as session:
        pieces = corrections(session, organization_id=office.act.organization_id, import_id=office.imports[-1])
        text = b"".join([piece async for piece in pieces]).decode("utf-8-sig")
    back = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert back[0] == [*given[0], "problem"]
    assert [row[:8] for row in back[1:]] == [row[:8] for row in given[2:]]
    assert all(row[-1] for row in back[1:])
    assert "31/02/2027" in back[1][given[0].index("Expiration Date")]


async def test_bad_rows_may_be_left_out_and_the_good_one_is_taken(office: Office) -> None:
    from dataclasses import replace

    outcome = await office.give_file(DATA / "roster-bad-rows.csv", replace(MESSY, leave_out_refused=True))
    assert (outcome["state"], outcome["created"], len(outcome["refused"])) == ("done", 1, 11)
    maria = await office.person()
    assert [each.number for each in maria.credentials] == ["MA80000"]
    async with office.database.read() as session:
        files = await credential_files(session, office.act.organization_id, [maria.id])
    assert len(files[maria.id].assignments) == 1
