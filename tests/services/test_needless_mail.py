"""What makes waiting mail needless withdraws it; what makes it possible again opens it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.queries import trail as told
from compliance.db.records import ReminderRow
from compliance.domain.periods import FOREVER
from compliance.services import assignments, credentials, therapists
from compliance.services.trail import Act
from tests import builders as build
from tests.services.asking import assigned

TODAY = build.TODAY


async def waiting_mail(session: AsyncSession, act: Act, who: UUID, credential_id: UUID) -> None:
    session.add(
        ReminderRow(
            organization_id=act.organization_id,
            id=new_id(act.now),
            subject_id=credential_id,
            therapist_id=who,
            anchor="expiry",
            anchor_on=TODAY,
            rung=30,
            recipient="therapist",
            channel="email",
            local_date=TODAY,
            time_zone="UTC",
            due_at=act.now,
            state="planned",
            created_at=act.now,
        )
    )
    await session.flush()


@pytest.mark.parametrize("what", ["renewed", "voided", "departed", "on leave", "corrected", "leaves later"])
async def test_what_makes_waiting_mail_needless_withdraws_it(database: Database, what: str) -> None:
    async with database.write.begin() as session:
        act, _clinic, who, _assignment = await assigned(session)
        added = await build.credential(session, act, who)
        await waiting_mail(session, act, who, added.id)
        if what == "renewed":
            await credentials.renew(session, act=act, renewal=credentials.Renewal(added.id, date(2029, 8, 31)))
        elif what == "voided":
            await credentials.void(session, act=act, credential_id=added.id, reason="not hers")
        elif what == "corrected":
            assert added.term_id
            await credentials.correct_term(
                session, act=act, term_id=added.term_id, ends_on=date(2027, 7, 31), reason="typo"
            )
        elif what == "on leave":
            await assignments.record_leave(session, act=act, therapist_id=who, starts_on=TODAY, ends_on=FOREVER)
        else:
            last_day = TODAY if what == "departed" else TODAY + timedelta(days=30)
            await therapists.depart(session, act=act, therapist_id=who, last_day=last_day)
        state = await session.scalar(select(ReminderRow.state))
        assert state == ("planned" if what == "leaves later" else "withdrawn")
        actions = {each.action for each in await told.history(session, act.organization_id, who)}
        assert ("reminders.withdrawn" in actions) is (what != "leaves later")


@pytest.mark.parametrize(("clinics", "state"), [(1, "withdrawn"), (2, "planned")])
async def test_a_leave_from_one_clinic_silences_who_works_at_no_other(
    database: Database, clinics: int, state: str
) -> None:
    async with database.write.begin() as session:
        act, clinic, who, _assignment = await assigned(session)
        added = await build.credential(session, act, who)
        if clinics == 2:
            await build.assignment(session, act, who, await build.clinic(session, act))
        await waiting_mail(session, act, who, added.id)
        await assignments.record_leave(session, act=act, clinic_id=clinic, therapist_id=who, starts_on=TODAY)
        assert await session.scalar(select(ReminderRow.state)) == state


async def test_a_corrected_address_opens_what_could_not_be_delivered(database: Database) -> None:
    async with database.write.begin() as session:
        act, _clinic, who, _assignment = await assigned(session)
        added = await build.credential(session, act, who)
        await waiting_mail(session, act, who, added.id)
        await session.execute(update(ReminderRow).values(state="failed", reason="no such mailbox"))
        await therapists.change(session, act=act, change=therapists.Change(who, email="right@example.org"))
        assert await session.scalar(select(ReminderRow.state)) == "planned"
        actions = {each.action for each in await told.history(session, act.organization_id, who)}
        assert "reminders.reopened" in actions
