"""What is attacked: the real service in a process of its own, with two organizations, and somebody of every role in it."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, cast
from uuid import uuid4

from sqlalchemy.engine import make_url

from compliance import clock
from compliance.crypto.ids import new_id
from compliance.db import policies, schema
from compliance.db.engine import open_database, parse_url
from compliance.services import accounts, api_keys
from compliance.services.api_keys import SCOPES
from compliance.settings import read_settings
from tests import builders
from tests.conftest import MAKE_ROLE, administer, named
from tests.outside import await_service, free_port
from tests.web.conftest import KEY, ROLES, Browser, MovableClock, Site, add_organization
from tests.web.test_matrix import routes
from tests.web.world import World, world

COMMAND: Final = (sys.executable, "-c", "from compliance.cli import main; main()")
STRANGERS: Final = "Zweitpraxis Nord"
"""The name of the other organization, which no page of ours may ever hold."""
THEIR_THERAPIST: Final = "Zwentibold"
TAMPA, ORLANDO = 0, 1


@dataclass
class Target(Site):
    """A running service; its database is open here too, so that people can be let in and rows be looked at."""

    home: Path = Path()
    log: Path = Path()
    our_world: World = field(default_factory=lambda: World({}))
    their_world: World = field(default_factory=lambda: World({}))
    keys: dict[str, str] | None = None
    """Keys of the other organization: one for each scope, and one for all."""

    def browser(self, **headers: str) -> Browser:
        """A new browser that goes over the network."""
        own = {"sec-fetch-site": "same-origin"} | headers
        browser = Browser(base_url=self.settings.public_url, headers=own, timeout=60)
        self.opened.append(browser)
        return browser

    worker_url: str = ""
    """On PostgreSQL, the address by which jobs and commands sign in."""

    def environment(self) -> dict[str, str]:
        """What jobs and commands are given."""
        return environment(self.home, self.settings.public_url, self.worker_url)


def environment(home: Path, address: str, database_url: str = "") -> dict[str, str]:
    """What a process of the service is given: nothing is taken over from the person who runs this."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    return clean | {
        "COMPLIANCE_DATABASE_URL": database_url,
        "COMPLIANCE_HOME": str(home), "COMPLIANCE_SECRET_KEY": KEY, "COMPLIANCE_PUBLIC_URL": address,
        "COMPLIANCE_PORT": address.rpartition(":")[2], "COMPLIANCE_LOG_FORMAT": "json",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip


@asynccontextmanager
async def target(home: Path, server: str = "") -> AsyncIterator[Target]:
    """The service over a new folder, with a world of one of everything in each organization; stopped at the end.

    `server`: a PostgreSQL, where the service signs in as the role that the policies hold, and jobs as theirs.
    """
    address = f"http://127.0.0.1:{free_port()}"
    home.mkdir(parents=True, exist_ok=True)
    urls = _roles(server, f"attack_{uuid4().hex[:12]}") if server else Urls("", "", "")
    words = environment(home, address, urls.owner)
    settings = read_settings({k: v for k, v in words.items() if k.startswith("COMPLIANCE_")})
    schema.upgrade(parse_url(settings.database_url))
    database = open_database(settings.database_url).system
    now = clock.now()
    ours = await add_organization(database, now, "Harbor Trigger Point Clinics", ROLES)
    theirs = await add_organization(database, now, STRANGERS, ROLES)
    log = home / "serve.log"
    made = Target(cast(Any, None), database, settings, MovableClock(now), ours, theirs, home=home, log=log)
    made.worker_url = urls.worker
    await _people(made)
    with _serving(environment(home, address, urls.app), address, log):
        yield made
        await made.close()
    await database.close()


class Urls(NamedTuple):
    """A database by its three roles; empty for the embedded one."""

    owner: str
    app: str
    worker: str


def _roles(server: str, name: str) -> Urls:
    """A new database on the server, and roles that may sign in to it."""
    password = secrets.token_urlsafe(24)
    for role in (policies.APP, policies.WORKER):
        administer(server, MAKE_ROLE.format(role=role))
        administer(server, f"ALTER ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{password}'")
    administer(server, f'CREATE DATABASE "{name}"')
    owner = named(server, name)
    app, worker = (
        make_url(owner).set(username=role, password=password).render_as_string(hide_password=False)
        for role in (policies.APP, policies.WORKER)
    )
    return Urls(owner, app, worker)


async def _people(made: Target) -> None:
    made.our_world = await world(made, made.ours)
    made.their_world = await world(made, made.theirs)
    for each in (made.our_world, made.their_world):
        for word in re.findall(r"(\w[\w-]*)/\{", " ".join(template for _, template, _ in routes(with_ids=True))):
            each.ids.setdefault(word, new_id(made.clock.now))  # what this world has none of
        each.ids.setdefault("{task_id}", new_id(made.clock.now))  # a file of a task
    async with made.database.write.begin() as session:
        act, theirs = made.act(), made.act(made.theirs.id)
        own = await builders.therapist(session, act, "Ines", "Own", email="ines@example.org")
        await builders.assignment(session, act, own, made.ours.clinics[TAMPA])
        await builders.verified_license(session, act, own)
        invited = await accounts.invite(session, act=act, email="ines@example.org", role="therapist", therapist_id=own)
        made.ours.people["therapist"] = invited.person_id
        hidden = await builders.therapist(session, theirs, THEIR_THERAPIST, "Karl")
        await builders.assignment(session, theirs, hidden, made.theirs.clinics[TAMPA])
        only = [made.ours.clinics[ORLANDO]]
        limited = await accounts.invite(session, act=act, email="limited@example.org", role="manager", clinic_ids=only)
        made.ours.people["limited"] = limited.person_id
        made.keys = {name: await _key(session, theirs, [name]) for name in SCOPES}
        made.keys["all of them"] = await _key(session, theirs, list(SCOPES))
        made.keys["ours"] = await _key(session, act, list(SCOPES))


async def _key(session: Any, act: Any, scopes: list[str]) -> str:
    made = await api_keys.make(session, act=act, name="Booking", scopes=scopes, today=act.now.date())
    return made.key


@contextmanager
def _serving(surroundings: dict[str, str], address: str, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        words = [*COMMAND, "serve", "--no-scheduler"]
        process = subprocess.Popen(words, env=surroundings, stdout=output, stderr=subprocess.STDOUT)
        try:
            await_service(address, process)
            yield
            if process.poll() is not None:
                raise RuntimeError(f"the service ended by itself with {process.returncode}")
        finally:
            process.terminate()
            process.wait(timeout=30)
