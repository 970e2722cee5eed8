"""The weekly summary over HTTP: one's own wish, and the link in the mail that ends it."""

from __future__ import annotations

from compliance.db.queries.digests import wish_of
from compliance.services.digests import unsubscribe_token
from tests.markup import outline
from tests.web.conftest import Site


async def test_a_manager_says_when_they_want_it(site: Site) -> None:
    browser = await site.sign_in("manager")
    await browser.get("/digest")
    assert "You get one mail a week." in browser.words
    assert outline(browser.page).faults == []
    answer = await browser.send_form("/digest", {"weekday": "4", "hour": "16", "wanted": "yes"})
    assert answer.status_code == 303
    async with site.database.read() as session:
        wish = await wish_of(session, site.ours.id, site.ours.people["manager"])
    assert (wish.weekday, wish.hour, wish.wanted, wish.when_empty) == (4, 16, True, False)


async def test_a_day_that_there_is_not_is_refused(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/digest")
    assert (await browser.send_form("/digest", {"weekday": "9", "hour": "3"})).status_code == 422
    assert "Choose a day of the week." in browser.words
    assert "Choose an hour from 5 AM to 10 PM." in browser.words


async def test_opening_the_link_changes_nothing_and_its_button_ends_it_without_signing_in(site: Site) -> None:
    owner = site.ours.people["owner"]
    path = f"/unsubscribe/{unsubscribe_token(site.settings.secret_key(), site.ours.id, owner)}"
    nobody = site.browser()
    await nobody.get(path)
    assert "Stop the weekly mail?" in nobody.words
    async with site.database.read() as session:
        assert (await wish_of(session, site.ours.id, owner)).wanted
    machine = site.browser()
    del machine.headers["sec-fetch-site"]
    answer = await machine.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    async with site.database.read() as session:
        assert not (await wish_of(session, site.ours.id, owner)).wanted


async def test_any_other_link_is_not_there(site: Site) -> None:
    assert (await site.browser().get("/unsubscribe/x")).status_code == 404
    assert (await site.browser().post("/unsubscribe/x")).status_code == 404
