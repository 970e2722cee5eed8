"""What a row of a roster adds: terms, facts, looks, standings; what it asks, and what it never does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from compliance.db.engine import Database
from compliance.domain.credentials import StandingCode
from compliance.services import credentials
from compliance.services.credentials import StandingChange
from compliance.services.intake import Options
from tests.services.rosters import EXAM, NOT_VERIFIED, Office, license_row, told


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, tmp_path).open()


async def test_the_first_issue_does_not_start_a_term_of_eight_years(office: Office) -> None:
    await office.give([license_row()])
    held = (await office.person()).credentials[0]
    assert held.first_issued_on == date(2019, 8, 1)
    assert [(each.starts_on, each.ends_on, each.inferred) for each in held.terms] == [
        (date(2025, 9, 1), date(2027, 8, 31), True)
    ]


async def test_a_later_expiry_is_a_new_term_and_an_earlier_one_a_question(office: Office) -> None:
    await office.give([license_row()])
    outcome = await office.give([license_row(expires_on="2029-08-31")])
    assert outcome["changed"] == 1
    held = (await office.person()).credentials[0]
    assert [(each.starts_on, each.ends_on) for each in held.terms] == [
        (date(2025, 9, 1), date(2027, 8, 31)),
        (date(2027, 9, 1), date(2029, 8, 31)),
    ]
    outcome = await office.give([license_row(expires_on="2026-08-31") | NOT_VERIFIED])
    assert (outcome["changed"], (2, "expires_on") in told(outcome["questions"])) == (0, True)
    assert len((await office.person()).credentials[0].terms) == 2


async def test_another_issue_date_of_the_same_term_is_a_question(office: Office) -> None:
    await office.give([license_row()])
    outcome = await office.give([license_row(issued_on="2018-08-01")])
    assert (outcome["unchanged"], told(outcome["questions"])) == (1, [(2, "issued_on")])


async def test_several_terms_of_one_license_may_come_in_one_file_in_any_order(office: Office) -> None:
    await office.give([license_row(expires_on="2027-08-31"), license_row(expires_on="2025-08-31", verified_on="")])
    terms = (await office.person()).credentials[0].terms
    assert sorted(each.ends_on for each in terms) == [date(2025, 8, 31), date(2027, 8, 31)]


async def test_a_blank_cell_leaves_what_is_on_file(office: Office) -> None:
    await office.give([license_row(phone="555-0100", npi="1234567893")])
    bare = {"first_name": "Maria", "last_name": "Alvarez", "email": "maria@example.org"}
    outcome = await office.give([bare | {"phone": "", "npi": "", "clinic": ""}])
    assert outcome["unchanged"] == 1
    maria = await office.person()
    assert (maria.phone, maria.npi, len(maria.assignments)) == ("555-0100", "1234567893", 1)


async def test_facts_that_differ_are_changed_and_the_preview_shows_old_and_new(office: Office) -> None:
    await office.give([license_row(phone="555-0100")])
    row = license_row(phone="555-0199", email="new@example.org")
    preview = await office.give([row], Options())
    assert (preview["state"], preview["changed"], preview["applied"]) == ("ready", 1, False)
    changes = {(each.field, each.old, each.new) for each in (await office.rows())[0].changes}
    assert {("phone", "555-0100", "555-0199"), ("email", "maria@example.org", "new@example.org")} <= changes
    assert (await office.person()).phone == "555-0100", "a preview changes nothing"
    await office.give([row])
    assert (await office.person()).email == "new@example.org"


async def test_a_new_name_keeps_the_old_one_as_a_former_name(office: Office) -> None:
    await office.give([license_row()])
    await office.give([license_row(last_name="Ortega")])
    assert (await office.person("Maria Ortega")).names == {"alvarez maria", "ortega maria"}


async def test_extra_columns_are_kept_as_notes_of_the_person_or_of_the_credential(office: Office) -> None:
    await office.give([license_row(locker="7", hours="24"), EXAM | {"locker": "7", "hours": "0"}])
    maria = await office.person()
    assert maria.notes == "locker: 7"
    assert sorted(each.notes for each in maria.credentials) == ["hours: 0", "hours: 24"]


async def test_details_of_a_type_are_read_and_a_wrong_one_is_refused(office: Office) -> None:
    insurance = license_row(
        credential_type="Insurance", jurisdiction="", issuing_authority="Insurer", number="P1", issued_on="2026-08-01",
        expires_on="2027-08-01", detail_per_occurrence="$2,000,000", detail_form="Occurrence",
    )  # fmt: skip
    await office.give([insurance])
    assert (await office.person()).credentials[0].details == {"per_occurrence": 2_000_000, "form": "occurrence"}
    outcome = await office.give([insurance | {"number": "P2", "detail_form": "whatever"}])
    assert told(outcome["refused"]) == [(2, "detail_form")]


async def test_day_person_and_source_together_are_a_confirmed_verification(office: Office) -> None:
    await office.give([license_row()])
    held = (await office.person()).credentials[0]
    look = next(iter(held.looks))
    assert (look.verified_on, look.verified_by, look.source) == (date(2026, 10, 1), "J. Ortiz", "board website")
    assert look.term_id == held.terms[0].id


@pytest.mark.parametrize("missing", ["verified_on", "verified_by", "verification_source"])
async def test_with_one_of_them_missing_it_is_a_remark_and_proves_nothing(office: Office, missing: str) -> None:
    await office.give([license_row(**{missing: ""})])
    held = (await office.person()).credentials[0]
    assert not held.looks
    assert "not a whole verification" in held.notes
    assert (await office.give([license_row(**{missing: ""})]))["unchanged"] == 1


async def test_a_look_in_the_future_proves_nothing_and_is_asked_about(office: Office) -> None:
    outcome = await office.give([license_row(verified_on="2027-03-01")])
    assert (2, "verified_on") in told(outcome["questions"])
    assert not (await office.person()).credentials[0].looks


async def test_a_later_look_is_a_further_verification(office: Office) -> None:
    await office.give([license_row()])
    outcome = await office.give([license_row(verified_on="2026-11-01")])
    assert outcome["changed"] == 1
    assert len((await office.person()).credentials[0].looks) == 2


async def test_a_suspension_begins_on_the_day_of_the_look_and_ends_with_a_better_word(office: Office) -> None:
    await office.give([license_row()])
    await office.give([license_row(standing="Suspended", verified_on="2026-10-20")])
    await office.give([license_row(standing="Active", verified_on="2026-11-10")])
    standings = [(e.standing, e.starts_on) for e in (await office.person()).credentials[0].standings]
    assert standings[1:] == [("suspended", date(2026, 10, 20)), ("active", date(2026, 11, 10))]


async def test_a_word_older_than_the_one_on_file_is_asked_about(office: Office) -> None:
    await office.give([license_row()])
    held = (await office.person()).credentials[0]
    async with office.database.write.begin() as session:
        change = StandingChange(held.id, StandingCode("suspended"), date(2026, 11, 15))
        await credentials.record_standing(session, act=office.act, change=change)
    outcome = await office.give([license_row(verified_on="")])
    assert outcome["changed"] == 1, "today's word is newer"
    outcome = await office.give([license_row(standing="Inactive")])
    assert (2, "standing") in told(outcome["questions"])
