"""A browser for the tests: it drives the real application over ASGI, on both databases; its clock can be moved."""

from __future__ import annotations

import asyncio
import io
import logging
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import redirect_stderr
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import structlog
from litestar import Litestar
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db import policies
from compliance.db.engine import Database, open_database
from compliance.db.records import INSTALLATION, ClinicRow, CredentialRow, TermRow
from compliance.services import accounts, assessments, consequences, organizations, sign_in
from compliance.services.trail import Act
from compliance.settings import Settings, read_settings
from compliance.web.app import create_app
from compliance.web.logging import configure_logging
from compliance.web.sessions import cookie_name
from tests import builders
from tests.conftest import administer, as_role, named

MONDAY = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
ROLES = ("owner", "manager", "reviewer", "auditor")
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCD"


@dataclass
class MovableClock:
    """Says what time it is; only a test moves it."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class Browser(httpx.AsyncClient):
    """Keeps cookies, says where a request comes from as browsers do, and puts the page's token into its forms."""

    page = ""

    async def request(self, method: str, url: Any, **more: Any) -> httpx.Response:
        answer = await super().request(method, url, **more)
        if "text/html" in answer.headers.get("content-type", ""):
            self.page = answer.text
        return answer

    async def send_form(self, path: str, values: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Fills in the form of the page that was shown last, which carries the token, and sends it."""
        data = {"csrf_token": self.token} if self.token else {}
        return await self.post(path, data=data | (values or {}), **more)

    def bring(self, name: str, value: str) -> None:
        """A cookie as if this site had set it before."""
        self.cookies.set(name, value, domain=self.base_url.host)

    @property
    def token(self) -> str:
        """The token in the forms of the page that was shown last."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        return found.group(1) if found else ""

    @property
    def words(self) -> str:
        """The page as a person reads it."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.page)).split())


@dataclass
class Organization:
    """Who and what is in an organization of the tests."""

    id: UUID
    people: dict[str, UUID] = field(default_factory=dict)
    clinics: list[UUID] = field(default_factory=list)


PEOPLED: dict[bool, tuple[Organization, Organization]] = {}
"""Who and what is in the databases that tests are copied from: ours and the stranger's, by whether it is embedded."""


@dataclass
class Site:
    """The application, its database and clock, and two organizations: ours and the stranger's."""

    app: Litestar
    database: Database
    settings: Settings
    clock: MovableClock
    ours: Organization
    theirs: Organization
    opened: list[Browser] = field(default_factory=list)

    def browser(self, **headers: str) -> Browser:
        """A new browser without cookies."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)  # type: ignore[arg-type]
        base = self.settings.public_url
        browser = Browser(transport=transport, base_url=base, headers={"sec-fetch-site": "same-origin"} | headers)
        self.opened.append(browser)
        return browser

    async def sign_in(self, role: str, *, stranger: bool = False) -> Browser:
        """A browser in which somebody of this role is signed in, at our organization or at the stranger's."""
        organization = self.theirs if stranger else self.ours
        return await self.sign_in_person(organization.people[role], organization.id)

    async def sign_in_person(self, person_id: UUID, organization_id: UUID | None) -> Browser:
        """The same for one person."""
        async with self.database.write.begin() as session:
            token = await sign_in.open_session(
                session, person_id=person_id, organization_id=organization_id, now=self.clock.now
            )
        browser = self.browser()
        browser.bring(cookie_name(self.settings), token)
        return browser

    def act(self, organization_id: UUID | None = None) -> Act:
        """A deed of the tests."""
        return Act(organization_id or self.ours.id, "cli:tests", self.clock.now)

    async def close(self) -> None:
        for browser in self.opened:
            await browser.aclose()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def settings(database_url: str, tmp_path: Any) -> Settings:
    return read_settings(
        {
            "COMPLIANCE_HOME": str(tmp_path / "home"),
            "COMPLIANCE_DATABASE_URL": database_url,
            "COMPLIANCE_SECRET_KEY": KEY,
            "COMPLIANCE_LOG_FORMAT": "json",
        }
    )


@pytest.fixture(scope="session")
def sqlite_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with both organizations, which are made once and not for each test."""
    path = tmp_path_factory.mktemp("peopled") / "peopled.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(_people(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str, postgresql_template: str) -> str:
    """The name of a migrated database with the same."""
    name = f"peopled_{uuid4().hex[:12]}"
    administer(postgresql_server, f'CREATE DATABASE "{name}" TEMPLATE "{postgresql_template}"')
    asyncio.run(_people(named(postgresql_server, name)))
    return name


async def _people(url: str) -> None:
    """Our organization, which has somebody in each role, and a stranger's."""
    database = open_database(url).system
    ours = await add_organization(database, MONDAY, "Harbor Trigger Point Clinics", ROLES)
    theirs = await add_organization(database, MONDAY, "Somebody Else's Clinics", ROLES[:2])
    PEOPLED[database.embedded] = ours, theirs
    await database.close()


@pytest.fixture
async def site(database: Database, settings: Settings, clock: MovableClock) -> AsyncIterator[Site]:
    """The application with our organization and a stranger's."""
    ours, theirs = deepcopy(PEOPLED[database.embedded])
    served = as_role(database, policies.APP)
    site = Site(application(settings, served, clock), database, settings, clock, ours, theirs)
    yield site
    await site.close()
    if not database.embedded:
        await served.close()


@lru_cache
def wired() -> Litestar:
    """The application, wired once: reading all signatures takes longer than most tests."""
    settings = read_settings({"COMPLIANCE_SECRET_KEY": KEY})
    return create_app(settings, open_database(settings.database_url))


def application(settings: Settings, database: Database, clock: MovableClock) -> Litestar:
    """The same application over another database, from now on."""
    app = wired()
    fresh = {
        "settings": settings,
        "database": database,
        "clock": clock,
        "started_at": clock(),
        "waiting": {"hashes": 0},
        "held": {},
    }
    assert set(fresh) == set(app.state.dict()), "create_app keeps something that this does not renew"
    app.state.update(fresh)
    return app


async def add_organization(database: Database, now: datetime, name: str, roles: Sequence[str]) -> Organization:
    """An organization with two licensed clinics and somebody in each of these roles, none with a password."""
    async with database.write.begin() as session:
        organization_id = await organizations.add(session, act=Act(INSTALLATION, "cli:tests", now), name=name)
        made = Organization(organization_id)
        act = Act(organization_id, "cli:tests", now)
        for role in roles:
            email = f"{role}@{name.split()[0].lower()}.example"
            invited = await accounts.invite(session, act=act, email=email, name=f"Dana {role.title()}", role=role)
            made.people[role] = invited.person_id
        made.clinics = [new_id(now), new_id(now)]
        rows = [
            {"organization_id": organization_id, "id": each, "name": place, "folded_name": place.lower(),
             "jurisdiction": "us-fl", "time_zone": "America/New_York", "address": "", "created_at": now}
            for each, place in zip(made.clinics, ("Tampa", "Orlando"), strict=True)
        ]  # fmt: skip
        await session.execute(insert(ClinicRow), rows)
        await _license(session, made, now)
    return made


async def _license(session: AsyncSession, made: Organization, now: datetime) -> None:
    """The clinics' own licenses, which hold longer than any test looks."""
    held = [(new_id(now), clinic) for clinic in made.clinics]
    own: dict[str, Any] = {"organization_id": made.id, "recorded_seq": 1}
    what = {"type": "establishment-license", "jurisdiction": "us-fl", "number": "MM 5001", "created_at": now}
    days = {"starts_on": builders.HELD[0], "ends_on": builders.HELD[1]}
    await session.execute(
        insert(CredentialRow), [own | what | {"id": id_, "clinic_id": clinic} for id_, clinic in held]
    )
    await session.execute(insert(TermRow), [own | days | {"id": id_, "credential_id": id_} for id_, _ in held])


async def unlicensed(site: Site, *clinics: UUID) -> None:
    """These clinics (all of ours, if none is named) have no license of their own on record."""
    async with site.database.write.begin() as session:
        held = select(CredentialRow.id).where(CredentialRow.clinic_id.in_(clinics or site.ours.clinics))
        ids = list(await session.scalars(held))
        await session.execute(delete(TermRow).where(TermRow.credential_id.in_(ids)))
        await session.execute(delete(CredentialRow).where(CredentialRow.id.in_(ids)))
        ids = await consequences.staff_of(session, site.act(), clinics or site.ours.clinics)
        await assessments.refresh(session, organization_id=site.ours.id, therapist_ids=ids)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the program logs meanwhile, however the tests before have set its log up."""
    kept, handlers = io.StringIO(), logging.getLogger().handlers[:]
    with redirect_stderr(kept):
        configure_logging("json")
        yield kept
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers
