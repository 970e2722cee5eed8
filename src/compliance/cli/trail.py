"""`compliance trail`: walks the hash chains, and hands one out so that others can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from compliance.cli.options import json_option, organization_option
from compliance.cli.running import Opened, with_database, write_file, write_pieces
from compliance.cli.saying import answer_no, note, say, say_json


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

    The signed checkpoints and what issued reports printed of the chain must fit, too: a history that was written anew,
    or whose end was cut off, does not. Without --organization the installation's own chain is walked as well. Exit
    status 0 when all hold, 1 when one does not.
    """

    async def work(opened: Opened) -> list[dict[str, Any]]:
        from compliance.crypto.checkpoints import TrailKey
        from compliance.services import trail_proof

        public = TrailKey(opened.settings.secret_key()).public
        found = []
        for id_, name in await _chains(opened, organization):
            async with opened.snapshot() as session:
                proof = await trail_proof.prove(session, organization_id=id_, public=public)
            broken = proof.broken
            problem = {"seq": broken.seq, "problem": broken.problem} if broken else None
            said = {"entries": proof.entries, "checkpoints": proof.checkpoints, "holds": not broken}
            found.append({"organization": name, **said, "broken": problem})
        return found

    found = with_database(work)
    if as_json:
        say_json(found)
    else:
        for each in found:
            say(_sentence(each))
    if not all(each["holds"] for each in found):
        answer_no()


async def _chains(opened: Opened, organization: str | None) -> list[tuple[Any, str]]:
    from compliance.cli.finding import organization_of
    from compliance.db.queries import references
    from compliance.db.records import INSTALLATION

    async with opened.database.read.begin() as session:
        chosen = [await organization_of(session, organization)] if organization else []
        chains = [(each.id, each.name) for each in chosen or await references.organizations(session, None)]
    return chains if organization else [(INSTALLATION, "the installation"), *chains]


def _sentence(chain: dict[str, Any]) -> str:
    broken = chain["broken"]
    if broken is None:
        count = chain["checkpoints"]
        signed = f", and {count:,} signed {'checkpoint fits' if count == 1 else 'checkpoints fit'}" if count else ""
        return f"{chain['organization']}: all {chain['entries']:,} entries hold{signed}."
    return f"{chain['organization']}: entry {broken['seq']:,} does not hold: {broken['problem']}."


@trail_command.command("export")
@organization_option()
@click.option("--values", is_flag=True, help="With names, addresses and free text; else only their salted hashes.")
@click.option("--birth-dates", is_flag=True, help="With dates of birth, too; a rule needs few of them.")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write.")
def export(organization: str | None, values: bool, birth_dates: bool, output: Path) -> None:
    """Writes an organization's trail and its checkpoints, for an auditor to check without us.

    \b
    compliance trail export --output trail.jsonl
    compliance trail verifier --output verify_trail.py
    python3 verify_trail.py trail.jsonl

    One JSON object a line. Exit status 0 when it was written.
    """

    async def work(opened: Opened) -> None:
        from compliance.cli.finding import organization_of
        from compliance.crypto.checkpoints import TrailKey
        from compliance.services import trail_export

        key = TrailKey(opened.settings.secret_key())
        async with opened.snapshot() as session:
            chosen = await organization_of(session, organization)
            made = trail_export.lines(
                session, organization_id=chosen.id, name=chosen.name, key=key, now=opened.now,
                values=values or birth_dates, birth_dates=birth_dates,
            )  # fmt: skip
            await write_pieces(output, (line.encode() async for line in made))

    with_database(work)
    note(f"The trail was written to {output}.")


@trail_command.command("verifier")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write.")
def verifier(output: Path) -> None:
    """Writes the script that checks an exported trail: one file that needs Python alone.

    \b
    compliance trail verifier --output verify_trail.py
    """
    from compliance.crypto.offline import script

    write_file(output, script("verify_trail.py").encode())
    note(f"The script was written to {output}. It runs with Python 3.9 or newer: python3 {output.name} TRAIL.jsonl")
