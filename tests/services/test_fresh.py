"""Files made from the rows of this transaction are the files that reading would give; else they are not there."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.db.queries.files import credential_files
from compliance.domain.credentials import Result, StandingCode
from compliance.services import credentials, evidence, fresh, standings, therapists, waivers
from compliance.services.refusals import Refused
from compliance.services.trail import Act
from tests import builders as build


async def somebody(session: AsyncSession, act: Act, one: UUID, other: UUID) -> UUID:
    """Cleared, with a renewal, two standings, looks of two kinds, and work at two clinics."""
    id_ = await build.trigger_point_therapist(session, act, one, first_name=" José ")
    await build.assignment(session, act, id_, other, (build.MASSAGE, build.TRIGGER_POINT), ends_on=build.TODAY)
    held = await build.credential(session, act, id_, notes="kept in the drawer")
    await credentials.renew_many(
        session, act=act, renewals=[credentials.Renewal(held.id, date(2029, 8, 31), date(2027, 9, 1))]
    )
    change = standings.StandingChange(held.id, StandingCode.SUSPENDED, build.TODAY, note="a hearing")
    await standings.record_standings(session, act=act, changes=[change])
    await build.verification(session, act, held.id, Result.DIFFERS, standing=StandingCode.INACTIVE, note="by phone")
    return id_


async def test_it_gives_the_files_that_reading_gives(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        clinics = [await build.clinic(session, act) for _ in range(2)]
        with fresh.noting(session):
            ids = [await somebody(session, act, *clinics) for _ in range(3)]
            lonely = await build.therapist(session, act)
            noted = fresh.files(session, [*ids, lonely])
        assert list(noted) == [*ids, lonely]
        assert noted == await credential_files(session, act.organization_id, [*ids, lonely])


async def test_nobody_is_known_who_was_there_before_or_when_nothing_is_noted(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        before = await build.therapist(session, act)
        with fresh.noting(session):
            await build.credential(session, act, before)
            assert fresh.files(session, [before]) == {}
            assert fresh.recorded(session, [before]) == set()
            later = await build.therapist(session, act)
        assert fresh.files(session, [later]) == {}


async def _again(session: AsyncSession, act: Act, id_: UUID, clinic_id: UUID) -> None:
    await build.credential(session, act, id_, number="MA 1")


async def _there_again(session: AsyncSession, act: Act, id_: UUID, clinic_id: UUID) -> None:
    await build.assignment(session, act, id_, clinic_id)


@pytest.mark.parametrize("happens", [_again, _there_again])
async def test_doubles_of_what_was_recorded_in_this_transaction_are_refused(database: Database, happens: Any) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        clinic_id = await build.clinic(session, act)
        with fresh.noting(session):
            id_ = await build.therapist(session, act)
            await happens(session, act, id_, clinic_id)
            with pytest.raises(Refused, match=r"Already|on file"):
                await happens(session, act, id_, clinic_id)


async def test_what_is_known_beforehand_is_known_inside_alone(database: Database) -> None:
    async with database.write.begin() as session:
        with fresh.noting(session, "the law"):
            assert fresh.known(session, str) == "the law"
            assert fresh.known(session, int) is None
        assert fresh.known(session, str) is None


async def _changed(session: AsyncSession, act: Act, id_: UUID) -> None:
    await therapists.change(session, act=act, change=therapists.Change(id_, birth_date=date(1990, 1, 1), reason="typo"))


async def _waived(session: AsyncSession, act: Act, id_: UUID) -> None:
    await waivers.grant(
        session, act=act, therapist_id=id_, requirement="license", starts_on=build.TODAY, ends_on=build.TODAY,
        reason="the board is slow", granted_by="the owner",
    )  # fmt: skip


async def _proven(session: AsyncSession, act: Act, id_: UUID) -> None:
    held = await build.credential(session, act, id_)
    file = evidence.NewEvidence("license.pdf", "document", "application/pdf", "ab" * 32, 1000)
    await evidence.attach(session, act=act, evidence=file, credential_id=held.id)


@pytest.mark.parametrize("happens", [_changed, _waived, _proven])
async def test_what_is_not_plainly_a_new_row_makes_it_forget(database: Database, happens: Any) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        with fresh.noting(session):
            id_ = await build.therapist(session, act)
            assert list(fresh.files(session, [id_])) == [id_]
            assert fresh.recorded(session, [id_]) == {id_}
            await happens(session, act, id_)
            assert fresh.files(session, [id_]) == {}
            assert fresh.recorded(session, [id_]) == set()
