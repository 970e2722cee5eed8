"""What will go out, before it does, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries import ladders
from compliance.db.queries.ahead import Ahead, clinics_ahead, files_ahead, terms_ahead
from compliance.db.queries.own_ladders import OwnLadders, ladders_of
from compliance.domain.periods import ONE_DAY, day_before
from compliance.domain.release import Calendar
from compliance.services.reminders.going_live import Line, line_of, matter_line
from compliance.services.reminders.law import term_law
from compliance.services.reminders.looking import files_at, matters_of, rests_until
from compliance.services.reminders.situation import Situation, climbs_of, situations

MOST: Final = 100
"""Credentials, each with all its recipients on a day, of one page."""

MOST_TERMS: Final = 20_000
MOST_FILES: Final = 300  # each is read whole: some 0.4 ms
"""So many are looked ahead for at most: in an organization with more, the list says until when it is whole."""

EVERY: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A page of what goes out: `lines`, the soonest first; `after` is where the next page begins (None: nothing is
    left); `whole_until` is the last day that nothing is left out of (a day behind us: more files have just changed than
    are read for one page)."""

    lines: tuple[Line, ...]
    total: int
    after: int | None
    whole_until: date


async def upcoming_page(
    session: AsyncSession,
    organization_id: UUID,
    days: int,
    now: datetime,
    *,
    clinic_ids: Collection[UUID] = (),
    first: int = 0,
    most: int = MOST,
    most_files: int = MOST_FILES,
) -> Upcoming:
    """What goes out after today and up to so many days ahead, if nothing changes. `total` and `first` count things on
    a day, each with all whom it is told to; who rests or has left by then is found out on its page. Of more than
    `most_files` files the soonest are read, and `whole_until` says so."""
    organization = (await ladders.organizations(session, [organization_id]))[organization_id]
    until = now.date() + timedelta(days=days + 1)
    terms = await terms_ahead(session, organization_id, until, clinic_ids=clinic_ids, limit=MOST_TERMS)
    own = await ladders_of(session, organization_id)
    window = (now.date() - ONE_DAY, until)
    places = sorted(_places(organization_id, terms, own, organization.calendar, window), key=_soonest)
    looks = await files_ahead(session, organization_id, until, clinic_ids=clinic_ids, limit=most_files)
    of_files = await _of_files(session, organization_id, [id_ for id_, _ in looks], now)
    places_ = await clinics_ahead(session, organization_id, until, clinic_ids=clinic_ids)
    of_files += await _of_files(session, organization_id, (), now, places_)
    of_files = [each for each in of_files if each.day <= now.date() + timedelta(days=days)]
    there = {(day, term.credential_id) for day, term in places[first : first + most]}
    lines = await _of_terms(session, organization_id, there, days, now)
    shown = [*lines, *_between(of_files, places, first, most)]
    cut = [terms[-1].next_rung_on] if len(terms) == MOST_TERMS else []
    cut += [looks[-1][1]] if looks and len(looks) == most_files else []
    return Upcoming(
        lines=tuple(sorted(shown, key=_in_order)),
        total=len(places) + len({(each.day, each.therapist_id, each.clinic_id, each.label) for each in of_files}),
        after=first + most if first + most < len(places) else None,
        whole_until=day_before(min([until, *cut])),
    )


async def upcoming(session: AsyncSession, organization_id: UUID, days: int, now: datetime) -> tuple[Line, ...]:
    """All of it at once, for scripts; every file is read, a portion at a time, and clinics' own with the pages."""
    found: list[Line] = []
    first: int | None = 0
    while first is not None:
        page = await upcoming_page(session, organization_id, days, now, first=first, most=1000, most_files=0)
        found, first = found + list(page.lines), page.after
    until = now.date() + timedelta(days=days)
    looks = await files_ahead(session, organization_id, until + ONE_DAY, limit=EVERY)
    for start in range(0, len(looks), MOST_FILES):
        ids = [id_ for id_, _ in looks[start : start + MOST_FILES]]
        of_files = await _of_files(session, organization_id, ids, now)
        found += [each for each in of_files if each.day <= until]
    return tuple(sorted(found, key=_in_order))


def _in_order(line: Line) -> tuple[date, str, str, str]:
    return line.day, line.therapist, line.label, line.recipient


def _soonest(place: tuple[date, Ahead]) -> tuple[date, str]:
    return place[0], str(place[1].credential_id)


def _places(
    organization_id: UUID, terms: Iterable[Ahead], own: OwnLadders, calendar: Calendar, window: tuple[date, date]
) -> list[tuple[date, Ahead]]:
    """Each day on which a term speaks inside the window."""
    types, found = load().types, []
    for each in terms:
        set_ = own.of(organization_id, each.credential_id, each.type)
        ladder = set_.ladder if set_ else types[each.type].ladder
        law = term_law(each.type, each.jurisdiction, each.ends_on)
        days = {day for climb in climbs_of(ladder, law, each.ends_on, calendar) for day in climb.days}
        found += [(day, each) for day in days if window[0] < day <= window[1]]
    return found


async def _of_terms(
    session: AsyncSession, organization_id: UUID, there: Collection[tuple[date, UUID]], days: int, now: datetime
) -> list[Line]:
    owned = dict.fromkeys((credential for _, credential in there), organization_id)
    subjects = await ladders.subjects(session, owned, today=now.date() - ONE_DAY)
    return [
        line_of(here, rung)
        for here in await situations(session, subjects, now)
        if _climbs(here)
        for rung in here.rungs
        if (rung.day, here.subject.credential_id) in there and _within(here, rung.day, days)
        if not here.silence_on(rung, rung.day)
    ]


def _climbs(here: Situation) -> bool:
    return here.wakes_on is not None


def _within(here: Situation, day: date, days: int) -> bool:
    awake = here.wakes_on is not None and here.wakes_on <= day
    return awake and here.today < day <= here.today + timedelta(days=days)


async def _of_files(
    session: AsyncSession,
    organization_id: UUID,
    ids: Collection[UUID],
    now: datetime,
    clinics: Collection[UUID] = (),
) -> list[Line]:
    found = []
    for each in await files_at(session, organization_id, now, therapist_ids=ids, clinic_ids=clinics):
        here = each.here
        awake = rests_until(here)
        for matter, rungs in matters_of(each):
            ahead = (rung for rung in rungs if rung.day > here.today and awake is not None and rung.day >= awake)
            found += [matter_line(here, matter, rung) for rung in ahead]
    return found


def _between(lines: Iterable[Line], places: list[tuple[date, Ahead]], first: int, most: int) -> list[Line]:
    """Those whose day lies on this page: behind the last day of the page before, up to the last of this one."""
    start = places[first - 1][0] if 0 < first <= len(places) else date.min
    end = places[first + most - 1][0] if first + most < len(places) else date.max
    return [each for each in lines if start < each.day <= end or (first == 0 and each.day <= end)]
