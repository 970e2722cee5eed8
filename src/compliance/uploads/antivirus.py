"""A file before somebody else's eyes: ClamAV's daemon, asked over its socket, where an installation names one.

`clamd` is given the bytes and answers with a line; nothing of it runs in this process. A daemon that does not answer
takes nothing in: whoever names one means it.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from compliance.uploads.refusals import refusal

LONGEST_SCAN: Final = 60.0
_CHUNK: Final = 1 << 18
_LONGEST_ANSWER: Final = 4096

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class ScannerUnavailable(RuntimeError):
    """The daemon cannot be asked, or says that it cannot tell; it says nothing of the file."""


def is_scanner(url: str) -> bool:
    """Whether this names a daemon: `unix:/run/clamav/clamd.ctl` or `tcp://127.0.0.1:3310`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.query or parts.fragment or "@" in parts.netloc:
        return False
    if parts.scheme == "unix":
        return not parts.netloc and parts.path.startswith("/")
    return parts.scheme == "tcp" and bool(parts.hostname) and bool(port) and not parts.path


async def scan(url: str, path: Path, *, declared_name: str) -> None:
    """Raises Refused for a file in which the daemon knows something harmful, ScannerUnavailable when it cannot tell."""
    said = await _asked(url, b"zINSTREAM\0", path)
    if said.endswith("FOUND"):
        raise refusal(declared_name, "virus")
    if not said.endswith(" OK"):
        raise ScannerUnavailable(f"The virus scanner said {said[:200]!r}.")


async def version(url: str) -> str:
    """What the daemon calls itself, with its day of signatures. Raises ScannerUnavailable."""
    return await _asked(url, b"zVERSION\0", None)


async def _asked(url: str, command: bytes, path: Path | None) -> str:
    try:
        async with asyncio.timeout(LONGEST_SCAN), _connected(url) as (reader, writer):
            writer.write(command)
            if path is not None:
                await _send(writer, path)
            await writer.drain()
            answer = await reader.read(_LONGEST_ANSWER)
    except (OSError, TimeoutError) as error:
        raise ScannerUnavailable(f"The virus scanner at {url} does not answer ({type(error).__name__}).") from error
    if not answer:
        raise ScannerUnavailable(f"The virus scanner at {url} said nothing.")
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Stream]:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        reader, writer = await asyncio.open_unix_connection(parts.path)
    else:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, path: Path) -> None:
    """The bytes in pieces, each after its length; an empty piece is the end."""
    with path.open("rb") as stream:
        while piece := await asyncio.to_thread(stream.read, _CHUNK):
            writer.write(struct.pack(">I", len(piece)) + piece)
            await writer.drain()
    writer.write(struct.pack(">I", 0))
