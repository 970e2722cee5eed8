"""Reminders: what goes out soon, why somebody got one or none, and switching them on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries.organizations import organization
from compliance.db.queries.outbox import alarms, job_runs
from compliance.db.queries.reminder_page import held_at, holders_at
from compliance.domain.reminders import THERAPIST
from compliance.rendering import plural
from compliance.services import reminders
from compliance.services.refusals import Refused
from compliance.services.reminders import Line, Why, WhyRung
from compliance.web.access import needs
from compliance.web.dashboard_view import jobs
from compliance.web.flash import Flash
from compliance.web.holders import held_credential
from compliance.web.page import Html, Page

DAYS: Final = 30
MOST: Final = 200
"""Lines on one page; whoever has more is told how many."""

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
async def upcoming(page: NamedDependency[Page]) -> Html:
    """The next thirty days, by day; or, while reminders are off, the way to switch them on."""
    session, mine = page.session, page.organization_id
    ours = page.found(await organization(session, mine))
    lines = await _seen(page, await reminders.upcoming(session, mine, DAYS, page.now)) if _is_on(ours) else []
    ran = jobs(await job_runs(session), page.now)
    return page.show(
        "reminders/upcoming.html",
        started_at=ours.reminders_started_at,
        demonstration=ours.demonstration,
        by_day=_by_day(lines[:MOST]),
        total=len(lines),
        most=MOST,
        rung=rung,
        jobs=[each for each in ran if each.job in ("plan-reminders", "deliver-outbox")],
        alarms=await alarms(session, mine, page.now) if page.may("outbox.read") else None,
        mail_leaves=bool(page.settings.smtp_url) and not ours.demonstration,
        zone=page.membership.time_zone,
    )


def _is_on(ours: Any) -> bool:
    return ours.reminders_started_at is not None


async def _seen(page: Page, lines: Iterable[Line]) -> list[Line]:
    """Those about people and clinics that the viewer has to do with."""
    if not page.clinic_ids:
        return list(lines)
    people = await holders_at(page.session, page.organization_id, page.clinic_ids)
    held = await held_at(page.session, page.organization_id, page.clinic_ids)
    return [each for each in lines if each.therapist_id in people or each.credential_id in held]


def _by_day(lines: Iterable[Line]) -> list[tuple[Any, list[list[Line]]]]:
    return [(day, together(each)) for day, each in groupby(lines, key=lambda line: line.day)]


def together(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines about one credential together, the holder's own first, in the order of their first."""
    found: dict[UUID, list[Line]] = {}
    for each in lines:
        found.setdefault(each.credential_id, []).append(each)
    return [sorted(each, key=lambda line: (line.recipient != THERAPIST, line.recipient)) for each in found.values()]


def rung(days: int) -> str:
    """`30 days before the end`, `on the last day`, `7 days after the end`."""
    if days == 0:
        return "on the last day"
    count = plural(abs(days), "day")
    return f"{count} before the end" if days > 0 else f"{count} after the end"


# -- why -----------------------------------------------------------------------------------------------------------


@get("/reminders/why/{credential_id:uuid}", opt=needs("reminders.read"))
async def why(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html:
    """Every rung of one credential, with its state and its reason."""
    held, holder = await held_credential(page, credential_id)
    found = await reminders.why(page.session, page.organization_id, credential_id, page.now)
    return page.show(
        "reminders/why.html",
        why=found,
        held=held,
        holder=holder,
        following=_following(found),
        terms=_terms(found),
        states=STATES,
        rung=rung,
        zone=page.membership.time_zone,
    )


def _following(found: Why) -> WhyRung | None:
    """The next rung that goes out, if nothing changes."""
    if found.notice:
        return None
    ahead = (each for each in found.rungs if each.state in ("planned", "queued", "upcoming") and not each.reason)
    return min(ahead, key=lambda each: (each.due_at, each.recipient), default=None)


def _terms(found: Why) -> list[tuple[Any, list[WhyRung]]]:
    """The rungs by the last day of their term, the latest first."""
    days = sorted({each.ends_on for each in found.rungs}, reverse=True)
    return [(day, [each for each in found.rungs if each.ends_on == day]) for day in days]


# -- going live ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Start:
    """The button."""


@get("/reminders/start", opt=needs("reminders.read"))
async def preview(page: NamedDependency[Page]) -> Html:
    """Who would get what today, who cannot be reached, and the button."""
    return page.show("reminders/start.html", **await _preview(page))


async def _preview(page: Page) -> dict[str, Any]:
    found = await reminders.go_live_preview(page.session, page.organization_id, page.now)
    ours = page.found(await organization(page.session, page.organization_id))
    return {
        "preview": found,
        "groups": together(await _seen(page, found.goes_out))[:MOST],
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


ROUTES: Final[list[Any]] = [upcoming, preview, start, why]
