"""Writing mail: words from `templates/messages/`, and a row in the outbox beside the facts that caused it.

A message keeps its facts, so that the same message can be written again for the day on which it really leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.channels.compose import CannotCompose, Letter, mail_address, message_id_for
from compliance.crypto.ids import new_id
from compliance.db.queries.ladders import Organization, Staff, organizations
from compliance.db.records import OutboxRow
from compliance.domain.release import local_day
from compliance.rendering import render as render_template
from compliance.rendering import template
from compliance.services import trail
from compliance.services.trail import Act, Entry

PATIENCE: Final = timedelta(hours=72)
REMINDER: Final = "renewal-reminder"
GIVEN_UP: Final = "given-up"
ALARM: Final = "alarm"
GOING_LIVE: Final = "going-live"
DIGEST: Final = "weekly-digest"
WITH_SENTENCES: Final = frozenset({REMINDER, "account-changed"})
LINKS: Final = frozenset({"set-password", "sign-in-link", "confirm-address"})
"""Messages with a link that opens something: never sent twice on suspicion, and scrubbed when sent."""


BLANK_LINE: Final[dict[str, object]] = {
    "about": "", "anchor": "expiry", "apply_by_on": None, "hours_asked": None, "hours_years": None,
    "hours_said": "", "link_is": "", "for_whom": "", "requirement": "", "first_look": False,
}  # fmt: skip
"""What a line of a reminder's message need not say."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """What every mail says of this installation: its sender's address, and what links begin with."""

    sender: str
    public_url: str
    secret: bytes = field(default=b"", repr=False)  # of the installation: what links of reminders are made from
    former: bytes = field(default=b"", repr=False)  # the secret before, under which mail may have been sent

    @property
    def domain(self) -> str:
        """The right half of every Message-ID."""
        return self.sender.rpartition("@")[2]

    def link(self, path: str) -> str:
        """An address of a page."""
        return f"{self.public_url.rstrip('/')}/{path.lstrip('/')}"


class Words(NamedTuple):
    """A message as its reader sees it."""

    subject: str
    text: str
    html: str


def render(message: str, facts: Mapping[str, object], today: date) -> Words:
    """The words of a message on a day. Facts named `*_on` are ISO days."""
    values = _days(facts) | {"today": today}
    if message in WITH_SENTENCES:
        values["lines"] = [_days(BLANK_LINE | each) for each in lines_of(facts)]
        values |= _sentences(message, values)
    folder = f"messages/{message}/email"
    subject = str(values.get("subject") or render_template(f"{folder}.subject.txt", **values))
    values["subject"] = " ".join(subject.split())
    text, html = (render_template(f"{folder}.{part}", **values) for part in ("txt", "html"))
    return Words(str(values["subject"]), text, html)


def _sentences(message: str, values: Mapping[str, object]) -> dict[str, object]:
    """What subject, text and HTML share, said once: whatever the message's `_words.txt` sets. As plain text, so that
    the HTML escapes it."""
    said = template(f"messages/{message}/_words.txt").make_module(dict(values))
    exported = {name: value for name, value in vars(said).items() if not name.startswith("_")}
    return {name: value.strip() if isinstance(value, str) else value for name, value in exported.items()}


def lines_of(facts: Mapping[str, object]) -> list[dict[str, object]]:
    """What a reminder's message says, a line for each reminder; one that was written before there were lines is its own
    line."""
    lines = facts.get("lines")
    return [dict(each) for each in lines] if isinstance(lines, list) else [dict(facts)]


def _days(facts: Mapping[str, object]) -> dict[str, object]:
    days = {name: date.fromisoformat(v) for name, v in facts.items() if name[-3:] == "_on" and isinstance(v, str)}
    return {name: value for name, value in facts.items() if name != "lines"} | days


def sender_facts(organization: Organization, answers: Staff | None, zone: str) -> dict[str, object]:
    """What every message of an organization says: from whom, who answers, in which zone its days are counted."""
    reply_to = usable(answers.address) if answers else None
    return {
        "organization": organization.name,
        "postal_address": organization.postal_address,
        "reply_to": reply_to,
        "reply_to_name": answers.name if answers and reply_to else "",
        "zone": zone,
    }


def usable(address: str | None) -> str | None:
    """The address as an envelope takes it; None if it is none."""
    try:
        return mail_address(address or "")
    except CannotCompose:
        return None


@dataclass(frozen=True, slots=True)
class Draft:
    """A message about to be written down. `keys` make its Message-ID: the same keys are the same message."""

    organization_id: UUID
    kind: str
    keys: tuple[str, ...]
    address: str
    name: str
    facts: Mapping[str, object]
    therapist_id: UUID | None = None
    give_up_at: datetime | None = None


class Receiver(Protocol):
    """Somebody who signs in here, and gets a mail of their own."""

    @property
    def person_id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


def to_each(receivers: Iterable[Receiver], kind: str, key: str, facts: Mapping[str, object], act: Act) -> list[Draft]:
    """The same message to each who has an address, under a key of their own."""
    return [
        Draft(
            act.organization_id, kind, (f"{key}/{each.person_id}",), each.email, each.name, {**facts, "name": each.name}
        )
        for each in receivers
        if usable(each.email)
    ]


def message_id(draft: Draft, mail: MailSettings) -> str:
    """The draft's Message-ID."""
    return message_id_for(list(draft.keys), mail.domain)


