"""Claim: mail leaves at least half as fast as in a bare SMTP loop over the same bytes, with everything that keeps it
from being lost or doubled.

    python benchmarks/delivery.py [--people 1000] [--url postgresql://...]

Without --url on SQLite in a temporary folder. The database given by --url must be empty and is left filled. The mail
server is aiosmtpd in a process of its own on 127.0.0.1. The bare loop opens a connection for each message, as delivery
does, one after the other and writes nothing down.
"""

from __future__ import annotations

import argparse
import asyncio
import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parents[1]))

from compliance.db import schema
from compliance.db.engine import Database, open_database, parse_url
from compliance.db.records import OutboxRow
from compliance.jobs import Context, run_job
from compliance.settings import read_settings
from tests.faults.clinics import KEY, fill, plan_all

LEAST: Final = 0.5
SERVER: Final = """
import asyncio, sys
from aiosmtpd.smtp import SMTP
class Taking:
    async def handle_DATA(self, server, session, envelope):
        return "250 Taken"
async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Taking(), hostname="mail.test", loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
asyncio.run(serve())
"""


@contextmanager
def mail_server() -> Iterator[int]:
    """A server that takes everything and forgets it; its port."""
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    yield int(process.stdout.readline())
    process.stdin.close()
    process.wait(timeout=10)


async def deliver(database: Database, url: str, folder: Path, port: int, people: int) -> tuple[float, float]:
    """Messages a second through the outbox, and processor milliseconds each."""
    given = {"HOME": str(folder), "DATABASE_URL": url, "SECRET_KEY": KEY, "MAIL_PER_MINUTE": "1000000"}
    given["SMTP_URL"] = f"smtp://127.0.0.1:{port}?tls=none"
    settings = read_settings({f"COMPLIANCE_{name}": value for name, value in given.items()})
    began, busy = perf_counter(), process_time()
    done = (await run_job("deliver-outbox", Context(database, settings)))["done"]
    assert done["sent"] == people, done
    return people / (perf_counter() - began), (process_time() - busy) / people * 1000


async def letters(database: Database) -> list[tuple[str, bytes]]:
    """What was sent, as it was sent."""
    async with database.read() as session:
        sent = select(OutboxRow.recipient_address, OutboxRow.rfc822).where(OutboxRow.state == "sent")
        return [(address, content) for address, content in await session.execute(sent) if content]


def bare(sent: list[tuple[str, bytes]], port: int) -> float:
    """Messages a second of the loop that does nothing else."""
    began = perf_counter()
    for address, content in sent:
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.sendmail("reminders@example.test", address, content)
    return len(sent) / (perf_counter() - began)


async def measure(url: str, folder: Path, people: int) -> bool:
    """Prints the figures; whether the claim holds."""
    database = open_database(url).system
    await fill(database, people, 8)
    await plan_all(database)
    with mail_server() as port:
        ours, busy = await deliver(database, url, folder, port, people)
        sent = await letters(database)
        loop = bare(sent, port)
    await database.close()
    print(f"outbox: {ours:.0f} messages/s, {busy:.1f} ms of processor each; bare loop: {loop:.0f} messages/s")
    print(f"ratio: {ours / loop:.2f} (claim: at least {LEAST})")
    return ours / loop >= LEAST


def main() -> int:
    """Measures; status 1 when the claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--url")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="compliance-delivery-") as name:
        folder = Path(name)
        url = given.url or f"sqlite:///{folder / 'delivery.db'}"
        schema.upgrade(parse_url(url))
        return 0 if asyncio.run(measure(url, folder, given.people)) else 1


if __name__ == "__main__":
    sys.exit(main())
