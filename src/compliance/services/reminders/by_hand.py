"""A reminder that somebody sends now, for many at once: a rung of today beside those of the ladder.

It is a rung like any other (of the day's own distance from the last day), so it has the same key, goes out once however
often it is asked for, shows under "why", and is withdrawn by a renewal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import ladders
from compliance.db.queries.chosen import Chosen, held_by
from compliance.db.queries.due_terms import lock_chains
from compliance.db.queries.reminders import Known, KnownReminder, known_reminders
from compliance.domain.months import in_words
from compliance.domain.periods import ONE_DAY
from compliance.domain.reminders import EXPIRY, THERAPIST, Rung, endless, local_day
from compliance.services.mailing import MailSettings
from compliance.services.many import Plan
from compliance.services.refusals import refuse
from compliance.services.reminders.climbing import AGAIN, Subject, Work, climb
from compliance.services.reminders.message import term_facts
from compliance.services.reminders.planning import write
from compliance.services.reminders.situation import Situation, situations
from compliance.services.trail import Act

LONGEST_AGO: Final = 45
"""Days since a last day after which nobody is reminded of it any more."""


class _Nudge(NamedTuple):
    here: Situation
    rung: Rung
    why_not: str


async def plan_reminders(
    session: AsyncSession, organization_id: UUID, *, now: datetime, people: Sequence[Chosen], within: int
) -> Plan:
    """Who would be reminded of what that ends `within` so many days or has ended lately, and who not and why."""
    return _plan(people, await _nudges(session, organization_id, now, people, within))


async def remind_now(
    session: AsyncSession, *, act: Act, people: Sequence[Chosen], within: int, mail: MailSettings
) -> Plan:
    """Queues them, a mail for each reader; the same plan, made anew. Raises Refused where reminders are not on."""
    await lock_chains(session, [act.organization_id])
    if not (await ladders.organizations(session, [act.organization_id]))[act.organization_id].reminders_started_at:
        raise refuse("within", "Reminders are not switched on yet. Switch them on under Reminders, then send these.")
    found = await _nudges(session, act.organization_id, act.effective, people, within)
    known = await known_reminders(session, {each.here.subject.credential_id: act.organization_id for each in found[1]})
    work = Work()
    for here, rung, why_not in found[1]:
        if not why_not:
            _climb(work, here, rung, known, mail)
    await write(session, work, mail, act.now, act.as_if_at, act.actor)
    return _plan(people, found)


def _climb(work: Work, here: Situation, rung: Rung, known: Known, mail: MailSettings) -> None:
    """The therapist's rungs with that of today, which is the most urgent one that was reached."""
    about = here.subject
    rungs = (rung, *(each for each in here.rungs if each.recipient == THERAPIST and each.anchor == EXPIRY))
    entry = f"credential:{about.credential_id}"
    climb(work, here, Subject(about.credential_id, about.term_id, entry, rungs, term_facts), known, mail)


_Found = tuple[dict[UUID, UUID], list[_Nudge]]  # credential -> whose it is; what is near


async def _nudges(
    session: AsyncSession, organization_id: UUID, now: datetime, people: Sequence[Chosen], within: int
) -> _Found:
    held = await held_by(session, organization_id, [each.id for each in people if not each.merged])
    whose = {each.id: each.therapist_id for each in held if each.terms}
    owned = dict.fromkeys(whose, organization_id)
    subjects = await ladders.subjects(session, owned, today=now.date() - ONE_DAY)
    near = [each for each in await situations(session, subjects, now) if _is_near(each, within)]
    known = await known_reminders(session, {each.subject.credential_id: organization_id for each in near})
    return whose, [_nudge(each, known) for each in near]


def _is_near(here: Situation, within: int) -> bool:
    ends_on = here.subject.ends_on
    return not endless(ends_on) and -LONGEST_AGO <= (ends_on - here.today).days <= within


def _nudge(here: Situation, known: Known) -> _Nudge:
    ends_on = here.subject.ends_on
    rung = Rung(THERAPIST, (ends_on - here.today).days, here.today, EXPIRY, ends_on)
    mine = known.get((here.subject.credential_id, EXPIRY, ends_on), {})
    return _Nudge(here, rung, _why_not(here, rung, mine.get((THERAPIST, rung.days))))


def _why_not(here: Situation, rung: Rung, before: KnownReminder | None) -> str:
    if before is not None and before.state not in AGAIN:
        return before.reason or "reminded today already"
    if here.wakes_on is None or here.wakes_on > local_day(here.now, here.zone):
        return f"rests until {in_words(here.wakes_on)}" if here.wakes_on else "works nowhere now"
    opens_on = here.law.opens_on
    if opens_on and opens_on > here.today:
        return f"renewal opens on {in_words(opens_on)}"
    return here.silence(rung) or here.contacts[THERAPIST].problem


def _plan(people: Sequence[Chosen], found: _Found) -> Plan:
    whose, nudges = found
    mine: dict[UUID, list[_Nudge]] = {}
    for each in nudges:
        mine.setdefault(whose[each.here.subject.credential_id], []).append(each)
    plan = Plan()
    for who in people:
        theirs = mine.get(who.id, [])
        goes = [each for each in theirs if not each.why_not]
        if who.merged:
            plan.leave(who, "This record was merged into another one.")
        elif goes:
            plan.do(who, "; ".join(_said(each.here, each.here.subject.ends_on) for each in goes))
        elif theirs:
            plan.leave(who, "; ".join(f"{each.here.label}: {each.why_not}" for each in theirs))
        else:
            plan.leave(who, "Nothing of theirs ends by then.")
    return plan


def _said(here: Situation, ends_on: date) -> str:
    deed = "ends" if ends_on >= here.today else "ended"
    return f"{here.label} {deed} {in_words(ends_on)}"
