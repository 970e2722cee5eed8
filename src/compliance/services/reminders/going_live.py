"""Switching an organization's reminders on, after a person has read the list of what would go out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries import ladders
from compliance.db.queries.ahead import terms_ending
from compliance.db.queries.due_terms import lock_chains
from compliance.db.queries.own_ladders import ladders_of
from compliance.db.queries.reminders import Known, known_reminders
from compliance.db.records import OrganizationRow
from compliance.domain.matters import Matter
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import NO_ADDRESS, THERAPIST, TOO_OLD_DAYS, Choice, Rung, choose, shifted
from compliance.services import mailing, trail
from compliance.services.mailing import GOING_LIVE, Draft, MailSettings
from compliance.services.refusals import refuse
from compliance.services.reminders.schedule import schedule_all
from compliance.services.reminders.situation import Situation, label, situations
from compliance.services.trail import Act, Entry

DAYS_OFF: Final = 4  # that a weekend which rests, or a zone, may move a day


@dataclass(frozen=True, slots=True)
class Line:
    """One reminder that goes out, or will: about which credential (None: what is missing or excepted), to whom, on
    which day."""

    credential_id: UUID | None
    label: str
    therapist_id: UUID | None
    therapist: str  # or the clinic that holds it
    ends_on: date
    anchor: str
    days: int
    day: date
    recipient: str
    recipient_name: str
    address: str | None
    due_at: datetime
    clinic_id: UUID | None = None  # whose own file it is about


def line_of(here: Situation, rung: Rung) -> Line:
    """A rung as a line of a list."""
    contact = here.contacts[rung.recipient]
    return Line(
        credential_id=here.subject.credential_id,
        label=here.label,
        therapist_id=here.therapist_id,
        therapist=here.holder_name,
        ends_on=rung.anchor_on,
        anchor=rung.anchor,
        days=rung.days,
        day=rung.day,
        recipient=rung.recipient,
        recipient_name=contact.name,
        address=contact.address,
        due_at=here.due_at(rung.day),
    )


def matter_line(here: Situation, matter: Matter, rung: Rung) -> Line:
    """The same for something else in a file."""
    held, contact = matter.credential, here.contacts[rung.recipient]
    return Line(
        credential_id=held.id if held else None,
        label=label(held.type, held.jurisdiction) if held else matter.requirement,
        therapist_id=here.therapist_id,
        therapist=here.holder_name,
        ends_on=matter.on,
        anchor=rung.anchor.partition(":")[0],
        days=rung.days,
        day=rung.day,
        recipient=rung.recipient,
        recipient_name=contact.name,
        address=contact.address,
        due_at=here.due_at(rung.day),
        clinic_id=None if here.therapist_id or here.clinic is None else here.clinic.id,
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go out if reminders were switched on now. `started_at` is set where they already are."""

    started_at: datetime | None
    goes_out: tuple[Line, ...]
    skipped: int
    without_address: tuple[tuple[UUID, str], ...]


async def present_situations(session: AsyncSession, organization_id: UUID, now: datetime) -> list[Situation]:
    """Every credential of an organization with a rung that may go out today: not of those who left or are away, and
    none whose end is farther off than any ladder reaches."""
    today, reach = now.date(), await _reach(session, organization_id)
    first, last = shifted(today, reach.latest - TOO_OLD_DAYS - DAYS_OFF), shifted(today, reach.earliest + DAYS_OFF)
    ids = await terms_ending(session, organization_id, first, last)
    subjects = await ladders.subjects(session, dict.fromkeys(ids, organization_id), today=today - ONE_DAY)
    return [here for here in await situations(session, subjects, now) if here.wakes_on == here.today]


