"""`compliance import` and `compliance export`: rosters in and out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from compliance.cli.options import json_option, organization_option
from compliance.cli.running import Opened, read_file, with_database
from compliance.cli.saying import Said, answer_no, note, say, say_json

if TYPE_CHECKING:
    from compliance.services.intake import Options

MOST = 40
COUNTS = ("created", "changed", "unchanged", "therapists_created", "therapists_changed", "therapists_unchanged")


@click.group("import")
def import_command() -> None:
    """Bring a roster in."""


@import_command.command("roster")
@click.argument("file", type=click.Path(path_type=Path))
@organization_option(required=True)
@click.option("--dry-run", is_flag=True, help="Says what would be done, and does nothing.")
@click.option(
    "--corrections", type=click.Path(path_type=Path), metavar="FILE", help="Where refused rows are written to."
)
@click.option("--leave-out-refused", is_flag=True, help="Applies the good rows and leaves the others out.")
@click.option(
    "--create-clinics",
    "create_clinics",
    is_flag=False,
    flag_value="",
    multiple=True,
    metavar="[NAME=us-ks]",
    help="Adds clinics that are missing; names the jurisdiction where licenses do not tell it. May be repeated.",
)
@json_option()
def import_roster(
    file: Path,
    organization: str,
    dry_run: bool,
    corrections: Path | None,
    leave_out_refused: bool,
    create_clinics: tuple[str, ...],
    as_json: bool,
) -> None:
    """Brings in therapists and credentials from CSV or XLSX.

    \b
    compliance import roster roster.csv --organization "Harbor Massage" --dry-run
    compliance import roster roster.csv --organization "Harbor Massage" --create-clinics
    compliance import roster roster.xlsx --organization "Harbor Massage" --create-clinics "Wichita=us-ks"

    Nothing is applied unless every row is good or --leave-out-refused is given. The same file twice changes nothing.
    Exit status 0 when it was applied (or could be), 1 when rows were refused, 2 when the file cannot be read at all.
    """
    content, places = read_file(file), _places(create_clinics)

    async def work(opened: Opened) -> dict[str, Any]:
        from compliance.services.intake import Options

        options = Options(
            create_clinics=bool(create_clinics),
            clinic_jurisdictions=places,
            leave_out_refused=leave_out_refused,
            apply=not dry_run,
        )
        return await _import(opened, organization, file.name, content, options, corrections)

    outcome = with_database(work)
    if as_json:
        say_json(outcome)
    else:
        _print(outcome, dry_run)
    if outcome["refused"]:
        answer_no()


def _places(given: tuple[str, ...]) -> dict[str, str]:
    """`NAME=us-ks`, as often as it was given."""
    from compliance.cli.finding import jurisdiction_of

    found: dict[str, str] = {}
    for each in given:
        name, equals, place = each.rpartition("=")
        if each and not equals:
            raise Said(f'{each!r} names no jurisdiction; write it like "Wichita=us-ks".')
        if each:
            found[name.strip()] = jurisdiction_of(place)
    return found


async def _import(
    opened: Opened, organization: str, name: str, content: bytes, options: Options, corrections: Path | None
) -> dict[str, Any]:
    from compliance.cli.finding import organization_of
    from compliance.crypto.hashes import sha256_hex
    from compliance.db.queries import intake as imports
    from compliance.services import intake

    sha256 = sha256_hex(content)
    await opened.store.put(content, sha256)
    async with opened.database.write.begin() as session:
        owner = await organization_of(session, organization)
        import_id = await intake.start_import(
            session, act=opened.act(owner.id), sha256=sha256, name=name, options=options
        )
    await _run(opened, owner.id, import_id)
    async with opened.database.read.begin() as session:
        outcome: dict[str, Any] = await imports.outcome(session, owner.id, import_id)
        outcome["clinics_lacking"] = await _lacking(session, owner.id, opened.now.date())
        if corrections and outcome["refused"]:
            await _write_corrections(session, owner.id, import_id, corrections)
    await _leave(opened, owner.id, import_id, str(outcome["state"]))
    return outcome


async def _lacking(session: Any, organization_id: UUID, day: date) -> list[dict[str, str]]:
    """Clinics where nobody is cleared for want of what they themselves must hold."""
    from compliance.db.queries.clinics import clinics
    from compliance.services.assessments import frame, joined_findings

    around = await frame(session, organization_id)
    return [
        {"clinic": each.name, "requirement": found.title, "status": found.status.value, "reason": found.reason}
        for each in await clinics(session, organization_id)
        if each.is_open(day)
        for found in joined_findings(around, each.id, day)
        if not found.clears
    ]


async def _leave(opened: Opened, organization_id: UUID, import_id: UUID, state: str) -> None:
    """An import that was not applied is not left waiting for somebody."""
    from compliance.services import intake

    if state == "ready":
        async with opened.database.write.begin() as session:
            await intake.cancel_import(
                session, act=opened.act(organization_id), import_id=import_id, reason="Looked at from the command line."
            )


async def _run(opened: Opened, organization_id: UUID, import_id: UUID) -> None:
    """Runs the task here, or waits for the process that was first; its progress goes to whoever watches."""
    from compliance.cli.waiting import carried_out

    said: list[str] = []

    def progress(step: str, done: int, total: int | None) -> None:
        if step not in said:
            said.append(step)
            note(f"{step} ...")

    task = await carried_out(opened, organization_id, import_id, progress)
    if task.state == "failed":
        raise Said(task.problem)
    if task.state == "cancelled":
        note(f"Somebody cancelled this import. What it had written until then stays, and can be undone on its page "
             f"({opened.settings.public_url}/imports/{import_id}).")  # fmt: skip
        answer_no()


async def _write_corrections(session: Any, organization_id: UUID, import_id: UUID, path: Path) -> None:
    from compliance.cli.running import write_file
    from compliance.services.intake.corrections import corrections

    pieces = [each async for each in corrections(session, organization_id=organization_id, import_id=import_id)]
    write_file(path, b"".join(pieces))
    note(f"The refused rows are in {path}; correct them there and import that file.")


def _print(outcome: dict[str, Any], dry_run: bool) -> None:
    for each in outcome.get("remarks", ()):
        note(str(each))
    if not outcome.get("applied"):
        say("What it would do:")
    for key in COUNTS:
        say(f"{key.replace('_', ' '):<22}{outcome.get(key, 0):>8,}")
    say(f"{'rows refused':<22}{len({each['line'] for each in outcome['refused']}):>8,}")
    for title, found in (("Refused", outcome["refused"]), ("To look at", outcome.get("questions", ()))):
        _print_problems(title, found)
    for each in outcome["clinics_lacking"]:
        note(f"Nobody is cleared at {each['clinic']} yet: {each['requirement']}. {each['reason']}")
    if any(each["status"] == "missing" for each in outcome["clinics_lacking"]):
        command = "compliance clinic license add CLINIC --number N --expires-on DATE"
        note(f"Record it on the clinic’s page, or by `{command}`.")
    if dry_run:
        note("Nothing was changed: it was a dry run.")
    elif not outcome.get("applied", True):
        note("Nothing was applied. Correct the rows, or leave them out with --leave-out-refused.")


def _print_problems(title: str, found: Sequence[dict[str, Any]]) -> None:
    """Each problem once, with the lines that have it."""
    same: dict[tuple[str, str, str], list[int]] = {}
    for each in found:
        same.setdefault((each["field"], str(each["value"]), each["problem"]), []).append(each["line"])
    if same:
        say(f"\n{title}:")
    for (field, value, problem), where in list(same.items())[:MOST]:
        say(
            f"  {_spelled(where)}, {field} {value!r}: {problem}"
            if value
            else f"  {_spelled(where)}, {field}: {problem}"
        )
    if len(same) > MOST:
        say(f"  and {len(same) - MOST:,} other problems; --corrections and --json give them all.")


def _spelled(where: Sequence[int]) -> str:
    """`line 7` or `lines 2-4, 20-24`."""
    spans: list[list[int]] = []
    for line in sorted(set(where)):
        if spans and spans[-1][1] == line - 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    words = [str(first) if first == last else f"{first}-{last}" for first, last in spans[:8]]
    more = ["..."] if len(spans) > 8 else []
    return f"line{'s' if len(set(where)) > 1 else ''} {', '.join(words + more)}"


@click.group("export")
def export_command() -> None:
    """Take a roster out."""


@export_command.command("roster")
@organization_option(required=True)
@click.option(
    "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help=".csv or .xlsx; - prints CSV."
)
def export_roster(organization: str, output: Path) -> None:
    """Writes the roster in the shape that `import roster` takes: importing it again changes nothing.

    \b
    compliance export roster --organization "Harbor Massage" --output roster.csv
    """
    format_ = "xlsx" if output.suffix.lower() == ".xlsx" else "csv"

    async def work(opened: Opened) -> bytes:
        from compliance.cli.finding import organization_of
        from compliance.services.roster_export import export_roster

        async with opened.database.read.begin() as session:
            owner = await organization_of(session, organization)
            exported = export_roster(session, organization_id=owner.id, format=format_, today=opened.now.date())
            pieces = [each async for each in exported]
        return b"".join(pieces)

    content = with_database(work)
    if str(output) == "-":
        click.echo(content, nl=False)
        return
    from compliance.cli.running import write_file

    write_file(output, content)
    note(f"Written to {output} ({len(content):,} bytes).")
