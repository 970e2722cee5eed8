"""Reports of other mail servers on our messages (RFC 3464), read from a folder or posted to us.

Only the signed return path says which message a report is about: anybody can write a report, so its own words about
recipients and messages count for nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.crypto.return_paths import message_of
from compliance.db.queries.due_terms import lock_chains
from compliance.db.records import BounceRow, OutboxRow, PersonRow, TherapistRow
from compliance.db.scope import Scope, narrow
from compliance.domain.matching import fold_email
from compliance.services import reminders
from compliance.services.mailing import MailSettings
from compliance.services.outbox.flagging import flag
from compliance.services.outbox.giving_up import give_up
from compliance.services.outbox.settling import close_reminders
from compliance.services.trail import Act

Verdict = Literal["failed", "noted", "forged", "unreadable", "known"]
ACTOR: Final = "job:read-bounces"
LARGEST: Final = 1 << 20
_ARRIVED_AT: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: `failed`, `delayed`, ...; the status (`5.1.1`); the other server's words on one line."""

    action: str
    status: str
    reason: str

    @property
    def is_final(self) -> bool:
        """Whether the message will not arrive any more."""
        return self.action == "failed" and self.status.startswith("5.")


async def receive(
    session: AsyncSession, *, raw: bytes, now: datetime, mail: MailSettings, as_if_at: datetime | None = None
) -> Verdict:
    """Takes one report in: `failed` (the message counts as bounced, its address as bad, a manager is told), `noted`
    (a delay, or news of a message that did not count as sent), `known` (the same report again), `unreadable` (no
    delivery report), `forged` (its return path was not made here)."""
    parsed: Any = message_from_bytes(raw, policy=default)
    report = read(parsed)
    if report is None:
        return "unreadable"
    secrets = [each for each in (mail.secret, mail.former) if each]
    named = (message_of(secret, each) for each in _addresses(parsed) for secret in secrets)
    message_id = next((found for found in named if found), None)
    row = await _row(session, message_id) if message_id else None
    if row is None:
        return "forged"
    await narrow(session, Scope(row.organization_id))
    await lock_chains(session, [row.organization_id])
    at = as_if_at or now
    if not await _remember(session, row, report, hashlib.sha256(raw).hexdigest(), at):
        return "known"
    await session.refresh(row, with_for_update=True)
    if not report.is_final or row.state != "sent":
        return "noted"
    await _fail(session, Act(row.organization_id, ACTOR, now, as_if_at), mail, row, report)
    return "failed"


async def _row(session: AsyncSession, message_id: UUID) -> OutboxRow | None:
    """By its id alone: the report does not say whose message it was, and its signature says that it was ours."""
    return (await session.scalars(select(OutboxRow).where(OutboxRow.id == message_id))).one_or_none()


async def _remember(session: AsyncSession, row: OutboxRow, report: Report, sha256: str, at: datetime) -> bool:
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    new = {"organization_id": row.organization_id, "id": new_id(at), "outbox_id": row.id, "sha256": sha256}
    new |= {"action": report.action, "status": report.status, "reason": report.reason, "received_at": at}
    query = make(BounceRow).values(new).on_conflict_do_nothing().returning(BounceRow.id)
    return await session.scalar(query) is not None


async def _fail(session: AsyncSession, act: Act, mail: MailSettings, row: OutboxRow, report: Report) -> None:
    row.state, row.reply = "bounced", report.reason
    await close_reminders(session, row, "failed", report.reason, act.effective, was=("done", "queued"))
    bad = not report.status.startswith("5.7")
    if bad:
        await flag(
            session, act=act, row=row, source="bounced", code=report.status, reason=report.reason, at=act.effective
        )
    await give_up(session, act=act, mail=mail, row=row, reason=report.reason, bad_address=bad)
    await _reach_elsewhere(session, act, row)


async def _reach_elsewhere(session: AsyncSession, act: Act, row: OutboxRow) -> None:
    """The address was corrected after the message had left and before it came back: its reminders are decided again."""
    kind, _, id_ = str(row.facts.get("whom", "")).partition(":")
    if kind not in ("therapist", "person"):
        return
    person, who = PersonRow, TherapistRow
    theirs = select(person.folded_email).where(person.id == UUID(id_))
    holders = select(who.folded_email).where(who.organization_id == row.organization_id, who.id == UUID(id_))
    address = await session.scalar(holders if kind == "therapist" else theirs)
    if not address or address == fold_email(row.recipient_address):
        return
    if kind == "therapist":
        await reminders.reopen(session, act=act, therapist_id=UUID(id_))
    else:
        await reminders.reopen_staff(session, act=act, person_id=UUID(id_))


def read(message: Message) -> Report | None:
    """What a delivery report says of its first recipient; None for any other mail."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            found = [block for block in _blocks(part) if block.get("Action")]
            return _report(found[0]) if found else None
    return None


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _report(block: Message) -> Report:
    status = _STATUS.search(str(block.get("Status", "")))
    reason = str(block.get("Diagnostic-Code", "")).partition(";")[2] or str(block.get("Diagnostic-Code", ""))
    line = " ".join("".join(c if c.isprintable() else " " for c in reason).split())[:500]
    action = " ".join(str(block.get("Action", "")).split()).lower()[:40]
    code = status.group() if status else ""
    return Report(action, code, line or f"The other server reported {code or action}.")


def _addresses(message: EmailMessage) -> Iterator[str]:
    """Every address to which the report was delivered."""
    for name in _ARRIVED_AT:
        values = [str(each) for each in message.get_all(name, [])]
        yield from (address for _, address in getaddresses(values))
