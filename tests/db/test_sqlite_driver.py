"""SQLite's driver: answers of any length come whole, one hop a statement, and writers take turns."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from compliance.db.engine import Database, open_database
from compliance.db.one_hop import AT_ONCE
from compliance.db.turn import at_the_door

MANY = 2 * AT_ONCE + 7
NUMBERS = text(f"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {MANY}) SELECT x FROM n")
AT_THE_DOOR = "import sys; from compliance.db.turn import at_the_door; at_the_door(sys.argv[1]).__enter__()"


async def test_an_answer_longer_than_what_comes_at_once_comes_whole(embedded: Database) -> None:
    async with embedded.read() as session:
        assert list(await session.scalars(NUMBERS)) == list(range(1, MANY + 1))


async def test_a_stream_gives_every_row_once_in_pieces_of_any_size(embedded: Database) -> None:
    for size in (1, 3, AT_ONCE, AT_ONCE + 1):
        async with embedded.reader.connect() as connection:
            rows = await connection.stream(NUMBERS.execution_options(yield_per=size))
            assert [row.x async for row in rows] == list(range(1, MANY + 1))


async def test_a_stream_that_is_left_early_holds_nothing_up(embedded: Database) -> None:
    async with embedded.writer.connect() as connection:
        rows = await connection.stream(NUMBERS.execution_options(yield_per=10))
        assert (await anext(aiter(rows))).x == 1
        await rows.close()
        await connection.rollback()
        await connection.execute(text("CREATE TABLE later (x)"))


async def test_a_statement_that_fails_leaves_the_connection_usable(embedded: Database) -> None:
    async with embedded.read() as session:
        with pytest.raises(DBAPIError, match="no such table"):
            await session.execute(text("SELECT * FROM nowhere"))
        await session.rollback()
        assert await session.scalar(text("SELECT 1")) == 1


async def test_a_statement_takes_one_hop_to_the_thread(embedded: Database) -> None:
    async with embedded.reader.connect() as connection:
        await connection.execute(text("SELECT 1"))
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        hops, put = [], driver._tx.put_nowait
        driver._tx = type("Counting", (), {"put_nowait": lambda _, item: (hops.append(item), put(item))})()
        assert (await connection.execute(text("SELECT 2"))).scalar_one() == 2
        assert len(hops) == 1


async def test_a_door_that_cannot_be_opened_holds_nobody_up(embedded: Database, tmp_path: Path) -> None:
    (tmp_path / "test.db-door").mkdir()
    async with embedded.write.begin() as session:
        await session.execute(text("CREATE TABLE later (x)"))


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "empty.db").touch(mode=0o640)
    return str(tmp_path / "empty.db")


def test_the_door_has_the_rights_of_its_database(file: str) -> None:
    with at_the_door(file):
        assert os.stat(f"{file}-door").st_mode == os.stat(file).st_mode


def test_whoever_stands_at_the_door_is_not_overtaken(file: str) -> None:
    with at_the_door(file):
        code = f"{AT_THE_DOOR}; print(1)"
        other = subprocess.Popen([sys.executable, "-c", code, file], stdout=subprocess.PIPE)
        time.sleep(0.5)
        assert other.poll() is None
    assert other.communicate(timeout=10)[0] == b"1\n"


def test_the_lock_at_the_door_ends_with_its_process(file: str) -> None:
    code = f"{AT_THE_DOOR}; import os; os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code, file], check=False).returncode == 9
    with at_the_door(file):
        pass
    assert os.path.getsize(f"{file}-door") == 0


async def test_a_writer_is_let_in_between_two_transactions_of_a_busy_one(embedded: Database, tmp_path: Path) -> None:
    """Two of this program; one writes without a pause, and the other waits for no more than two of its transactions."""
    busy, waits = open_database(f"sqlite:///{tmp_path / 'test.db'}").system, []
    over = asyncio.Event()

    async def write_on() -> None:
        while not over.is_set():
            async with busy.write.begin() as session:
                await session.execute(text("SELECT 1"))
                await asyncio.sleep(0.15)

    writing = asyncio.create_task(write_on())
    for _ in range(6):
        await asyncio.sleep(0.05)
        began = time.perf_counter()
        async with embedded.write.begin() as session:
            await session.execute(text("SELECT 1"))
        waits.append(time.perf_counter() - began)
    over.set()
    await writing
    await busy.close()
    assert max(waits) < 1.0
