"""Whom a row of a roster means, and what it changes about the person."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from compliance.db.engine import Database
from compliance.services import therapists
from tests import builders
from tests.services.rosters import EXAM, Office, license_row, told


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, tmp_path).open()


async def test_a_person_is_found_by_address_by_license_and_by_name_with_birth_date(office: Office) -> None:
    await office.give([license_row()])
    for row in (
        license_row(birth_date=""),
        license_row(email="", birth_date=""),
        license_row(email="", credential_type="", jurisdiction="", number="", issued_on="", expires_on="",
                    issuing_authority="", verified_on="", verified_by="", verification_source="", standing=""),
    ):  # fmt: skip
        outcome = await office.give([row])
        assert (outcome["unchanged"], outcome["therapists_created"]) == (1, 0), outcome
    assert len(await office.people()) == 1


async def test_a_license_under_a_former_name_and_a_merged_record_lead_to_the_same_person(office: Office) -> None:
    await office.give([license_row()])
    maria = await office.person()
    async with office.database.write.begin() as session:
        change = therapists.Change(maria.id, last_name="Ortega", name_starts_on=date(2026, 1, 1), reason="marriage")
        await therapists.change_many(session, act=office.act, changes=[change])
    outcome = await office.give([license_row(email="", number="", credential_type="", jurisdiction="", expires_on="",
                                             issued_on="", issuing_authority="", standing="", verified_on="",
                                             verified_by="", verification_source="")])  # fmt: skip
    assert told(outcome["questions"]) == [(2, "last_name")]
    assert (await office.person("Maria Ortega")).id == maria.id


async def test_a_row_that_nothing_identifies_is_refused(office: Office) -> None:
    outcome = await office.give([{"first_name": "Jo", "last_name": "Doe", "clinic": "Tampa", "modalities": "massage"}])
    assert told(outcome["refused"]) == [(2, "email")]
    assert "Give one of them on every row" in outcome["refused"][0]["problem"]


async def test_a_row_that_fits_two_people_is_refused_with_both_names(office: Office) -> None:
    async with office.database.write.begin() as session:
        born = date(1985, 4, 3)
        for first in ("Maria", "María"):
            await builders.therapist(session, office.act, first, "Alvarez", birth_date=born)
    outcome = await office.give([license_row(email="other@example.org", number="")])
    assert told(outcome["refused"]) == [(2, "email")]
    assert "Maria Alvarez and María Alvarez" in outcome["refused"][0]["problem"]


async def test_a_shared_npi_is_a_question_and_never_a_match(office: Office) -> None:
    outcome = await office.give(
        [
            license_row(npi="1234567893"),
            license_row(npi="1234567893", email="jo@example.org", last_name="Doe", number="MA80001"),
        ]
    )
    assert outcome["therapists_created"] == 2
    assert (3, "npi") in told(outcome["questions"])


async def test_rows_that_contradict_each_other_are_refused_by_both_lines(office: Office) -> None:
    outcome = await office.give([license_row(), EXAM | {"birth_date": "1986-04-03"}])
    assert told(outcome["refused"]) == [(2, "birth_date"), (3, "birth_date")]
    assert all("Lines 2 and 3" in each["problem"] for each in outcome["refused"])


async def test_two_of_one_name_and_birth_date_are_taken_when_their_names_are_parted(office: Office) -> None:
    both = [license_row(email=f"{each}@x.example", number=f"MA {each}") for each in "ab"]
    outcome = await office.give(both)
    assert "if they are two people, part their names, by a middle initial for instance." in str(outcome["refused"])
    outcome = await office.give([both[0], both[1] | {"first_name": "Maria J."}])
    assert (outcome["refused"], outcome["therapists_created"]) == ([], 2)


async def test_two_people_of_the_file_who_are_one_on_file_are_refused_by_both_lines(office: Office) -> None:
    await office.give([license_row()])
    outcome = await office.give([license_row(number="", credential_type="", jurisdiction="", expires_on="",
                                             issued_on="", issuing_authority="", standing="", verified_on="",
                                             verified_by="", verification_source="", birth_date=""),
                                 license_row(email="second@example.org", birth_date="", first_name="M")])  # fmt: skip
    assert told(outcome["refused"]) == [(3, "email")]
    assert "Lines 2 and 3 are both Maria Alvarez" in outcome["refused"][0]["problem"]
