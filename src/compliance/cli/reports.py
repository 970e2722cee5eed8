"""`compliance report`: makes an audit report, and tells whether a file is one of ours and unchanged."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

import click

from compliance.cli.exposures import exposures
from compliance.cli.options import Day, InstantOfTime, Period, json_option, organization_option
from compliance.cli.packets import inspector, packet
from compliance.cli.running import Opened, read_file, with_database, write_file
from compliance.cli.saying import answer_no, day, note, say, say_json

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from compliance.services.audit_reports import Checked, Issued

FORMATS = ("pdf", "xlsx", "csv", "json")


@click.group("report")
def report_command() -> None:
    """Audit reports: make one, or check one."""


report_command.add_command(packet)
report_command.add_command(exposures)
report_command.add_command(inspector)


@report_command.command("audit")
@click.option("--clinic", "clinics", metavar="REF", multiple=True, help="Id or exact name; may be repeated. None: all.")
@organization_option()
@click.option("--as-of", type=Day(), metavar="DATE", help="The day that the verdicts are about; today if left out.")
@click.option(
    "--known-at", type=InstantOfTime(), metavar="INSTANT", help="By the records of that moment; now if left out."
)
@click.option("--period", type=Period(), metavar="FROM..TO", help="Adds lapses, mail and changes of these days.")
@click.option("--therapist", "therapists", metavar="REF", multiple=True, help="Only these; may be repeated.")
@click.option("--modality", "modalities", metavar="CODE", multiple=True, help="Only these; may be repeated.")
@click.option("--sample", type=click.IntRange(min=1), metavar="SIZE", help="So many of the people, drawn by a seed.")
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Left out: the trail head's first digits.")
@click.option("--format", "format_", required=True, type=click.Choice(FORMATS, case_sensitive=False))
@click.option("--paper", type=click.Choice(("us-letter", "a4")), default="us-letter", show_default=True)
@click.option(
    "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write; - prints."
)
@json_option()
def audit(
    clinics: tuple[str, ...],
    organization: str | None,
    as_of: date | None,
    known_at: datetime | None,
    period: tuple[date, date] | None,
    therapists: tuple[str, ...],
    modalities: tuple[str, ...],
    sample: int | None,
    seed: int | None,
    format_: str,
    paper: str,
    output: Path,
    as_json: bool,
) -> None:
    """Makes the audit report of a clinic: who may practice what, why, and what it rests on.

    \b
    compliance report audit --clinic Tampa --format pdf --output tampa.pdf
    compliance report audit --clinic Tampa --period 2026-01-01..2026-06-30 --format xlsx --output half.xlsx
    compliance report audit --clinic Tampa --clinic Austin --sample 20 --seed 7 --format pdf --output sample.pdf

    The same question (also --known-at) gives the same file, byte for byte: it is kept. Exit status 0 when it was
    written, 2 for a clinic that is not known, 3 when it could not be made.
    """

    if seed is not None and sample is None:
        raise click.UsageError("--seed draws a sample; say with --sample how many people.")

    async def work(opened: Opened) -> Issued:
        from compliance.cli.finding import modality_of
        from compliance.services import audit_reports

        codes = tuple(modality_of(each) for each in modalities)
        async with opened.database.read.begin() as session:
            about = await _about(session, opened, clinics, organization, therapists)
        asked = audit_reports.Asked(
            clinic_id=None,
            as_of=as_of or about.today,
            known_at=known_at or opened.now,
            period=_span(period),
            clinic_ids=about.clinic_ids,
            therapist_ids=about.therapist_ids,
            modalities=codes,
            sample=audit_reports.AskedSample(sample, seed) if sample else None,
        )
        return await audit_reports.issue(
            opened.database,
            opened.store,
            act=opened.act(about.organization_id),
            asked=asked,
            format=format_,
            signing=opened.settings.signing(),
            paper=paper,
            added_fonts=opened.settings.report_fonts,
        )

    issued = with_database(work)
    if str(output) == "-":
        click.echo(issued.content, nl=False)
        return
    write_file(output, issued.content)
    if as_json:
        say_json({"id": issued.report_id, "sha256": issued.sha256, "size": issued.size, "output": str(output)})
    else:
        note(f"{'A new report' if issued.made else 'The kept report'} was written to {output} ({issued.size:,} bytes).")
        say(issued.sha256)


class _About(NamedTuple):
    """Whom the question is about, and the day there."""

    organization_id: UUID
    clinic_ids: tuple[UUID, ...]
    therapist_ids: tuple[UUID, ...]
    today: date


async def _about(
    session: AsyncSession,
    opened: Opened,
    clinics: tuple[str, ...],
    organization: str | None,
    therapists: tuple[str, ...],
) -> _About:
    """The first clinic says which organization the others are of, where nobody else does."""
    from zoneinfo import ZoneInfo

    from compliance.cli.finding import clinic_of, organization_of, therapist_of
    from compliance.db.records import ClinicRow, OrganizationRow

    within = (await organization_of(session, organization)).id if organization or not clinics else None
    places: list[UUID] = []
    for ref in clinics:
        place = await clinic_of(session, ref, within)
        within = place.organization_id
        places.append(place.id)
    people = [(await therapist_of(session, ref, within)).id for ref in therapists]
    only = set(places)
    at: Any = await session.get(ClinicRow, (within, *only)) if len(only) == 1 else None
    at = at or await session.get(OrganizationRow, within)
    today = opened.now.astimezone(ZoneInfo(at.time_zone)).date()
    return _About(cast("UUID", within), tuple(places), tuple(people), today)


def _span(period: tuple[date, date] | None) -> Any:
    from compliance.domain.audit_report import Span

    return Span(*period) if period else None


@report_command.command("schema")
def schema() -> None:
    """Prints the JSON Schema that every report in JSON holds to.

    \b
    compliance report schema > audit-report.schema.json
    """
    from compliance.reports import json_schema

    click.echo(json_schema(), nl=False)


@report_command.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@json_option()
def verify(file: Path, as_json: bool) -> None:
    """Is this report unchanged, and was it issued here?

    \b
    compliance report verify tampa.pdf

    A changed byte, a report of another installation, an expired certificate and a file that is no report each have
    their own answer. Exit status 0 when it was issued here and is unchanged, 1 otherwise.
    """
    content = read_file(file)

    async def work(opened: Opened) -> Checked:
        from compliance.services import audit_reports

        async with opened.database.read() as session:
            return await audit_reports.check(session, content=content, now=opened.now)

    checked = with_database(work)
    if as_json:
        say_json(_as_json(checked))
    else:
        _print(checked)
    if checked.answer != "unchanged":
        answer_no()


@report_command.command("verifier")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write.")
def verifier(output: Path) -> None:
    """Writes the script that checks the signature of a PDF report: one file that needs Python alone.

    \b
    compliance report verifier --output verify_report.py
    """
    from compliance.crypto.offline import script

    write_file(output, script("verify_report.py").encode())
    note(f"The script was written to {output}. It runs with Python 3.9 or newer: python3 {output.name} REPORT.pdf")


SENTENCES = {
    "unchanged": "Yes. Issued here and unchanged since.",
    "disputed": "No. A row of the database says that this file was issued here; the trail or the signature does not.",
    "changed": "No. This file was changed after it was signed: {problem}.",
    "not-on-record": "No. It was signed here and is unchanged, but no record says so: the database was changed, or an "
    "older one was restored.",
    "elsewhere": "No. It is unchanged since it was signed, by somebody else's certificate.",
    "unknown": "No. This installation never issued exactly these bytes. Either they were changed since, or they come "
    "from somewhere else.",
    "no-report": "No. This is not a report.",
}


def _print(checked: Checked) -> None:
    from compliance.rendering import in_both

    say(SENTENCES[checked.answer].format(problem=checked.problem))
    found, signer = checked.report, checked.signer
    say(f"SHA-256       {checked.sha256}")
    if found:
        say(f"What          {found.noun}")
        say(f"Id            {found.report_id}")
        say(f"Organization  {found.organization}")
        say(f"About         {found.about}, as of {day(found.as_of)}")
        say(f"Records as of {in_both(found.known_at, found.time_zone)}, up to entry {found.recorded_seq:,}")
        say(f"Issued        {in_both(found.issued_at, found.time_zone)}")
    if signer:
        say(f"Signed by     {signer.subject}{'' if signer.ours else ' (not of this installation)'}")
        say(f"Certificate   SHA-256 {signer.fingerprint}")
    if signer and signer.expired:
        say(f"The certificate has expired since ({day(signer.not_after.date())}).")
    if found and found.superseded:
        say(
            "A newer program or catalog, or one with other fonts, has answered the question since; ask for that report."
        )


def _as_json(checked: Checked) -> dict[str, Any]:
    found, signer = checked.report, checked.signer
    issued = checked.answer == "unchanged"
    said: dict[str, Any] = {"answer": checked.answer, "issued_here": issued, "sha256": checked.sha256}
    if signer:
        said["certificate"] = {
            "subject": signer.subject,
            "fingerprint": signer.fingerprint,
            "not_after": signer.not_after,
            "expired": signer.expired,
            "ours": signer.ours,
        }
    if found:
        names = ("organization", "clinic", "format", "as_of", "known_at", "issued_at", "superseded")
        said |= {"report": found.report_id} | {name: getattr(found, name) for name in names}
    return said
