"""The page behind a reminder's link: it shows what the mail said, takes four answers, and opening changes nothing."""

from __future__ import annotations

import io
import logging
import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from compliance.db.records import Record
from compliance.domain.hours import Form
from compliance.services import accounts, credentials, education, therapists
from compliance.services.therapists import Change
from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.renewals import ENDS, NEW_END, Phone, phone, token


@pytest.fixture
async def card(site: Site) -> Phone:
    return await phone(site)


async def everything(site: Site) -> dict[str, list[Any]]:
    """All rows of all tables."""
    async with site.database.read() as session:
        return {
            table.name: list((await session.execute(select(table).order_by(*table.primary_key.columns))).all())
            for table in Record.metadata.sorted_tables
        }


# -- opening it


async def test_it_says_what_the_mail_said_and_asks_for_no_password(card: Phone) -> None:
    answer = await card.open()
    words = card.browser.words
    assert answer.status_code == 200
    assert "Sofia, your Florida massage license ends in 29 days, on Dec 22, 2026" in words
    assert "From Dec 23, 2026 you may not practice at Tampa until it is renewed." in words
    assert "Florida Board of Massage Therapy" in words
    assert "Questions: Dana Manager" in words
    assert "Sign in" not in words


async def test_it_says_which_hours_are_missing_where_a_ledger_is_kept(site: Site, card: Phone) -> None:
    await card.open()
    assert "24 hours of continuing education in 2 years" in card.browser.words
    course = education.NewCourse(card.therapist, "Neck and shoulders", date(2026, 5, 2), 300, Form.LIVE)
    async with site.database.write.begin() as session:
        await education.record(session, act=site.act(), course=course)
    await card.open()
    assert "of 24 hours" in card.browser.words
    assert "missing" in card.browser.words


async def test_opening_it_changes_nothing_however_often_scanners_do(site: Site, card: Phone) -> None:
    before = await everything(site)
    for method in ("GET", "HEAD", "GET"):
        assert (await card.browser.request(method, card.path)).status_code == 200
    assert await everything(site) == before


async def test_the_address_is_told_to_nobody_and_kept_by_nothing(card: Phone) -> None:
    answer = await card.open()
    assert answer.headers["referrer-policy"] == "strict-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    outside = re.findall(r'<a [^>]*href="https://[^>]*>', card.browser.page)
    assert outside
    assert all("noreferrer" in link for link in outside)
    assert "set-cookie" not in answer.headers


async def test_who_is_signed_in_sees_the_same_page_without_their_menu(site: Site, card: Phone) -> None:
    browser = await site.sign_in("manager")
    await browser.get(card.path)
    assert "Sofia, your Florida massage license" in browser.words
    assert 'id="nav"' not in browser.page


async def test_it_needs_no_script(card: Phone) -> None:
    await card.open()
    forms = re.findall(r'<form class="form" method="post" action="([^"]+)"', card.browser.page)
    assert forms == [f"{card.path}/{way}" for way in ("renewal", "applied", "known", "not-me")]
    assert "onclick" not in card.browser.page


@pytest.mark.parametrize("strange", ["x", "x" * 43, "%00", "..%2f..%2fetc", "a" * 5000, "%F0%9F%92%A9", "'--"])
async def test_a_token_that_nobody_was_given_is_told_that_it_opens_nothing(site: Site, strange: str) -> None:
    browser = site.browser()
    for path in (f"/renew/{strange}", f"/renew/{strange}/not-me"):
        answer = await (browser.get(path) if path.endswith(strange) else browser.post(path))
        assert answer.status_code in (400, 404), answer.text
        assert "Harbor" not in browser.page


async def test_a_token_that_is_off_by_a_letter_opens_nothing(card: Phone) -> None:
    other = "A" if card.token[0] != "A" else "B"
    assert (await card.browser.get(f"/renew/{other}{card.token[1:]}")).status_code == 404


async def test_tokens_of_other_kinds_open_nothing(site: Site) -> None:
    async with site.database.write.begin() as session:
        invited = await accounts.invite(session, act=site.act(), email="new@example.org", name="New", role="auditor")
    assert (await site.browser().get(f"/renew/{invited.token}")).status_code == 404


