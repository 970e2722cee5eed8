"""Answering what the catalog does not know: who found out, when, where; and taking an answer back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries import policies as reading
from compliance.db.queries.policies import Held
from compliance.domain.periods import BEGINNING
from compliance.services import law_answers
from compliance.services.law_answers import Question
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.forms import asked, blank
from compliance.web.labels import type_title
from compliance.web.page import Html, Page

WRITE: Final = needs("policies.write")
NEW: Final = "policies/answer.html"
BACK: Final = "policies/take_back.html"
FOLLOWS: Final = "Verdicts are worked out anew within minutes."


@dataclass(frozen=True)
class Answer:
    """What was found out. `applies_on` empty: it was so all along."""

    question: str = asked("the question")
    source: str = asked("where it was found", longest=500)
    answered_by: str = asked("who found it out", longest=120)
    answered_on: date = asked("the day it was found out")
    yes: str = asked("yes or no", default="")
    applies_on: date | None = asked("from when it is so", default=None)
    words: str = asked("what was found out", default="", lines=True, longest=2000)


@get("/law/{code:str}/answers/new", opt=WRITE)
async def answer_form(page: NamedDependency[Page], code: FromPath[str]) -> Html:
    """The question, and the form."""
    wanted = page.request.query_params.get("question", "")
    question = page.found(await _question(page, code, wanted))
    values = blank(Answer, question=wanted, answered_by=page.viewer.name, answered_on=page.today)
    return page.show(NEW, values=values, **_asked(question))


async def _question(page: Page, place: str, code: str) -> Question | None:
    return await law_answers.open_question(page.session, page.organization_id, place, code)


def _asked(question: Question) -> dict[str, Any]:
    accepts = ", or ".join(type_title(each) for each in sorted(question.accepts))
    return {"here": load().jurisdictions[question.jurisdiction], "question": question, "accepts": accepts}


@post("/law/{code:str}/answers", opt=WRITE)
async def answer(page: NamedDependency[Page], code: FromPath[str]) -> Html | Redirect:
    """Keeps the answer; it decides the findings from here on."""
    form = await page.form(Answer)
    question = page.found(await _question(page, code, str(form.typed.get("question", ""))))
    if form.value is None:
        return page.again(NEW, form, **_asked(question))
    given = vars(form.value) | {
        "jurisdiction": code,
        "yes": {"yes": True, "no": False}.get(form.value.yes),
        "applies_on": form.value.applies_on or BEGINNING,
    }
    try:
        await law_answers.record(page.session, act=page.act, answer=law_answers.Answer(**given))
    except Refused as refusal:
        return page.again(NEW, form.refused(refusal), **_asked(question))
    follows = "" if question.in_words else f" {FOLLOWS}"
    return page.go(f"/law/{code}#answers", Flash(f"{question.title}: answered.{follows}"))


@dataclass(frozen=True)
class Why:
    """Why the answer is taken back."""

    reason: str = asked("the reason", lines=True, longest=2000)


@get("/law-answers/{answer_id:uuid}/take-back", opt=WRITE)
async def take_back_form(page: NamedDependency[Page], answer_id: FromPath[UUID]) -> Html:
    """The form."""
    held = await _held(page, answer_id)
    return page.show(BACK, held=held, back=_place(held), values=blank(Why))


@post("/law-answers/{answer_id:uuid}/take-back", opt=WRITE)
async def take_back(page: NamedDependency[Page], answer_id: FromPath[UUID]) -> Html | Redirect:
    """The question is open again."""
    held = await _held(page, answer_id)
    form = await page.form(Why)
    if form.value is None:
        return page.again(BACK, form, held=held, back=_place(held))
    try:
        await law_answers.take_back(page.session, act=page.act, answer_id=answer_id, reason=form.value.reason)
    except Refused as refusal:
        return page.again(BACK, form.refused(refusal), held=held, back=_place(held))
    return page.go(_place(held), Flash(f"The answer is taken back. {FOLLOWS}"))


def _place(held: Held) -> str:
    """The page of the place that the answer is about; an answer to a policy's own question may be about several."""
    places = sorted(held.policy.jurisdictions)
    return f"/law/{held.policy.requirement.jurisdiction or places[0]}" if places else "/policies"


async def _held(page: Page, answer_id: UUID) -> Held:
    found = await reading.held(page.session, page.organization_id)
    return page.found(next((each for each in found if each.id == answer_id and each.policy.answers), None))


ROUTES: Final[list[Any]] = [answer_form, answer, take_back_form, take_back]
