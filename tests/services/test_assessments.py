"""The stored copy and the rules give the same answer for every file on every day, on both databases."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.queries.clearances import At, against, by_clinic, count_against, count_working
from compliance.db.queries.files import credential_files
from compliance.db.queries.policies import encode
from compliance.db.records import (
    AssignmentRow,
    ClearancePeriodRow,
    ClinicRow,
    CoveragePeriodRow,
    CredentialRow,
    OrganizationRow,
    PolicyRow,
    StandingRow,
    TermRow,
    TherapistRow,
    VerificationRow,
    WaiverRow,
)
from compliance.domain.assessment import assess
from compliance.domain.covers import CLEAR, Status
from compliance.domain.credentials import Result, StandingCode
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Citation, Policy, Provision, Requirement
from compliance.services import assessments

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TODAY = NOW.date()
MODALITIES = ("trigger-point-therapy", "massage-therapy")
TYPES = ("massage-license", "mblex", "bctmb", "amta-membership")


class Random:
    """A random organization of twelve people at two clinics, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.organization_id = new_id(NOW)
        self.clinics = {new_id(NOW): "us-fl", new_id(NOW): "us-tx"}
        self.people = [new_id(NOW) for _ in range(12)]

    def day(self) -> date:
        return date(2024, 1, 1) + timedelta(days=self.dice.randrange(0, 1400))

    def span(self) -> tuple[date, date]:
        start = self.day()
        return start, start + timedelta(days=self.dice.randrange(0, 800))

    async def write(self, session: AsyncSession) -> None:
        session.add(
            OrganizationRow(
                id=self.organization_id,
                name="O",
                folded_name=str(self.organization_id),
                time_zone="UTC",
                created_at=NOW,
            )
        )
        await session.flush()
        own = {"organization_id": self.organization_id}
        for clinic, place in self.clinics.items():
            row = {"id": clinic, "name": place, "folded_name": place, "jurisdiction": place, "time_zone": "UTC"}
            await session.execute(insert(ClinicRow).values(**own, **row, created_at=NOW))
            await self._clinic(session, own, clinic, place)
        for person in self.people:
            row = {"id": person, "first_name": "A", "last_name": "B", "folded_name": "b a", "folded_first": "a"}
            await session.execute(insert(TherapistRow).values(**own, **row, created_at=NOW))
            await self._work(session, own, person)
            for type in TYPES:
                if self.dice.random() < 0.85:
                    await self._credential(session, own, person, type)

    async def _clinic(self, session: AsyncSession, own: dict[str, UUID], clinic: UUID, place: str) -> None:
        """A license of its own with gaps between its terms, and a stretch for which it is waived."""
        held, code, start = new_id(NOW), "establishment-license", date(2023, 6, 1)
        row = {"id": held, "clinic_id": clinic, "type": code, "jurisdiction": place, "created_at": NOW}
        await session.execute(insert(CredentialRow).values(**own, **row, recorded_seq=1))
        while start < date(2028, 6, 1):
            end = start + timedelta(days=self.dice.randrange(200, 900))
            span = {"id": new_id(NOW), "credential_id": held, "starts_on": start, "ends_on": end, "recorded_seq": 1}
            await session.execute(insert(TermRow).values(**own, **span))
            start = end + timedelta(days=self.dice.randrange(1, 60))
        first, last = self.span()
        said = {"requirement": code, "reason": "r", "granted_by": "g", "starts_on": first, "ends_on": last}
        row = {"id": new_id(NOW), "therapist_id": None, "clinic_id": clinic, "recorded_seq": 1}
        await session.execute(insert(WaiverRow).values(**own, **row, **said))

    async def _work(self, session: AsyncSession, own: dict[str, UUID], person: UUID) -> None:
        for clinic in self.clinics:
            start, end = self.span()
            row = {"id": new_id(NOW), "therapist_id": person, "clinic_id": clinic, "modalities": MODALITIES}
            end = FOREVER if self.dice.random() < 0.7 else end
            await session.execute(
                insert(AssignmentRow).values(**own, **row, starts_on=start, ends_on=end, recorded_seq=1)
            )
        if self.dice.random() < 0.3:
            start, end = self.span()
            row = {
                "id": new_id(NOW),
                "therapist_id": person,
                "requirement": "license",
                "reason": "r",
            }
            where = self.dice.choice([None, *self.clinics])
            await session.execute(
                insert(WaiverRow).values(
                    **own, **row, granted_by="g", clinic_id=where, starts_on=start, ends_on=end, recorded_seq=1
                )
            )

    async def _credential(self, session: AsyncSession, own: dict[str, UUID], person: UUID, type: str) -> None:
        held = new_id(NOW)
        place = self.dice.choice(["us-fl", "us-tx"]) if type == "massage-license" else None
        row = {"id": held, "therapist_id": person, "type": type, "jurisdiction": place, "created_at": NOW}
        await session.execute(insert(CredentialRow).values(**own, **row, recorded_seq=1))
        for _ in range(self.dice.randrange(0, 3)):
            start, end = self.span()
            span = {"id": new_id(NOW), "credential_id": held, "starts_on": start, "ends_on": end, "recorded_seq": 1}
            await session.execute(insert(TermRow).values(**own, **span, inferred=self.dice.random() < 0.3))
            if self.dice.random() < 0.7:
                look = {"id": new_id(NOW), "credential_id": held, "term_id": span["id"], "verified_on": self.day()}
                look |= {"result": self.dice.choice(list(Result)), "verified_by": "x", "source": "y", "recorded_seq": 1}
                await session.execute(insert(VerificationRow).values(**own, **look))
        if self.dice.random() < 0.4:
            told = {"id": new_id(NOW), "credential_id": held, "standing": self.dice.choice(list(StandingCode))}
            await session.execute(
                insert(StandingRow).values(**own, **told, starts_on=self.day(), ends_on=FOREVER, recorded_seq=1)
            )


