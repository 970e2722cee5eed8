"""Credentials are recorded with their first term; every refusal says what to do."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from compliance import catalog
from compliance.db.engine import Database
from compliance.db.queries import credentials as read
from compliance.db.queries import trail as told
from compliance.domain.credentials import Result, StandingCode
from compliance.domain.periods import FOREVER
from compliance.services import clinics, credentials
from compliance.services.refusals import Refused
from tests import builders as build
from tests.services.asking import held, person, spans

START, END = date(2025, 9, 1), date(2027, 8, 31)


async def test_a_credential_is_recorded_with_its_term_and_standing_in_one_entry(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        before, _hash = await told.head(session, act.organization_id)
        added = await build.credential(session, act, who, number="MA 1", details={})
        after, _hash = await told.head(session, act.organization_id)
        found = await held(session, act, added.id)
        entry = (await told.of_subject(session, act.organization_id, f"credential:{added.id}"))[0]
    assert after == before + 1
    assert (found.number, spans(found), found.standings[0].standing) == ("MA 1", [(START, END)], StandingCode.ACTIVE)
    assert (entry.action, entry.new["number"], entry.new["term.ends_on"]) == ("credential.added", "MA 1", "2027-08-31")


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"type": "driving-license"}, "type", "Allowed are massage-license"),
        ({"type": "establishment-license"}, "type", "held by a clinic"),
        ({"jurisdiction": "us-zz"}, "jurisdiction", "'us-zz' is not known"),
        ({"jurisdiction": None}, "jurisdiction", "which state"),
        ({"term": credentials.NewTerm(END, START)}, "ends_on", "before it starts on Aug 31, 2027"),
        ({"term": credentials.NewTerm(START, FOREVER)}, "ends_on", "Give the expiry"),
        ({"term": credentials.NewTerm(START, date(2207, 8, 31))}, "ends_on", "Look at the year"),
        ({"first_issued_on": date(1207, 8, 31)}, "first_issued_on", "Look at the year"),
        ({"details": {"color": "red"}}, "detail_color", "has no detail 'color'"),
        ({"type": "cmtpt", "jurisdiction": None}, "issuing_authority", "say which"),
        ({"type": "cmtpt", "jurisdiction": None, "issuing_authority": "Me"}, "issuing_authority", "'Me' is none of"),
        ({"number": "9" * 101}, "number", "too long"),
    ],
)
async def test_what_cannot_be_true_is_refused_in_words(
    database: Database, given: dict[str, Any], field: str, words: str
) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        said = {"type": "massage-license", "jurisdiction": "us-fl", "number": "MA1"} | given
        new = credentials.NewCredential(therapist_id=who, **said)
        with pytest.raises(Refused) as refused:
            await credentials.add(session, act=act, credential=new)
        assert words in refused.value.fields[field]
        assert await read.of_therapist(session, act.organization_id, who) == []


async def test_all_problems_of_a_list_are_told_at_once_and_nothing_is_written(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        new = [
            credentials.NewCredential("mblex", therapist_id=who),
            credentials.NewCredential("nothing", therapist_id=who),
            credentials.NewCredential("massage-license", therapist_id=who, term=credentials.NewTerm(END, START)),
        ]
        with pytest.raises(Refused) as refused:
            await credentials.add_many(session, act=act, credentials=new)
        assert {each.index for each in refused.value.problems} == {1, 2}
        assert await read.of_therapist(session, act.organization_id, who) == []


async def test_the_same_number_twice_is_refused_however_it_is_written(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        await build.credential(session, act, who, number="MA 00801")
        with pytest.raises(Refused, match="on file already"):
            await build.credential(session, act, who, number="ma-801")
        await build.credential(session, act, who, number="ma-802")
        await build.credential(session, act, await build.therapist(session, act), number="MA801")


async def test_details_are_read_by_their_kind(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        names = {each.name: each.kind for each in catalog.load().types["liability-insurance"].details}
        money = next(name for name, kind in names.items() if kind == "money")
        new = credentials.NewCredential("liability-insurance", therapist_id=who, details={money: "$2,000,000"})
        added = await credentials.add(session, act=act, credential=new)
        assert (await held(session, act, added.id)).details == {money: 2_000_000}
        wrong = credentials.NewCredential("liability-insurance", therapist_id=who, details={money: "a lot"})
        with pytest.raises(Refused, match="'a lot' is no"):
            await credentials.add(session, act=act, credential=wrong)


async def test_a_clinic_holds_its_own_license(database: Database) -> None:
    async with database.write.begin() as session:
        act, _who = await person(session)
        clinic = await build.clinic(session, act, licensed=False)
        added = await build.credential(session, act, None, "establishment-license", clinic_id=clinic)
        assert [each.id for each in await read.of_clinic(session, act.organization_id, clinic)] == [added.id]
        await clinics.close(session, act=act, clinic_id=clinic, closed_on=build.TODAY + timedelta(days=30))


async def test_a_look_that_is_brought_in_is_a_verification_of_the_first_term(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        look = credentials.NewLook(build.TODAY, "J. Ortiz", "board website")
        added = await build.credential(session, act, who, look=look)
        found = await held(session, act, added.id)
        assert [(each.id, each.result, each.term_id) for each in found.looks] == [
            (added.verification_id, Result.CONFIRMED, added.term_id)
        ]
        with pytest.raises(Refused, match="somebody's word"):
            await build.credential(session, act, who, look=credentials.NewLook(build.TODAY, "", "board website"))


async def test_two_who_record_the_same_number_at_once_record_it_once(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)

    async def attempt() -> bool:
        try:
            async with database.write.begin() as session:
                await build.credential(session, act, who, number="MA1")
        except Refused:
            return False
        return True

    assert sorted(await asyncio.gather(attempt(), attempt(), attempt())) == [False, False, True]
