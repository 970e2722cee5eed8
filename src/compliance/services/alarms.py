"""Alarms: owners are told once of a job that is late, of mail that waits, was given up or is held, and of a mail server
that does not answer. An incident lasts until what it is about is over; another one after that is told of again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.queries import ladders
from compliance.db.queries.due_terms import lock_chains
from compliance.db.queries.ladders import Organization, Staff
from compliance.db.records import IncidentRow, MailRouteRow, OrganizationRow, OutboxRow
from compliance.services import mailing
from compliance.services.mailing import ALARM, GIVEN_UP, Draft, MailSettings
from compliance.services.outbox.leases import QUIETLY
from compliance.services.trail import Act

ACTOR: Final = "job:raise-alarms"
TOO_LONG: Final = timedelta(minutes=15)
FAILURES: Final = 5
"""After so many failures one after the other, a quarter of an hour, a mail server is an alarm."""
MOST: Final = 20
"""Incidents that one mail lists."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is not as it should be, in one sentence; `machine`: of the installation, not of one message."""

    kind: str
    subject: str
    detail: str

    @property
    def machine(self) -> bool:
        """Whether whoever runs the installation has to do something."""
        return self.kind in ("job", "route", "waiting")


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a look: new incidents, ended ones, and whether the machine is in trouble now."""

    new: int
    ended: int
    machine: bool


async def raise_all(session: AsyncSession, *, now: datetime, late: Mapping[str, str], mail: MailSettings) -> Told:
    """Looks at everything, writes down what began and what is over, and mails owners what is new.

    `late`: the jobs that do not run as they should, each with what is known of it.
    """
    shared = [Trouble("job", name, f"The job {name} is late. {said}") for name, said in late.items()]
    shared += await _routes(session, now)
    live = await _live(session)
    found = {each: shared + own for each, own in (await _own(session, live, now)).items()}
    new = await _begin(session, found, now)
    ended = await _end(session, found, now)
    if new:
        await _tell(session, new, now, mail)
    machine = any(each.machine for some in found.values() for each in some) or bool(shared)
    return Told(sum(map(len, new.values())), ended, machine)


async def _live(session: AsyncSession) -> list[UUID]:
    row = OrganizationRow
    return list(await session.scalars(select(row.id).where(row.demonstration.is_(False)).order_by(row.id)))


async def _routes(session: AsyncSession, now: datetime) -> list[Trouble]:
    row = MailRouteRow
    query = select(row.id, row.last_error).where(row.consecutive_failures >= FAILURES, row.open_until > now)
    return [
        Trouble("route", id_, f"The mail server {id_} does not answer: {error}")
        for id_, error in await session.execute(query)
    ]


async def _own(session: AsyncSession, live: list[UUID], now: datetime) -> dict[UUID, list[Trouble]]:
    found: dict[UUID, list[Trouble]] = {each: [] for each in live}
    row = OutboxRow
    waiting = select(row.organization_id, func.min(row.next_at)).where(
        row.state == "pending", row.next_at < now - TOO_LONG
    )
    for owner, since in await session.execute(waiting.group_by(row.organization_id)):
        if owner in found:
            detail = f"A message has waited to be sent since {since:%Y-%m-%d %H:%M} UTC."
            found[owner].append(Trouble("waiting", "", detail))
    over = select(row.organization_id, row.id, row.state, row.recipient_name, row.recipient_address, row.reply)
    over = over.where(row.state.in_(("dead", "held", "bounced")), row.kind.not_in((GIVEN_UP, ALARM)))
    for owner, id_, state, name, address, reply in await session.execute(over.order_by(row.id)):
        if owner in found:
            found[owner].append(Trouble(state, str(id_), _message(state, name or address, reply)))
    return found


def _message(state: str, name: str, reply: str) -> str:
    words = {"held": "Nobody knows whether a mail to {} arrived", "dead": "A mail to {} was given up"}
    return f"{words.get(state, 'A mail to {} came back').format(name)}: {reply}"


async def _begin(
    session: AsyncSession, found: Mapping[UUID, Iterable[Trouble]], now: datetime
) -> dict[UUID, list[Trouble]]:
    """Incidents that were not open yet, by organization; two who look at once open each only once."""
    known = await _open(session)
    fresh = {(owner, each.kind, each.subject): each for owner, some in found.items() for each in some}
    rows = [
        {"organization_id": owner, "id": new_id(now), "kind": kind, "subject": subject, "detail": each.detail,
         "began_at": now}
        for (owner, kind, subject), each in fresh.items() if (owner, kind, subject) not in known
    ]  # fmt: skip
    if not rows:
        return {}
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    table = IncidentRow
    query = make(table).on_conflict_do_nothing().returning(table.organization_id, table.kind, table.subject)
    new: dict[UUID, list[Trouble]] = {}
    for owner, kind, subject in await session.execute(query, rows):
        new.setdefault(owner, []).append(fresh[owner, kind, subject])
    return new


async def _open(session: AsyncSession) -> dict[tuple[UUID, str, str], UUID]:
    row = IncidentRow
    query = select(row.organization_id, row.kind, row.subject, row.id).where(row.ended_at.is_(None))
    return {(owner, kind, subject): id_ for owner, kind, subject, id_ in await session.execute(query)}


async def _end(session: AsyncSession, found: Mapping[UUID, Iterable[Trouble]], now: datetime) -> int:
    """Incidents whose cause is gone."""
    there = {(owner, each.kind, each.subject) for owner, some in found.items() for each in some}
    over = [id_ for key, id_ in (await _open(session)).items() if key not in there]
    row = IncidentRow
    for start in range(0, len(over), 500):
        some = update(row).where(row.id.in_(over[start : start + 500])).values(ended_at=now)
        await session.execute(some, execution_options=QUIETLY)
    return len(over)


async def _tell(session: AsyncSession, new: Mapping[UUID, list[Trouble]], now: datetime, mail: MailSettings) -> None:
    """One mail an owner, of everything that is new."""
    await lock_chains(session, list(new))
    organizations = await ladders.organizations(session, list(new))
    people = await ladders.staff(session, list(new), now.date())
    for owner, troubles in sorted(new.items()):
        owners = [each for each in people.get(owner, []) if each.role == "owner" and mailing.usable(each.address)]
        drafts = [_draft(organizations[owner], each, troubles, now, mail) for each in owners]
        await mailing.put(session, drafts, act=Act(owner, ACTOR, now), mail=mail, why="Something needs attention.")


def _draft(organization: Organization, who: Staff, troubles: list[Trouble], now: datetime, mail: MailSettings) -> Draft:
    facts: dict[str, Any] = mailing.sender_facts(organization, None, organization.time_zone)
    facts |= {
        "troubles": [each.detail for each in troubles[:MOST]],
        "more": max(0, len(troubles) - MOST),
        "link": mail.link("outbox"),
    }
    key = "/".join((str(organization.id), ALARM, now.isoformat(), who.recipient))
    return Draft(organization.id, ALARM, (key,), who.address, who.name, facts)
