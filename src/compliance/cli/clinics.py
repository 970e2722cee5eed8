"""`compliance clinic`: clinics, set up from scripts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from compliance.cli.options import Day, json_option, organization_option
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import note, say, say_json, say_table

if TYPE_CHECKING:
    from compliance.services.clinic_licenses import Outcome


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


@clinic_command.group("license")
def license_command() -> None:
    """What the law asks of a clinic itself: its own license."""


@license_command.command("add")
@click.argument("clinic", metavar="REF")
@organization_option()
@click.option("--number", default="", metavar="N")
@click.option("--issued-on", type=Day(), metavar="DATE", help="As printed; the first issue is enough.")
@click.option("--expires-on", type=Day(), metavar="DATE", help="As printed.")
@json_option()
def add_license(
    clinic: str, organization: str | None, number: str, issued_on: date | None, expires_on: date | None, as_json: bool
) -> None:
    """Records a clinic's own license, or its renewal. The same twice changes nothing.

    \b
    compliance clinic license add Tampa --number "MM 41207" --issued-on 2025-09-01 --expires-on 2027-08-31

    Nobody is cleared at a clinic that lacks the license its state or city asks for.
    """

    async def work(opened: Opened) -> Outcome:
        from compliance.cli.finding import clinic_of, organization_of
        from compliance.services import clinic_licenses

        async with opened.database.write.begin() as session:
            owner = await organization_of(session, organization)
            place = await clinic_of(session, clinic, owner.id)
            given: dict[str, Any] = {"number": number, "issued_on": issued_on, "expires_on": expires_on}
            return await clinic_licenses.add(session, act=opened.act(owner.id), clinic_id=place.id, **given)

    done = with_database(work)
    if as_json:
        said = {"changes": [each._asdict() for each in done.changes], "questions": list(done.questions)}
        say_json({"outcome": done.outcome} | said)
        return
    say(done.outcome)
    for each in done.changes:
        field = f", {each.field}" if each.field else ""
        say(f"  {each.what}{field}: {each.old or 'nothing'} -> {each.new or 'recorded'}")
    for question in done.questions:
        note(question)


@license_command.command("waive")
@click.argument("clinic", metavar="REF")
@organization_option()
@click.option("--reason", required=True, metavar="TEXT", help="What exempts it, and where that is written.")
@click.option("--granted-by", required=True, metavar="NAME", help="Who decided it.")
@click.option("--ends-on", required=True, type=Day(), metavar="DATE", help="The last day; then it is looked at again.")
@click.option("--starts-on", type=Day(), metavar="DATE", help="From today on, if it is not said.")
def waive_license(
    clinic: str, organization: str | None, reason: str, granted_by: str, ends_on: date, starts_on: date | None
) -> None:
    """Excepts a clinic that the law does not mean: a sole practitioner's, a physician's office, a school.

    \b
    compliance clinic license waive Tampa --ends-on 2027-12-31 --granted-by "O. Hart" --reason "Physician's office"
    """

    async def work(opened: Opened) -> str:
        from compliance.cli.finding import clinic_of, organization_of
        from compliance.services import waivers
        from compliance.services.intake.licenses import OWN_LICENSE

        async with opened.database.write.begin() as session:
            owner = await organization_of(session, organization)
            place = await clinic_of(session, clinic, owner.id)
            facts: dict[str, Any] = {"starts_on": starts_on or opened.now.date(), "ends_on": ends_on}
            facts |= {"requirement": OWN_LICENSE, "reason": reason, "granted_by": granted_by}
            act = opened.act(owner.id)
            return str(await waivers.grant_to_clinic(session, act=act, clinic_id=place.id, **facts))

    say(with_database(work))


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
