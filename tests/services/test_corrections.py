"""What was wrong is corrected or voided with a reason, and stays in the history."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from compliance.db.engine import Database
from compliance.db.queries import trail as told
from compliance.db.records import CoveragePeriodRow
from compliance.domain.covers import Status
from compliance.domain.credentials import StandingCode
from compliance.services import credentials
from compliance.services.refusals import Refused
from tests import builders as build
from tests.services.asking import finding, held, person


async def test_a_corrected_fact_keeps_the_id_and_tells_the_old_value(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        added = await build.credential(session, act, who, number="MA1")
        await credentials.correct(session, act=act, correction=credentials.Correction(added.id, "typo", number="MA2"))
        before, _hash = await told.head(session, act.organization_id)
        await credentials.correct(session, act=act, correction=credentials.Correction(added.id, "typo", number="MA2"))
        entry = (await told.of_subject(session, act.organization_id, f"credential:{added.id}"))[0]
        assert (await held(session, act, added.id)).number == "MA2"
        assert (entry.old["number"], entry.new["number"], entry.why) == ("MA1", "MA2", "typo")
        assert (await told.head(session, act.organization_id))[0] == before
        with pytest.raises(Refused, match="Say why"):
            await credentials.correct(session, act=act, correction=credentials.Correction(added.id, " ", number="MA3"))


async def test_a_corrected_term_has_to_be_verified_again(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        clinic = await build.clinic(session, act)
        await build.assignment(session, act, who, clinic)
        added = await build.verified_license(session, act, who)
        assert (await finding(session, act, who, clinic)).status is Status.MET
        assert added.term_id
        await credentials.correct_term(
            session, act=act, term_id=added.term_id, ends_on=date(2027, 7, 31), reason="typo"
        )
        assert (await finding(session, act, who, clinic)).status is Status.UNVERIFIED


@pytest.mark.parametrize("what", ["credential", "term", "standing"])
async def test_a_void_takes_it_back_and_keeps_it_in_the_history(database: Database, what: str) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        clinic = await build.clinic(session, act)
        await build.assignment(session, act, who, clinic)
        added = await build.verified_license(session, act, who)
        found = await held(session, act, added.id)
        change = credentials.StandingChange(added.id, StandingCode.SUSPENDED, build.TODAY)
        suspended = await credentials.record_standing(session, act=act, change=change)
        assert (await finding(session, act, who, clinic)).status is Status.BLOCKED
        await credentials.void_standing(session, act=act, standing_id=suspended, reason="another license")
        assert (await finding(session, act, who, clinic)).status is Status.MET
        if what == "credential":
            await credentials.void(session, act=act, credential_id=added.id, reason="not hers")
            assert (await held(session, act, added.id)).void_reason == "not hers"
        if what == "term":
            await credentials.void_term(session, act=act, term_id=found.terms[0].id, reason="never was")
        if what != "standing":
            assert (await finding(session, act, who, clinic)).status is Status.MISSING or what == "term"
            assert (await finding(session, act, who, clinic)).status is not Status.MET
        stored = select(CoveragePeriodRow.status).where(CoveragePeriodRow.therapist_id == who)
        assert ("met" in list(await session.scalars(stored))) is (what == "standing")


async def test_voiding_needs_a_reason_and_happens_once(database: Database) -> None:
    async with database.write.begin() as session:
        act, who = await person(session)
        added = await build.credential(session, act, who)
        with pytest.raises(Refused, match="Say why"):
            await credentials.void(session, act=act, credential_id=added.id, reason="")
        await credentials.void(session, act=act, credential_id=added.id, reason="not hers")
        with pytest.raises(Refused, match=r"was voided \(not hers\)"):
            await credentials.void(session, act=act, credential_id=added.id, reason="again")
        assert (await build.credential(session, act, who, number="MA1")).id != added.id
