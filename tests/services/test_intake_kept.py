"""What was judged is carried out as it was judged, as long as nobody else has written since."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database, open_database
from compliance.db.records import TaskRow
from compliance.services.intake import applying, running
from compliance.services.intake.judging import judge
from compliance.services.intake.kept import MOST, Kept
from compliance.services.intake.lines import Line
from compliance.services.intake.pace import Pace
from compliance.services.intake.plan import Plan
from compliance.sources import FIELDS
from tests import builders
from tests.services.rosters import EXAM, Office, license_row

TODAY = date(2026, 11, 22)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office(database, tmp_path).open()


def elsewhere(url: str, do: Callable[[AsyncSession], Awaitable[object]]) -> None:
    """Another process of the program writes, and is done."""

    async def write() -> None:
        database = open_database(url).system
        async with database.write.begin() as session:
            await do(session)
        await database.close()

    other = threading.Thread(target=asyncio.run, args=(write(),))
    other.start()
    other.join()


def when_judged(office: Office, url: str, do: Callable[[AsyncSession], Awaitable[object]]) -> None:
    """Does it once, when all rows are judged and none is carried out."""
    waiting = [do]

    def note(step: str, _done: int, _total: int | None) -> None:
        if step == "judging" and waiting:
            elsewhere(url, waiting.pop())

    office.on_progress = note


async def test_whoever_is_recorded_while_a_file_is_judged_is_found_on_file(office: Office, database_url: str) -> None:
    async def record(session: AsyncSession) -> None:
        await builders.therapist(session, office.act, "Maria", "Alvarez", email=None)

    when_judged(office, database_url, record)
    outcome = await office.give([each | {"email": ""} for each in (license_row(), EXAM)])
    assert (outcome["state"], outcome["problem"]) == ("done", "")
    assert {each.type for each in (await office.person()).credentials} == {"massage-license", "mblex"}


async def test_a_transaction_that_was_overtaken_leaves_nothing_behind_not_even_how_far_it_would_be(
    office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two kept chunks of one person each; somebody else writes between them, and what the task said then is read."""
    monkeypatch.setattr(Pace, "took", lambda *_: None)
    monkeypatch.setattr(running, "Pace", lambda rows=1: Pace(rows))
    said: list[int | None] = []

    async def record(session: AsyncSession) -> None:
        await builders.therapist(session, office.act, "Somebody", "Else")

    async def judged(*asked: Any) -> Any:
        async with office.database.read() as session:  # the plans were given up: so far is the task now
            said.append(await session.scalar(select(TaskRow.done).where(TaskRow.id == office.imports[-1])))
        return await judge(*asked)

    def note(step: str, done: int, _total: int | None) -> None:
        if (step, done) == ("applying", 1):
            elsewhere(database_url, record)
            monkeypatch.setattr(applying, "judge", judged)

    office.on_progress = note
    rows = [
        license_row() | {"first_name": each, "email": f"{each}@x.example", "number": f"MA {each}"} for each in "abc"
    ]
    outcome = await office.give(rows)
    assert outcome["state"] == "done"
    assert said[0] == 1


def plan(person: int, lines: int = 1) -> Plan:
    rows = [Line(number, person, [""] * len(FIELDS), {}, {}) for number in range(lines)]
    for each in rows:
        each.create("Therapist", "")
    return Plan(person, rows)


def people(kept: Kept) -> list[int]:
    return [each.person for each in kept.plans]


def test_plans_hold_while_only_the_import_itself_has_written_since_and_on_the_same_day() -> None:
    kept = Kept()
    kept.keep([plan(1)], 7, TODAY)
    kept.written(8, 20)
    assert kept.hold(20, TODAY)
    assert not kept.hold(21, TODAY)
    assert not kept.hold(20, date(2026, 11, 23))
    kept.written(22, 30)
    assert not kept.hold(30, TODAY)


def test_what_was_judged_before_somebody_wrote_is_kept_no_more() -> None:
    kept = Kept()
    kept.keep([plan(1)], 7, TODAY)
    kept.keep([plan(2)], 8, TODAY)
    assert people(kept) == [2]


def test_so_many_rows_are_kept_that_memory_stays_flat_and_nobody_in_part() -> None:
    kept = Kept()
    kept.keep([plan(1, MOST - 1), plan(2, 5), plan(3)], 7, TODAY)
    assert people(kept) == [1, 2]
    assert all(not each.lines for each in kept.plans)


def test_a_transaction_takes_whole_people_until_its_rows_are_reached() -> None:
    kept, pace = Kept(), Pace(rows=5)
    kept.keep([plan(number, 3) for number in range(5)], 7, TODAY)
    assert [[each.person for each in chunk] for chunk in kept.chunks(pace)] == [[0, 1], [2, 3], [4]]


def test_people_of_whom_nothing_is_new_are_not_kept() -> None:
    kept = Kept()
    nothing = plan(1)
    nothing.lines = [Line(1, 1, [""] * len(FIELDS), {}, {})]
    kept.keep([nothing], 7, TODAY)
    assert people(kept) == []
