"""The job that signs checkpoints: once for what has grown, never for what was tampered with, and mailed on Mondays."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select, update

from compliance.db.engine import Database
from compliance.db.records import OutboxRow, TrailCheckpointRow, TrailEntryRow
from compliance.jobs import Context, run_job
from compliance.services import accounts
from compliance.settings import read_settings
from tests import builders


async def test_the_job_signs_what_has_grown_and_tells_what_does_not_hold(database: Database, tmp_path: Path) -> None:
    async with database.write.begin() as session:
        whole = await builders.organization(session, "Whole")
        broken = await builders.organization(session, "Broken")
        mine = TrailEntryRow.organization_id == broken.organization_id
        await session.execute(update(TrailEntryRow).where(mine, TrailEntryRow.seq == 1).values(actor="user:x"))
    context = Context(database, read_settings({"COMPLIANCE_HOME": str(tmp_path)}))
    done = (await run_job("checkpoint-trails", context))["done"]
    assert done["broken"] == 1
    async with database.read() as session:
        signed = set(await session.scalars(select(TrailCheckpointRow.organization_id)))
    assert whole.organization_id in signed
    assert broken.organization_id not in signed
    assert (await run_job("checkpoint-trails", context))["done"]["signed"] == 0


async def test_owners_get_the_checkpoint_on_monday_once(database: Database, tmp_path: Path) -> None:
    async with database.write.begin() as session:
        act = await builders.organization(session)
        await accounts.invite(session, act=act, email="olivia@example.org", role="owner", name="Olivia")
    settings = read_settings({"COMPLIANCE_HOME": str(tmp_path)})
    await run_job("checkpoint-trails", Context(database, settings))
    monday = datetime(2030, 12, 2, 15, 0, tzinfo=UTC)
    for _ in range(2):
        await run_job("checkpoint-trails", Context(database, settings, as_if_at=monday))
    async with database.read() as session:
        letters = list(await session.scalars(select(OutboxRow).where(OutboxRow.kind == "trail-checkpoint")))
    assert [each.recipient_address for each in letters] == ["olivia@example.org"]
    assert letters[0].subject.startswith("Keep this: the history of Gulf Coast Massage up to entry")
