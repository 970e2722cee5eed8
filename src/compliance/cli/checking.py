"""`compliance check`: may this therapist practice this, here, on that day?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

import click

from compliance.cli.options import Day, json_option, organization_option
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import Said, answer_no, day, say, say_json

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from compliance.db.queries.references import Candidate
    from compliance.domain.assessment import Clearance, Finding


@dataclass(frozen=True, slots=True)
class Asked:
    """The question with its names in words."""

    therapist: str
    clinic: str
    modality: str
    on: date
    clearance: Clearance


@click.command("check")
@click.option("--therapist", required=True, metavar="REF", help="Id, e-mail address or exact name.")
@click.option("--modality", required=True, metavar="CODE", help="Such as trigger-point-therapy.")
@click.option("--clinic", required=True, metavar="REF", help="Id or exact name.")
@click.option("--on", type=Day(), metavar="DATE", help="The day; today at the clinic if left out.")
@click.option("--hypothetical", is_flag=True, help="As if they worked there: for hiring.")
@organization_option()
@json_option()
def check_command(
    therapist: str,
    modality: str,
    clinic: str,
    on: date | None,
    hypothetical: bool,
    organization: str | None,
    as_json: bool,
) -> None:
    """May this therapist practice this, here, on that day? Verdict, its end, every finding with reason and citation.

    \b
    compliance check --therapist ana@example.org --modality trigger-point-therapy --clinic Tampa
    compliance check --therapist "Ana Ruiz" --modality massage-therapy --clinic Reno --on 2027-03-01 --json

    Exit status 0 when cleared, 1 when not, 2 when somebody or something is not known, 3 when it could not be told.
    Treat everything but 0 as no.
    """

    async def work(opened: Opened) -> Asked:
        from compliance.cli.finding import modality_of
        from compliance.services import assessments

        code = modality_of(modality)
        async with opened.database.read.begin() as session:
            person, place = await _both(session, therapist, clinic, organization)
            asked_on = on or await _today(session, place, opened)
            clearance = await assessments.clearance_of(
                session,
                organization_id=place.organization_id,
                therapist_id=person.id,
                clinic_id=place.id,
                modality=code,
                as_of=asked_on,
                hypothetical=hypothetical,
            )
        if clearance is None:
            raise Said(f"{place.name} has no therapist called {therapist!r}.")
        return Asked(person.name, place.name, _title(code), asked_on, clearance)

    asked = with_database(work)
    if as_json:
        from compliance.domain.plain import plain_verdict

        say_json(asdict(plain_verdict(asked.clearance)))
    else:
        _print(asked)
    if not asked.clearance.cleared:
        answer_no()


def _title(code: str) -> str:
    from compliance.catalog import load

    return load().modalities[code].title


async def _both(
    session: AsyncSession, therapist: str, clinic: str, organization: str | None
) -> tuple[Candidate, Candidate]:
    """Therapist and clinic of one organization: whichever is the only one of its name decides for the other."""
    from compliance.cli.finding import clinic_of, organization_of, therapist_of
    from compliance.db.queries import references

    within = (await organization_of(session, organization)).id if organization else None
    if within is None and len(await references.clinics(session, clinic)) != 1:
        people = await references.therapists(session, therapist)
        within = people[0].organization_id if len(people) == 1 else None
    place = await clinic_of(session, clinic, within)
    return await therapist_of(session, therapist, place.organization_id), place


async def _today(session: AsyncSession, place: Candidate, opened: Opened) -> date:
    """The day at the clinic."""
    from zoneinfo import ZoneInfo

    from compliance.db.records import ClinicRow

    row = await session.get(ClinicRow, (place.organization_id, place.id))
    return opened.now.astimezone(ZoneInfo(row.time_zone if row else "UTC")).date()


def _end(value: date | None) -> date | None:
    return None if value in (None, date.max) else value


def _print(asked: Asked) -> None:
    say(verdict(asked))
    for each in asked.clearance.findings:
        say()
        say(f"{each.status.value.upper():<10}  {each.title}")
        for line in (each.reason, _held(each), _recheck(each), each.citation.text and f"Source: {each.citation.text}"):
            if line:
                say(f"{'':<12}{line}")


def verdict(asked: Asked) -> str:
    """The answer as a sentence."""
    practice = asked.modality[:1].lower() + asked.modality[1:]
    about = f"{asked.therapist} {{}} for {practice} at {asked.clinic} on {day(asked.on)}"
    clearance = asked.clearance
    if not clearance.cleared:
        again = f" Cleared again from {day(clearance.cleared_from)}." if clearance.cleared_from else ""
        return f"No. {about.format('is not cleared')}.{again}"
    if _end(clearance.until) is None:
        return f"Yes. {about.format('is cleared')}, without end."
    ends = next((f.title for f in clearance.findings if f.requirement == clearance.ends_with), "the assignment")
    return f"Yes. {about.format('is cleared')}, until {day(clearance.until)}; then ends: {ends}."


def _held(finding: Finding) -> str:
    held = finding.credential
    if held is None:
        return ""
    words = (_type_title(held.type), held.number, held.issuing_authority)
    return ", ".join(each for each in words if each)


def _type_title(code: str) -> str:
    from compliance.catalog import load

    kind = load().types.get(code)
    return kind.title if kind else code


def _recheck(finding: Finding) -> str:
    return f"Look at the source again by {day(finding.recheck_on)}." if finding.recheck_on else ""
