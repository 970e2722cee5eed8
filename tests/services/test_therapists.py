"""Therapists: their names over time, their addresses, and how they leave."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from compliance.db.engine import Database
from compliance.db.queries import trail as told
from compliance.services import therapists
from compliance.services.refusals import Refused
from tests import builders as build
from tests.services.asking import file_of

TODAY = build.TODAY


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"last_name": " "}, "last_name", "Give the last name"),
        ({"last_name": "A\x00B"}, "last_name", "is no name"),
        ({"email": "not an address"}, "email", "is not an e-mail address"),
        ({"npi": "1234567890"}, "npi", "last digit"),
        ({"birth_date": date(2020, 1, 1)}, "birth_date", "Look at the year"),
        ({"birth_date": date(1880, 1, 1)}, "birth_date", "Look at the year"),
    ],
)
async def test_impossible_people_are_refused_in_words(
    database: Database, given: dict[str, Any], field: str, words: str
) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        with pytest.raises(Refused) as refused:
            await build.therapist(session, act, **given)
        assert words in refused.value.fields[field]


async def test_an_address_belongs_to_one_person_and_is_free_again_after_it_changed(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        ana = await build.therapist(session, act, email="ana@example.org")
        with pytest.raises(Refused, match="address of another therapist"):
            await build.therapist(session, act, email="ANA@example.org")
        two = [therapists.NewTherapist("A", "B", email="b@x.org"), therapists.NewTherapist("C", "D", email="B@x.org")]
        with pytest.raises(Refused) as refused:
            await therapists.add_many(session, act=act, therapists=two)
        assert [each.index for each in refused.value.problems] == [1]
        await therapists.change(session, act=act, change=therapists.Change(ana, email="new@example.org"))
        await build.therapist(session, act, email="ana@example.org")
        assert [each.email for each in (await file_of(session, act, ana)).addresses] == [
            "ana@example.org",
            "new@example.org",
        ]


async def test_a_new_name_keeps_the_old_one_and_a_misspelling_does_not(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act, "Ana", "Ruis")
        with pytest.raises(Refused, match="Say why the name changes"):
            await therapists.change(session, act=act, change=therapists.Change(who, last_name="Ruiz"))
        typo = therapists.Change(who, last_name="Ruiz", reason="a misspelling")
        await therapists.change(session, act=act, change=typo)
        assert (await file_of(session, act, who)).former_names() == ()
        married = therapists.Change(who, last_name="Solis", name_starts_on=TODAY, reason="marriage")
        await therapists.change(session, act=act, change=married)
        found = await file_of(session, act, who)
        assert (found.name, found.former_names(), found.names[-1].reason) == ("Ana Solis", ("Ana Ruiz",), "marriage")


async def test_what_is_the_same_already_is_no_change(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act, "Ana", "Ruiz", email="ana@example.org", npi="1234567893")
        before = await told.head(session, act.organization_id)
        same = therapists.Change(who, first_name="Ana ", email=" ana@example.org", npi="1234567893")
        await therapists.change(session, act=act, change=same)
        assert await told.head(session, act.organization_id) == before
        await therapists.change(session, act=act, change=therapists.Change(who, email="", npi=""))
        found = await file_of(session, act, who)
        assert (found.email, found.npi, found.first_name) == (None, None, "Ana")


async def test_many_change_in_one_list_each_in_their_own_way(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        ana, ben = [await build.therapist(session, act, name) for name in ("Ana", "Ben")]
        changes = [therapists.Change(ana, phone="555"), therapists.Change(ben, notes="tall", npi="1234567893")]
        await therapists.change_many(session, act=act, changes=changes)
        one, other = await file_of(session, act, ana), await file_of(session, act, ben)
        assert (one.phone, one.notes, one.npi) == ("555", "", None)
        assert (other.phone, other.notes, other.npi) == ("", "tall", "1234567893")
