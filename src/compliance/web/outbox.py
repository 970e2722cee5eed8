"""The outbox: every message with its state and attempts; and when the jobs last ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries import outbox as reading
from compliance.services import outbox as deciding
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.dashboard_view import jobs
from compliance.web.flash import Flash
from compliance.web.forms import asked
from compliance.web.mailbox import is_secret, seen
from compliance.web.page import Html, Page

ROWS: Final = 50
STATES: Final = {
    "pending": ("expiring", "Waiting"),
    "leased": ("expiring", "Being sent"),
    "transmitting": ("expiring", "Being sent"),
    "sent": ("met", "Sent"),
    "kept": ("met", "In the mailbox"),
    "held": ("unverified", "Held"),
    "dead": ("lapsed", "Given up"),
    "bounced": ("lapsed", "Bounced"),
    "withdrawn": ("not-asked", "Withdrawn"),
}
"""The shape and the word of each state."""

FILTERS: Final = {
    "": "All",
    "pending": "Waiting",
    "sent": "Sent",
    "kept": "In the mailbox",
    "held": "Held",
    "dead": "Given up",
    "withdrawn": "Withdrawn",
}


@get("/outbox", opt=needs("outbox.read"))
async def outbox(page: NamedDependency[Page]) -> Html:
    """Messages, latest first; what is wrong with delivery on top."""
    given = page.request.query_params
    shown, before = given.get("state", ""), _id(given.get("before", ""))
    shown = shown if shown in FILTERS else ""
    session, mine = page.session, page.organization_id
    found = await reading.messages(session, mine, state=shown or None, before=before, limit=ROWS + 1)
    return page.show(
        "outbox/list.html",
        messages=found[:ROWS],
        older=found[ROWS - 1].id if len(found) > ROWS else None,
        shown=shown,
        filters=FILTERS,
        states=STATES,
        alarms=await reading.alarms(session, mine, page.now),
        incidents=await reading.incidents(session, mine),
        zone=page.membership.time_zone,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@get("/outbox/{message_id:uuid}", opt=needs("outbox.read"))
async def one_message(page: NamedDependency[Page], message_id: FromPath[UUID]) -> Html:
    """One message with every attempt and what the server answered."""
    return page.show("outbox/message.html", **await _around(page, message_id))


async def _around(page: Page, message_id: UUID) -> dict[str, Any]:
    message = await seen(page, message_id)
    return {
        "message": message,
        "secret": await is_secret(page, message),
        "attempts": await reading.attempts(page.session, page.organization_id, message_id),
        "states": STATES,
        "can_be_tried": message.state in deciding.CAN_BE_TRIED and page.may("outbox.write"),
        "can_be_stopped": message.state in deciding.CAN_BE_STOPPED and page.may("outbox.write"),
        "zone": page.membership.time_zone,
    }


@dataclass(frozen=True)
class Now:
    """The button."""


@dataclass(frozen=True)
class Stop:
    """Why it shall not leave."""

    reason: str = asked("the reason", longest=500, lines=True)


@post("/outbox/{message_id:uuid}/retry", opt=needs("outbox.write"))
async def retry(page: NamedDependency[Page], message_id: FromPath[UUID]) -> Html | Redirect:
    """It leaves with the next round."""
    form = await page.form(Now)
    await seen(page, message_id)
    try:
        await deciding.try_now(page.session, act=page.act, outbox_id=message_id)
    except Refused as refusal:
        return page.again("outbox/message.html", form.refused(refusal), **await _around(page, message_id))
    return page.go(f"/outbox/{message_id}", Flash("It leaves within a minute.", "met"))


@post("/outbox/{message_id:uuid}/give-up", opt=needs("outbox.write"))
async def give_up(page: NamedDependency[Page], message_id: FromPath[UUID]) -> Html | Redirect:
    """It does not leave any more."""
    form = await page.form(Stop)
    await seen(page, message_id)
    if form.value is None or form.errors:
        return page.again("outbox/message.html", form, **await _around(page, message_id))
    try:
        await deciding.give_up_waiting(page.session, act=page.act, outbox_id=message_id, reason=form.value.reason)
    except Refused as refusal:
        return page.again("outbox/message.html", form.refused(refusal), **await _around(page, message_id))
    return page.go(f"/outbox/{message_id}", Flash("It does not leave any more.", "met"))


@get("/jobs", opt=needs("reminders.read"))
async def job_list(page: NamedDependency[Page]) -> Html:
    """The timetable with the last run of each job."""
    lines = jobs(await reading.job_runs(page.session), page.now)
    return page.show("outbox/jobs.html", jobs=lines, zone=page.membership.time_zone)


ROUTES: Final[list[Any]] = [outbox, one_message, retry, give_up, job_list]
