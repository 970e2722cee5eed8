"""Verifications: only a confirmed look proves, and only its term."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from compliance.db.engine import Database
from compliance.db.queries import credentials as read
from compliance.db.queries import decisions
from compliance.domain.covers import Status
from compliance.domain.credentials import Result, StandingCode
from compliance.services import credentials, verifications
from compliance.services.refusals import Refused
from tests import builders as build
from tests.services.asking import finding, licensed

TODAY = build.TODAY


async def test_a_word_confirmed_after_another_of_its_day_is_recorded(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, added = await licensed(session)
        told = credentials.StandingChange(added.id, StandingCode.SUSPENDED, date(2025, 9, 1))  # and active since then
        await credentials.record_standing(session, act=act, change=told)
        await build.verification(session, act, added.id, term_id=added.term_id, standing=StandingCode.ACTIVE)
        assert (await finding(session, act, who, clinic)).status is Status.MET


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (Result.CONFIRMED, Status.MET),
        (Result.DIFFERS, Status.UNVERIFIED),
        (Result.NOT_FOUND, Status.UNVERIFIED),
        (Result.COULD_NOT_CHECK, Status.UNVERIFIED),
    ],
)
async def test_only_a_confirmed_look_proves_the_term(database: Database, result: Result, status: Status) -> None:
    async with database.write.begin() as session:
        act, clinic, who, added = await licensed(session)
        assert (await finding(session, act, who, clinic)).status is Status.UNVERIFIED
        await build.verification(session, act, added.id, result)
        assert (await finding(session, act, who, clinic)).status is status


async def test_a_look_that_does_not_confirm_waits_until_somebody_has_decided(database: Database) -> None:
    async with database.write.begin() as session:
        act, _clinic, who, added = await licensed(session)
        await build.verification(session, act, added.id)
        doubt = await build.verification(session, act, added.id, Result.DIFFERS, standing=StandingCode.SUSPENDED)
        waiting = await decisions.open_looks(session, act.organization_id)
        assert [(each.verification_id, each.therapist_id, each.first_name, each.last_name) for each in waiting] == [
            (doubt, who, "Maria", "Alvarez")
        ]
        held = await read.credential(session, act.organization_id, added.id)
        assert held
        assert {each.standing for each in held.standings} == {StandingCode.ACTIVE}
        with pytest.raises(Refused, match="Say why"):
            await verifications.resolve(session, act=act, verification_id=doubt, reason="")
        await verifications.resolve(session, act=act, verification_id=doubt, reason="a namesake")
        assert await decisions.open_looks(session, act.organization_id) == []
        with pytest.raises(Refused, match="nothing to decide"):
            await verifications.resolve(session, act=act, verification_id=doubt, reason="again")


async def test_a_confirmed_standing_that_is_new_is_recorded_from_that_day(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, added = await licensed(session)
        await build.verification(session, act, added.id, standing=StandingCode.ACTIVE)
        look = await build.verification(session, act, added.id, standing=StandingCode.SUSPENDED)
        held = await read.credential(session, act.organization_id, added.id)
        assert held
        assert [(each.standing, each.starts_on) for each in held.standings] == [
            (StandingCode.ACTIVE, date(2025, 9, 1)),
            (StandingCode.SUSPENDED, TODAY),
        ]
        assert (await finding(session, act, who, clinic)).status is Status.BLOCKED
        await verifications.void(session, act=act, verification_id=look, reason="the wrong license")
        assert (await finding(session, act, who, clinic)).status is Status.MET


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"verified_by": " "}, "verified_by", "somebody's word"),
        ({"source": ""}, "source", "license search"),
        ({"verified_on": TODAY + timedelta(days=2)}, "verified_on", "Nobody can have looked"),
        ({"term_id": uuid4()}, "term_id", "does not belong"),
    ],
)
async def test_impossible_looks_are_refused_in_words(
    database: Database, said: dict[str, Any], field: str, words: str
) -> None:
    async with database.write.begin() as session:
        act, _clinic, _who, added = await licensed(session)
        with pytest.raises(Refused) as refused:
            await build.verification(session, act, added.id, **said)
        assert words in refused.value.fields[field]


async def test_a_look_names_its_term_where_there_are_several(database: Database) -> None:
    async with database.write.begin() as session:
        act, _clinic, _who, added = await licensed(session)
        later = await credentials.renew(session, act=act, renewal=credentials.Renewal(added.id, date(2029, 8, 31)))
        await build.verification(session, act, added.id)  # the term that holds the day
        with pytest.raises(Refused, match="Say which term was confirmed: Sep 1, 2025 to Aug 31, 2027; Sep 1, 2027"):
            await build.verification(session, act, added.id, verified_on=date(2025, 1, 1))
        await build.verification(session, act, added.id, term_id=later)
        held = await read.credential(session, act.organization_id, added.id)
        assert held
        assert {each.term_id for each in held.looks} == {added.term_id, later}
