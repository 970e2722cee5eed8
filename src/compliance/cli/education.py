"""`compliance education`: the ledger of courses, how it stands to each rule, and the pack for a board."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compliance.cli.education_input import MINUTES, Subject, course_of, import_file
from compliance.cli.options import Day, json_option, organization_option
from compliance.cli.running import Opened, with_database, write_file
from compliance.cli.saying import COULD_NOT_TELL, Said, answer_no, note, say, say_json, say_table

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from compliance.db.queries.education import Filed
    from compliance.db.queries.references import Candidate
    from compliance.services.balances import Due

THERAPIST = click.option("--therapist", required=True, metavar="REF", help="Id, e-mail address or exact name.")
AS_OF = click.option("--as-of", type=Day(), metavar="DATE", help="What was completed by that day; today if left out.")


@click.group("education")
def education_command() -> None:
    """Continuing education: courses, balances, and the pack for a board."""


@education_command.command("list")
@THERAPIST
@organization_option()
@json_option()
def list_(therapist: str, organization: str | None, as_json: bool) -> None:
    """Lists the courses of a therapist, the latest first.

    \b
    compliance education list --therapist ana@example.org --json
    """

    async def work(opened: Opened) -> list[Filed]:
        from compliance.db.queries.education import ledgers

        async with opened.database.read.begin() as session:
            who = await _who(session, therapist, organization)
            return (await ledgers(session, who.organization_id, [who.id]))[who.id]

    found = with_database(work)
    if as_json:
        say_json([_course(each) for each in found])
        return
    from compliance.domain.balance_words import TAKEN, length, source

    rows = [
        (each.completed_on.isoformat(), each.title, length(each.minutes), TAKEN[each.form], source(each))
        for each in (one.course for one in found)
    ]
    say_table(("completed", "title", "length", "taken", "provider"), rows)


def _course(filed: Filed) -> dict[str, Any]:
    course, file = filed.course, filed.certificate
    return {
        "id": course.id, "title": course.title, "completed_on": course.completed_on, "minutes": course.minutes,
        "form": course.form.value, "subjects": dict(course.subjects), "provider": course.provider,
        "provider_number": course.provider_number, "course_number": course.course_number,
        "approved_from": course.approved_from, "approved_until": course.approved_until,
        "certificate": {"name": file.name, "sha256": file.sha256} if file else None,
        "certificate_lacks": list(course.certificate_lacks()) if file else None,
    }  # fmt: skip


@education_command.command("add")
@THERAPIST
@organization_option()
@click.option("--title", required=True, metavar="TEXT", help="As it stands on the certificate.")
@click.option("--completed", required=True, type=Day(), metavar="DATE")
@click.option("--minutes", required=True, type=MINUTES, metavar="N", help="Minutes, as taught: an hour may have 50.")
@click.option("--form", "form_", required=True, type=click.Choice(("live", "webinar", "self-study")))
@click.option("--subject", "subjects", multiple=True, type=Subject(), metavar="WORD=MINUTES", help="May be repeated.")
@click.option("--provider", default="", metavar="NAME")
@click.option("--provider-number", default="", metavar="N", help="The provider's approval number.")
@click.option("--course-number", default="", metavar="N", help="The course's approval number.")
@click.option("--approved-from", type=Day(), metavar="DATE", help="First day of that approval, where it is known.")
@click.option("--approved-until", type=Day(), metavar="DATE", help="Its last day, where it is known.")
@click.option("--certificate", type=click.Path(path_type=Path, dir_okay=False), help="PDF, PNG or JPEG; is inspected.")
@click.option("--sure", is_flag=True, help="It is another course than the one that looks the same.")
@json_option()
def add(therapist: str, organization: str | None, as_json: bool, **given: Any) -> None:
    """Records a course that a therapist completed, and prints its id.

    \b
    compliance education add --therapist ana@example.org --title "Ethics at work" --completed 2026-05-02 \\
        --minutes 180 --form live --subject ethics=180 --provider-number 451-12 --certificate ethics.pdf

    Exit status 2 for what cannot be true, and for a course that is on file already unless --sure is given.
    """

    async def work(opened: Opened) -> str:
        from compliance.services import education

        async with opened.database.read.begin() as session:
            who = await _who(session, therapist, organization)
        course = await course_of(opened, who.id, given)
        async with opened.database.write.begin() as session:
            return str(await education.record(session, act=opened.act(who.organization_id), course=course))

    added = with_database(work)
    if as_json:
        say_json({"id": added})
    else:
        say(added)


@education_command.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@organization_option(required=True)
@click.option("--dry-run", is_flag=True, help="Look at the file and record nothing.")
@json_option()
def import_(file: Path, organization: str, dry_run: bool, as_json: bool) -> None:
    """Records the courses of a CSV file: all of them, or none. Those on file already change nothing.

    \b
    compliance education import courses.csv --organization "Harbor Massage" --dry-run

    Columns: email (or license_number, or first_name and last_name), title, completed_on, minutes (or hours), form,
    subjects (ethics=120; medical errors=60), provider, provider_number, course_number, approved_from, approved_until.
    Exit status 1 when rows were refused, 2 when the file cannot be read at all.
    """

    async def work(opened: Opened) -> dict[str, Any]:
        return await import_file(opened, file, organization, dry_run)

    outcome = with_database(work)
    if as_json:
        say_json(outcome)
    else:
        for each in outcome["refused"]:
            say(f"line {each['line']}, {each['field']}: {each['problem']}")
        word = "to record" if dry_run or outcome["refused"] else "recorded"
        say(f"{outcome['new']} {word}, {outcome['unchanged']} on file already, {len(outcome['refused'])} refused")
    if outcome["refused"]:
        answer_no()


@education_command.command("balance")
@THERAPIST
@organization_option()
@AS_OF
@json_option()
def balance(therapist: str, organization: str | None, as_of: date | None, as_json: bool) -> None:
    """How the ledger stands to the rule of every credential that asks for hours, with what is missing and by when.

    \b
    compliance education balance --therapist "Ana Ruiz"
    compliance education balance --therapist "Ana Ruiz" --as-of 2027-06-01 --json

    Exit status 0 when nothing is missing, 1 when something is, 3 when it could not be told.
    """

    async def work(opened: Opened) -> list[Due]:
        from compliance.services.balances import balances

        async with opened.database.read.begin() as session:
            who = await _who(session, therapist, organization)
            asked_on = as_of or await _today(session, who, opened)
            return (await balances(session, who.organization_id, [who.id], asked_on)).get(who.id, [])

    found = with_database(work)
    if as_json:
        say_json([_balance(each) for each in found])
    elif found:
        for each in found:
            _print(each)
    else:
        say("Nothing on file asks for hours.")
    states = {each.balance.state.value for each in found}
    if "short" in states:
        answer_no()
    if "unknown" in states:
        raise click.exceptions.Exit(COULD_NOT_TELL)


def _balance(due: Due) -> dict[str, Any]:
    found, held, rule = due.balance, due.credential, due.balance.rule
    window = {"starts_on": found.window.starts_on, "ends_on": found.window.ends_on} if found.window else None
    return {
        "credential": {"id": held.id, "type": held.type, "jurisdiction": held.jurisdiction, "number": held.number},
        "state": found.state.value, "sentence": due.sentence, "window": window,
        "minutes_per_hour": rule.minutes_per_hour, "asked_minutes": found.asked, "counted_minutes": found.counted,
        "carried_minutes": found.carried, "missing_minutes": found.missing,
        "minima": [
            {"what": each.minimum.what, "asked_minutes": each.asked, "counted_minutes": each.counted}
            for each in found.parts
        ],
        "courses": [
            {"id": each.course.id, "counted_minutes": each.counted, "reasons": list(each.reasons)}
            for each in found.judged
        ],
        "questions": list(found.questions),
        "citation": rule.citation.text, "confidence": rule.citation.confidence.value,
    }  # fmt: skip


def _print(due: Due) -> None:
    from compliance.domain.balance_words import asked_lines
    from compliance.services.education_pack_words import title_of

    say(f"{title_of(due.credential)}: {due.sentence}.")
    for line in asked_lines(due.balance):
        say(f"    {line.what:<32} {line.there:<14}{f'{line.missing} missing' if line.missing else ''}".rstrip())
    for question in due.balance.questions:
        say(f"    to find out: {question}")
    say(f"    Source: {due.balance.rule.citation.text}")


@education_command.command("pack")
@THERAPIST
@organization_option()
@click.option("--credential", required=True, metavar="REF", help="Id or number.")
@AS_OF
@click.option(
    "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write the ZIP."
)
def pack(therapist: str, organization: str | None, credential: str, as_of: date | None, output: Path) -> None:
    """Writes the pack for a board: ledger and certificates of one cycle, with a manifest of hashes.

    \b
    compliance education pack --therapist ana@example.org --credential MA44321 --output ana.zip

    The cycle is the one of the term that the day lies in. Exit status 3 when a certificate cannot be read.
    """

    async def work(opened: Opened) -> bytes:
        from compliance.cli.finding import credential_of
        from compliance.services.education_pack import AskedPack, finish, gather, pieces

        async with opened.database.read.begin() as session:
            who = await _who(session, therapist, organization)
            held = await credential_of(session, credential, who.organization_id)
            asked = AskedPack(who.id, held.id, as_of or await _today(session, who, opened))
            draft = await gather(session, organization_id=who.organization_id, asked=asked, now=opened.now)
        made = await finish(draft, opened.store, added_fonts=opened.settings.report_fonts)
        return b"".join([piece async for piece in pieces(made, opened.store)])

    content = with_database(work)
    write_file(output, content)
    note(f"{output}: {len(content):,} bytes.")


async def _who(session: AsyncSession, therapist: str, organization: str | None) -> Candidate:
    from compliance.cli.finding import organization_of, therapist_of

    within = (await organization_of(session, organization)).id if organization else None
    return await therapist_of(session, therapist, within)


async def _today(session: AsyncSession, who: Candidate, opened: Opened) -> date:
    """The day in the organization's zone."""
    from compliance.db.queries.organizations import organization

    found = await organization(session, who.organization_id)
    if found is None:
        raise Said("The organization is gone.")
    return found.today(opened.now)