async def go_live_preview(session: AsyncSession, organization_id: UUID, now: datetime) -> Preview:
    """The list that a person reads before switching reminders on, most urgent first. Writes nothing."""
    organization = (await ladders.organizations(session, [organization_id]))[organization_id]
    present = await present_situations(session, organization_id, now)
    known = await known_reminders(session, {each.subject.credential_id: organization_id for each in present})
    decided = [(here, choice) for here in present for choice in _undecided(here, known)]
    going = [(here, each.rung) for here, each in decided if each.goes_out]
    lines = [line_of(here, rung) for here, rung in going if not here.contacts[rung.recipient].problem]
    return Preview(
        started_at=organization.reminders_started_at,
        goes_out=tuple(sorted(lines, key=lambda line: (line.ends_on, line.therapist, line.recipient))),
        skipped=sum(not each.goes_out for _, each in decided),
        without_address=_without_address(present),
    )


class _Reach(NamedTuple):
    earliest: int
    latest: int


async def _reach(session: AsyncSession, organization_id: UUID) -> _Reach:
    """From how long before an end to how long after it any ladder speaks."""
    own = await ladders_of(session, organization_id)
    every = [each.ladder for each in (*own.of_credentials.values(), *own.of_types.values())]
    every += [each.ladder for each in load().types.values()]
    days = {0, *(day for each in every for day in (*each.therapist, *each.manager, *each.owner))}
    return _Reach(max(days), min(days))


def _undecided(here: Situation, known: Known) -> list[Choice]:
    every = choose(here.rungs, here.today)
    return [each for each in every if _key(each.rung) not in known.get(_place(here, each.rung), {})]


def _place(here: Situation, rung: Rung) -> tuple[UUID, str, date]:
    return here.subject.credential_id, rung.anchor, rung.anchor_on


def _key(rung: Rung) -> tuple[str, int]:
    return rung.recipient, rung.days


def _without_address(present: Iterable[Situation]) -> tuple[tuple[UUID, str], ...]:
    silent = {
        here.subject.holder.id: here.subject.holder.name
        for here in present
        if here.subject.holder and here.contacts[THERAPIST].problem == NO_ADDRESS
    }
    return tuple(sorted(silent.items(), key=lambda each: each[1]))


async def go_live(session: AsyncSession, *, act: Act, mail: MailSettings) -> int:
    """Switches reminders on and tells the owners; the planner sends within its next round. The number of terms that
    have something left to say. Raises Refused where they are on already.
    """
    await lock_chains(session, [act.organization_id])
    preview = await go_live_preview(session, act.organization_id, act.effective)
    if preview.started_at is not None:
        raise refuse("organization", f"Reminders of this organization are on since {preview.started_at:%Y-%m-%d}.")
    counts = {"goes_out": len(preview.goes_out), "skipped": preview.skipped}
    entry = Entry("reminders.started", f"organization:{act.organization_id}", new=counts)
    await trail.record(session, act=act, entry=entry)
    mine = update(OrganizationRow).where(OrganizationRow.id == act.organization_id)
    await session.execute(mine.values(reminders_started_at=act.effective))
    armed = await schedule_all(session, organization_id=act.organization_id, today=act.effective.date())
    await _tell_owners(session, act, mail, preview)
    return armed


async def _tell_owners(session: AsyncSession, act: Act, mail: MailSettings, preview: Preview) -> None:
    today = act.effective.date()
    organization = (await ladders.organizations(session, [act.organization_id]))[act.organization_id]
    people = (await ladders.staff(session, [act.organization_id], today)).get(act.organization_id, [])
    facts = mailing.sender_facts(organization, None, organization.time_zone) | {
        "goes_out": len(preview.goes_out),
        "skipped": preview.skipped,
        "without_address": len(preview.without_address),
        "started_on": today.isoformat(),
        "link": mail.link("reminders"),
    }
    blank = Draft(act.organization_id, GOING_LIVE, (), "", "", facts)
    drafts = [
        replace(blank, keys=(f"{act.organization_id}/{GOING_LIVE}/{each.recipient}",), address=address, name=each.name)
        for each in people
        if each.role == "owner" and (address := mailing.usable(each.address))
    ]
    await mailing.put(session, drafts, act=act, mail=mail)
