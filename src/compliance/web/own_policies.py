"""A policy in the organization's own words: one thing more, an alternative that counts, or a stricter look."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries import policies as reading
from compliance.db.queries.clinics import clinics
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import (
    Citation,
    Confidence,
    Holder,
    Policy,
    Provision,
    Requirement,
    Verify,
    WhenStale,
)
from compliance.services import policies
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.forms import Form, asked, blank
from compliance.web.labels import modality_title, place, type_title
from compliance.web.page import Html, Page
from compliance.web.policy_looks import look_first

FORM: Final = "policies/new.html"
MORE, INSTEAD, STRICTER = "more", "instead", "stricter"
WAYS: Final = (
    (MORE, "One thing more", "Everybody concerned needs it, beside what the law asks."),
    (INSTEAD, "An alternative that counts", "Somebody who holds this meets a requirement as well."),
    (
        STRICTER,
        "A stricter look",
        "What is asked already is looked up more often, or stops practice when nobody looked.",
    ),
)
LOOKS: Final = (
    ("no", "It need not be looked up", ""),
    ("once-per-term", "Once each term", ""),
    ("every-n-days", "Every so many days", ""),
)
STALE: Final = (
    ("remind", "Remind", "Practice goes on; the look is due."),
    ("block", "Stop practice", "Until somebody has looked."),
)
OWN: Final = Citation("The organization's own policy", confidence=Confidence.PRIMARY)


@dataclass(frozen=True)
class NewPolicy:
    """What is asked, of whom, how it is proved, and from when on. `look`: show first whose verdict it changes."""

    applies_on: date = asked("the first day")
    way: str = asked("what kind of policy it is", default=MORE)
    title: str = asked("what it is called", default="", longest=80)
    requirement: str = asked("the requirement", default="")
    accepts: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    holder: str = "therapist"
    verify: str = "no"
    every_days: int | None = asked("the number of days", default=None)
    when_stale: str = "remind"
    at_once: bool = False
    look: bool = False


@get("/policies/new", opt=needs("policies.write"))
async def new(page: NamedDependency[Page]) -> Html:
    """The form."""
    values = blank(NewPolicy, applies_on=page.today + timedelta(days=1))
    return page.show(FORM, values=values, **await _choices(page))


async def _choices(page: Page) -> dict[str, Any]:
    law = load()
    mine = await clinics(page.session, page.organization_id)
    here = dict.fromkeys(each.jurisdiction for each in mine if each.closed_on is None)
    return {
        "ways": WAYS,
        "looks": LOOKS,
        "stale": STALE,
        "requirements": sorted(policies.changeable().items(), key=lambda each: each[1]),
        "kinds": sorted(((each, type_title(each)) for each in law.types), key=lambda each: each[1]),
        "practices": [(each, modality_title(each)) for each in law.modalities],
        "places": [(each, place(each)) for each in here],
    }


@post("/policies", opt=needs("policies.write"))
async def add(page: NamedDependency[Page]) -> Html | Redirect:
    """Shows whose verdict it would change, or adds it."""
    form = await page.form(NewPolicy)
    choices = await _choices(page)
    policy = _policy(form)
    if form.value is None or policy is None:
        return page.again(FORM, form, **choices)
    given = form.value
    days: dict[str, Any] = {"applies_on": given.applies_on, "at_once": given.at_once}
    try:
        if given.look:
            cut = await policies.checked(page.session, page.act, policy, **days)
            held = [each.policy for each in await reading.held(page.session, page.organization_id)]
            title = policy.requirement.title
            return await look_first(page, FORM, form, [*held, cut], max(given.applies_on, page.today), title, **choices)
        await policies.add(page.session, act=page.act, policy=policy, **days)
    except Refused as refusal:
        return page.again(FORM, form.refused(refusal), **choices)
    return page.go(
        "/policies", Flash(f"{policy.requirement.title}: asked. Verdicts are worked out anew within minutes.")
    )


def _policy(form: Form[NewPolicy]) -> Policy | None:
    """The policy that the form describes; None with sentences beside the fields that are wrong."""
    given = form.value
    if given is None:
        return None
    _check(form, given)
    if form.errors:
        return None
    provision = Provision(
        applies_on=given.applies_on,
        ends_on=FOREVER,
        accepts=frozenset(given.accepts if given.way != STRICTER else ()),
        verify=Verify(given.verify),
        every_days=given.every_days if given.verify == "every-n-days" else None,
        when_stale=WhenStale(given.when_stale),
        citation=OWN,
    )
    more = given.way == MORE
    code = slug(given.title) if more else given.requirement
    title = given.title if more else f"{policies.changeable()[code]}: {_says(given)}"
    requirement = Requirement(code, title, (provision,), holder=Holder(given.holder) if more else Holder.THERAPIST)
    return Policy(
        requirement,
        frozenset(given.modalities),
        frozenset(given.jurisdictions),
        widens=given.way == INSTEAD,
        tightens=given.way == STRICTER,
    )


def _check(form: Form[NewPolicy], given: NewPolicy) -> None:
    for field, options in (("way", WAYS), ("verify", LOOKS), ("when_stale", STALE)):
        if getattr(given, field) not in [each[0] for each in options]:
            form.refuse(field, "Choose one of these.")
    if given.way == MORE and not slug(given.title):
        form.refuse("title", "Say what it is called.")
    if given.way != MORE and given.requirement not in policies.changeable():
        form.refuse("requirement", "Choose the requirement that it changes.")
    if given.way != STRICTER and not given.accepts:
        form.refuse("accepts", "Choose what counts.")
    if given.way == STRICTER and given.verify == "no":
        form.refuse("verify", "Say how often somebody has to look.")
    if given.verify == "every-n-days" and not 1 <= (given.every_days or 0) <= 3650:
        form.refuse("every_days", "Give a number of days from 1 to 3650.")
    if given.holder not in list(Holder):
        form.refuse("holder", "Choose who holds it.")


def _says(given: NewPolicy) -> str:
    if given.way == INSTEAD:
        return "also " + ", or ".join(sorted(map(type_title, given.accepts)))
    return f"looked up every {given.every_days} days" if given.every_days else "looked up once each term"


def slug(title: str) -> str:
    """The code of a requirement of one's own: `first-aid`."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60]


ROUTES: Final[list[Any]] = [new, add]
