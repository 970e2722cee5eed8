"""Which message carries which reminders: one mail a reader and release, with a line for each.

A message's identity is that of its lines. So a line is never crossed out of a message or added to it: the message is
withdrawn, and another one with the right lines is queued in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Table, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from compliance.db.bulk import put
from compliance.db.records import OutboxReminderRow, OutboxRow
from compliance.domain.release import local_day
from compliance.services import trail
from compliance.services.mailing import REMINDER, Draft, MailSettings, lines_of, outbox_values
from compliance.services.trail import Act, Entry

MOST_LINES: Final = 100
"""Lines of one message; what is more goes into another."""

REVIVED: Final = ("withdrawn", "dead", "held", "bounced")
"""States from which a message leaves after all when exactly its reminders are to go out again."""

JOINED: Final = "Its lines went into one mail with others."
LEFT_OVER: Final = "A line of the earlier message was withdrawn."
QUIETLY: Final = {"synchronize_session": False}  # nothing here is held as a mapped object


@dataclass(frozen=True, slots=True)
class Line:
    """A reminder on its way into a message: who reads it where, and what it says. `facts` hold its key and id."""

    organization_id: UUID
    whom: str
    address: str
    name: str
    therapist_id: UUID | None
    frame: Mapping[str, object]
    facts: Mapping[str, object]

    @property
    def reader(self) -> tuple[UUID, str, str]:
        """What the lines of one message have in common."""
        return self.organization_id, self.whom, self.address


@dataclass(slots=True)
class Message:
    """A row of the outbox about to be written, and the reminders that it carries."""

    row: dict[str, Any]
    reminder_ids: list[UUID]


async def carry(session: AsyncSession, lines: Sequence[Line], *, mail: MailSettings, at: datetime) -> list[Message]:
    """Queues the lines, each reader's in one message, together with those that wait for the same reader since this
    morning; the messages. The organizations' chains are locked by the caller."""
    readers: dict[tuple[UUID, str, str], list[Line]] = {}
    for each in lines:
        readers.setdefault(each.reader, []).append(each)
    for row in await _waiting(session, readers, at):
        first = readers[row.organization_id, row.facts["whom"], row.recipient_address][0]
        readers[first.reader] += [_again(row, facts, first.frame) for facts in lines_of(row.facts)]
    messages = [
        message_of(some[start : start + MOST_LINES], mail=mail, at=at)
        for some in readers.values()
        for start in range(0, len(some), MOST_LINES)
    ]
    await write(session, messages)
    return messages


async def _waiting(session: AsyncSession, readers: Collection[tuple[UUID, str, str]], at: datetime) -> list[Any]:
    """Messages of today for the same readers that nobody has tried to send yet; they are withdrawn here, for their
    lines go into new ones. One that is being claimed at this moment goes alone."""
    mail = OutboxRow
    found: list[Any] = []
    fresh = (mail.state == "pending", mail.attempts == 0, mail.possible_duplicates == 0, mail.kind == REMINDER)
    columns = (mail.organization_id, mail.id, mail.recipient_address, mail.therapist_id, mail.facts, mail.rendered_on,
               mail.recipient_name)  # fmt: skip
    for which in _addressed(readers):
        query = select(*columns).where(which, *fresh).with_for_update(skip_locked=True, of=mail)
        found += (await session.execute(query)).all()
    found = [row for row in found if _is_of_today(row, readers, at)]
    stop = {"state": "withdrawn", "reply": JOINED}
    for organization_id in {row.organization_id for row in found}:
        ids = [row.id for row in found if row.organization_id == organization_id]
        mine = (mail.organization_id == organization_id, mail.id.in_(ids))
        await session.execute(update(mail).where(*mine).values(stop), execution_options=QUIETLY)
    return found


