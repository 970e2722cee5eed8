"""`compliance outbox`: the messages that wait, are held or were given up; try one now, or stop one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from compliance.cli.options import json_option, organization_option
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import note, say, say_json, say_table

if TYPE_CHECKING:
    from compliance.db.queries.outbox import Message

STATES = ("pending", "leased", "transmitting", "sent", "kept", "held", "dead", "bounced", "withdrawn")


@click.group("outbox")
def outbox_command() -> None:
    """Messages that wait, are held or were given up."""


@outbox_command.command("list")
@organization_option()
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, metavar="COUNT")
@json_option()
def list_(organization: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """Lists messages, latest first, with what the mail server answered.

    \b
    compliance outbox list --state dead
    """

    async def work(opened: Opened) -> list[Message]:
        from compliance.cli.finding import organization_of
        from compliance.db.queries.outbox import messages

        async with opened.database.read.begin() as session:
            owner = await organization_of(session, organization)
            return await messages(session, owner.id, state=state, limit=limit)

    found = with_database(work)
    if as_json:
        say_json([_as_json(each) for each in found])
        return
    say_table(
        ("id", "state", "to", "subject", "attempts", "answer"),
        [(each.id, each.state, each.recipient_address, each.subject, each.attempts, each.reply) for each in found],
    )
    note(f"{len(found):,} messages.")


def _as_json(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "kind": message.kind,
        "state": message.state,
        "to": message.recipient_address,
        "subject": message.subject,
        "attempts": message.attempts,
        "possible_duplicates": message.possible_duplicates,
        "created_at": message.created_at,
        "next_at": message.next_at,
        "give_up_at": message.give_up_at,
        "sent_at": message.sent_at,
        "answer": message.reply,
        "message_id": message.message_id,
    }


@outbox_command.command("webhook")
def webhook() -> None:
    """Prints where a mail provider posts its delivery reports. Whoever has this address may post, so keep it secret.

    \b
    compliance outbox webhook

    The report is the body, as it arrived (message/rfc822); it must have come back to the return path of one of our
    messages, so COMPLIANCE_BOUNCE_ADDRESS has to be set.
    """
    from compliance.crypto.return_paths import webhook_token
    from compliance.settings import read_settings

    settings = read_settings()
    say(f"{settings.public_url}/bounces/{webhook_token(settings.secret_key())}")


@outbox_command.command("retry")
@click.argument("message", type=click.UUID)
@organization_option()
def retry(message: UUID, organization: str | None) -> None:
    """Sends a message now that waits, is held or was given up.

    \b
    compliance outbox retry 01a204ba-f8f9-748b-b942-b68d8ae449d6

    MESSAGE is an id of `compliance outbox list`. Exit status 2 for one that was sent or is being sent.
    """

    async def work(opened: Opened) -> None:
        from compliance.cli.finding import organization_of
        from compliance.services import outbox

        async with opened.database.write.begin() as session:
            owner = await organization_of(session, organization)
            await outbox.try_now(session, act=opened.act(owner.id), outbox_id=message)

    with_database(work)
    say("It leaves with the next round of deliver-outbox.")


@outbox_command.command("give-up")
@click.argument("message", type=click.UUID)
@click.option("--reason", required=True, help="Why; it stays in the trail.")
@organization_option()
def give_up(message: UUID, reason: str, organization: str | None) -> None:
    """Lets a message that waits or is held not leave any more.

    \b
    compliance outbox give-up 01a204ba-f8f9-748b-b942-b68d8ae449d6 --reason "Told by telephone"

    Exit status 2 for one that does not wait.
    """

    async def work(opened: Opened) -> None:
        from compliance.cli.finding import organization_of
        from compliance.services import outbox

        async with opened.database.write.begin() as session:
            owner = await organization_of(session, organization)
            await outbox.give_up_waiting(session, act=opened.act(owner.id), outbox_id=message, reason=reason)

    with_database(work)
    say("It does not leave any more.")
