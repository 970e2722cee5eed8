"""A whole chain is checked stretch by stretch, to the entry that was last when the check began."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from compliance.db.engine import Database
from compliance.db.records import TrailEntryRow, TrailHeadRow
from compliance.services import trail_check
from tests import builders
from tests.services.rosters import Office


@pytest.fixture
async def office(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(trail_check, "BATCH", 3)  # several stretches without thousands of entries
    office = await Office(database, tmp_path).open()
    async with database.write.begin() as session:
        for name in ("Ana", "Bo", "Cy", "Di", "Ed"):
            await builders.therapist(session, office.act, name, "Lind")
    return office


async def check(office: Office) -> dict[str, Any]:
    async with office.database.write.begin() as session:
        id_ = await trail_check.start(session, act=office.act)
    task = await office.run_task(id_)
    assert (task.state, task.problem) == ("done", "")
    return dict(task.result)


async def test_a_whole_chain_holds_to_its_last_entry(office: Office) -> None:
    found = await check(office)
    async with office.database.read() as session:
        head = await session.get(TrailHeadRow, office.act.organization_id)
    assert head
    assert found == {"entries": head.seq, "checkpoints": 0, "holds": True, "broken": None}
    assert head.seq > 7


@pytest.mark.parametrize("seq", [1, 3, 4, 6])
async def test_a_rewritten_entry_is_named_wherever_it_lies(office: Office, seq: int) -> None:
    mine = (TrailEntryRow.organization_id == office.act.organization_id, TrailEntryRow.seq == seq)
    async with office.database.write.begin() as session:
        await session.execute(update(TrailEntryRow).where(*mine).values(actor="user:nobody"))
    found = await check(office)
    assert (found["entries"], found["holds"], found["broken"]["seq"]) == (seq - 1, False, seq)


async def test_a_chain_whose_end_was_cut_off_is_found(office: Office) -> None:
    org = office.act.organization_id
    async with office.database.write.begin() as session:
        id_ = await trail_check.start(session, act=office.act)
        head = await session.get(TrailHeadRow, org)
        assert head
        last = head.seq
        cut = (TrailEntryRow.organization_id == org, TrailEntryRow.seq > last - 4)
        await session.execute(delete(TrailEntryRow).where(*cut))
    task = await office.run_task(id_)
    assert task.result["broken"] == {"seq": last - 3, "problem": f"entry {last - 3} is not there"}


async def test_a_changed_head_is_found(office: Office) -> None:
    async with office.database.write.begin() as session:
        id_ = await trail_check.start(session, act=office.act)
        await session.execute(update(TrailHeadRow).values(hash=b"x" * 32))
    task = await office.run_task(id_)
    broken: Any = task.result["broken"]
    assert "the head of the chain" in broken["problem"]
