"""Answering what an import asked: one line, or all that are open alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries import intake as reading
from compliance.rendering import plural
from compliance.services.intake.answers import Given, answer_questions
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.forms import asked, blank
from compliance.web.page import Html, Page

RUN: Final = needs("imports.run")
TEMPLATE: Final = "imports/answer.html"
SHOWN: Final = 20
MEANS: Final = [
    ("kept", "It stays as it is", "What the file says holds, although the law here reads otherwise."),
    ("corrected", "It was corrected", "The record has been put right since the import."),
]


@dataclass(frozen=True)
class Answer:
    """What was decided, and why; without a line all open questions of the import are answered alike."""

    answer: str = asked("what you decided")
    reason: str = asked("the reason", lines=True, longest=1000)
    line: int | None = asked("a line", default=None)


@get("/imports/{import_id:uuid}/questions", opt=RUN)
async def form(page: NamedDependency[Page], import_id: FromPath[UUID]) -> Html:
    """The questions, where to correct what they are about, and the form."""
    line = page.request.query_params.get("line", "")
    number = int(line) if line.isascii() and line.isdigit() and len(line) < 10 else None
    around = await _around(page, import_id, number)
    return page.show(TEMPLATE, values=blank(Answer, line=number or ""), **around)


async def _around(page: Page, import_id: UUID, line: int | None) -> dict[str, Any]:
    found = page.found(await reading.import_of(page.session, page.organization_id, import_id))
    after, most = (line - 1, 1) if line else (0, SHOWN)
    rows = await reading.import_rows(
        page.session, page.organization_id, import_id, outcome="questions", after_line=after, limit=most
    )
    open_ = [each for each in rows if each.asks and line in (None, each.line)]
    page.found(open_ or None)
    return {"it": found, "rows": open_, "line": line, "means": MEANS}


@post("/imports/{import_id:uuid}/questions", opt=RUN)
async def answer(page: NamedDependency[Page], import_id: FromPath[UUID]) -> Html | Redirect:
    """Keeps the answer."""
    form = await page.form(Answer)
    if form.value is not None and form.value.answer not in {each.value for each in Given}:
        form.refuse("answer", "Choose one of the two.")
    if form.value is None or form.errors:
        return page.again(TEMPLATE, form, **await _around(page, import_id, _line(form.typed.get("line"))))
    given = form.value
    said: dict[str, Any] = {
        "answer": Given(given.answer),
        "reason": given.reason,
        "lines": None if given.line is None else [given.line],
    }
    try:
        count = await answer_questions(page.session, act=page.act, import_id=import_id, **said)
    except Refused as refusal:
        return page.again(TEMPLATE, form.refused(refusal), **await _around(page, import_id, given.line))
    return page.go(f"/imports/{import_id}?show=questions#rows", f"{plural(count, 'line is', 'lines are')} answered.")


def _line(typed: object) -> int | None:
    text = str(typed or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


ROUTES: Final[list[Any]] = [form, answer]
