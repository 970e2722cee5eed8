"""A file of courses on its page: refused as a whole with its lines, looked at, recorded."""

from __future__ import annotations

from tests.web import people
from tests.web.conftest import Site


async def test_courses_come_in_by_a_file_all_of_them_or_none(site: Site) -> None:
    id_ = await people.therapist(site, email="sofia@example.org")
    browser = await site.sign_in("manager")
    head = "email,title,completed_on,minutes,form\n"
    good = "sofia@example.org,Ethics at work,2026-05-02,180,live\n"

    async def sent(text: str, **values: str) -> int:
        await browser.get("/imports/courses")
        file = {"file": ("courses.csv", text.encode(), "text/csv")}
        answer = await browser.send_form("/imports/courses", values, files=file)
        if answer.status_code == 303:
            await browser.get(answer.headers["location"])
        return answer.status_code

    assert await sent(head + good + "sofia@example.org,Stones,yesterday,60,live\n") == 422
    assert "Nothing is recorded: 1 cell has to be mended." in browser.words
    assert "Line 3" in browser.words
    assert await sent(head + good, look="yes") == 200
    assert "1 course would be recorded." in browser.words
    await browser.get(f"/therapists/{id_}/education")
    assert "Ethics at work" not in browser.words
    assert await sent(head + good) == 303
    assert "1 course recorded, 0 were on file already." in browser.words
    await browser.get(f"/therapists/{id_}/education")
    assert "Ethics at work" in browser.words
    assert await sent("a,b\n") == 422
    assert "has no column title" in browser.words
