"""`compliance user`: people who sign in."""

from __future__ import annotations

from datetime import date

import click

from compliance.cli.options import Day, json_option, organization_option
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import note, say, say_json

ROLES = ("owner", "manager", "reviewer", "auditor")


WHERE = (
    "The link begins with this shell's COMPLIANCE_PUBLIC_URL. If the server is reached at another address, run this "
    "with the same setting as the server, or put that address in front of /set-password."
)


@click.group("user")
def user_command() -> None:
    """People who sign in."""


def address_of(opened: Opened, token: str) -> str:
    """Where a token sets a password, as far as this shell knows."""
    return f"{opened.settings.public_url}/set-password/{token}"


@user_command.command("add")
@click.argument("email")
@organization_option(required=True)
@click.option("--role", required=True, type=click.Choice(ROLES, case_sensitive=False))
@click.option("--name", default="", help="How the pages call them.")
@click.option(
    "--clinic", "clinics", multiple=True, metavar="REF", help="Limits a manager or reviewer; may be repeated."
)
@click.option("--until", type=Day(), metavar="DATE", help="An auditor's last day.")
@json_option()
def add(
    email: str, organization: str, role: str, name: str, clinics: tuple[str, ...], until: date | None, as_json: bool
) -> None:
    """Gives somebody a role and prints a one-time link with which they set their password.

    \b
    compliance user add dana@example.org --organization "Harbor Massage" --role manager --clinic Tampa

    The link is good for seven days and works once; who has a password already gets none. Exit status 2 for a wrong
    address or a person who has a role there already.
    """

    async def work(opened: Opened) -> str | None:
        from compliance.cli.finding import clinic_of, organization_of
        from compliance.services import accounts

        async with opened.database.write.begin() as session:
            owner = await organization_of(session, organization)
            limited = [(await clinic_of(session, each, owner.id)).id for each in clinics]
            invited = await accounts.invite(
                session,
                act=opened.act(owner.id),
                email=email,
                role=role,
                name=name,
                clinic_ids=limited,
                ends_on=until,
            )
        return address_of(opened, invited.token) if invited.token else None

    link = with_database(work)
    if as_json:
        say_json({"email": email.strip(), "role": role, "link": link})
    elif link:
        note("Hand this link over by a safe way; it sets a password once, within seven days:")
        say(link)
        note(WHERE)
    else:
        note(f"{email.strip()} can sign in already, with the password that they have.")


@user_command.command("address")
@click.argument("email")
@click.argument("new")
@json_option()
def address(email: str, new: str, as_json: bool) -> None:
    """Changes the address that somebody signs in with, where no mail can reach the new one to confirm it.

    \b
    compliance user address dana@example.org dana@harbor.example

    Exit status 2 for an address that nobody here signs in with, or one that is none or somebody else's.
    """

    async def work(opened: Opened) -> None:
        from compliance.db.queries.accounts import person_by_email
        from compliance.services import accounts
        from compliance.services.refusals import refuse

        async with opened.database.write.begin() as session:
            person = await person_by_email(session, email)
            if person is None:
                raise refuse("email", f"Nobody signs in with {email.strip()!r} here.")
            await accounts.change_email(session, act=opened.act(), person_id=person.id, email=new)

    with_database(work)
    if as_json:
        say_json({"email": new.strip(), "before": email.strip()})
        return
    say(f"{email.strip()} signs in with {new.strip()} from now on.")


@user_command.command("link")
@click.argument("email")
@json_option()
def link(email: str, as_json: bool) -> None:
    """Prints a one-time link with which somebody who signs in here sets a new password.

    \b
    compliance user link dana@example.org

    For a forgotten password where no mail server is named. The link is good for an hour and works once; earlier ones
    stop working. Exit status 2 for an address that nobody here signs in with.
    """

    async def work(opened: Opened) -> str:
        from compliance.services import forgotten

        async with opened.database.write.begin() as session:
            token = await forgotten.password_link(session, act=opened.act(), email=email)
        return address_of(opened, token)

    address = with_database(work)
    if as_json:
        say_json({"email": email.strip(), "link": address})
        return
    note("Hand this link over by a safe way; it sets a new password once, within an hour:")
    say(address)
    note(WHERE)


@user_command.command("reset-second-factor")
@click.argument("email")
@json_option()
def reset_second_factor(email: str, as_json: bool) -> None:
    """Takes authenticator app, passkeys and recovery codes from somebody who lost them: the last owner, for example.

    \b
    compliance user reset-second-factor dana@example.org

    Make sure first that it is really they who ask. They are signed out everywhere, are told by mail, and sign in with
    the password alone. Exit status 2 for an address that nobody here signs in with, or that has no second factor.
    """

    async def work(opened: Opened) -> None:
        from compliance.db.queries.accounts import person_by_email
        from compliance.services import account_mail, second_factors
        from compliance.services.mailing import MailSettings
        from compliance.services.refusals import refuse

        given = opened.settings
        mail = MailSettings(given.mail_from, given.public_url, given.secret_key())
        async with opened.database.write.begin() as session:
            person = await person_by_email(session, email)
            if person is None:
                raise refuse("email", f"Nobody signs in with {email.strip()!r} here.")
            act = opened.act()
            await second_factors.reset(session, act=act, person_id=person.id)
            change: account_mail.Change = "second-factor-reset"
            await account_mail.tell(session, act=act, mail=mail, person_id=person.id, change=change)

    with_database(work)
    if as_json:
        say_json({"email": email.strip(), "second_factor": None})
        return
    say(f"{email.strip()} signs in with the password alone now.")
