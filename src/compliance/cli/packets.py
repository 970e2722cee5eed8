"""`compliance report packet` and `inspector`: a report with its evidence as ZIP, and the sheet for an inspector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from compliance.cli.options import json_option, organization_option
from compliance.cli.running import Opened, with_database, write_file, write_pieces
from compliance.cli.saying import CouldNotTell, Said, answer_no, note, say, say_json

if TYPE_CHECKING:
    from compliance.db.queries.tasks import Task


@click.command("packet")
@click.argument("report_id", type=click.UUID, metavar="REPORT")
@click.option(
    "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write the ZIP."
)
@json_option()
def packet(report_id: UUID, output: Path, as_json: bool) -> None:
    """Writes the evidence packet of an issued report: the report, every proof by person, and a manifest of hashes.

    \b
    compliance report audit --clinic Tampa --format pdf --output tampa.pdf --json      # its "id"
    compliance report packet 0193ab12-0000-7000-8000-000000000000 --output tampa.zip

    Exit status 0 when everything is in it, 1 when a proof is missing or damaged: the manifest names it; 3 when the
    packet could not be made.
    """

    async def work(opened: Opened) -> dict[str, Any]:
        from compliance.cli.waiting import carried_out
        from compliance.db.queries.packets import organization_of_report
        from compliance.services import evidence_packets

        async with opened.database.write.begin() as session:
            organization_id = await organization_of_report(session, report_id)
            if organization_id is None:
                raise Said(f"No report has the id {report_id}.")
            act = opened.act(organization_id)
            task_id = await evidence_packets.start(session, act=act, report_id=report_id)
        task = await carried_out(opened, organization_id, task_id, _progress)
        made = _made(task)
        plan = await evidence_packets.plan_of(opened.store, made["plan"])
        await write_pieces(output, evidence_packets.pieces(plan, opened.store))
        return made

    made = with_database(work)
    missing = made["not_in_the_packet"]
    if as_json:
        say_json(
            {key: made[key] for key in ("report_id", "sha256", "size", "pieces", "problems")} | {"output": str(output)}
        )
    else:
        inside = f"{made['pieces'] - missing:,} of {made['pieces']:,} proofs"
        note(f"{output}: the report and {inside}, {made['size']:,} bytes.")
        for path, state in made["problems"]:
            note(f"not in it: {path} ({state})")
        say(made["sha256"])
    if missing:
        answer_no()


def _progress(step: str, done: int, total: int | None) -> None:
    if total:
        note(f"{step} {done:,} of {total:,}")


def _made(task: Task) -> dict[str, Any]:
    if task.state != "done":
        raise CouldNotTell(task.problem or f"The packet was {task.state}.")
    found: Any = task.result["packet"]
    return dict(found)


@click.command("inspector")
@click.option("--clinic", required=True, metavar="REF", help="Id or exact name.")
@organization_option()
@click.option("--paper", type=click.Choice(("us-letter", "a4")), default="us-letter", show_default=True)
@click.option(
    "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write the PDF."
)
def inspector(clinic: str, organization: str | None, paper: str, output: Path) -> None:
    """Writes the inspector sheet of a clinic: roster, numbers, expiries, copies of the licenses, who left.

    \b
    compliance report inspector --clinic Tampa --output tampa.pdf

    For today at the clinic, from what is stored here; signed, so that `compliance report verify` knows it. Exit status
    2 for a clinic that is not known, 3 when it could not be made.
    """

    async def work(opened: Opened) -> bytes:
        from compliance.cli.finding import clinic_of, organization_of
        from compliance.db.queries import clinics
        from compliance.services import inspector_sheets, sheet_issuing

        async with opened.database.read.begin() as session:
            within = (await organization_of(session, organization)).id if organization else None
            place = await clinic_of(session, clinic, within)
            found = await clinics.clinic(session, place.organization_id, place.id)
            if found is None:
                raise Said(f"The clinic {clinic} is gone.")
            about = {"organization_id": place.organization_id, "clinic_id": place.id}
            draft = await inspector_sheets.gather(session, as_of=found.today(opened.now), now=opened.now, **about)
        act, signing = opened.act(place.organization_id), opened.settings.signing()
        return await sheet_issuing.issue(
            opened.database,
            opened.store,
            act=act,
            draft=draft,
            signing=signing,
            paper=paper,
            added_fonts=opened.settings.report_fonts,
        )

    content = with_database(work)
    write_file(output, content)
    note(f"{output}: {len(content):,} bytes.")
