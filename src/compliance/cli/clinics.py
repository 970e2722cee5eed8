"""`compliance clinic`: clinics, set up from scripts."""

from __future__ import annotations

from datetime import date

import click

from compliance.cli.options import Day, json_option, organization_option
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import say, say_json, say_table


@click.group("clinic")
def clinic_command() -> None:
    """Clinics, set up from scripts."""


@clinic_command.command("add")
@click.argument("name")
@organization_option(required=True)
@click.option("--jurisdiction", required=True, metavar="CODE", help="Where its law is: us-fl, Florida, us-ks-mission.")
@click.option("--time-zone", metavar="ZONE", help="Needed where a state has two.")
@click.option("--address", default="", metavar="TEXT")
@click.option("--opened-on", type=Day(), metavar="DATE")
@json_option()
def add(
    name: str,
    organization: str,
    jurisdiction: str,
    time_zone: str | None,
    address: str,
    opened_on: date | None,
    as_json: bool,
) -> None:
    """Adds a clinic and prints its id.

    \b
    compliance clinic add Tampa --organization "Harbor Massage" --jurisdiction us-fl --time-zone America/New_York

    Exit status 2 for an unknown jurisdiction, a name that is taken, or a zone that is asked and not given.
    """

    async def work(opened: Opened) -> str:
        from compliance.cli.finding import jurisdiction_of, organization_of
        from compliance.services import clinics

        clinic = clinics.NewClinic(name, jurisdiction_of(jurisdiction), time_zone, address, opened_on)
        async with opened.database.write.begin() as session:
            owner = await organization_of(session, organization)
            return str(await clinics.add(session, act=opened.act(owner.id), clinic=clinic))

    added = with_database(work)
    if as_json:
        say_json({"id": added, "name": name.strip()})
    else:
        say(added)


@clinic_command.command("list")
@organization_option()
@json_option()
def list_(organization: str | None, as_json: bool) -> None:
    """Lists the clinics of an organization."""

    async def work(opened: Opened) -> list[tuple[str, str]]:
        from compliance.cli.finding import organization_of
        from compliance.db.queries import references

        async with opened.database.read.begin() as session:
            owner = await organization_of(session, organization)
            return [(str(each.id), each.name) for each in await references.clinics(session, None, owner.id)]

    found = with_database(work)
    if as_json:
        say_json([{"id": id_, "name": name} for id_, name in found])
    else:
        say_table(("id", "name"), found)
