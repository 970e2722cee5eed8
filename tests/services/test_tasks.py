"""Tasks: claimed once, taken up again when a worker falls silent, fenced against the one that was thought dead."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from compliance.crypto.ids import new_id
from compliance.db.engine import Database
from compliance.db.queries import tasks as queries
from compliance.services import intake, tasks
from compliance.services.refusals import Refused, Unknown
from compliance.services.task_runner import KINDS, Work, run_one, run_waiting, runner_of
from compliance.services.tasks import LeaseLost
from tests import builders
from tests.services.rosters import EXAM, MESSY, Office, license_row

WORKER, OTHER = new_id(builders.NOW), new_id(builders.NOW)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, tmp_path).open()


async def task_of(office: Office, kind: str = "import-roster", **given: object) -> UUID:
    async with office.database.write.begin() as session:
        return await tasks.create(session, act=office.act, kind=kind, title="roster.csv", input=given)


async def state_of(office: Office, task_id: UUID) -> queries.Task:
    async with office.database.read() as session:
        found = await queries.task(session, office.act.organization_id, task_id)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_at_the_door_has_a_runner(kind: str) -> None:
    assert callable(runner_of(kind))


async def test_a_waiting_task_is_claimed_by_one_worker_alone(office: Office) -> None:
    await task_of(office)
    async with office.database.write.begin() as session:
        first = await tasks.claim(session, worker_id=WORKER, now=builders.NOW)
    async with office.database.write.begin() as session:
        second = await tasks.claim(session, worker_id=OTHER, now=builders.NOW + timedelta(seconds=59))
    assert first is not None
    assert second is None


async def test_a_silent_workers_task_is_taken_up_and_its_late_word_counts_for_nothing(office: Office) -> None:
    task_id = await task_of(office)
    async with office.database.write.begin() as session:
        first = await tasks.claim(session, worker_id=WORKER, now=builders.NOW)
    async with office.database.write.begin() as session:
        second = await tasks.claim(session, worker_id=OTHER, now=builders.NOW + timedelta(seconds=61))
    assert first is not None
    assert second is not None
    assert second.lease_token == first.lease_token + 1
    with pytest.raises(LeaseLost):
        async with Work(first, office.tools).transaction(step="late"):
            pass
    async with Work(second, office.tools).transaction(step="in time"):
        pass
    assert (await state_of(office, task_id)).step == "in time"


async def test_a_heartbeat_keeps_a_task(office: Office) -> None:
    await task_of(office)
    later = builders.NOW + timedelta(seconds=50)
    async with office.database.write.begin() as session:
        claimed = await tasks.claim(session, worker_id=WORKER, now=builders.NOW)
        assert claimed is not None
        await tasks.hold(session, task=claimed, now=later)
        assert await tasks.claim(session, worker_id=OTHER, now=later + timedelta(seconds=50)) is None


async def test_what_cannot_be_done_fails_with_a_sentence_and_the_next_task_is_run(office: Office) -> None:
    unknown = await task_of(office, kind="knitting")
    gone = await task_of(office, name="roster.csv", path="/nowhere/roster.csv")
    missing = await task_of(office, name="roster.csv", sha256="ab" * 32)
    assert await run_waiting(office.tools, worker_id=WORKER) == 3
    problems = [(await state_of(office, each)) for each in (unknown, gone, missing)]
    assert [each.state for each in problems] == ["failed"] * 3
    assert "no task of the kind 'knitting'" in problems[0].problem
    assert "not there any more" in problems[1].problem
    assert "Upload it again" in problems[2].problem


async def test_a_cancelled_task_stops_and_stays_cancelled(office: Office) -> None:
    task_id = await task_of(office)
    async with office.database.write.begin() as session:
        claimed = await tasks.claim(session, worker_id=WORKER, now=builders.NOW)
        await tasks.cancel(session, act=office.act, task_id=task_id, reason="wrong file")
    assert claimed is not None
    with pytest.raises(LeaseLost):
        await Work(claimed, office.tools).progress("reading", 1, 2)
    async with office.database.write.begin() as session:
        with pytest.raises(Refused, match="is cancelled"):
            await tasks.cancel(session, act=office.act, task_id=task_id)
    assert await run_waiting(office.tools, worker_id=WORKER) == 0


async def test_another_organizations_task_is_unknown(office: Office) -> None:
    task_id = await task_of(office)
    async with office.database.write.begin() as session:
        stranger = await builders.organization(session, "Somebody Else")
        with pytest.raises(Unknown):
            await tasks.cancel(session, act=stranger, task_id=task_id)
        assert await queries.task(session, stranger.organization_id, task_id) is None
        assert await queries.tasks(session, stranger.organization_id) == []


class Killed(BaseException):
    """The process is gone: nothing is caught, nothing is written."""


def people(count: int) -> list[dict[str, str]]:
    """Rows of that many people, two each."""
    return [
        row | {"email": f"p{number}@example.org", "number": f"{row['number']}{number}", "last_name": f"Doe {number}"}
        for number in range(count)
        for row in (license_row(), EXAM)
    ]


@pytest.mark.parametrize("step", ["reading", "judging", "applying"])
async def test_an_import_that_was_killed_goes_on_and_does_everything_once(office: Office, step: str) -> None:
    preview = await office.give(people(700), intake.Options())
    assert (preview["state"], preview["created"]) == ("ready", 1400)

    def kill(now_at: str, done: int, _total: int | None) -> None:
        if now_at == step:
            raise Killed

    async with office.database.write.begin() as session:
        digest = await _kept_again(office)
        started = await intake.start_import(session, act=office.act, name="roster-0.csv", sha256=digest, options=MESSY)
    with pytest.raises(Killed):
        await run_one(office.tools, worker_id=WORKER, task_id=started, on_progress=kill)
    assert (await state_of(office, started)).state == "running"
    assert await run_waiting(office.tools, worker_id=OTHER) == 0, "it may still be alive"
    office.clock.at += timedelta(seconds=120)
    assert await run_waiting(office.tools, worker_id=OTHER) == 1
    result: Any = (await state_of(office, started)).result
    assert result["counts"]["created"] == 1400
    found = await office.people()
    assert len(found) == 700
    assert all((len(each.credentials), len(each.assignments)) == (2, 1) for each in found)


async def _kept_again(office: Office) -> str:
    """The file was removed from the store once it was read; it is put there again."""
    content = (office.folder / "roster-0.csv").read_bytes()
    digest = sha256(content).hexdigest()
    assert not await office.tools.store.exists(digest)
    await office.tools.store.put(content, digest)
    return digest
