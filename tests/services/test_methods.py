"""How a source was looked at: said in the form or on the roster, kept, and printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.db.engine import Database
from compliance.db.queries import credentials
from compliance.domain.methods import METHODS, method_of
from tests.services.rosters import Office, license_row, told


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, tmp_path).open()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Board website", "website"),
        ("called the board", "phone"),
        ("E-mail", "mail"),
        ("saw the original card", "document"),
        ("in person", "in-person"),
        ("API", "api"),
        ("website and phone", None),
        ("", None),
        ("abracadabra", None),
    ],
)
def test_a_rosters_words_are_a_method_or_none(words: str, code: str | None) -> None:
    assert method_of(words) == code
    assert code is None or code in METHODS


async def test_a_roster_says_how_it_was_looked_up(office: Office) -> None:
    await office.give([license_row(verification_method="phone call")])
    credential = (await office.person()).credentials[0]
    async with office.database.read() as session:
        held = await credentials.credential(session, office.act.organization_id, credential.id)
    assert held is not None
    assert [each.how for each in held.looks] == ["Phone call"]


async def test_words_that_are_no_method_are_asked_about_and_the_look_still_counts(office: Office) -> None:
    outcome = await office.give([license_row(verification_method="abracadabra")])
    assert (2, "verification_method") in told(outcome["questions"])
    assert (await office.person()).credentials[0].looks


async def test_a_method_stands_for_the_source_where_the_roster_has_no_other(office: Office) -> None:
    await office.give([license_row(verification_source="", verification_method="board website")])
    look = next(iter((await office.person()).credentials[0].looks))
    assert look.source == "board website"
