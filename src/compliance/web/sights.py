"""The day at each clinic and the rules that hold, as pages about people need them; who is counted on that day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from compliance.db.queries.clearances import At, Count, count_against, count_working
from compliance.db.queries.clinics import Clinic, clinics
from compliance.db.queries.therapist_list import SOON
from compliance.services.assessments import frame
from compliance.web.page import Page
from compliance.web.verdicts import Sight


async def sight_of(page: Page) -> tuple[Sight, tuple[At, ...]]:
    """What verdicts are seen with, and the days to ask about: `?as_of=` for all clinics, else today in each zone."""
    here = await clinics_by_id(page)
    around = await frame(page.session, page.organization_id)
    limited = bool(page.clinic_ids)
    if page.request.query_params.get("as_of"):
        day = page.as_of
        return Sight(around, here, dict.fromkeys(here, day)), (At(day, tuple(here) if limited else None),)
    at = _days(here, page.now, page.today, limited=limited) or (At(page.today, ()),)
    return Sight(around, here, {each.id: each.today(page.now) for each in here.values()}), at


async def clinics_by_id(page: Page) -> dict[UUID, Clinic]:
    """The clinics that the viewer sees, by name."""
    only = page.clinic_ids or None
    return {each.id: each for each in await clinics(page.session, page.organization_id, only=only)}


def _days(here: Mapping[UUID, Clinic], now: datetime, today: date, *, limited: bool) -> tuple[At, ...]:
    """The day at each clinic, clinics of one day together. `limited`: not all of the organization is asked about."""
    by_day: dict[date, list[UUID]] = {}
    for each in here.values():
        by_day.setdefault(each.today(now), []).append(each.id)
    if len(by_day) <= 1 and not limited:
        return (At(next(iter(by_day), today)),)
    return tuple(At(day, tuple(ids)) for day, ids in sorted(by_day.items()))


def narrowed(at: tuple[At, ...], clinic_id: UUID | None) -> tuple[At, ...]:
    """The same days at one clinic alone."""
    if clinic_id is None:
        return at
    found = next((each for each in at if each.clinic_ids is None or clinic_id in each.clinic_ids), at[0])
    return (At(found.day, (clinic_id,)),)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many work on the day, how many of them may not, and how many will not within 30 days."""

    working: Count
    against: Count
    soon: Count

    @property
    def cleared(self) -> int | None:
        """How many may; None where a count stopped before its end."""
        if self.working.more or self.against.more:
            return None
        return max(self.working.number - self.against.number, 0)


async def numbers(page: Page, at: tuple[At, ...]) -> Numbers:
    """Counts that stop where counting on would cost more than the page."""
    session, mine = page.session, page.organization_id
    return Numbers(
        await count_working(session, mine, at),
        await count_against(session, mine, at),
        await count_against(session, mine, at, within_days=SOON),
    )
