"""Review: the document beside the dates, accepted or sent back, by those who may; and nothing of it to a stranger."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import pytest

from compliance.db.records import SubmissionRow, TermRow
from compliance.services import accounts
from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.renewals import ENDS, NEW_END, Phone, phone, token
from tests.web.test_renew import everything

ACCEPTED, SENT_BACK = "renewal-accepted", "renewal-sent-back"


@pytest.fixture
async def card(site: Site) -> Phone:
    return await phone(site)


async def reviewing(site: Site, card: Phone, role: str = "reviewer") -> tuple[Browser, str]:
    """Somebody of this role opens what waits."""
    browser = await site.sign_in(role)
    path = f"/renewals/{(await card.rows(SubmissionRow))[-1].id}"
    assert (await browser.get(path)).status_code == 200
    return browser, path


async def decide(browser: Browser, path: str, **values: str) -> int:
    """Sends one of the forms; on success the page that it leads to is shown."""
    answer = await browser.send_form(path, values)
    if answer.status_code == 303:
        await browser.get(answer.headers["location"])
    return answer.status_code


async def test_what_was_sent_in_stands_in_the_work_list_and_in_the_number_above_it(site: Site, card: Phone) -> None:
    manager = await site.sign_in("manager")
    await manager.get("/decisions")
    before = int((re.search(r'class="count">(\d+)', manager.page) or ["", "0"])[1])
    await card.renew()
    await manager.get("/decisions")
    assert f'class="count">{before + 1}' in manager.page
    assert "Renewal sent in. Florida massage license" in manager.words
    await manager.get("/")
    assert "Review renewal" in manager.words
    await manager.get("/renewals")
    assert "1 answer waits for review." in manager.words


async def test_the_document_and_the_dates_stand_side_by_side(site: Site, card: Phone) -> None:
    await card.renew(remark="The card came today")
    browser, path = await reviewing(site, card)
    for each in ("ends Dec 22, 2026", "until Dec 22, 2028", "The card came today", "card.jpg"):
        assert each in browser.words
    source = re.search(rf'src="({path}/files/[0-9a-f-]+)"', browser.page)
    assert source
    picture = await browser.get(source.group(1))
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert b"secret-metadata" not in picture.content


async def test_a_reviewer_accepts_and_the_therapist_is_thanked(site: Site, card: Phone) -> None:
    await card.renew()
    browser, path = await reviewing(site, card)
    status = await decide(browser, f"{path}/accept", ends_on=NEW_END.isoformat(), sure="yes")
    assert status == 303
    assert "is renewed until Dec 22, 2028." in browser.words
    assert await card.last_days() == [ENDS, NEW_END]
    (letter,) = await card.letters(ACCEPTED)
    assert letter.recipient_address == "sofia@example.org"
    assert (await card.open()).status_code == 410
    await browser.get(f"/credentials/{card.credential}")
    assert "card.jpg" in browser.words


async def test_a_day_that_the_rule_does_not_expect_is_asked_about_once(site: Site, card: Phone) -> None:
    await card.renew(ends_on="2028-12-21")
    browser, path = await reviewing(site, card)
    assert await decide(browser, f"{path}/accept", ends_on="2028-12-21") == 422
    assert "The dates are right, as printed" in browser.words
    assert await decide(browser, f"{path}/accept", ends_on="2028-12-21", sure="yes") == 303


@pytest.mark.parametrize("ends_on", ["", "2026-12-22", "12/22/28", "soon"])
async def test_days_that_cannot_be_come_back_beside_their_field(site: Site, card: Phone, ends_on: str) -> None:
    await card.renew()
    browser, path = await reviewing(site, card)
    assert await decide(browser, f"{path}/accept", ends_on=ends_on) == 422
    assert 'id="ends_on-e"' in browser.page
    assert await card.last_days() == [ENDS]


async def test_sent_back_comes_with_the_reason_and_the_link_lives(site: Site, card: Phone) -> None:
    await card.renew()
    browser, path = await reviewing(site, card)
    assert await decide(browser, f"{path}/send-back", reason="The photo cannot be read.") == 303
    assert "gets a mail with your reason and the link" in browser.words
    (letter,) = await card.letters(SENT_BACK)
    assert card.path in letter.text
    await card.open()
    assert "The photo cannot be read. Please send it once more." in card.browser.words
    assert (await card.renew(remark="now it is sharp")).status_code == 303
    assert await card.submissions() == [("renewal", "sent-back"), ("renewal", "waiting")]


async def test_sending_back_without_a_reason_is_refused(site: Site, card: Phone) -> None:
    await card.renew()
    browser, path = await reviewing(site, card)
    assert await decide(browser, f"{path}/send-back", reason="") == 422
    assert "Give the reason: the therapist reads it." in browser.words


async def test_two_who_decide_at_once_decide_once(site: Site, card: Phone) -> None:
    await card.renew()
    one, path = await reviewing(site, card)
    other, _ = await reviewing(site, card, "manager")
    assert await decide(one, f"{path}/accept", ends_on=NEW_END.isoformat(), sure="yes") == 303
    assert await decide(other, f"{path}/send-back", reason="no") == 422
    assert "It was accepted already." in other.words


async def test_voiding_the_new_term_brings_it_back(site: Site, card: Phone) -> None:
    await card.renew()
    browser, path = await reviewing(site, card, "manager")
    await decide(browser, f"{path}/accept", ends_on=NEW_END.isoformat(), sure="yes")
    term = next(row.id for row in await card.rows(TermRow) if row.ends_on == NEW_END)
    await browser.get(path)
    assert f"/terms/{term}/void" in browser.page
    await browser.get(f"/terms/{term}/void")
    assert await decide(browser, f"/terms/{term}/void", reason="the wrong card") == 303
    assert await card.submissions() == [("renewal", "waiting")]
    assert (await card.open()).status_code == 200


async def test_who_has_applied_is_noted(site: Site, card: Phone) -> None:
    await card.send("applied", {"applied_on": "2026-11-20"})
    browser, path = await reviewing(site, card)
    assert "has applied for a new Florida massage license" in browser.words
    assert await decide(browser, f"{path}/note") == 303
    assert await card.submissions() == [("applied", "noted")]


async def test_a_wrong_address_waits_until_it_is_corrected(site: Site, card: Phone) -> None:
    await card.send("not-me")
    browser, _ = await reviewing(site, card, "manager")
    assert "Somebody else reads the mail for Sofia Papadopoulou." in browser.words
    await browser.get("/decisions?kind=answers")
    assert "Wrong address. Whoever reads mail at sofia@example.org is somebody else." in browser.words
    change = f"/therapists/{card.therapist}/change"
    await browser.get(change)
    assert await decide(browser, change, first_name="Sofia", last_name="Papadopoulou", email="right@example.org") == 303
    await browser.get("/renewals")
    assert "Nothing waits for review." in browser.words


async def test_an_auditor_reads_and_decides_nothing(site: Site, card: Phone) -> None:
    await card.renew()
    browser, path = await reviewing(site, card, "auditor")
    assert "Accept renewal" not in browser.words
    assert await decide(browser, f"{path}/accept", ends_on=NEW_END.isoformat()) == 403


async def test_a_stranger_finds_nothing(site: Site, card: Phone) -> None:
    await card.renew()
    _, path = await reviewing(site, card)
    theirs = await site.sign_in("owner", stranger=True)
    before = await everything(site)
    await theirs.get("/renewals")
    assert "Sofia" not in theirs.words
    assert (await theirs.get(path)).status_code == 404
    for way in ("accept", "send-back", "note"):
        values = {"ends_on": NEW_END.isoformat()} if way == "accept" else {"reason": "x"} if way == "send-back" else {}
        assert await decide(theirs, f"{path}/{way}", **values) == 404
    assert (await everything(site))["submissions"] == before["submissions"]


async def test_who_is_limited_to_another_clinic_sees_none_of_it(site: Site, card: Phone) -> None:
    await card.renew()
    async with site.database.write.begin() as session:
        await accounts.change_role(
            session, act=site.act(), person_id=site.ours.people["reviewer"], role="reviewer",
            clinic_ids=[site.ours.clinics[1]],
        )  # fmt: skip
    browser = await site.sign_in("reviewer")
    await browser.get("/renewals")
    assert "Nothing waits for review." in browser.words
    await browser.get("/decisions")
    assert "Renewal sent in" not in browser.words
    found = (await card.rows(SubmissionRow))[0].id
    assert (await browser.get(f"/renewals/{found}")).status_code == 404


async def test_an_id_that_nobody_has_is_not_there(site: Site) -> None:
    browser = await site.sign_in("manager")
    assert (await browser.get(f"/renewals/{UUID(int=7)}")).status_code == 404
    assert (await browser.get(f"/renewals/{UUID(int=7)}/files/{UUID(int=8)}")).status_code == 404


async def test_whoever_reads_along_in_the_outbox_does_not_get_the_power_to_answer(site: Site, card: Phone) -> None:
    await card.renew()
    browser, path = await reviewing(site, card)
    await decide(browser, f"{path}/send-back", reason="The photo cannot be read.")
    (letter,) = await card.letters(SENT_BACK)
    assert card.token in letter.text
    for role in ("manager", "auditor"):
        reader = await site.sign_in(role)
        for page in (f"/outbox/{letter.id}", f"/mailbox/{letter.id}", f"/mailbox/{letter.id}/letter"):
            answer = await reader.get(page)
            assert answer.status_code == 200, page
            assert card.token not in answer.text


async def test_a_rule_that_goes_by_the_surname_says_when_the_next_term_ends(site: Site) -> None:
    """Ohio: S is January of even years. By the printed day alone it would be December."""
    who = await people.therapist(site, "Sofia Silva", email="sofia@example.org")
    held = await people.license_of(site, who, starts_on=date(2024, 12, 23), ends_on=ENDS, jurisdiction="us-oh")
    card = Phone(site, site.browser(), who, held.id, await token(site, who, held.id))
    await card.open()
    assert "Jan 31, 2028" in card.browser.words
    await card.renew()
    browser, _path = await reviewing(site, card)
    assert "Jan 31, 2028" in browser.words
    assert "Dec 31, 2028" not in browser.words
