"""Looking ahead at one clinic: who can still practice what in each of the next months, and what if."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency

from compliance.catalog import load
from compliance.db.queries.clinic_months import verdicts_ahead, working_between
from compliance.db.queries.clinics import Clinic, clinics, headcounts
from compliance.domain import ahead
from compliance.domain.assessment import ASSIGNMENT
from compliance.domain.months import MONTHS
from compliance.domain.requirements import Policy
from compliance.services.assessments import Frame, frame
from compliance.services.what_if import supposed, under
from compliance.web.access import needs
from compliance.web.labels import modality_title
from compliance.web.page import Html, Page

MOST: Final = 1_000
"""So many people are worked out anew while somebody waits for the page."""
SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed besides: that somebody leaves, or that a policy of the catalog's offers is adopted."""

    without: UUID | None
    offer: str
    policy: Policy | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """A therapist's last day of yes, what ends it, and for which practices."""

    last_day: date
    therapist_id: UUID
    requirement: str
    practices: tuple[str, ...]


@get("/ahead", opt=needs("therapists.read"))
async def show(page: NamedDependency[Page]) -> Html:
    """Twelve months of one clinic. `?clinic=`, `?without=` a therapist, `?policy=` an offer."""
    here = await clinics(page.session, page.organization_id, only=page.clinic_ids or None)
    places = [each for each in here if each.closed_on is None]
    if not places:
        return page.show("ahead/none.html")
    asked = page.request.query_params.get("clinic", "") or str(await _largest(page, places))
    clinic = page.found(next((each for each in places if str(each.id) == asked), None))
    today = page.as_of if page.request.query_params.get("as_of") else clinic.today(page.now)
    options = [(str(each.id), each.name) for each in places]
    return page.show("ahead/show.html", clinic=clinic, clinic_options=options, **await _seen(page, clinic, today))


async def _largest(page: Page, places: list[Clinic]) -> UUID:
    """The clinic where most people work."""
    heads = await headcounts(page.session, page.organization_id, page.today)
    return max(places, key=lambda each: heads.get(each.id, 0)).id


async def _seen(page: Page, clinic: Clinic, today: date) -> dict[str, Any]:
    last = ahead.firsts(today)[-1]
    people = await working_between(page.session, page.organization_id, today, last, clinic_id=clinic.id)
    given = _supposed(page)
    rules = await frame(page.session, page.organization_id)
    if given.policy is not None:
        rules = under(rules, [*rules.policies, given.policy])
    verdicts = await _verdicts(page, clinic, today, people, given, rules)
    dropping = ahead.drops(verdicts, today)
    stopping = await _stopping(page, clinic, today, people, given, verdicts)
    return {
        "months": ahead.months(verdicts, today),
        "practices": {each: modality_title(each) for each in dict.fromkeys(each for _, each in verdicts)},
        "heads": ["Practice", *map(_head, ahead.firsts(today))],
        "leavers": len({each.therapist_id for each in dropping}),
        "stopped": len({each.therapist_id for each in stopping}),
        "stops": (stops := _folded(stopping))[:SHOWN],
        "stops_more": max(len(stops) - SHOWN, 0),
        "drops": (lines := _folded(dropping))[:SHOWN],
        "more": max(len(lines) - SHOWN, 0),
        "people": people,
        "people_options": [("", "Nobody leaves"), *((str(id_), name) for id_, name in people.items())],
        "titles": _titles(rules, clinic),
        "supposed": given,
        "offers": [("", "Nothing more"), *((code, each.requirement.title) for code, each in load().offers.items())],
        "too_many": given.policy is not None and len(people) > MOST,
        "day": today,
    }


def _folded(drops: Sequence[ahead.Drop]) -> list[Leaving]:
    """One line where one thing ends several practices on one day."""
    found: dict[tuple[date, UUID, str], list[str]] = {}
    for each in drops:
        found.setdefault((each.last_day, each.therapist_id, each.requirement), []).append(modality_title(each.modality))
    return [Leaving(*key, tuple(practices)) for key, practices in found.items()]


def _head(day: date) -> str:
    """`Dec`, and with the year where that begins."""
    if day.day != 1:
        return "Today"
    return MONTHS[day.month - 1] + (f" {day.year}" if day.month == 1 else "")


def _supposed(page: Page) -> Supposed:
    given = page.request.query_params
    offer = given.get("policy", "")
    return Supposed(_id(given.get("without", "")), offer, load().offers.get(offer))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _verdicts(
    page: Page, clinic: Clinic, today: date, people: dict[UUID, str], given: Supposed, rules: Frame
) -> ahead.Verdicts:
    """As stored; worked out anew where other rules are supposed."""
    mine = page.organization_id
    ids = [each for each in people if each != given.without]
    if given.policy is None or len(ids) > MOST:
        return await verdicts_ahead(page.session, mine, clinic.id, today, ahead.firsts(today)[-1], ids)
    return await supposed(page.session, organization_id=mine, around=rules, clinic_id=clinic.id, therapist_ids=ids)


async def _stopping(
    page: Page, clinic: Clinic, today: date, people: dict[UUID, str], given: Supposed, verdicts: ahead.Verdicts
) -> tuple[ahead.Drop, ...]:
    """Who may practice today and could not if other rules held."""
    if given.policy is None or len(people) > MOST:
        return ()
    ids = [each for each in people if each != given.without]
    as_it_is = await verdicts_ahead(page.session, page.organization_id, clinic.id, today, today, ids)
    return ahead.stops(as_it_is, verdicts, today)


def _titles(rules: Frame, clinic: Clinic) -> dict[str, str]:
    """What each requirement is called at the clinic; an assignment's own end has words too."""
    asked = (each for modality in load().modalities for each in rules.asked_at(modality, clinic.id))
    return {each.code: each.title for each in asked} | dict.fromkeys((ASSIGNMENT, ""), "The assignment ends")


ROUTES: Final[list[Any]] = [show]
