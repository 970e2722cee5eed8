"""The law: all places at a glance, one place in full with the organization's policies, the board's saved address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.catalog.telling import overview, sections
from compliance.db.queries.clinics import board_addresses, clinics
from compliance.db.queries.policies import held
from compliance.services import clinics as clinic_verbs
from compliance.services import law_answers
from compliance.services.assessments import frame
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.forms import asked, blank
from compliance.web.law import SURE, lines_with_clinics
from compliance.web.page import Html, Page

LIST: Final = "jurisdictions/list.html"
SHOW: Final = "jurisdictions/show.html"


@get("/law", opt=needs("policies.read"))
async def law_list(page: NamedDependency[Page]) -> Html:
    """Every place: who regulates, when a term ends, how many hours are asked, how sure that is."""
    law = load()
    mine = await clinics(page.session, page.organization_id)
    places = sorted(law.jurisdictions.values(), key=lambda each: each.name)
    return page.show(
        LIST,
        rows=[overview(law, each, page.as_of) for each in places],
        mine={each.jurisdiction for each in mine if each.closed_on is None},
        sure=SURE,
    )


@dataclass(frozen=True)
class Address:
    """A board's look-up."""

    url: str = asked("the address", longest=1000)


@get("/law/{code:str}", opt=needs("policies.read"))
async def law_page(page: NamedDependency[Page], code: FromPath[str]) -> Html:
    """What is asked at a place, how licenses are renewed there, and what is not known."""
    return page.show(SHOW, values=blank(Address), **await _law(page, code))


async def _law(page: Page, code: str) -> dict[str, Any]:
    law = load()
    here = page.found(law.jurisdictions.get(code))
    chain = [law.jurisdictions[each] for each in law.chain(code)]
    rules = await frame(page.session, page.organization_id)
    addresses = await board_addresses(page.session, page.organization_id)
    policies = await held(page.session, page.organization_id)
    answers = [
        each
        for each in policies
        if each.policy.answers
        and (each.policy.requirement.jurisdiction or code) in law.chain(code)
        and (not each.policy.jurisdictions or not each.policy.jurisdictions.isdisjoint(law.chain(code)))
    ]
    answered = {(each.policy.requirement.jurisdiction, each.code) for each in answers}
    asked_of = [question for each in reversed(chain) for question in law_answers.questions(law, each.code)]
    return {
        "here": here,
        "chain": [(each, sections(law, each, page.as_of)) for each in reversed(chain)],
        "lines": lines_with_clinics(rules, code, page.as_of),
        "questions": [each for each in asked_of if (each.jurisdiction, each.code) not in answered],
        "answers": answers,
        "board": next((each.board for each in reversed(chain) if each.board), None),
        "board_address": addresses.get(code, ""),
        "sure": SURE,
    }


@post("/law/{code:str}", opt=needs("clinics.write"))
async def save_address(page: NamedDependency[Page], code: FromPath[str]) -> Html | Redirect:
    """Keeps the board's look-up address for this organization."""
    form = await page.form(Address)
    if form.value is None:
        return page.again(SHOW, form, **await _law(page, code))
    try:
        await clinic_verbs.save_board_address(page.session, act=page.act, jurisdiction=code, url=form.value.url)
    except Refused as refusal:
        return page.again(SHOW, form.refused(refusal), **await _law(page, code))
    return page.go(f"/law/{code}", "The address is saved. It stands beside every verification from now on.")


ROUTES: Final[list[Any]] = [law_list, law_page, save_address]
