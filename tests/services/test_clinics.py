"""Clinics and organizations: they open, change, close, and keep what was where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.queries import clinics as read_clinics
from compliance.db.queries import organizations as read_organizations
from compliance.services import clinics, organizations
from compliance.services.refusals import Refused, Unknown
from tests import builders as build
from tests.services.asking import assigned, file_of

TODAY = build.TODAY


async def test_a_closing_clinic_ends_what_runs_longer_and_takes_nobody_more(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, _first = await assigned(session)
        ben = await build.therapist(session, act)
        await build.assignment(session, act, ben, clinic, starts_on=TODAY + timedelta(days=60))
        last = TODAY + timedelta(days=30)
        assert await clinics.close(session, act=act, clinic_id=clinic, closed_on=last, reason="moved") == 2
        assert [each.ends_on for each in (await file_of(session, act, who)).assignments] == [last]
        assert (await file_of(session, act, ben)).assignments == ()
        with pytest.raises(Refused, match="closed on"):
            await build.assignment(session, act, ben, clinic)
        with pytest.raises(Refused, match="Reopen it first"):
            await clinics.close(session, act=act, clinic_id=clinic, closed_on=last)
        await clinics.reopen(session, act=act, clinic_id=clinic, reason="stays")
        await build.assignment(session, act, ben, clinic)


async def test_a_clinic_where_people_worked_does_not_move_to_another_state(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, _who, _first = await assigned(session)
        empty = await build.clinic(session, act, "Miami")
        await clinics.change(session, act=act, clinic_id=empty, jurisdiction="us-tx", time_zone="America/Chicago")
        with pytest.raises(Refused, match="Close it and add a new clinic"):
            await clinics.change(session, act=act, clinic_id=clinic, jurisdiction="us-tx")
        with pytest.raises(Refused, match="exists already"):
            await clinics.change(session, act=act, clinic_id=clinic, name=" miami ")
        await clinics.change(session, act=act, clinic_id=clinic, name="Tampa")
        found = await read_clinics.clinic(session, act.organization_id, empty)
        assert found
        assert (found.jurisdiction, found.time_zone) == ("us-tx", "America/Chicago")


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": " "}, "name", "Give the clinic's name"),
        ({"jurisdiction": "us-zz"}, "jurisdiction", "Allowed are us-ak"),
        ({"time_zone": "Tampa"}, "time_zone", "IANA name"),
        ({"time_zone": None}, "time_zone", "several time zones"),
    ],
)
async def test_impossible_clinics_are_refused_in_words(
    database: Database, given: dict[str, Any], field: str, words: str
) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        new = {"name": "Tampa", "jurisdiction": "us-fl", "time_zone": "America/New_York"} | given
        with pytest.raises(Refused) as refused:
            await clinics.add(session, act=act, clinic=clinics.NewClinic(**new))
        assert words in refused.value.fields[field]


async def test_a_saved_board_address_counts_until_the_next(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        for url in ("https://one.example.org", "https://two.example.org"):
            await clinics.save_board_address(session, act=act, jurisdiction="us-ks", url=url)
        assert await read_clinics.board_addresses(session, act.organization_id) == {"us-ks": "https://two.example.org"}
        with pytest.raises(Refused, match="no web address"):
            await clinics.save_board_address(session, act=act, jurisdiction="us-ks", url="javascript:alert(1)")


async def test_an_organization_has_a_name_of_its_own_and_settings_that_add_up(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session, "Gulf Coast")
        with pytest.raises(Refused, match="exists already"):
            await build.organization(session, "GULF  coast")
        with pytest.raises(Refused, match="is no time zone"):
            await build.organization(session, "Other", time_zone="Mars/Phobos")
        await organizations.change(session, act=act, settings={"paper": "a4"})
        await organizations.change(session, act=act, settings={"language": "en"}, postal_address="1 Main St")
        found = await read_organizations.organization(session, act.organization_id)
        assert found
        assert (found.settings, found.postal_address) == ({"paper": "a4", "language": "en"}, "1 Main St")
        with pytest.raises(Unknown):
            await organizations.change(session, act=build.act_in(new_id(act.now)), name="Ghost")
