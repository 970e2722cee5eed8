"""`compliance demo`: the demonstration clinics."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from compliance.cli.database import upgraded
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import say


@click.command("demo")
@click.option("--reset", is_flag=True, help="Drops them with all that was changed in them, and loads them anew.")
@click.option("--drop", is_flag=True, help="Takes them away with all that was changed in them.")
@click.option("--organization", "organization", metavar="ORG", help="With --reset or --drop: another demonstration.")
def demo_command(reset: bool, drop: bool, organization: str | None) -> None:
    """Loads the demonstration clinics: four of them, forty therapists, every verdict; makes a missing database.

    \b
    compliance demo
    compliance demo --reset
    compliance demo --drop

    Where they are loaded already nothing happens. Their mail never leaves the mailbox. --reset and --drop are refused
    for every organization that is not marked as a demonstration. Exit status 0; 2 when it was refused.
    """
    from compliance.settings import read_settings

    if reset and drop:
        raise click.UsageError("--reset loads them anew and --drop does not: choose one of them.")

    upgraded(read_settings())

    async def work(opened: Opened) -> str:
        from compliance.services import demonstration

        async with opened.database.write.begin() as session:
            found = await demonstration.find(session)
            if drop:
                await _drop(session, opened, organization, found)
                return f"{demonstration.NAME} is taken away." if found else "No demonstration is loaded."
            if found is not None and not reset:
                return f"{demonstration.NAME} is loaded already."
            if reset:
                await _drop(session, opened, organization, found)
            await _load(session, opened)
        await _attach(opened)
        return f"{demonstration.NAME} is loaded: {len(demonstration.THERAPISTS)} therapists at 4 clinics."

    say(with_database(work))


async def _drop(session: Any, opened: Opened, organization: str | None, found: UUID | None) -> None:
    from compliance.cli.finding import organization_of
    from compliance.services import demonstration

    chosen = (await organization_of(session, organization)).id if organization else found
    if chosen is not None:
        await demonstration.drop(session, act=opened.act(), organization_id=chosen)


async def _attach(opened: Opened) -> None:
    """The papers come after the rest: each is looked into by a process of its own, and nobody waits for that."""
    from compliance.services import demonstration
    from compliance.services.demonstration import papers

    async with opened.database.read() as session:
        found = await demonstration.find(session)
    if found is not None:
        await papers.attach(opened.database, opened.store, act=opened.act(found))


async def _load(session: Any, opened: Opened) -> None:
    from compliance.services import demonstration, reminders
    from compliance.services.mailing import MailSettings

    if await demonstration.find(session) is not None:
        return
    organization_id = await demonstration.load(session, act=opened.act())
    mail = MailSettings(opened.settings.mail_from, opened.settings.public_url, opened.settings.secret_key())
    await reminders.go_live(session, act=opened.act(organization_id), mail=mail)
