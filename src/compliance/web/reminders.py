"""Reminders: what goes out soon, why somebody got one or none, and switching them on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from compliance.db.queries.organizations import organization
from compliance.db.queries.outbox import alarms, job_runs
from compliance.db.queries.reminder_page import held_at, holders_at
from compliance.domain.reminders import THERAPIST
from compliance.services import reminders
from compliance.services.refusals import Refused
from compliance.services.reminders import Line, Upcoming, Why, WhyRung
from compliance.web.access import needs
from compliance.web.dashboard_view import jobs
from compliance.web.flash import Flash
from compliance.web.holders import Holder, clinic_holder, held_credential, therapist_holder
from compliance.web.page import Html, Page
from compliance.web.reminder_words import WHO, about, rung, steps

DAYS: Final = 30
MOST: Final = 100
"""Credentials, each on a day, of one page."""

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "upcoming": ("not-asked", "Ahead"),
    "planned": ("expiring", "Due"),
    "queued": ("expiring", "Being sent"),
    "sent": ("met", "Sent"),
    "kept": ("met", "In the mailbox"),
    "skipped": ("not-asked", "Left out"),
    "withdrawn": ("not-asked", "Withdrawn"),
    "failed": ("lapsed", "Not delivered"),
    "held": ("unverified", "Held"),
}
"""The shape and the word of a rung's state."""


@get("/reminders", opt=needs("reminders.read"))
async def upcoming(page: NamedDependency[Page], begin: FromQuery[int] = 0) -> Html:
    """The next thirty days, by day and in pages; or, while reminders are off, the way to switch them on."""
    session, mine = page.session, page.organization_id
    ours = page.found(await organization(session, mine))
    found = await _ahead(page, max(begin, 0)) if ours.reminders_started_at is not None else NOTHING
    ran = jobs(await job_runs(session), page.now)
    return page.show(
        "reminders/upcoming.html",
        started_at=ours.reminders_started_at,
        demonstration=ours.demonstration,
        by_day=[(day, together(each)) for day, each in groupby(found.lines, key=lambda line: line.day)],
        found=found,
        begin=max(begin, 0),
        most=MOST,
        rung=rung,
        jobs=[each for each in ran if each.job in ("plan-reminders", "deliver-outbox")],
        alarms=await alarms(session, mine, page.now) if page.may("outbox.read") else None,
        mail_leaves=bool(page.settings.smtp_url) and not ours.demonstration,
        last=page.now.date() + timedelta(days=DAYS),
        zone=page.membership.time_zone,
    )


async def _ahead(page: Page, begin: int) -> Upcoming:
    """Those about people and clinics that the viewer has to do with."""
    who: dict[str, Any] = {"clinic_ids": page.clinic_ids, "first": begin, "most": MOST}
    return await reminders.upcoming_page(page.session, page.organization_id, DAYS, page.now, **who)


NOTHING: Final = Upcoming((), 0, None, date.max)


async def _seen(page: Page, lines: Iterable[Line]) -> list[Line]:
    """Those about people and clinics that the viewer has to do with."""
    if not page.clinic_ids:
        return list(lines)
    people = await holders_at(page.session, page.organization_id, page.clinic_ids)
    held = await held_at(page.session, page.organization_id, page.clinic_ids)
    return [each for each in lines if each.therapist_id in people or each.credential_id in held]


def together(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines about one thing together, the holder's own first, in the order of their first."""
    found: dict[tuple[Any, ...], list[Line]] = {}
    for each in lines:
        thing = (each.credential_id or each.therapist_id or each.clinic_id, each.anchor, each.label, each.ends_on)
        found.setdefault(thing, []).append(each)
    return [sorted(each, key=lambda line: (line.recipient != THERAPIST, line.recipient)) for each in found.values()]


# -- why -----------------------------------------------------------------------------------------------------------


@get("/reminders/why/{credential_id:uuid}", opt=needs("reminders.read"))
async def why(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html:
    """Every rung of one credential, with its state and its reason, and the ladder in force."""
    _, holder = await held_credential(page, credential_id)
    found = await reminders.why(page.session, page.organization_id, credential_id, page.now)
    return _explained(page, found, holder)


@get("/reminders/therapists/{therapist_id:uuid}", opt=needs("reminders.read"))
async def why_file(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """The same for what follows from somebody's file as a whole."""
    holder = await therapist_holder(page, therapist_id)
    found = await reminders.why_file(page.session, page.organization_id, holder.therapist_id or therapist_id, page.now)
    return _explained(page, found, holder)


@get("/reminders/clinics/{clinic_id:uuid}", opt=needs("reminders.read"))
async def why_clinic(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html:
    """The same for what a clinic itself holds."""
    holder = await clinic_holder(page, clinic_id)
    found = await reminders.why_clinic(page.session, page.organization_id, clinic_id, page.now)
    return _explained(page, found, holder)


def _explained(page: Page, found: Why, holder: Holder) -> Html:
    return page.show(
        "reminders/why.html",
        why=found,
        holder=holder,
        following=_following(found),
        groups=_groups(found),
        states=STATES,
        rung=rung,
        about=about,
        steps=steps,
        who=WHO,
        zone=page.membership.time_zone,
    )


def _following(found: Why) -> WhyRung | None:
    """The next rung that goes out, if nothing changes."""
    if found.notice:
        return None
    ahead = (each for each in found.rungs if each.state in ("planned", "queued", "upcoming") and not each.reason)
    return min(ahead, key=lambda each: (each.due_at, each.recipient), default=None)


def _groups(found: Why) -> list[list[WhyRung]]:
    """The rungs by what they count from, the latest day first."""
    keys = sorted({(each.anchor_on, each.anchor) for each in found.rungs}, reverse=True)
    return [[each for each in found.rungs if (each.anchor_on, each.anchor) == key] for key in keys]


# -- going live ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Start:
    """The button."""


@get("/reminders/start", opt=needs("reminders.read"))
async def preview(page: NamedDependency[Page], begin: FromQuery[int] = 0) -> Html:
    """Who would get what today, in pages, who cannot be reached, and the button."""
    return page.show("reminders/start.html", **await _preview(page, max(begin, 0)))


async def _preview(page: Page, begin: int = 0) -> dict[str, Any]:
    found = await reminders.go_live_preview(page.session, page.organization_id, page.now)
    ours = page.found(await organization(page.session, page.organization_id))
    return {
        "preview": found,
        "groups": (every := together(await _seen(page, found.goes_out)))[begin : begin + MOST],
        "every": len(every),
        "begin": begin,
        "most": MOST,
        "rung": rung,
        "demonstration": ours.demonstration,
        "mail_leaves": bool(page.settings.smtp_url) and not ours.demonstration,
        "sender": page.settings.mail_from,
        "zone": page.membership.time_zone,
    }


@post("/reminders/start", opt=needs("reminders.start"))
async def start(page: NamedDependency[Page]) -> Html | Redirect:
    """Switches them on."""
    form = await page.form(Start)
    try:
        armed = await reminders.go_live(page.session, act=page.act, mail=page.mail)
    except Refused as refusal:
        return page.again("reminders/start.html", form.refused(refusal), **await _preview(page))
    said = f"Reminders are on. {armed:,} {'credential is' if armed == 1 else 'credentials are'} watched."
    return page.go("/reminders", Flash(said, "met", "/mailbox", "Open the mailbox"))


ROUTES: Final[list[Any]] = [upcoming, preview, start, why, why_file, why_clinic]
