"""`compliance trail`: walks the hash chains."""

from __future__ import annotations

from typing import Any

import click

from compliance.cli.options import json_option
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import answer_no, say, say_json


@click.group("trail")
def trail_command() -> None:
    """The record of who did what."""


@trail_command.command("verify")
@click.option("--organization", "organization", metavar="ORG", help="Id or exact name; left out: all of them.")
@json_option()
def verify(organization: str | None, as_json: bool) -> None:
    """Walks each hash chain from its beginning and names the first entry that does not hold.

    \b
    compliance trail verify
    compliance trail verify --organization "Harbor Massage"

    Without --organization the installation's own chain is walked too. Exit status 0 when all hold, 1 when one does not.
    """

    async def work(opened: Opened) -> list[dict[str, Any]]:
        from compliance.cli.finding import organization_of
        from compliance.db.queries import references
        from compliance.db.records import INSTALLATION
        from compliance.services import trail

        async with opened.database.read.begin() as session:
            chosen = [await organization_of(session, organization)] if organization else []
            chains = [(each.id, each.name) for each in chosen or await references.organizations(session, None)]
        if not organization:
            chains.insert(0, (INSTALLATION, "the installation"))
        found = []
        for id_, name in chains:
            async with opened.snapshot() as session:
                count, broken = await trail.verify(session, organization_id=id_)
            problem = {"seq": broken.seq, "problem": broken.problem} if broken else None
            found.append({"organization": name, "entries": count, "holds": not broken, "broken": problem})
        return found

    found = with_database(work)
    if as_json:
        say_json(found)
    else:
        for each in found:
            say(_sentence(each))
    if not all(each["holds"] for each in found):
        answer_no()


def _sentence(chain: dict[str, Any]) -> str:
    broken = chain["broken"]
    if broken is None:
        return f"{chain['organization']}: all {chain['entries']:,} entries hold."
    return f"{chain['organization']}: entry {broken['seq']:,} does not hold: {broken['problem']}."