# -- it ends with the cycle


async def over(card: Phone) -> None:
    """The link is over, for reading and for every form, and the page names nobody."""
    token = card.browser.token
    answer = await card.open()
    assert answer.status_code == 410
    assert "This link opens nothing any more" in card.browser.words
    for name in ("Sofia", "Harbor", "Florida", "Dana"):
        assert name not in card.browser.words
    before = await everything(card.site)
    for way in ("renewal", "applied", "known", "not-me", "sign-in"):
        posted = await card.browser.post(f"{card.path}/{way}", data={"csrf_token": token})
        assert posted.status_code == 410, way
    assert await everything(card.site) == before


async def test_it_ends_when_the_renewal_is_recorded(site: Site, card: Phone) -> None:
    await card.open()
    await people.renewed(site, card.credential, NEW_END)
    await over(card)


async def test_it_ends_when_the_credential_is_voided(site: Site, card: Phone) -> None:
    async with site.database.write.begin() as session:
        await credentials.void(session, act=site.act(), credential_id=card.credential, reason="a mistake")
    await over(card)


async def test_it_ends_when_the_therapist_leaves(site: Site, card: Phone) -> None:
    async with site.database.write.begin() as session:
        await therapists.depart(
            session, act=site.act(), therapist_id=card.therapist, last_day=date(2026, 11, 20), reason="moved"
        )
    await over(card)


async def test_it_ends_when_the_address_was_corrected_for_the_old_one_may_be_somebody_elses(
    site: Site, card: Phone
) -> None:
    change = Change(card.therapist, email="right@example.org")
    async with site.database.write.begin() as session:
        await therapists.change(session, act=site.act(), change=change)
    await over(card)
    assert (await site.browser().get(f"/renew/{await token(site, card.therapist, card.credential)}")).status_code == 410


async def test_it_ends_some_months_after_the_last_day(site: Site, card: Phone) -> None:
    site.clock.forward(days=150)
    await over(card)


# -- whose form it is


async def test_a_form_without_the_token_of_this_link_is_refused(site: Site, card: Phone) -> None:
    await card.open()
    good = card.browser.token
    who = await people.therapist(site, "Kim Low", email="kim@example.org")
    held = await people.license_of(site, who, starts_on=date(2024, 12, 23), ends_on=ENDS, number="MA 777")
    other = await token(site, who, held.id, "kim@example.org")
    for given in ("", "x", good[:-1] + ("0" if good[-1] != "0" else "1")):
        assert (await card.browser.post(f"{card.path}/not-me", data={"csrf_token": given})).status_code == 400
    assert (await card.browser.post(f"/renew/{other}/not-me", data={"csrf_token": good})).status_code == 400
    assert await card.submissions() == []


async def test_a_form_of_another_site_is_refused(site: Site, card: Phone) -> None:
    await card.open()
    data = {"csrf_token": card.browser.token}
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "none"}):
        stranger = site.browser(**headers)
        assert (await stranger.post(f"{card.path}/not-me", data=data)).status_code == 400
    assert await card.submissions() == []


async def test_an_older_phone_that_says_only_where_it_comes_from_may_answer(site: Site, card: Phone) -> None:
    await card.open()
    old: Browser = site.browser(origin=site.settings.public_url)
    del old.headers["sec-fetch-site"]
    data = {"csrf_token": card.browser.token, "answer": "acknowledged"}
    assert (await old.post(f"{card.path}/known", data=data)).status_code == 303


async def test_a_field_that_the_form_does_not_have_is_refused(card: Phone) -> None:
    answer = await card.send("known", {"answer": "acknowledged", "state": "accepted"})
    assert answer.status_code == 400


# -- the log


async def test_the_token_stands_in_no_line_of_the_log(site: Site, card: Phone, logged: io.StringIO) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the browser of the tests, which is not ours to quiet
    await card.open()
    await card.renew(ends_on="")
    await card.browser.post(f"{card.path}/not-me", data={})
    await card.browser.get(f"{card.path}x")
    await card.browser.put(card.path)
    assert '"path": "/renew/***"' in logged.getvalue()
    assert card.token not in logged.getvalue()
    metrics = await site.browser().get("/metrics")
    assert card.token not in metrics.text
