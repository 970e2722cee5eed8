"""The parent's side of the child process that reads: the head, then batches of rows as the child writes them."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from compliance.sources.columns import Column
from compliance.sources.read_process import LENGTH
from compliance.sources.rows import Head, RosterRow, Unreadable

_SOURCE: Final = Path(__file__).resolve().parents[2]
_LONGEST: Final = 64 * 1024 * 1024
"""Bytes of a message."""
_AHEAD: Final = 256 * 1024
"""Bytes that the child may be ahead with in its pipe, and twice as many here, while its rows are worked on."""
BROKEN: Final = "The file could not be read: the reading process stopped ({}). Save the roster again and import that."


class _Message(msgspec.Struct):
    head: Head | None = None
    rows: list[RosterRow] | None = None
    end: int | None = None
    unreadable: str | None = None
    columns: tuple[Column, ...] = ()


_DECODER: Final = msgspec.json.Decoder(_Message)


@dataclass(slots=True)
class Reading:
    """A file being read: `head` at once, the rows by `batches`, in the file's order. Memory holds one batch."""

    head: Head
    process: Process
    deadline: float

    async def batches(self) -> AsyncIterator[list[RosterRow]]:
        """The rows. Raises Unreadable when something is found on the way that no roster has."""
        while True:
            message = await _next(self.process, self.deadline)
            if message.rows is None:
                return
            yield message.rows


@asynccontextmanager
async def reading(path: Path, declared_name: str, timeout: float, own: Mapping[str, str]) -> AsyncIterator[Reading]:
    """Starts the child and gives its head. It is killed at the end of the block, whatever happens there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "compliance.sources.read_process", str(path), declared_name, msgspec.json.encode(own).decode()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        limit=_AHEAD,
        pipesize=_AHEAD,
        env=_environment(),
    )
    try:
        deadline = asyncio.get_running_loop().time() + timeout
        message = await _next(process, deadline)
        assert message.head is not None  # noqa: S101  (the child's first word, for the type checker)
        yield Reading(message.head, process, deadline)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _environment() -> dict[str, str]:
    """No secret of this process reaches the child."""
    kept = {name: os.environ[name] for name in ("TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    path = os.pathsep.join((str(_SOURCE), *(entry for entry in sys.path if "site-packages" in entry)))
    return kept | {"PYTHONPATH": path, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


async def _next(process: Process, deadline: float) -> _Message:
    if process.stdout is None or process.stderr is None:
        raise Unreadable(BROKEN.format("no pipe"))
    try:
        async with asyncio.timeout_at(deadline):
            length = int.from_bytes(await process.stdout.readexactly(LENGTH), "big")
            if length > _LONGEST:
                raise Unreadable(BROKEN.format("a few hundred rows take more than 64 MB"))
            said = await process.stdout.readexactly(length)
    except TimeoutError:
        raise Unreadable("The file takes too long to read. Split it and import the parts.") from None
    except asyncio.IncompleteReadError:
        words = (await process.stderr.read()).decode("utf-8", "replace").strip().splitlines()
        raise Unreadable(BROKEN.format(words[-1][:200] if words else "killed")) from None
    message = _DECODER.decode(said)
    if message.unreadable is not None:
        raise Unreadable(message.unreadable, message.columns)
    return message
