"""Where a roster says that somebody works, and what cannot be said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from compliance.db.engine import Database
from compliance.domain.periods import FOREVER
from tests import builders
from tests.services.rosters import Office, license_row, told


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, tmp_path).open()


async def test_another_clinic_is_a_further_assignment_and_nothing_ends_without_a_day(office: Office) -> None:
    async with office.database.write.begin() as session:
        await builders.clinic(session, office.act, "Orlando")
    await office.give([license_row()])
    await office.give([license_row(clinic="Orlando", started_on="2026-05-01")])
    assert [each.ends_on for each in (await office.person()).assignments] == [FOREVER, FOREVER]
    await office.give([license_row(left_on="2026-10-31")])
    assert sorted(each.ends_on for each in (await office.person()).assignments) == [date(2026, 10, 31), FOREVER]


async def test_a_rehire_is_a_second_assignment(office: Office) -> None:
    await office.give([license_row(left_on="2024-12-31")])
    outcome = await office.give([license_row(started_on="2026-01-05")])
    assert outcome["created"] == 1
    assert [each.starts_on for each in (await office.person()).assignments] == [date(2023, 1, 9), date(2026, 1, 5)]


async def test_other_modalities_hold_from_today_and_the_same_file_again_changes_nothing(office: Office) -> None:
    await office.give([license_row()])
    row = license_row(modalities="Massage; Trigger Point")
    assert (await office.give([row]))["changed"] == 1
    assert (await office.give([row]))["unchanged"] == 1
    stays = sorted((await office.person()).assignments, key=lambda each: each.starts_on)
    assert [each.modalities for each in stays] == [
        ("massage-therapy",),
        ("massage-therapy", "trigger-point-therapy"),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"left_on": "2022-12-31"}, "left_on"),
        ({"modalities": "Reiki"}, "modalities"),
        ({"modalities": ""}, "modalities"),
        ({"clinic": "Tamper"}, "clinic"),
        ({"clinic": ""}, "clinic"),
        ({"birth_date": "2020-01-01"}, "birth_date"),
        ({"npi": "1234567890"}, "npi"),
        ({"jurisdiction": "", "issuing_authority": ""}, "jurisdiction"),
        ({"renewed_on": "2028-01-01"}, "expires_on"),
        ({"credential_type": "CMTPT", "issuing_authority": ""}, "issuing_authority"),
        ({"credential_type": "Establishment License"}, "credential_type"),
        ({"credential_type": ""}, "credential_type"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(office: Office, changes: dict[str, str], field: str) -> None:
    outcome = await office.give([license_row(**changes)])
    assert field in {each["field"] for each in outcome["refused"]}
    assert await office.people() == []
    assert all(each["problem"].endswith(".") for each in outcome["refused"])


async def test_a_board_tells_the_state_and_a_board_of_another_state_is_asked_about(office: Office) -> None:
    outcome = await office.give([license_row(jurisdiction="")])
    assert (await office.person()).credentials[0].jurisdiction == "us-fl"
    outcome = await office.give(
        [license_row(issuing_authority="TDLR", email="b@example.org", number="9", birth_date="")]
    )
    assert (2, "issuing_authority") in told(outcome["questions"])