def _addressed(readers: Collection[tuple[UUID, str, str]]) -> Iterable[Any]:
    """Conditions that name organization and address; of one organization as a list, of several as pairs."""
    pairs = sorted({(organization_id, address) for organization_id, _, address in readers}, key=str)
    alone = len({organization_id for organization_id, _ in pairs}) == 1
    for start in range(0, len(pairs), 1000):
        some = pairs[start : start + 1000]
        if alone:
            addresses = [address for _, address in some]
            yield (OutboxRow.organization_id == some[0][0]) & OutboxRow.recipient_address.in_(addresses)
        else:
            yield tuple_(OutboxRow.organization_id, OutboxRow.recipient_address).in_(some)


def _is_of_today(row: Any, readers: Collection[tuple[UUID, str, str]], at: datetime) -> bool:
    if (row.organization_id, row.facts.get("whom"), row.recipient_address) not in readers:
        return False
    room = len(lines_of(row.facts)) < MOST_LINES
    return room and bool(row.rendered_on == local_day(at, str(row.facts["zone"])))


def _again(row: Any, facts: Mapping[str, object], frame: Mapping[str, object]) -> Line:
    """A line of an earlier message, for another one."""
    whom = str(frame["whom"])
    return Line(row.organization_id, whom, row.recipient_address, row.recipient_name, row.therapist_id, frame, facts)


def message_of(lines: Sequence[Line], *, mail: MailSettings, at: datetime) -> Message:
    """One message with these lines, in an order that does not depend on how they came together."""
    first, ordered = lines[0], sorted(lines, key=_in_order)
    people = {each.therapist_id for each in lines}
    draft = Draft(
        organization_id=first.organization_id,
        kind=REMINDER,
        keys=tuple(str(each.facts["key"]) for each in ordered),
        address=first.address,
        name=first.name,
        facts=dict(first.frame) | {"lines": [dict(each.facts) for each in ordered]},
        therapist_id=people.pop() if len(people) == 1 else None,
    )
    ids = [UUID(str(each.facts["id"])) for each in ordered]
    return Message(outbox_values(draft, mail=mail, now=at), ids)


def _in_order(line: Line) -> tuple[str, bool, str, str, str]:
    """The nearest end first, and of one day what forbids practice."""
    facts = line.facts
    words = [str(facts[name]) for name in ("ends_on", "holder", "credential", "key")]
    return words[0], not facts["forbids_practice"], words[1], words[2], words[3]


async def write(session: AsyncSession, messages: Sequence[Message]) -> None:
    """Inserts new messages and lets those that were there before leave again, each with its lines. The rows take the
    ids that they have in the end."""
    if not messages:
        return
    there = await _there(session, [str(each.row["message_id"]) for each in messages])
    new = [each for each in messages if each.row["message_id"] not in there]
    await insert_rows(session, OutboxRow, [each.row for each in new])
    for each in messages:
        earlier = there.get(str(each.row["message_id"]))
        if earlier is not None:
            each.row["id"] = earlier.id
            await _revive(session, each.row, earlier)
    lines = [
        {"organization_id": each.row["organization_id"], "outbox_id": each.row["id"], "reminder_id": reminder}
        for each in messages
        for reminder in each.reminder_ids
    ]
    await insert_rows(session, OutboxReminderRow, lines)


class _Earlier(NamedTuple):
    id: UUID
    recipient_address: str
    possible_duplicates: int


async def _there(session: AsyncSession, message_ids: Sequence[str]) -> dict[str, _Earlier]:
    found: dict[str, _Earlier] = {}
    mail = OutboxRow
    columns = (mail.id, mail.recipient_address, mail.possible_duplicates)
    for start in range(0, len(message_ids), 1000):
        some = message_ids[start : start + 1000]
        query = select(mail.message_id, *columns).where(mail.message_id.in_(some))
        found |= {row[0]: _Earlier(*row[1:]) for row in await session.execute(query)}
    return found


