"""`compliance reminders`: going live, what goes out to whom, and why something did or did not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from compliance.cli.options import InstantOfTime, json_option, organization_option
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import Said, day, note, say, say_json, say_table

if TYPE_CHECKING:
    from compliance.services.reminders import Line, Preview, Why


@click.group("reminders")
def reminders_command() -> None:
    """Go live; what goes out to whom, and why."""


@reminders_command.command("start")
@organization_option(required=True)
@click.option("--yes", is_flag=True, help="Does not ask: for scripts.")
@click.option("--at", type=InstantOfTime(), metavar="INSTANT", help="As if it were then: ISO 8601 with offset.")
def start(organization: str, yes: bool, at: datetime | None) -> None:
    """Goes live: shows what would go out, asks, then lets it.

    \b
    compliance reminders start --organization "Harbor Massage"

    Of what is overdue only the most urgent reminder goes out, once per credential. Exit status 0 when reminders are on,
    1 when you said no, 2 when they were on before.
    """
    preview = with_database(lambda opened: _preview(opened, organization, at))
    if preview.started_at is not None:
        raise Said(f"Reminders have been on since {day(preview.started_at.date())}.")
    _show(preview)
    if not yes and not click.confirm("Let them go out?", err=True):
        raise click.exceptions.Exit(1)
    armed = with_database(lambda opened: _go_live(opened, organization, at))
    say(f"Reminders are on; {armed:,} terms are watched.")


async def _preview(opened: Opened, organization: str, at: datetime | None) -> Preview:
    from compliance.cli.finding import organization_of
    from compliance.services import reminders

    async with opened.database.read.begin() as session:
        owner = await organization_of(session, organization)
        return await reminders.go_live_preview(session, owner.id, at or opened.now)


async def _go_live(opened: Opened, organization: str, at: datetime | None) -> int:
    from compliance.cli.finding import organization_of
    from compliance.services import reminders
    from compliance.services.mailing import MailSettings

    mail = MailSettings(opened.settings.mail_from, opened.settings.public_url, opened.settings.secret_key())
    async with opened.database.write.begin() as session:
        owner = await organization_of(session, organization)
        return await reminders.go_live(session, act=opened.act(owner.id, at), mail=mail)


def _show(preview: Preview) -> None:
    if preview.goes_out:
        say_table(*_lines(preview.goes_out))
    note(f"{len(preview.goes_out):,} reminders would go out now; {preview.skipped:,} older ones are skipped.")
    if preview.without_address:
        names = ", ".join(name for _, name in preview.without_address)
        note(f"No e-mail address is on file for: {names}.")


def _lines(lines: Iterable[Line]) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    rows: list[tuple[object, ...]] = [
        (day(each.day), each.recipient_name or each.recipient, each.address or "no address", each.therapist, each.label,
         each.anchor, day(each.ends_on))
        for each in lines
    ]  # fmt: skip
    return ("on", "to", "address", "about", "what", "counts from", "day"), rows


@reminders_command.command("list")
@organization_option()
@click.option("--upcoming", type=click.IntRange(1, 730), default=30, show_default=True, metavar="DAYS")
@json_option()
def list_(organization: str | None, upcoming: int, as_json: bool) -> None:
    """Lists what goes out to whom in the next days.

    \b
    compliance reminders list --upcoming 60
    """

    async def work(opened: Opened) -> tuple[Line, ...]:
        from compliance.cli.finding import organization_of
        from compliance.services import reminders

        async with opened.database.read.begin() as session:
            owner = await organization_of(session, organization)
            return await reminders.upcoming(session, owner.id, upcoming, opened.now)

    found = with_database(work)
    if as_json:
        say_json([_as_json(each) for each in found])
        return
    say_table(*_lines(found))
    note(f"{len(found):,} reminders in the next {upcoming} days.")


def _as_json(line: Line) -> dict[str, Any]:
    return {
        "on": line.day,
        "due_at": line.due_at,
        "recipient": line.recipient,
        "name": line.recipient_name,
        "address": line.address,
        "therapist": line.therapist,
        "credential": line.credential_id,
        "about": line.label,
        "anchor": line.anchor,
        "ends_on": line.ends_on,
        "days_before": line.days,
    }


@reminders_command.command("why")
@click.argument("credential")
@organization_option()
@json_option()
def why(credential: str, organization: str | None, as_json: bool) -> None:
    """Says of each reminder about a credential why it was or was not sent, or when it will be.

    \b
    compliance reminders why "MA 80037"

    CREDENTIAL is an id or a number. Exit status 2 for one that is not known, or that several have.
    """

    async def work(opened: Opened) -> Why:
        from compliance.cli.finding import credential_of, organization_of
        from compliance.services import reminders

        async with opened.database.read.begin() as session:
            within = (await organization_of(session, organization)).id if organization else None
            held = await credential_of(session, credential, within)
            return await reminders.why(session, held.organization_id, held.id, opened.now)

    _say_why(with_database(work), as_json)


@reminders_command.command("file")
@click.argument("therapist")
@organization_option()
@json_option()
def file(therapist: str, organization: str | None, as_json: bool) -> None:
    """Says the same of a therapist's file as a whole: what is missing, looks that are due, exceptions that end.

    \b
    compliance reminders file "Ana Ruiz"

    THERAPIST is an id, a name or an e-mail address. Managers alone are told of these.
    """

    async def work(opened: Opened) -> Why:
        from compliance.cli.finding import organization_of, therapist_of
        from compliance.services import reminders

        async with opened.database.read.begin() as session:
            owner = await organization_of(session, organization)
            who = await therapist_of(session, therapist, owner.id)
            return await reminders.why_file(session, owner.id, who.id, opened.now)

    _say_why(with_database(work), as_json)


@reminders_command.command("clinic")
@click.argument("clinic")
@organization_option()
@json_option()
def clinic(clinic: str, organization: str | None, as_json: bool) -> None:
    """Says the same of a clinic itself: a license of its own that is missing, looks that are due.

    \b
    compliance reminders clinic "Harbor Tampa"

    CLINIC is an id or a name.
    """

    async def work(opened: Opened) -> Why:
        from compliance.cli.finding import clinic_of, organization_of
        from compliance.services import reminders

        async with opened.database.read.begin() as session:
            owner = await organization_of(session, organization)
            here = await clinic_of(session, clinic, owner.id)
            return await reminders.why_clinic(session, owner.id, here.id, opened.now)

    _say_why(with_database(work), as_json)


def _say_why(found: Why, as_json: bool) -> None:
    if as_json:
        said = {"credential": found.credential_id, "about": found.label, "therapist": found.therapist}
        ladder = found.ladder.ladder if found.ladder else None
        steps = {"therapist": ladder.therapist, "manager": ladder.manager, "owner": ladder.owner} if ladder else None
        say_json(said | {"notice": found.notice, "ladder": steps, "reminders": [_rung(each) for each in found.rungs]})
        return
    say(", ".join(filter(None, (found.label, found.therapist))))
    if found.notice:
        say(found.notice)
    say_table(
        ("on", "counts from", "day", "days before", "to", "state", "why"),
        [
            (day(e.day), e.anchor, day(e.anchor_on), e.days, e.recipient_name or e.recipient, e.state, e.reason)
            for e in found.rungs
        ],
    )


def _rung(rung: Any) -> dict[str, Any]:
    return {
        "term": rung.term_id,
        "ends_on": rung.ends_on,
        "anchor": rung.anchor,
        "anchor_on": rung.anchor_on,
        "on": rung.day,
        "days_before": rung.days,
        "recipient": rung.recipient,
        "address": rung.address,
        "state": rung.state,
        "reason": rung.reason,
        "due_at": rung.due_at,
        "sent_at": rung.sent_at,
    }
