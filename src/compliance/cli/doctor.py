"""`compliance doctor`: is everything as it must be? One line for each thing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

from compliance.cli.options import json_option
from compliance.cli.roles import unheld
from compliance.cli.running import Opened, embedded_file, schema_sentence
from compliance.cli.saying import WRONG, answer_no, refused, say, say_json

if TYPE_CHECKING:
    from compliance.settings import Settings

CONFIGURATION: Final = "configuration"
NOTO: Final = "Debian's fonts-noto-core has them, COMPLIANCE_REPORT_FONTS=/usr/share/fonts/truetype/noto adds it"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found."""

    about: str
    good: bool
    found: str


@click.command("doctor")
@json_option()
def doctor_command(as_json: bool) -> None:
    """Looks at configuration, database, schema, evidence store, mail server and the last run of every job.

    \b
    compliance doctor

    One line for each. Exit status 0 when all is well, 1 when anything is not, 2 when a setting is wrong: then there is
    nothing to look at.
    """
    found = asyncio.run(_examine())
    if as_json:
        say_json([{"about": each.about, "ok": each.good, "found": each.found} for each in found])
    else:
        for each in found:
            say(f"{'ok   ' if each.good else 'WRONG'}  {each.about:<16}  {each.found}")
    if [each.about for each in found if not each.good] == [CONFIGURATION]:
        raise click.exceptions.Exit(WRONG)
    if not all(each.good for each in found):
        answer_no()


async def _examine() -> list[Look]:
    from compliance.settings import WrongSetting, read_settings

    try:
        settings = read_settings()
        settings.secret_key()
    except (WrongSetting, OSError) as error:
        return [Look(CONFIGURATION, False, str(error))]
    kind = "embedded database" if settings.embedded else "PostgreSQL"
    found = [Look(CONFIGURATION, True, f"{kind}, home {settings.home}, address {settings.public_url}")]
    return found + [each async for each in _installation(settings)]


async def _installation(settings: Settings) -> AsyncIterator[Look]:
    from compliance import clock
    from compliance.db.engine import open_database

    path = embedded_file(settings)
    yield await _store(settings)
    yield await _scanner(settings)
    yield await _mail(settings)
    yield _way_back(settings)
    yield _fonts(settings)
    if path is not None and not path.exists():
        yield Look("database", False, f"There is none at {path}. `compliance db upgrade` makes it.")
        return
    database = open_database(settings.database_url).system
    try:
        async for each in _database(Opened(settings, database, clock.now())):
            yield each
    except Exception as error:
        yield Look("database", False, str(refused(error).message))
    finally:
        await database.close()


async def _database(opened: Opened) -> AsyncIterator[Look]:
    from compliance.db import revisions
    from compliance.settings import is_loopback

    async with opened.database.read() as session:
        at = await (await session.connection()).run_sync(revisions.current)
        url = opened.database.url
        where = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
        yield Look("database", True, f"answers at {where}")
        if at != revisions.newest():
            yield Look("schema", False, schema_sentence(at, revisions.newest()))
            return
        yield Look("schema", True, f"{at}, which this program is written for")
    role = await unheld(opened.database)
    if role is not None:
        alone = is_loopback(urlsplit(opened.settings.public_url).hostname or "")
        yield Look("tenants", alone, f"PostgreSQL lets {role} pass every policy (docs/operating.md)")
    yield await seals(opened)
    async for each in _jobs(opened):
        yield each
    yield await _outbox(opened)


async def seals(opened: Opened) -> Look:
    """Whether the secret key is the one under which the database was sealed."""
    from compliance.rendering import plural
    from compliance.services.secret_rotation import under_another

    async with opened.database.read() as session:
        closed = await under_another(session, opened.settings.secret_key())
    words = [plural(closed["seeds"], "authenticator app") if closed["seeds"] else "",
             plural(closed["keys"], "signing key") if closed["keys"] else "",
             plural(closed["checkpoints"], "checkpoint") if closed["checkpoints"] else ""]  # fmt: skip
    what = ", ".join(each for each in words if each)
    again = f"{what} under another key: bring that one back, or give it to `compliance secrets rotate`"
    return Look("secret key", not what, again if what else "opens all that is sealed in the database")


