"""Facts that are changed in place are kept as they were: for what was known then, and for what a look had named."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.db.queries import trail as told
from compliance.db.queries.files import credential_files
from compliance.domain.covers import Status
from compliance.services import assessments, clinics, credentials, therapists
from compliance.services.trail import Act
from tests import builders as build
from tests.services.asking import finding, held, licensed


async def correct(session: AsyncSession, act: Act, credential_id: UUID, **facts: Any) -> None:
    await credentials.correct(session, act=act, correction=credentials.Correction(credential_id, "misread", **facts))


async def verified(session: AsyncSession) -> tuple[Act, UUID, UUID, UUID]:
    """Somebody whose license MA 1 was confirmed; the last is its id."""
    act, clinic, who, added = await licensed(session)
    await correct(session, act, added.id, number="MA 1")
    await build.verification(session, act, added.id)
    return act, clinic, who, added.id


async def test_a_verification_does_not_prove_a_number_that_it_did_not_name(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, license_ = await verified(session)
        assert (await finding(session, act, who, clinic)).status is Status.MET
        await correct(session, act, license_, number="MA 2")
        now = await finding(session, act, who, clinic)
        look = (await held(session, act, license_)).looks[0]
    assert now.status is Status.UNVERIFIED
    assert "for another number: the number was corrected since" in now.reason
    assert (look.named.number if look.named else "", look.otherwise) == ("MA 1", ("number",))


async def test_a_look_at_one_type_is_none_at_another(database: Database) -> None:
    async with database.write.begin() as session:
        act, _clinic, _who, license_ = await verified(session)
        await correct(session, act, license_, type="temporary-permit", number="T 5")
        assert (await held(session, act, license_)).looks[0].otherwise == ("type", "number")


async def test_another_place_has_to_be_verified_too(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, license_ = await verified(session)
        await correct(session, act, license_, jurisdiction="us-tx")
        await correct(session, act, license_, jurisdiction="us-fl")
        assert (await finding(session, act, who, clinic)).status is Status.MET
        texas = await build.clinic(session, act, "Austin", jurisdiction="us-tx", time_zone="America/Chicago")
        await build.assignment(session, act, who, texas)
        await correct(session, act, license_, jurisdiction="us-tx")
        there = await finding(session, act, who, texas)
    assert there.status is Status.UNVERIFIED
    assert "for another state: the state was corrected since" in there.reason


async def test_the_same_number_in_another_spelling_stays_proven_and_so_does_one_that_is_corrected_back(
    database: Database,
) -> None:
    async with database.write.begin() as session:
        act, clinic, who, license_ = await verified(session)
        await correct(session, act, license_, number="ma-001", notes="as it is printed")
        assert (await finding(session, act, who, clinic)).status is Status.MET
        await correct(session, act, license_, number="MA 7")
        assert (await finding(session, act, who, clinic)).status is Status.UNVERIFIED
        await correct(session, act, license_, number="MA1")
        assert (await finding(session, act, who, clinic)).status is Status.MET


async def test_a_new_look_proves_the_corrected_facts(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, license_ = await verified(session)
        await correct(session, act, license_, number="MA 2")
        await build.verification(session, act, license_)
        assert (await finding(session, act, who, clinic)).status is Status.MET
        looks = (await held(session, act, license_)).looks
    assert sorted(each.otherwise for each in looks) == [(), ("number",)]


async def test_what_was_proven_before_a_correction_was_proven_then(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, license_ = await verified(session)
        before, _hash = await told.head(session, act.organization_id)
        await correct(session, act, license_, number="MA 2")
        statuses = []
        for seq in (before, None):
            said = await assessments.clearance_of(
                session, organization_id=act.organization_id, therapist_id=who, clinic_id=clinic,
                modality=build.MASSAGE, as_of=build.TODAY, known_seq=seq,
            )  # fmt: skip
            license_said = next(each for each in said.findings if each.requirement == "license") if said else None
            assert license_said
            assert license_said.credential
            statuses.append((license_said.status, license_said.credential.number))
    assert statuses == [(Status.MET, "MA 1"), (Status.UNVERIFIED, "MA 2")]


async def test_birth_dates_are_those_that_were_known(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        who = await build.therapist(session, act, birth_date=date(1980, 5, 1))
        marks = []
        for day in (date(1981, 5, 1), date(1982, 5, 1)):
            marks.append((await told.head(session, act.organization_id))[0])
            change = therapists.Change(who, birth_date=day, reason="misread")
            await therapists.change(session, act=act, change=change)
        seen = []
        for seq in (*marks, None):
            files = await credential_files(session, act.organization_id, [who], known_seq=seq)
            seen.append(files[who].birth_date)
    assert seen == [date(1980, 5, 1), date(1981, 5, 1), date(1982, 5, 1)]


async def test_verdicts_follow_the_law_of_the_place_that_was_known(database: Database) -> None:
    """A clinic's place was recorded wrongly and put right before anybody was assigned there."""
    async with database.write.begin() as session:
        act = await build.organization(session)
        clinic = await build.clinic(session, act, "Border", jurisdiction="us-fl")
        before, _hash = await told.head(session, act.organization_id)
        await clinics.change(session, act=act, clinic_id=clinic, jurisdiction="us-ny", name="Buffalo", reason="misread")
        frames = [await assessments.frame(session, act.organization_id, known_seq=seq) for seq in (before, None)]
    assert [each.clinics[clinic] for each in frames] == ["us-fl", "us-ny"]