async def _revive(session: AsyncSession, row: Mapping[str, Any], earlier: _Earlier) -> None:
    """A message with the same keys has the same Message-ID: the one that was taken back or given up leaves after
    all. What may have arrived at the same address already leaves as the same bytes."""
    doubts = max(earlier.possible_duplicates, int(row.get("possible_duplicates", 0)))
    new = {"state": row["state"], "next_at": row["next_at"], "give_up_at": row["give_up_at"], "reply": ""}
    new |= {"attempts": row.get("attempts", 0), "possible_duplicates": doubts}
    if not (earlier.possible_duplicates and earlier.recipient_address == row["recipient_address"]):
        words = ("recipient_address", "recipient_name", "facts", "subject", "text", "html", "rendered_on")
        new |= {name: row[name] for name in words} | {"rfc822": None, "sha256": None}
    mine = (OutboxRow.organization_id == row["organization_id"], OutboxRow.id == row["id"])
    query = update(OutboxRow).where(*mine, OutboxRow.state.in_(REVIVED)).values(new)
    await session.execute(query, execution_options=QUIETLY)


async def queue_the_rest(session: AsyncSession, act: Act, stopped: Collection[UUID], gone: Collection[UUID]) -> None:
    """Of messages that were stopped because some of their reminders are gone: the other lines, as new messages that
    go on where those were."""
    mail, messages = OutboxRow, []
    columns = (
        mail.organization_id, mail.id, mail.facts, mail.message_id, mail.recipient_address, mail.recipient_name,
        mail.therapist_id, mail.next_at, mail.give_up_at, mail.attempts, mail.possible_duplicates,
    )  # fmt: skip
    query = select(*columns).where(mail.organization_id == act.organization_id, mail.id.in_(stopped))
    for row in await session.execute(query):
        rest = _rest(row, gone)
        if rest:
            messages.append(_going_on(row, message_of(rest, mail=_settings_of(row), at=act.effective)))
    await write(session, messages)  # first, for the trail names them by the ids that they have in the end
    await trail.record_all(session, act=act, entries=[_queued_anew(each.row) for each in messages])


def _rest(row: Any, gone: Collection[UUID]) -> list[Line]:
    lines = [facts for facts in lines_of(row.facts) if "id" in facts]
    rest = [facts for facts in lines if UUID(str(facts["id"])) not in gone]
    frame = {name: value for name, value in row.facts.items() if name != "lines"}
    return [_again(row, facts, frame) for facts in rest] if len(rest) < len(lines) else []


def _settings_of(row: Any) -> MailSettings:
    """Only the domain of the Message-ID matters here: links stand in the lines already."""
    return MailSettings(f"reminders@{row.message_id.rpartition('@')[2].rstrip('>')}", "")


def _going_on(row: Any, message: Message) -> Message:
    """What may have arrived under the earlier message's name may arrive again under this one's, and is counted so."""
    kept = ("next_at", "give_up_at", "attempts", "possible_duplicates")
    message.row |= {name: getattr(row, name) for name in kept}
    return message


def _queued_anew(row: Mapping[str, Any]) -> Entry:
    new = {"kind": row["kind"], "recipient_address": row["recipient_address"], "message": row["message_id"]}
    return Entry("message.queued", f"outbox:{row['id']}", row["therapist_id"], new=new, why=LEFT_OVER)


async def insert_rows(session: AsyncSession, row: Any, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Inserts what is not there yet; of new reminders or messages the ids that are there now because of it.

    An id was made for its row, so whatever has it came from here.
    """
    table: Table = row.__table__
    for keys in dict.fromkeys(tuple(each) for each in rows):
        alike = [{**_filled(table), **each} for each in rows if tuple(each) == keys]
        await put(session, table, alike, unless_there=True)
    ids, found = [each["id"] for each in rows if "id" in each], set[UUID]()
    mine = table.c.organization_id.in_({each["organization_id"] for each in rows})
    for start in range(0, len(ids), 1000):
        query = select(table.c.id).where(mine, table.c.id.in_(ids[start : start + 1000]))
        found |= set(await session.scalars(query))
    return found


@cache
def _filled(table: Table) -> dict[str, Any]:
    """What a row has where it says nothing else."""
    return {
        each.name: each.default.arg for each in table.columns if isinstance(each.default, ScalarElementColumnDefault)
    }