def outbox_values(draft: Draft, *, mail: MailSettings, now: datetime) -> dict[str, object]:
    """The row of a draft, rendered for today."""
    today = local_day(now, str(draft.facts["zone"]))
    words = render(draft.kind, draft.facts, today)
    return {
        "organization_id": draft.organization_id,
        "id": new_id(now),
        "kind": draft.kind,
        "message_id": message_id(draft, mail),
        "recipient_address": mail_address(draft.address),
        "recipient_name": draft.name,
        "therapist_id": draft.therapist_id,
        "facts": dict(draft.facts),
        "subject": words.subject,
        "text": words.text,
        "html": words.html,
        "rendered_on": today,
        "channel": "email",
        "on_unknown": "hold" if draft.kind in LINKS else "resend",
        "state": "pending",
        "next_at": now,
        "give_up_at": draft.give_up_at or now + PATIENCE,
        "created_at": now,
    }


async def put(session: AsyncSession, drafts: list[Draft], *, act: Act, mail: MailSettings, why: str = "") -> list[UUID]:
    """Writes messages that are not reminders into the outbox, each once; the ids of those that were new."""
    now = act.effective
    rows = {str(row["message_id"]): row for row in (outbox_values(each, mail=mail, now=now) for each in drafts)}
    known = set(await session.scalars(select(OutboxRow.message_id).where(OutboxRow.message_id.in_(rows))))
    new = [row for each, row in rows.items() if each not in known]
    if not new:
        return []
    await trail.record_all(session, act=act, entries=[_queued(row, why) for row in new])
    await session.execute(insert(OutboxRow), new)
    return [UUID(str(row["id"])) for row in new]


def _queued(row: Mapping[str, object], why: str) -> Entry:
    person = row["therapist_id"]
    new = {"kind": row["kind"], "recipient_address": row["recipient_address"], "message": row["message_id"]}
    return Entry(
        "message.queued", f"outbox:{row['id']}", person if isinstance(person, UUID) else None, new=new, why=why
    )


async def send_link(
    session: AsyncSession,
    *,
    act: Act,
    mail: MailSettings,
    kind: Literal["set-password", "sign-in-link"],
    address: str,
    name: str,
    link: str,
    expires_at: datetime,
) -> UUID:
    """Mails a link that lets one person in, until it expires. The outbox forgets its words once it was sent.

    Raises CannotCompose (a ValueError) when the address is not one.
    """
    organization = (await organizations(session, [act.organization_id]))[act.organization_id]
    facts = sender_facts(organization, None, organization.time_zone) | {
        "name": name,
        "link": link,
        "expires_at": expires_at.isoformat(),
        "valid_for": _span(expires_at - act.effective),
        "public_url": mail.link(""),
    }
    draft = Draft(
        organization_id=act.organization_id,
        kind=kind,
        keys=(f"{act.organization_id}/{kind}/{new_id(act.effective)}",),
        address=address,
        name=name,
        facts=facts,
        give_up_at=expires_at,
    )
    return (await put(session, [draft], act=act, mail=mail))[0]


def _span(left: timedelta) -> str:
    minutes = round(left.total_seconds() / 60)
    for size, word in ((24 * 60, "day"), (60, "hour")):
        if minutes >= size:
            count = round(minutes / size)
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return f"{minutes} minutes"


def letter(row: OutboxRow, *, sender: str, at: datetime) -> Letter:
    """A message as `compose` takes it. Raises CannotCompose."""
    facts = row.facts
    reply_to = facts.get("reply_to")
    return Letter(
        sender=mail_address(sender),
        organization=str(facts.get("organization", "")),
        postal_address=str(facts.get("postal_address", "")),
        recipient=row.recipient_address,
        recipient_name=row.recipient_name,
        subject=row.subject,
        text=row.text,
        html=row.html,
        message_id=row.message_id,
        at=at,
        reply_to=mail_address(str(reply_to)) if reply_to else None,
        reply_to_name=str(facts.get("reply_to_name", "")),
        list_unsubscribe=str(facts["unsubscribe"]) if facts.get("unsubscribe") else None,
    )
