"""Every kind of message can be read before it is sent, where nobody's real mail is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from compliance.rendering import TEMPLATES
from compliance.web.mail_samples import samples, words_of
from tests.markup import outline
from tests.web.conftest import Site

TODAY = date(2026, 11, 23)


def test_no_kind_of_message_is_without_a_sample_and_each_has_its_words() -> None:
    every = samples(TODAY, "http://127.0.0.1:8000")
    kinds = {each.name for each in (TEMPLATES / "messages").iterdir() if each.is_dir()}
    assert {each.kind for each in every} == kinds
    assert len({each.id for each in every}) == len(every)
    for each in every:
        words = words_of(each, TODAY)
        assert words.subject
        assert outline(words.html).faults == ["inline style"] * words.html.count(' style="')
        for said in (words.text, words.html):
            assert "None" not in said, each.title
            assert "function" not in said, f"{each.title}: a fact that nobody gave has the name of a filter"
            assert "Harbor Bodywork" in said


def test_what_a_reminder_says_of_two_things_stands_in_both_shapes() -> None:
    two = next(each for each in samples(TODAY, "http://127.0.0.1:8000") if each.title.endswith("two things"))
    words = words_of(two, TODAY)
    for said in (words.text, words.html):
        assert "Your Florida massage license ends in 30 days" in said
        assert "Your CPR card ends in 45 days" in said


async def test_the_list_leads_to_each_and_its_frame_can_do_nothing(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/mailbox/previews")
    assert outline(browser.page).faults == []
    assert "Your Florida massage license ends in 30 days" in browser.words
    await browser.get("/mailbox/previews/going-live-reminders-are-on")
    assert "4 reminders go out now" in browser.words
    several = await browser.get("/mailbox/previews/renewal-reminder-to-a-manager-several-people")
    assert several.status_code == 200
    letter = await browser.get("/mailbox/previews/going-live-reminders-are-on/letter")
    assert "sandbox" in letter.headers["content-security-policy"]
    for look, rules in (("light", "not all"), ("dark", "all")):
        letter = await browser.get(f"/mailbox/previews/going-live-reminders-are-on/letter?look={look}")
        assert f"@media {rules} {{" in letter.text
        assert f":root {{ color-scheme: {look} }}" in letter.text
        assert "prefers-color-scheme" not in letter.text
    assert (await browser.get("/mailbox/previews/love-letter")).status_code == 404


async def test_an_installation_that_others_reach_has_none(site: Site) -> None:
    browser = await site.sign_in("owner")
    site.app.state.settings = replace(site.settings, host="0.0.0.0")
    assert (await browser.get("/mailbox/previews")).status_code == 404
