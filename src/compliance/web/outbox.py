"""The outbox: every message with its state and attempts; and when the jobs last ran."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from compliance.db.queries import outbox as reading
from compliance.web.access import needs
from compliance.web.dashboard_view import jobs
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
    message = await seen(page, message_id)
    return page.show(
        "outbox/message.html",
        message=message,
        secret=await is_secret(page, message),
        attempts=await reading.attempts(page.session, page.organization_id, message_id),
        states=STATES,
        zone=page.membership.time_zone,
    )


@get("/jobs", opt=needs("reminders.read"))
async def job_list(page: NamedDependency[Page]) -> Html:
    """The timetable with the last run of each job."""
    lines = jobs(await reading.job_runs(page.session), page.now)
    return page.show("outbox/jobs.html", jobs=lines, zone=page.membership.time_zone)


ROUTES: Final[list[Any]] = [outbox, one_message, job_list]
