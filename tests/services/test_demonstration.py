"""The demonstration clinics: every verdict can be seen on any day; all of them can be dropped, and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.db.queries.files import credential_files
from compliance.db.queries.members import members_of
from compliance.db.records import (
    INSTALLATION,
    ClinicRow,
    EvidenceLinkRow,
    EvidenceRow,
    MembershipRow,
    OrganizationRow,
    Record,
    TherapistRow,
)
from compliance.domain.audit_report import STATUSES
from compliance.services import assessments, demonstration, links, trail
from compliance.services.demonstration import papers
from compliance.services.refusals import Refused
from compliance.services.trail import Act
from compliance.store import open_store
from tests import builders

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
DAYS = (
    NOW,
    datetime(2027, 8, 31, 12, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2029, 1, 1, 3, tzinfo=UTC),
)


def act_on(now: datetime) -> Act:
    return Act(INSTALLATION, "cli:tester", now)


async def statuses(session: AsyncSession, organization_id: UUID, day: date) -> Counter[str]:
    around = await assessments.frame(session, organization_id)
    ids = (await session.scalars(select(TherapistRow.id).where(TherapistRow.organization_id == organization_id))).all()
    files = await credential_files(session, organization_id, ids)
    return Counter(
        finding.status.value
        for file in files.values()
        for clinic_id, modality in assessments.places_of(file)
        for finding in assessments.verdict(around, file, clinic_id, modality, day).findings
    )


@pytest.mark.parametrize("now", DAYS)
async def test_every_status_can_be_seen_on_whatever_day_it_is_loaded(database: Database, now: datetime) -> None:
    async with database.write.begin() as session:
        organization_id = await demonstration.load(session, act=act_on(now))
    async with database.read.begin() as session:
        found = await statuses(session, organization_id, now.date())
        places = set(await session.scalars(select(ClinicRow.jurisdiction)))
        assert (await trail.verify(session, organization_id=organization_id))[1] is None
    assert set(found) == set(STATUSES)
    assert found["met"] > sum(found.values()) / 2
    assert places == {"us-fl", "us-tx", "us-nv", "us-ks"}


async def test_each_role_has_somebody_who_can_sign_in_by_a_link_once(database: Database) -> None:
    async with database.write.begin() as session:
        organization_id = await demonstration.load(session, act=act_on(NOW))
        made = await demonstration.sign_in_links(session, now=NOW)
    async with database.write.begin() as session:
        members = await members_of(session, organization_id)
        used = [await links.use_link(session, kind=links.SIGN_IN, token=token, now=NOW) for _, token in made]
        again = await links.use_link(session, kind=links.SIGN_IN, token=made[0][1], now=NOW)
    assert {each.role for each in members} == {"owner", "manager", "reviewer", "auditor"}
    assert not any(each.has_way_in for each in members)
    assert [each and each.organization_id for each in used] == [organization_id] * 4
    assert again is None


async def test_it_is_loaded_once(database: Database) -> None:
    async with database.write.begin() as session:
        await demonstration.load(session, act=act_on(NOW))
    async with database.write.begin() as session:
        with pytest.raises(Refused, match="loaded already"):
            await demonstration.load(session, act=act_on(NOW))


async def test_dropping_it_leaves_nothing_of_it_and_touches_no_other(database: Database) -> None:
    async with database.write.begin() as session:
        mine = await builders.organization(session, "Harbor Massage")
        clinic_id = await builders.clinic(session, mine)
        await builders.trigger_point_therapist(session, mine, clinic_id)
        before = await counts(session)
        organization_id = await demonstration.load(session, act=act_on(NOW))
    async with database.write.begin() as session:
        await demonstration.drop(session, act=act_on(NOW), organization_id=organization_id)
    async with database.write.begin() as session:
        after = await counts(session)
        assert await demonstration.find(session) is None
        assert (await trail.verify(session, organization_id=INSTALLATION))[1] is None
        again = await demonstration.load(session, act=act_on(NOW))
        assert await session.scalar(select(func.count()).where(MembershipRow.organization_id == again)) == 4
    told = {"people", "trail_entries", "trail_values", "trail_heads"}  # what the installation's own chain remembers
    assert {name: count for name, count in after.items() if name not in told} == {
        name: count for name, count in before.items() if name not in told
    }


async def counts(session: AsyncSession) -> dict[str, int]:
    return {
        table.name: await session.scalar(select(func.count()).select_from(table)) or 0
        for table in Record.metadata.sorted_tables
    }


async def test_an_organization_that_is_none_is_never_dropped(database: Database) -> None:
    async with database.write.begin() as session:
        mine = await builders.organization(session, "Harbor Massage")
    async with database.write.begin() as session:
        with pytest.raises(Refused, match="no demonstration"):
            await demonstration.drop(session, act=act_on(NOW), organization_id=mine.organization_id)
    async with database.read.begin() as session:
        assert await session.scalar(select(func.count()).select_from(OrganizationRow)) == 1


async def test_a_few_papers_are_taken_in_as_uploads_are_and_say_that_they_are_none(
    database: Database, tmp_path: Path
) -> None:
    async with database.write.begin() as session:
        id_ = await demonstration.load(session, act=act_on(NOW))
    store, act = open_store("file:evidence", tmp_path), Act(id_, "cli:tester", NOW)
    assert await papers.attach(database, store, act=act) == 6
    assert await papers.attach(database, store, act=act) == 0
    async with database.read() as session:
        kept = (await session.scalars(select(EvidenceRow).where(EvidenceRow.organization_id == id_))).all()
        linked = (await session.scalars(select(EvidenceLinkRow.term_id))).all()
        assert (await trail.verify(session, organization_id=id_))[1] is None
    assert sorted(each.kind for each in kept) == ["jpeg"] + ["pdf"] * 5
    assert all(", demonstration" in each.name and each.rendition_sha256 for each in kept)
    assert None not in linked
    page = pypdfium2.PdfDocument(await store.get(next(each.sha256 for each in kept if each.kind == "pdf")))[0]
    assert page.get_textpage().get_text_bounded().count(papers.MARK) == 2
