"""`compliance organization`: organizations, set up from scripts."""

from __future__ import annotations

import click

from compliance.cli.options import json_option
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import say, say_json, say_table


@click.group("organization")
def organization_command() -> None:
    """Organizations, set up from scripts."""


@organization_command.command("add")
@click.argument("name")
@click.option("--time-zone", default="America/New_York", show_default=True, metavar="ZONE", help="An IANA zone.")
@click.option("--postal-address", default="", metavar="TEXT", help="Stands in every mail; the law wants it there.")
@json_option()
def add(name: str, time_zone: str, postal_address: str, as_json: bool) -> None:
    """Adds an organization and prints its id.

    \b
    compliance organization add "Harbor Massage" --time-zone America/Chicago

    Its reminders are off until somebody goes live (`compliance reminders start`). Exit status 2 for a name that is
    taken or a zone that is none.
    """

    async def work(opened: Opened) -> str:
        from compliance.services import organizations

        async with opened.database.write.begin() as session:
            added = await organizations.add(
                session, act=opened.act(), name=name, time_zone=time_zone, postal_address=postal_address
            )
        return str(added)

    added = with_database(work)
    if as_json:
        say_json({"id": added, "name": name.strip()})
    else:
        say(added)


@organization_command.command("list")
@json_option()
def list_(as_json: bool) -> None:
    """Lists the organizations."""

    async def work(opened: Opened) -> list[tuple[str, str, str]]:
        from compliance.db.queries import references

        async with opened.database.read.begin() as session:
            return [(str(each.id), each.name, each.about) for each in await references.organizations(session, None)]

    found = with_database(work)
    if as_json:
        say_json([{"id": id_, "name": name, "demonstration": bool(about)} for id_, name, about in found])
    else:
        say_table(("id", "name", ""), found)
