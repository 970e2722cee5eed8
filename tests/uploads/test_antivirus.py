"""Where an installation names ClamAV, a file passes it before it is kept; without an answer none does."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from compliance.services.keeping_files import keep
from compliance.settings import WrongSetting, read_settings
from compliance.store import open_store
from compliance.uploads.antivirus import ScannerUnavailable, is_scanner, scan, version
from compliance.uploads.refusals import Refused
from tests.uploads.files import pdf

BAD = b"zq-known-as-harmful"


class Daemon:
    """clamd as its manual describes it: commands end with a zero byte, a stream comes in counted pieces."""

    def __init__(self, broken: str = "") -> None:
        self.broken, self.seen = broken, b""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One command."""
        command = await reader.readuntil(b"\0")
        if command == b"zVERSION\0":
            writer.write(b"ClamAV 1.4.6/27800\0")
        elif command == b"zINSTREAM\0":
            while size := struct.unpack(">I", await reader.readexactly(4))[0]:
                self.seen += await reader.readexactly(size)
            found = b"stream: Zq.Test FOUND\0" if BAD in self.seen else b"stream: OK\0"
            writer.write(self.broken.encode() if self.broken else found)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def listening(daemon: Daemon, folder: Path) -> AsyncIterator[str]:
    server = await asyncio.start_unix_server(daemon.answer, folder / "clamd.ctl")
    async with server:
        yield f"unix:{folder / 'clamd.ctl'}"


def written(folder: Path, data: bytes) -> Path:
    (folder / "upload").write_bytes(data)
    return folder / "upload"


async def test_a_clean_file_is_kept_after_the_daemon_has_seen_every_byte(tmp_path: Path) -> None:
    daemon, data = Daemon(), pdf() + b"%" + bytes(600_000)
    async with listening(daemon, tmp_path) as url:
        store = open_store("file:evidence", tmp_path)
        kept = await keep(store, written(tmp_path, data), name="license.pdf", scanner=url)
    assert daemon.seen == data
    assert await store.exists(kept.sha256)


async def test_a_file_that_the_daemon_knows_is_refused_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    async with listening(Daemon(), tmp_path) as url:
        store = open_store("file:evidence", tmp_path)
        with pytest.raises(Refused, match=r"“license\.pdf” holds something that the virus scanner knows"):
            await keep(store, written(tmp_path, pdf() + BAD), name="license.pdf", scanner=url)
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize("said", ["stream: INSTREAM size limit exceeded. ERROR\0", "nonsense\0"])
async def test_a_daemon_that_cannot_tell_lets_nothing_in(tmp_path: Path, said: str) -> None:
    async with listening(Daemon(said), tmp_path) as url:
        with pytest.raises(ScannerUnavailable, match="The virus scanner said"):
            await scan(url, written(tmp_path, pdf()), declared_name="license.pdf")


async def test_a_daemon_that_is_not_there_lets_nothing_in(tmp_path: Path) -> None:
    with pytest.raises(ScannerUnavailable, match="does not answer"):
        await scan(f"unix:{tmp_path / 'nobody'}", written(tmp_path, pdf()), declared_name="license.pdf")


async def test_the_daemon_says_its_version_over_a_port_too(tmp_path: Path) -> None:
    server = await asyncio.start_server(Daemon().answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await version(f"tcp://127.0.0.1:{port}") == "ClamAV 1.4.6/27800"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:3310", "tcp://127.0.0.1", "unix:clamd.ctl", "tcp://a:b@c:1", "tcp://[x"]
)
def test_what_names_no_daemon_stops_the_start(url: str) -> None:
    assert not is_scanner(url)
    with pytest.raises(WrongSetting, match="COMPLIANCE_CLAMD_URL"):
        read_settings({"COMPLIANCE_CLAMD_URL": url})


def test_without_a_name_there_is_no_scanner() -> None:
    assert read_settings({}).scanner_url is None
