"""Today: who may not practice, who will not within 30 days, what waits for a decision, and whether the jobs ran."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get
from litestar.di import NamedDependency
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries.clearances import At, against, by_clinic, count_for_want_of
from compliance.db.queries.clinics import headcounts
from compliance.db.queries.dashboard import begun, count_stale, done_since, last_days, noes_ahead, somebody
from compliance.db.queries.files import credential_files
from compliance.db.queries.months_ahead import ends, stored
from compliance.db.queries.organizations import organization
from compliance.db.queries.outbox import job_runs
from compliance.db.queries.therapist_list import SOON
from compliance.domain.ahead import firsts
from compliance.services.months_ahead import FEW, by_stretch
from compliance.web import stopped_clinics
from compliance.web.access import needs
from compliance.web.dashboard_view import (
    Ahead,
    Alarm,
    ClinicLine,
    Work,
    clinic_line,
    clinic_lines,
    clinic_soon,
    ending_soon,
    jobs,
    kept_ahead,
    months,
    soon_line,
    today_line,
)
from compliance.web.decision_lines import Line, lines
from compliance.web.page import Html, Page
from compliance.web.sights import Numbers, numbers, sight_of
from compliance.web.therapist_view import places
from compliance.web.verdicts import Sight

LINES: Final = 12
CLINICS: Final = 12


@get("/", opt=needs("dashboard"))
async def show(page: NamedDependency[Page]) -> Html | Redirect:
    """The answer for today; an empty organization is led through its first steps; a therapist sees their own file."""
    if page.membership.role == "therapist":
        return page.go("/me")
    has_clinic, has_therapist, has_looked = await begun(page.session, page.organization_id)
    sight, at = await sight_of(page)
    if not has_therapist:
        wanting = list(stopped_clinics.in_sight(sight).stopped.values())
        return page.show("dashboard/start.html", has_clinic=has_clinic, wanting=wanting)
    counted = await numbers(page, at)
    session, mine = page.session, page.organization_id
    halted = await _halted(page, sight, at, counted)
    return page.show(
        "dashboard/show.html",
        counted=counted,
        day=at[0].day,
        zone=page.membership.time_zone,
        **await _lines(page, sight, at, halted),
        decisions=(waiting := await _decisions(page))[:LINES],
        to_do=counted.against.number - halted.people + len(halted.now) + counted.soon.number + len(waiting),
        done=await done_since(session, mine, _midnight(page)),
        clinics=await _clinics(page, sight, at, counted),
        ahead=await _ahead(page, at, counted),
        jobs=(found := jobs(await job_runs(session), page.now)),
        alarm=Alarm.of(found),
        live=await _live(page),
        stale=await count_stale(session, mine, sight.frame.fingerprint),
        first_look=None if has_looked else await somebody(session, mine),
    )


async def _live(page: Page) -> bool:
    """Whether somebody has read what would go out, and let it."""
    own = await organization(page.session, page.organization_id)
    return own is not None and own.reminders_started_at is not None


@dataclass(frozen=True, slots=True)
class _Halted:
    """Clinics that stand still, or soon will, for want of what they themselves must hold, a line each; and how many
    people are not cleared for nothing else."""

    now: list[Work]
    soon: list[Work]
    people: int = 0


async def _halted(page: Page, sight: Sight, at: tuple[At, ...], counted: Numbers) -> _Halted:
    """A line for each such clinic where anybody works."""
    seen = stopped_clinics.in_sight(sight)
    if not seen.stopped and not seen.ending:
        return _Halted([], [])
    session, mine = page.session, page.organization_id
    heads = {} if counted.working.more else await headcounts(session, mine, at[0].day)
    there = {id_ for id_ in sight.places if id_ in heads or counted.working.more}
    now = [clinic_line(each, heads.get(id_)) for id_, each in seen.stopped.items() if id_ in there]
    later = [clinic_soon(each) for id_, each in seen.ending.items() if id_ in there]
    if not now or counted.against.more:
        return _Halted(now, later)
    alone = await count_for_want_of(session, mine, at, load().codes_of_clinics, seen.stopped.keys())
    return _Halted(now, later, alone)


async def _lines(page: Page, sight: Sight, at: tuple[At, ...], halted: _Halted) -> dict[str, Any]:
    """The first few of today and of the days ahead with their reasons, worked out live: one line a person, and before
    them one for each clinic that lacks something of its own."""
    now = await _people(page, at, 0, bool(halted.now))
    soon = await _people(page, at, SOON, bool(halted.soon))
    session, mine = page.session, page.organization_id
    files = await credential_files(session, mine, [*now, *soon])

    def worked_out(ids: list[UUID], make: Callable[..., Work | None]) -> list[Work]:
        made = [(files[id_], places(sight.frame, files[id_], sight.places, sight.days)) for id_ in ids if id_ in files]
        return [line for file, found in made if (line := make(file, found))]

    return {
        "now_lines": (halted.now + worked_out(now, today_line))[:LINES],
        "soon_lines": (halted.soon + worked_out(soon, soon_line))[:LINES],
    }


async def _people(page: Page, at: tuple[At, ...], within_days: int, beside_clinics: bool) -> list[UUID]:
    """Whom the lines are about; without those for whom the line of their clinic speaks."""
    spoken, most = (load().codes_of_clinics, LINES * 40) if beside_clinics else ((), LINES * 4)
    hits = await against(page.session, page.organization_id, at, within_days=within_days, limit=most)
    return list(dict.fromkeys(each.therapist_id for each in hits if each.requirement not in spoken))[:LINES]


async def _decisions(page: Page) -> list[Line]:
    """What waits for a decision besides those who may not practice, who stand above it already."""
    if not page.may("decisions.read"):
        return []
    return [each for each in await lines(page) if each.kind not in ("unverified", "missing")]


async def _clinics(page: Page, sight: Sight, at: tuple[At, ...], counted: Numbers) -> list[ClinicLine]:
    """The clinics with most who are not cleared; how many there are only where counting costs little."""
    session, mine = page.session, page.organization_id
    now = None if counted.against.more else await by_clinic(session, mine, at)
    soon = {} if counted.soon.more else await by_clinic(session, mine, at, within_days=SOON)
    heads = {} if counted.working.more else await headcounts(session, mine, at[0].day)
    return clinic_lines(sight.places.values(), heads, now, soon)[:CLINICS]


async def _ahead(page: Page, at: tuple[At, ...], counted: Numbers) -> Ahead | None:
    """Counted here where few work; else what a job counted, which knows today and the whole organization alone."""
    session, mine, today = page.session, page.organization_id, at[0].day
    if counted.working.more or counted.working.number > FEW:
        if page.clinic_ids or page.request.query_params.get("as_of"):
            return None
        return kept_ahead(*await stored(session, mine))
    days = firsts(today)
    spans = await noes_ahead(session, mine, at, days[-1])
    still = months(spans, await last_days(session, mine, at), today)
    ending = by_stretch(await ends(session, mine, at, days[-1]), days)
    return Ahead(counted.working.number, counted.cleared or 0, still, ending_soon(list(ending.items())[:-1]))


def _midnight(page: Page) -> datetime:
    """When the viewer's day began."""
    return datetime.combine(page.today, time.min, ZoneInfo(page.membership.time_zone))


ROUTES = [show]
