"""For random files on random days the report's JSON says what `assess` says, and what the database's own copy says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.db.queries.files import credential_files
from compliance.db.records import ClearancePeriodRow, TherapistRow
from compliance.domain.assessment import Finding, assess
from compliance.domain.credentials import CredentialFile
from compliance.domain.requirements import Holder
from compliance.reports import json_file
from compliance.services import assessments, audit_reports, trail
from compliance.services.assessments import Frame
from compliance.services.audit_reports import Asked
from compliance.services.trail import Act, Entry
from tests.services.test_assessments import NOW, Random

SEEDS, DAYS = range(40, 43), 4


async def made(database: Database, seed: int) -> Random:
    """A random organization whose people have names that tell them apart, and a trail to be read at."""
    chance = Random(seed)
    async with database.write.begin() as session:
        await chance.write(session)
        act = Act(chance.organization_id, "user:tester", NOW)
        await trail.record(
            session, act=act, entry=Entry("organization.added", f"organization:{chance.organization_id}")
        )
        for id_ in chance.people:
            await session.execute(update(TherapistRow).where(TherapistRow.id == id_).values(first_name=str(id_)))
        await assessments.refresh(session, organization_id=chance.organization_id, therapist_ids=chance.people)
    return chance


async def told(session: AsyncSession, chance: Random, day: date) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The verdicts of the JSON, by person, place and modality."""
    asked = Asked(None, day, NOW)
    report = await audit_reports.build(session, organization_id=chance.organization_id, asked=asked)
    data = json.loads(json_file.render(report, "us-letter"))
    return {
        (person["name"].split()[0], verdict["title"].rpartition(", ")[2], verdict["modality"]): verdict
        for person in data["therapists"]
        for verdict in person["modalities"]
    }


async def stored(session: AsyncSession, chance: Random, day: date) -> dict[tuple[str, str, str], bool]:
    """What the database answers by itself, for those who work there that day."""
    row = ClearancePeriodRow
    held = and_(row.organization_id == chance.organization_id, row.starts_on <= day, row.ends_on >= day)
    found = await session.execute(select(row.therapist_id, row.clinic_id, row.modality, row.cleared).where(held))
    return {(str(e.therapist_id), chance.clinics[e.clinic_id], e.modality): e.cleared for e in found}


def at(file: CredentialFile, clinic_id: UUID) -> CredentialFile:
    """The file as it is looked at from one clinic: waivers of another one do not count there."""
    mine = (each for each in file.waivers if each.clinic_id in (None, clinic_id))
    return replace(file, waivers=tuple(replace(each, clinic_id=None) for each in mine))


def findings(frame: Frame, file: CredentialFile, clinic_id: UUID, modality: str, day: date) -> list[Finding]:
    """What is asked of the person held against their file, what is asked of the clinic against the clinic's."""
    own = frame.clinic_file(clinic_id)
    return [
        each
        for asked in frame.asked_at(modality, clinic_id)
        for each in assess(own if asked.holder is Holder.CLINIC else file, [asked], day)
    ]


async def test_the_json_of_random_files_equals_assess_and_sql(database: Database) -> None:
    compared = 0
    for seed in SEEDS:
        chance = await made(database, seed)
        place_of = {place: id_ for id_, place in chance.clinics.items()}
        async with database.read.begin() as session:
            frame = await assessments.frame(session, chance.organization_id)
            files = await credential_files(session, chance.organization_id, chance.people)
            for day in [chance.day() for _ in range(DAYS)]:
                verdicts, sql = await told(session, chance, day), await stored(session, chance, day)
                assert set(sql) == set(verdicts)
                for (person, place, modality), verdict in verdicts.items():
                    file = at(files[UUID(person)], place_of[place])
                    found = findings(frame, file, place_of[place], modality, day)
                    said = [(each["requirement"], each["status"], each["reason"]) for each in verdict["findings"]]
                    assert said == [(each.requirement, each.status.value, each.reason) for each in found]
                    until = [None if each.until in (None, date.max) else str(each.until) for each in found]
                    assert [each["until"] for each in verdict["findings"]] == until
                    assert verdict["cleared"] is all(each.clears for each in found) is sql[person, place, modality]
                    compared += 1
    assert compared > 100
