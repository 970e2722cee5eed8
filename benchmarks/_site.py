"""The application as the benchmarks ask it: in this process over ASGI, with its session cookie, guards and layout."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any
from uuid import UUID

from litestar import Litestar
from sqlalchemy import insert, select

from compliance.crypto.ids import new_id
from compliance.db.engine import Database, open_database
from compliance.db.records import MembershipRow, OrganizationRow, PersonRow, TherapistRow
from compliance.services import assessments, months_ahead, sign_in
from compliance.settings import read_settings
from compliance.web.app import create_app
from compliance.web.logging import configure_logging
from compliance.web.sessions import cookie_name

KEY = "benchmarks-only-0123456789-0123456789-0123"
HOST = b"127.0.0.1:8000"


class Failed(RuntimeError):
    """A page that did not come; a benchmark of error pages measures nothing."""


@dataclass(frozen=True)
class Site:
    """An opened database with the application on it, and somebody signed in to one organization."""

    app: Litestar
    database: Database
    organization_id: UUID
    cookie: bytes

    async def get(self, address: str) -> tuple[float, bytes]:
        """Seconds inside the application, and the page. Raises Failed for anything but a page."""
        status, body = 0, bytearray()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            body.extend(message.get("body", b""))

        began = perf_counter()
        await self.app(_scope(address, self.cookie), receive, send)  # type: ignore[arg-type]
        took = perf_counter() - began
        if status != 200:
            raise Failed(f"{address} answered {status}: {bytes(body[:300])!r}")
        return took, bytes(body)

    async def people(self, count: int) -> list[UUID]:
        """Ids of that many therapists, from the middle of the list by name."""
        row = TherapistRow
        query = select(row.id).where(row.organization_id == self.organization_id, row.folded_name > "kowalski")
        async with self.database.read() as session:
            return list(await session.scalars(query.order_by(row.folded_name).limit(count)))


def _scope(address: str, cookie: bytes) -> dict[str, Any]:
    path, _, query = address.partition("?")
    headers = [(b"host", HOST), (b"cookie", cookie), (b"accept", b"text/html"), (b"sec-fetch-site", b"same-origin")]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }


def quiet() -> None:
    """Log lines are made and written as always, and kept nowhere."""
    said, sys.stderr = sys.stderr, open(os.devnull, "w")  # noqa: SIM115 - the handler keeps it
    try:
        configure_logging("json")
    finally:
        sys.stderr = said


async def open_site(address: str, *, now: datetime, size: int | None = None) -> Site:
    """The application over a filled database, signed in as an owner of its largest organization (or one of `size`)."""
    database = open_database(address).system
    clock: Callable[[], datetime] = lambda: now  # noqa: E731
    settings = read_settings({"COMPLIANCE_DATABASE_URL": address, "COMPLIANCE_SECRET_KEY": KEY})
    app = create_app(settings, database, clock=clock)
    mine = await _organization(database, size)
    await _made_anew(database, mine)
    await _counted(database, mine, now)
    person = new_id(now)
    async with database.write.begin() as session:
        who = {"id": person, "email": "bench@example.test", "folded_email": f"{person}@example.test", "name": "Dana"}
        await session.execute(insert(PersonRow).values(who | {"created_at": now}))
        role = {"id": new_id(now), "organization_id": mine, "person_id": person, "role": "owner", "clinic_ids": ()}
        await session.execute(insert(MembershipRow).values(role | {"created_at": now}))
        token = await sign_in.open_session(session, person_id=person, organization_id=mine, now=now)
    return Site(app, database, mine, f"{cookie_name(settings)}={token}".encode())


async def _made_anew(database: Database, organization_id: UUID) -> None:
    """The stored copy of the organization, where an older catalog or program made it: pages would work it out live."""
    while True:
        async with database.write.begin() as session:
            if not await assessments.refresh_stale(session, organization_id=organization_id):
                return


async def _counted(database: Database, organization_id: UUID, now: datetime) -> None:
    """The coming months of the organization, as the job would have counted them if it is large."""
    async with database.read() as session:
        today = (await months_ahead.due(session, now=now)).get(organization_id)
        if today is None:
            return
        months = await months_ahead.count(session, organization_id=organization_id, today=today)
    async with database.write.begin() as session:
        await months_ahead.keep(session, organization_id=organization_id, months=months, now=now)


async def _organization(database: Database, size: int | None) -> UUID:
    """The organizations of `population.py` say their size at the end of their names."""
    async with database.read() as session:
        found = (await session.execute(select(OrganizationRow.name, OrganizationRow.id))).all()
    sizes = {int(name.rpartition(" ")[2]): id_ for name, id_ in found if name.startswith("Organization ")}
    if not sizes or (size or max(sizes)) not in sizes:
        raise Failed(f"no organization of {size or 'any'} people in {database.url!r}")
    return sizes[size or max(sizes)]
