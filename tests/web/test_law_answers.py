"""Answering what the catalog does not know, on the page where it is listed."""

from __future__ import annotations

import re

from tests.markup import outline
from tests.web.conftest import Site
from tests.web.people import send

NEW = "/law/us-fl/answers/new?question=practice-while-pending"
GIVEN = {
    "question": "practice-while-pending",
    "source": "Board, by phone",
    "answered_by": "Dana",
    "answered_on": "11/20/2026",
}


async def test_a_question_is_answered_where_it_is_listed_and_taken_back_there(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/law/us-fl")
    assert NEW in browser.page
    answer = await send(browser, NEW, "/law/us-fl/answers", GIVEN)
    assert (answer.status_code, "Say yes or no" in browser.words) == (422, True)
    assert outline(browser.page).faults == []
    await send(browser, NEW, "/law/us-fl/answers", GIVEN | {"yes": "yes"})
    await browser.get("/law/us-fl")
    assert "Answered by the organization: Dana, Nov 20, 2026, Board, by phone" in browser.words
    assert NEW not in browser.page
    back = re.search(r"/law-answers/[0-9a-f-]+/take-back", browser.page)
    assert back
    await send(browser, back[0], back[0], {"reason": "misheard"})
    await browser.get("/law/us-fl")
    assert NEW in browser.page
    await browser.get("/policies")
    assert "You ask what the law asks, and no more." in browser.words


async def test_an_open_question_is_answered_in_words(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/law/us-fl")
    code = re.search(r"question=(open-[0-9a-f]+)", browser.page)
    assert code
    form = f"/law/us-fl/answers/new?question={code[1]}"
    await send(browser, form, "/law/us-fl/answers", GIVEN | {"question": code[1], "words": "Ninety days before."})
    await browser.get("/law/us-fl")
    assert "Ninety days before." in browser.words
    assert form not in browser.page


async def test_a_manager_reads_the_questions_and_answers_none(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/law/us-fl")
    assert "What is not known here" in browser.words
    assert "/answers/new" not in browser.page
    assert (await browser.get(NEW)).status_code == 403
