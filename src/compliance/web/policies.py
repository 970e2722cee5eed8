"""Policies: what the organization asks beyond the law, adopted from the catalog's offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries import policies as reading
from compliance.db.queries.clinics import clinics
from compliance.db.queries.policies import Held
from compliance.domain.requirements import Policy
from compliance.services import policies
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.forms import Form, asked, blank
from compliance.web.labels import place, type_title
from compliance.web.page import Html, Page
from compliance.web.policy_looks import look_first


@get("/policies", opt=needs("policies.read"))
async def policy_list(page: NamedDependency[Page]) -> Html:
    """What is asked, what was asked once, and what could be."""
    every = await reading.held(page.session, page.organization_id)
    held = [each for each in every if not each.policy.answers]
    mine = await clinics(page.session, page.organization_id)
    here = dict.fromkeys(each.jurisdiction for each in mine if each.closed_on is None)
    return page.show(
        "policies/list.html",
        held=[each for each in held if each.ends_on >= page.today],
        ended=[each for each in held if each.ends_on < page.today],
        offers={
            code: each
            for code, each in load().offers.items()
            if _reaches(each, here) and not _adopted(each, held, page.today)
        },
        accepts=accepts,
        where=where,
        places=[(code, place(code)) for code in here],
        known=len(load().jurisdictions),
    )


def _reaches(offer: Policy, clinics_in: Iterable[str]) -> bool:
    """Whether an offer speaks of everywhere, or of a place where the organization has a clinic."""
    places = {place for each in clinics_in for place in load().chain(each)}
    return not offer.jurisdictions or not offer.jurisdictions.isdisjoint(places)


def _adopted(offer: Policy, held: list[Held], today: date) -> bool:
    """Whether a policy that has not ended asks for just this already."""
    return any(
        each.code == offer.requirement.code
        and each.ends_on >= today
        and each.policy.widens == offer.widens
        and accepts(each.policy) == accepts(offer)
        and _reaches_as_far(each.policy.jurisdictions, offer.jurisdictions)
        for each in held
    )


def _reaches_as_far(held: frozenset[str], offered: frozenset[str]) -> bool:
    """Whether a policy of these places speaks wherever the offer would; no places are all."""
    return not held or (bool(offered) and offered <= held)


def accepts(policy: Policy) -> str:
    """`CPR, or BLS`: the kinds of credentials that a policy takes."""
    kinds = {kind for each in policy.requirement.provisions for kind in each.accepts}
    return ", or ".join(type_title(each) for each in sorted(kinds))


def where(policy: Policy) -> str:
    """`Everywhere`, or the places that it speaks of."""
    return ", ".join(place(each) for each in sorted(policy.jurisdictions)) or "Everywhere"


# -- adopting and ending -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Adoption:
    """From when on; `at_once`: a day's notice is not needed; `look`: show first what changes."""

    applies_on: date = asked("the first day")
    at_once: bool = False
    look: bool = False


@get("/policies/offers/{offer:str}", opt=needs("policies.write"))
async def offer_form(page: NamedDependency[Page], offer: FromPath[str]) -> Html:
    """What would be asked, of whom, and from when on."""
    policy = page.found(load().offers.get(offer))
    values = blank(Adoption, applies_on=page.today + timedelta(days=1))
    return page.show("policies/adopt.html", values=values, **_offered(offer, policy))


def _offered(code: str, policy: Policy) -> dict[str, Any]:
    return {"code": code, "policy": policy, "accepts": accepts(policy), "where": where(policy)}


@post("/policies/offers/{offer:str}", opt=needs("policies.write"))
async def adopt(page: NamedDependency[Page], offer: FromPath[str]) -> Html | Redirect:
    """Takes the offer over; verdicts follow within minutes."""
    policy = page.found(load().offers.get(offer))
    form = await page.form(Adoption)
    if form.value is None:
        return page.again("policies/adopt.html", form, **_offered(offer, policy))
    given = form.value
    days: dict[str, Any] = {"applies_on": given.applies_on, "at_once": given.at_once}
    try:
        if given.look:
            return await _look_at(page, form, offer, policy, days)
        await policies.adopt(page.session, act=page.act, offer=offer, **days)
    except Refused as refusal:
        return page.again("policies/adopt.html", form.refused(refusal), **_offered(offer, policy))
    said = f"{policy.requirement.title}: adopted. Verdicts are worked out anew within minutes."
    return page.go("/policies", Flash(said))


async def _look_at(
    page: Page, form: Form[Adoption], offer: str, policy: Policy, days: dict[str, Any]
) -> Html | Redirect:
    cut = await policies.checked(page.session, page.act, policy, **days)
    held = [each.policy for each in await reading.held(page.session, page.organization_id)]
    on = max(days["applies_on"], page.today)
    title, around = policy.requirement.title, _offered(offer, policy)
    return await look_first(page, "policies/adopt.html", form, [*held, cut], on, title, **around)


@dataclass(frozen=True)
class Ending:
    """The last day, and why. `look`: show first whose verdict it changes."""

    last_day: date = asked("the last day")
    reason: str = asked("the reason", default="")
    at_once: bool = False
    look: bool = False


@get("/policies/{policy_id:uuid}/end", opt=needs("policies.write"))
async def end_form(page: NamedDependency[Page], policy_id: FromPath[UUID]) -> Html:
    """The form."""
    held = await _held(page, policy_id)
    return page.show("policies/end.html", held=held, accepts=accepts, values=blank(Ending, last_day=page.today))


async def _held(page: Page, policy_id: UUID) -> Held:
    found = await reading.held(page.session, page.organization_id)
    return page.found(next((each for each in found if each.id == policy_id and not each.policy.answers), None))


@post("/policies/{policy_id:uuid}/end", opt=needs("policies.write"))
async def end(page: NamedDependency[Page], policy_id: FromPath[UUID]) -> Html | Redirect:
    """It holds through its last day; what was asked until then stays asked for the days until then."""
    held = await _held(page, policy_id)
    form = await page.form(Ending)
    if form.value is None:
        return page.again("policies/end.html", form, held=held, accepts=accepts)
    given = form.value
    try:
        if given.look:
            left = await policies.ended(page.session, page.organization_id, policy_id, given.last_day)
            around: dict[str, Any] = {"held": held, "accepts": accepts}
            on, title = max(given.last_day, page.today) + timedelta(days=1), held.policy.requirement.title
            return await look_first(page, "policies/end.html", form, left, on, title, **around)
        days: dict[str, Any] = {"last_day": given.last_day, "reason": given.reason, "at_once": given.at_once}
        await policies.end(page.session, act=page.act, policy_id=policy_id, **days)
    except Refused as refusal:
        return page.again("policies/end.html", form.refused(refusal), held=held, accepts=accepts)
    return page.go("/policies", f"{held.policy.requirement.title} ends.")


ROUTES: Final[list[Any]] = [policy_list, offer_form, adopt, end_form, end]