async def _jobs(opened: Opened) -> AsyncIterator[Look]:
    """Every job: when it last ran, and whether that is too long ago."""
    from compliance.db.queries.outbox import job_runs
    from compliance.jobs import JOBS
    from compliance.jobs.lateness import is_late
    from compliance.rendering import ago

    async with opened.database.read() as session:
        runs = await job_runs(session)
    for name, job in JOBS.items():
        run = runs.get(name)
        if run is None:
            yield Look(name, False, "never ran; `compliance serve` or `compliance worker` runs it")
        elif run.error:
            yield Look(name, False, f"failed {ago(run.started_at, opened.now)}: {run.error}")
        else:
            late = is_late(run, job.every, opened.now)
            yield Look(name, not late, f"last ran {ago(run.started_at, opened.now)}")


async def _outbox(opened: Opened) -> Look:
    from compliance.db.queries.outbox import alarms, open_incidents
    from compliance.rendering import plural

    async with opened.database.read() as session:
        found = await alarms(session, None, opened.now)
        told = await open_incidents(session)
    waiting = round(found.oldest_due_seconds / 60)
    words = [
        f"the oldest message has waited {waiting} minutes" if waiting > 15 else "",
        f"{found.dead} were given up" if found.dead else "",
        f"{found.held} are held for a decision" if found.held else "",
        f"the way to {', '.join(found.open_routes)} is closed for now" if found.open_routes else "",
        f"owners were told of {plural(told, 'trouble')} that last" + ("s" if told == 1 else "") if told else "",
    ]
    wrong = [each for each in words if each]
    return Look("outbox", not wrong, "; ".join(wrong) or "nothing is overdue")


def _way_back(settings: Settings) -> Look:
    """Whether mail that comes back is read."""
    if settings.smtp_url is None or settings.bounce_address is None:
        return Look("way back", True, "reports on mail that comes back are not read: no COMPLIANCE_BOUNCE_ADDRESS")
    folder = f"the folder {settings.bounce_maildir}" if settings.bounce_maildir else "the webhook alone"
    return Look("way back", True, f"{settings.bounce_address}, read from {folder}")


def _fonts(settings: Settings) -> Look:
    """Which scripts the PDF cannot print. That is nothing wrong: most installations have no such name."""
    from compliance.rendering import plural
    from compliance.reports.added_fonts import added
    from compliance.reports.glyphs import unprinted

    folder = settings.report_fonts
    have = f"{plural(len(added(folder)), 'font')} of {folder}, and " if folder else ""
    lack = ", ".join(unprinted(folder))
    if not lack:
        return Look("report fonts", True, f"{have}letters of every script that is looked for")
    hint = "" if folder else f"; {NOTO}"
    return Look("report fonts", True, f"{have}no letters of {lack}, which PDF reports print as \ufffd{hint}")


async def _store(settings: Settings) -> Look:
    from compliance.store import StoreUnavailable, open_store

    try:
        return Look("evidence store", True, await open_store(settings.evidence_url, settings.home).check())
    except (StoreUnavailable, ValueError) as error:
        return Look("evidence store", False, str(error))


async def _scanner(settings: Settings) -> Look:
    from compliance.uploads.antivirus import ScannerUnavailable, version

    if settings.scanner_url is None:
        return Look("virus scanner", True, "none is named: files are looked into, not held against signatures")
    try:
        return Look("virus scanner", True, await version(settings.scanner_url))
    except ScannerUnavailable as error:
        return Look("virus scanner", False, str(error))


async def _mail(settings: Settings) -> Look:
    if settings.smtp_url is None:
        return Look("mail server", True, "none is named: mail is kept in the mailbox")
    from compliance.channels import CHANNELS
    from compliance.channels.smtp_url import without_password

    outcome = await CHANNELS["email"](settings.smtp_url).check()  # type: ignore[attr-defined]  # mail alone has it
    where = without_password(settings.smtp_url)
    good = outcome.kind == "sent"
    return Look("mail server", good, f"answers at {where}" if good else f"{where}: {outcome.detail}")
