"""An import that the scheduler of a running server takes up first: the command waits, and says the same."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import clock
from compliance.cli.running import Opened
from compliance.cli.saying import CouldNotTell
from compliance.cli.waiting import carried_out
from compliance.db.engine import open_database
from compliance.db.queries.tasks import value
from compliance.db.records import TaskRow
from compliance.services import tasks
from compliance.services.task_runner import TaskFailed, Tools, Work, runner_of
from compliance.settings import read_settings
from compliance.store import open_store
from tests.cli.conftest import CommandLine
from tests.cli.test_roster import BAD, CLINICS, GOOD, HERE, counts, harbor, roster
from tests.signing import SIGNING

__all__ = ["harbor"]
TAKEN = (
    """
CREATE TRIGGER taken AFTER INSERT ON tasks BEGIN
  UPDATE tasks SET state = 'running', lease_token = 1 WHERE id = NEW.id;
END""",
    """
CREATE FUNCTION taken() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN NEW.state := 'running'; NEW.lease_token := 1; RETURN NEW; END $$""",
    """
CREATE TRIGGER taken BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION taken()""",
)


async def _take_first(session: AsyncSession) -> None:
    """From now on every task is taken up by somebody else in the moment in which it is there."""
    embedded = (await session.connection()).dialect.name == "sqlite"
    for statement in TAKEN[:1] if embedded else TAKEN[1:]:
        await session.execute(text(statement))


async def _work(harbor: CommandLine, over: threading.Event) -> None:
    """The other process: after a while it runs the task that is its own."""
    database = open_database(harbor.environment["COMPLIANCE_DATABASE_URL"]).system
    tools = Tools(database, open_store("file:evidence", harbor.folder / "home"), clock.now, SIGNING)
    try:
        while not over.is_set():
            await asyncio.sleep(0.5)
            async with database.read() as session:
                row = await session.scalar(select(TaskRow).where(TaskRow.state == tasks.RUNNING))
                work = Work(value(row), tools) if row else None
            if work:
                await _run(work)
    finally:
        await database.close()


async def _run(work: Work) -> None:
    state, problem = tasks.FAILED, ""
    try:
        ended = await runner_of(work.task.kind)(work)
        await work.keep(**ended.result)
        state = ended.state
    except TaskFailed as error:
        problem = str(error)
    async with work.tools.database.write.begin() as session:
        await tasks.end(session, task=work.task, now=clock.now(), state=state, problem=problem)


CANCELLED = (
    TAKEN[0].replace("state = 'running', lease_token = 1", "state = 'cancelled'"),
    TAKEN[1].replace("'running'", "'cancelled'"),
    TAKEN[2],
)


async def _cancel_at_once(session: AsyncSession) -> None:
    """From now on every task is cancelled by somebody in the moment in which it is there."""
    embedded = (await session.connection()).dialect.name == "sqlite"
    for statement in CANCELLED[:1] if embedded else CANCELLED[1:]:
        await session.execute(text(statement))


def test_an_import_that_somebody_cancels_is_no_success(harbor: CommandLine) -> None:
    harbor.inside(_cancel_at_once)
    said = harbor.refuses("import", "roster", roster(harbor, GOOD), *HERE, *CLINICS, status=1)
    assert "Somebody cancelled this import." in said
    assert "/imports/" in said


@contextmanager
def somebody_is_first(harbor: CommandLine) -> Iterator[None]:
    harbor.inside(_take_first)
    over = threading.Event()
    other = threading.Thread(target=lambda: asyncio.run(_work(harbor, over)))
    other.start()
    try:
        yield
    finally:
        over.set()
        other.join()


def test_an_import_that_the_server_took_up_is_waited_for_and_told(harbor: CommandLine, tmp_path: Path) -> None:
    picture = tmp_path / "picture.xlsx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with somebody_is_first(harbor):
        refused = harbor.json("import", "roster", roster(harbor, GOOD, BAD), *HERE, *CLINICS, status=1)
        assert (refused["applied"], refused["refused"][0]["line"]) == (False, 4)
        said = harbor("import", "roster", roster(harbor, GOOD), *HERE, *CLINICS)
        assert (said.exit_code, said.stdout.splitlines()[0].split()) == (0, ["created", "2"]), said.stderr
        assert counts(harbor.json("import", "roster", roster(harbor, GOOD), *HERE, *CLINICS)) == (0, 0, 2)
        assert "picture.xlsx" in harbor.refuses("import", "roster", str(picture), *HERE)


def test_a_task_that_does_not_end_in_time_is_told_with_its_own_status(
    harbor: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, given in harbor.environment.items():
        monkeypatch.setenv(name, given)
    harbor.inside(_take_first)

    async def start(session: AsyncSession) -> TaskRow:
        from compliance.services import intake
        from tests import builders

        act = builders.act_in((await builders.organization(session, "Slow")).organization_id, clock.now())
        id_ = await intake.start_import(session, act=act, name="roster.csv", sha256="0" * 64)
        found = await session.get(TaskRow, id_, populate_existing=True)
        assert found
        session.expunge(found)
        return found

    async def wait(row: TaskRow) -> None:
        database = open_database(harbor.environment["COMPLIANCE_DATABASE_URL"]).system
        try:
            opened = Opened(read_settings(), database, clock.now())
            await carried_out(opened, row.organization_id, row.id, lambda *_told: None, longest=timedelta(seconds=0.5))
        finally:
            await database.close()

    with pytest.raises(CouldNotTell, match="still at it") as raised:
        asyncio.run(wait(harbor.inside(start)))
    assert raised.value.exit_code == 3