async def made(database: Database, seed: int) -> Random:
    chance = Random(seed)
    async with database.write.begin() as session:
        await chance.write(session)
        await assessments.refresh(session, organization_id=chance.organization_id, therapist_ids=chance.people)
    return chance


async def test_sql_and_assess_agree_on_every_clearance_on_random_days(database: Database) -> None:
    for seed in range(3):
        chance = await made(database, seed)
        async with database.read.begin() as session:
            rows = (await session.scalars(select(ClearancePeriodRow).where(
                ClearancePeriodRow.organization_id == chance.organization_id))).all()  # fmt: skip
            around = await assessments.frame(session, chance.organization_id)
            files = await credential_files(session, chance.organization_id, chance.people)
        for _ in range(60):
            day, person = chance.day(), chance.dice.choice(chance.people)
            clinic, modality = chance.dice.choice(list(chance.clinics)), chance.dice.choice(MODALITIES)
            stored = [r for r in rows if (r.therapist_id, r.clinic_id, r.modality) == (person, clinic, modality)
                      and r.starts_on <= day <= r.ends_on]  # fmt: skip
            verdict = assessments.verdict(around, files[person], clinic, modality, day)
            assert len(stored) <= 1
            assert bool(stored and stored[0].cleared) is verdict.cleared
            if stored and not verdict.cleared:
                assert verdict.deciding is not None
                assert (stored[0].requirement, stored[0].status) == (
                    verdict.deciding.requirement,
                    verdict.deciding.status,
                )


async def test_sql_and_assess_agree_on_every_requirement(database: Database) -> None:
    chance = await made(database, 7)
    async with database.read.begin() as session:
        rows = (await session.scalars(select(CoveragePeriodRow).where(
            CoveragePeriodRow.organization_id == chance.organization_id))).all()  # fmt: skip
        around = await assessments.frame(session, chance.organization_id)
        files = await credential_files(session, chance.organization_id, chance.people)
    for person, file in files.items():
        asked = around.asked("trigger-point-therapy", "us-fl")
        for _ in range(5):
            day = chance.day()
            for finding in assess(file, asked, day):
                key = (person, finding.requirement, finding.jurisdiction or "")
                held = [r for r in rows if (r.therapist_id, r.requirement, r.jurisdiction) == key]
                mine = [r for r in held if r.starts_on <= day <= r.ends_on]
                status = mine[0].status if mine else Status.MISSING
                assert (status in CLEAR) is finding.clears


async def test_the_dashboards_ranges_find_exactly_those_whom_the_rules_stop(database: Database) -> None:
    chance = await made(database, 11)
    async with database.read.begin() as session:
        around = await assessments.frame(session, chance.organization_id)
        files = await credential_files(session, chance.organization_id, chance.people)
        stopped, soon, working = set(), set(), set()
        for person, file in files.items():
            for clinic, modality in assessments.places_of(file):
                for period in assessments.worked(file, clinic, modality):
                    ahead = [TODAY + timedelta(days=n) for n in range(1, 31)]
                    if period.holds(TODAY):
                        working.add(person)
                        if not assessments.verdict(around, file, clinic, modality, TODAY).cleared:
                            stopped.add((person, clinic, modality))
                            continue
                    later = [day for day in ahead if period.holds(day)]  # also of those who start soon
                    if any(not assessments.verdict(around, file, clinic, modality, day).cleared for day in later):
                        soon.add((person, clinic, modality))
        at = [At(TODAY)]
        now = await against(session, chance.organization_id, at, limit=500)
        then = await against(session, chance.organization_id, at, within_days=30, limit=500)
        assert stopped
        assert {(each.therapist_id, each.clinic_id, each.modality) for each in now} == stopped
        assert {(each.therapist_id, each.clinic_id, each.modality) for each in then} == soon
        assert (await count_against(session, chance.organization_id, at)).number == len({each[0] for each in stopped})
        assert (await count_working(session, chance.organization_id, at)).number == len(working)
        assert sum((await by_clinic(session, chance.organization_id, at)).values()) == len(
            {each[:2] for each in stopped}
        )


async def test_a_copy_made_from_older_policies_is_stale_until_it_is_refreshed(database: Database) -> None:
    chance = await made(database, 13)
    rule = Requirement("cpr", "CPR card", (Provision(accepts=frozenset({"cpr"}), citation=Citation("House rule")),))
    async with database.write.begin() as session:
        assert await assessments.stale(session, organization_id=chance.organization_id, limit=50) == []
        body = {"id": new_id(NOW), "code": "cpr", "body": encode(Policy(rule)), "recorded_seq": 2}
        await session.execute(insert(PolicyRow).values(
            organization_id=chance.organization_id, **body, applies_on=TODAY, ends_on=FOREVER))  # fmt: skip
        assert len(await assessments.stale(session, organization_id=chance.organization_id, limit=50)) == 12
        assert await assessments.refresh_stale(session, organization_id=chance.organization_id, limit=7) == 7
        assert await assessments.refresh_stale(session, organization_id=chance.organization_id, limit=7) == 5
        assert await assessments.refresh_stale(session, organization_id=chance.organization_id, limit=7) == 0


async def test_the_last_day_that_a_calendar_has_can_be_asked_about(database: Database) -> None:
    async with database.read() as session:
        for day in (date.min, date.max):
            assert await against(session, new_id(NOW), [At(day)], within_days=30) == []
