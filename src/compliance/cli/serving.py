"""`compliance serve` and `compliance worker`: the processes that run for long."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from compliance.cli.roles import must_be_held
from compliance.cli.running import Opened, must_be_current, must_exist, with_database
from compliance.cli.saying import CouldNotTell, Said, note, say

if TYPE_CHECKING:
    from compliance.settings import Settings

WITHOUT_SCHEDULER: Final = "COMPLIANCE_WITHOUT_SCHEDULER"
"""How `serve` tells its processes not to run the jobs."""

PATIENCE: Final = 20
"""Seconds that requests under way are given when the service is told to stop."""

BACKLOG: Final = 2048
"""Visitors who may wait at once until they are taken in."""


@click.command("serve")
@click.option("--host", help="Where to listen; COMPLIANCE_HOST or 127.0.0.1 if left out.")
@click.option("--port", type=click.IntRange(1, 65535), help="COMPLIANCE_PORT or 8000 if left out.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option("--no-scheduler", is_flag=True, help="Jobs and mail run elsewhere (`compliance worker`).")
def serve_command(host: str | None, port: int | None, workers: int, no_scheduler: bool) -> None:
    """The web service. With the embedded database it also runs the jobs and delivers the mail.

    \b
    compliance serve
    compliance serve --host 0.0.0.0 --port 8080 --workers 2 --no-scheduler

    Prints its address, where the mailbox is and, on this machine alone, one-time links to sign in as the people of the
    demonstration. Stops at SIGTERM or Ctrl-C when the requests under way are answered. Exit status 2 for a wrong
    setting or a port that is taken.
    """
    from compliance.settings import read_settings

    for name, value in (("HOST", host), ("PORT", port)):
        if value is not None:
            os.environ[f"COMPLIANCE_{name}"] = str(value)
    settings = read_settings()
    settings.secret_key()
    _named_proxies()
    if no_scheduler:
        os.environ[WITHOUT_SCHEDULER] = "1"
    links = with_database(_begun)
    listening = _bind(settings.host, settings.port)
    _greet(settings, links, no_scheduler)
    _serve(settings, listening, workers)


def _named_proxies() -> None:
    """Proxies are believed about where a visitor is, so each must be named: else anybody says so of themselves."""
    from ipaddress import ip_network

    given = os.environ.get("FORWARDED_ALLOW_IPS", "")
    for each in filter(None, map(str.strip, given.split(","))):
        try:
            if ip_network(each, strict=False).num_addresses <= 2**16:
                continue
        except ValueError:
            pass
        raise Said(
            f"FORWARDED_ALLOW_IPS holds {each!r}; name the proxies in front by their addresses or small networks, "
            "like 10.0.0.5 or 172.18.0.0/16."
        )


def _bind(host: str, port: int) -> socket.socket:
    """The port, taken before anything is promised."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)  # whoever follows a printed link at once waits for the start, and is not turned away
    except OSError as error:
        listening.close()
        raise Said(
            f"Nothing can listen on {host}:{port}: {error.strerror}. Give another place with --host and --port, "
            "or with COMPLIANCE_HOST and COMPLIANCE_PORT."
        ) from None
    listening.set_inheritable(True)
    return listening


async def _begun(opened: Opened) -> list[tuple[str, str]]:
    await must_be_held(opened.settings, opened.database)
    return await _links(opened)


async def _links(opened: Opened) -> list[tuple[str, str]]:
    """Role and one-time link of each person of the demonstration; none where others could read along."""
    from urllib.parse import urlsplit

    from compliance.services import demonstration
    from compliance.settings import is_loopback

    settings = opened.settings
    if not is_loopback(settings.host) or not is_loopback(urlsplit(settings.public_url).hostname or ""):
        return []
    async with opened.database.write.begin() as session:
        made = await demonstration.sign_in_links(session, now=opened.now)
    return [(person.role, f"{settings.public_url}/sign-in/{token}") for person, token in made]


def _greet(settings: Settings, links: list[tuple[str, str]], no_scheduler: bool) -> None:
    say(f"Therapist compliance is on {settings.public_url} (listening on {settings.host}:{settings.port}).")
    if links:
        say("Look around in the demonstration clinics; each link signs in once, new ones come with every start:")
        for role, link in links:
            say(f"  {role:<9} {link}")
    if settings.smtp_url is None:
        say(f"No mail server is named: mail is kept, and read at {settings.public_url}/mailbox.")
    if not settings.embedded and not no_scheduler:
        note("Jobs and mail are done by `compliance worker`, which has to run beside this.")


def _serve(settings: Settings, listening: socket.socket, workers: int) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(
        "compliance.cli.serving:application",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(os.environ.get("FORWARDED_ALLOW_IPS")),
        timeout_graceful_shutdown=PATIENCE,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    if workers > 1:
        Multiprocess(config, sockets=[listening]).run()
        return
    server.run(sockets=[listening])
    if not server.started:
        raise Said("The service could not start; the log above says why.")


def application() -> Any:
    """The web application of one process, with the scheduler where this process is the one that runs it."""
    from compliance.db.engine import open_database
    from compliance.settings import read_settings
    from compliance.web.app import create_app
    from compliance.web.logging import configure_logging

    settings = read_settings()
    configure_logging(settings.log_format)
    database = open_database(settings.database_url)
    app = create_app(settings, database)
    if not settings.embedded or os.environ.get(WITHOUT_SCHEDULER):
        return app
    return WithScheduler(app, lambda: _begin(settings, database.system))


async def _begin(settings: Settings, database: Any) -> Callable[[], Awaitable[None]]:
    """Starts the scheduler unless another process of this service has it; how to stop it."""
    from compliance import scheduler
    from compliance.jobs import Context

    lock = _only_one(settings.home / "scheduler.lock")
    if lock is None:
        return _nothing
    end = await scheduler.keep_running(Context(database, settings))

    async def stop() -> None:
        await end()
        os.close(lock)

    return stop


async def _nothing() -> None:
    """There is nothing to stop."""


def _only_one(path: Path) -> int | None:
    """The lock that one process holds until it ends, however it ends; None where another one has it."""
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


class WithScheduler:
    """The web application around which the scheduler starts last and stops first."""

    def __init__(self, app: Any, begin: Callable[[], Awaitable[Callable[[], Awaitable[None]]]]) -> None:
        self.app, self.begin = app, begin
        self.stop: Callable[[], Awaitable[None]] = _nothing

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Requests go through; the two events of the process's life are waited for."""
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return

        async def heard() -> Any:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.stop()
            return message

        async def told(message: Any) -> None:
            if message["type"] == "lifespan.startup.complete":
                self.stop = await self.begin()
            await send(message)

        await self.app(scope, heard, told)


@click.command("worker")
def worker_command() -> None:
    """Jobs and mail without the web service; any number may run against PostgreSQL.

    \b
    compliance worker

    Stops at SIGTERM or Ctrl-C when what it began is finished. Exit status 2 for a wrong setting, 3 when it had to give
    up because the database did not answer for a minute: start it again.
    """
    from compliance.settings import read_settings
    from compliance.web.logging import configure_logging

    settings = read_settings()
    settings.secret_key()
    must_exist(settings)
    configure_logging(settings.log_format)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    from compliance import scheduler
    from compliance.db.engine import open_database
    from compliance.jobs import Context

    database = open_database(settings.database_url).system
    try:
        await must_be_current(database)
        await must_be_held(settings, database)
        note("Jobs and mail run here.")
        if not await scheduler.run_until_stopped(Context(database, settings)):
            raise CouldNotTell("Another worker declared this one dead, for its heartbeats did not get through.")
    finally:
        await database.close()
