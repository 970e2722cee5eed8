"""`compliance person`: one person's file as a whole."""

from __future__ import annotations

from pathlib import Path

import click

from compliance.cli.finding import organization_of, therapist_of
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import Said, say


@click.group("person")
def person_command() -> None:
    """One person's file: hand it out, or erase it."""


@person_command.command("export")
@click.argument("ref")
@click.option("--organization", metavar="REF", help="Needed where there are several.")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The ZIP to write.")
@click.option("--reason", default="", help="Stays in the history.")
def export(ref: str, organization: str | None, output: Path, reason: str) -> None:
    """Writes everything on record of one person as a ZIP: JSON, their documents, and the history.

    \b
    compliance person export sofia@example.org --output sofia.zip
    """

    async def work(opened: Opened) -> int:
        from compliance.services import personal

        async with opened.snapshot() as session:
            ours = await organization_of(session, organization)
            who = (await therapist_of(session, ref, ours.id)).id
            told = await personal.read(session, organization_id=ours.id, therapist_id=who, now=opened.now)
        async with opened.database.write.begin() as session:
            await personal.hand_out(session, act=opened.act(ours.id), therapist_id=who, reason=reason)
        return await personal.write(opened.store, told, output)

    if output.exists():
        raise Said(f"{output} is there already; give another name.")
    if not output.resolve().parent.is_dir():
        raise Said(f"There is no folder {output.resolve().parent}.")
    count = with_database(work)
    output.chmod(0o600)
    say(f"The file is in {output}, with {count} documents.")


@person_command.command("erase")
@click.argument("ref")
@click.option("--organization", metavar="REF", help="Needed where there are several.")
@click.option("--reason", required=True, help="Stays in the history.")
@click.option("--yes", is_flag=True, help="Erase it; without, it is only said what would go.")
def erase(ref: str, organization: str | None, reason: str, yes: bool) -> None:
    """Erases everything on record of one person who has left. Nothing brings it back but a backup.

    \b
    compliance person erase sofia@example.org --reason "asked for on Nov 20" --yes

    Refused on legal hold and while they work here. The trail's chain stays whole: it holds only hashes of what was
    theirs. Issued reports are not changed.
    """

    async def work(opened: Opened) -> int:
        from compliance.services import personal

        async with opened.database.write() as session:
            ours = await organization_of(session, organization)
            who = await therapist_of(session, ref, ours.id)
            erased = await personal.erase(session, act=opened.act(ours.id), therapist_id=who.id, reason=reason)
            await (session.commit() if yes else session.rollback())
        if yes:
            await personal.sweep(opened.database, opened.store)
        return erased.rows

    rows = with_database(work)
    say(f"{rows:,} rows are erased." if yes else f"{rows:,} rows would be erased. Nothing is changed; add --yes.")
