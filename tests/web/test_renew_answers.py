"""What is sent in by a reminder's link: taken once, within limits, and with everything typed kept where it is wrong."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from typing import Any

import pytest

from compliance.db.records import EvidenceRow
from tests.uploads import files
from tests.web import people
from tests.web.conftest import Site
from tests.web.renewals import ENDS, NEW_END, PHOTO, RENEWED, Phone, phone, token


@pytest.fixture
async def card(site: Site) -> Phone:
    return await phone(site)


# -- sending in a renewal


async def test_a_photo_and_the_new_day_wait_for_review(card: Phone) -> None:
    answer = await card.renew()
    assert answer.status_code == 303
    assert await card.submissions() == [("renewal", "waiting")]
    assert await card.last_days() == [ENDS]
    assert "Thank you. It is sent." in card.browser.words
    assert "You sent the new one, good until Dec 22, 2028" in card.browser.words
    assert "There is nothing more to do." in card.browser.words


async def test_front_and_back_go_in_together_and_a_pdf_does_as_well(card: Phone) -> None:
    two = {"file": PHOTO, "second": ("back.pdf", files.pdf(), "application/pdf")}
    assert (await card.send("renewal", RENEWED, files=two)).status_code == 303
    assert [row.name for row in await card.rows(EvidenceRow)] == ["card.jpg", "back.pdf"]


async def test_what_was_typed_and_the_photo_are_kept_when_a_day_is_wrong(card: Phone) -> None:
    answer = await card.renew(ends_on=ENDS.isoformat(), remark="The card came today")
    assert answer.status_code == 422
    words = card.browser.words
    assert "The one on file ends on December 22, 2026. Give the last day of the new one." in words
    assert "card.jpg is here already." in words
    assert "The card came today" in words
    assert f'value="{ENDS.isoformat()}"' in card.browser.page
    assert re.search(r'<details name="way" open><summary>.{0,200}camera', card.browser.page)
    assert await card.submissions() == []
    sealed = re.search(r'name="kept_file" value="([^"]+)"', card.browser.page)
    assert sealed
    assert (await card.post("renewal", RENEWED | {"kept_file": sealed.group(1)})).status_code == 303
    assert [row.name for row in await card.rows(EvidenceRow)] == ["card.jpg"]


@pytest.mark.parametrize("forged", ["x", "e30=.", "e30=." + "0" * 64, "." * 3000])
async def test_a_file_that_we_did_not_seal_is_not_kept(card: Phone, forged: str) -> None:
    answer = await card.send("renewal", RENEWED | {"kept_file": forged})
    assert answer.status_code == 422
    assert "The file that was sent before cannot be used any more. Choose it again." in card.browser.words
    assert await card.submissions() == []


async def test_a_file_sealed_for_one_link_is_worth_nothing_at_another(site: Site, card: Phone) -> None:
    await card.renew(ends_on="")
    sealed = re.search(r'name="kept_file" value="([^"]+)"', card.browser.page)
    assert sealed
    who = await people.therapist(site, "Kim Low", email="kim@example.org")
    held = await people.license_of(site, who, starts_on=date(2024, 12, 23), ends_on=ENDS, number="MA 777")
    other = Phone(site, site.browser(), who, held.id, await token(site, who, held.id, "kim@example.org"))
    assert (await other.send("renewal", RENEWED | {"kept_file": sealed.group(1)})).status_code == 422


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (("card.gif", files.gif(), "image/gif"), "Allowed are PDF, PNG and JPEG files of up to 15 MB."),
        (("card.jpg", files.pdf(), "image/jpeg"), "is named as"),
        (("card.pdf", files.pdf(files.active("script on opening")), "application/pdf"), "Print it to a new PDF"),
        (("card.html", b"<html><script>1</script>", "text/html"), "Allowed are PDF, PNG and JPEG files"),
        (("card.jpg", b"", "image/jpeg"), "is empty"),
    ],
)
async def test_what_is_no_harmless_picture_or_document_is_refused(card: Phone, content: Any, why: str) -> None:
    answer = await card.renew(content)
    assert answer.status_code == 422
    assert why in card.browser.words
    assert f'value="{NEW_END.isoformat()}"' in card.browser.page
    assert await card.submissions() == []


async def test_the_day_by_the_rule_is_filled_in_by_a_press_and_the_photo_waits(card: Phone) -> None:
    await card.open()
    assert re.search(r"By the rule it ends Aug 31, 2029 ?, [^.]*\. The printed day counts\.", card.browser.words)
    assert 'rel="noreferrer"' in card.browser.page.split("The printed day counts.")[1][:600]
    assert (await card.renew(ends_on="", deed="take", remark="Soon")).status_code == 200
    assert 'value="Aug 31, 2029"' in card.browser.page
    assert "card.jpg is here already." in card.browser.words
    assert "Soon" in card.browser.words
    assert await card.submissions() == []
    sealed = re.search(r'name="kept_file" value="([^"]+)"', card.browser.page)
    assert sealed
    assert (await card.post("renewal", {"ends_on": "8/31/29", "kept_file": sealed.group(1)})).status_code == 303
    assert "You sent the new one, good until Aug 31, 2029" in card.browser.words


async def test_a_day_that_the_rule_does_not_expect_is_asked_about_once(card: Phone) -> None:
    assert (await card.renew(ends_on="Dec 22, 2028", sure="")).status_code == 422
    words = card.browser.words
    assert "Dec 22, 2028 is given as expiry; by the rule it would be Aug 31, 2029. Is it read right?" in words
    assert "Tick “It is what is printed”, or correct the day." in words
    assert "card.jpg is here already." in words
    assert (await card.renew(ends_on="Dec 22, 2028", sure="yes")).status_code == 303
    assert await card.submissions() == [("renewal", "waiting")]


async def test_no_birthday_is_told_by_what_the_rule_expects(site: Site) -> None:
    """In Arizona a license ends on a birthday; whoever holds the link knows the last day alone."""
    who = await people.therapist(site, "Kim Low", email="kim@example.org", birth_date=date(1990, 5, 12))
    held = await people.license_of(site, who, starts_on=date(2024, 12, 23), ends_on=ENDS, jurisdiction="us-az")
    other = Phone(site, site.browser(), who, held.id, await token(site, who, held.id, "kim@example.org"))
    await other.open()
    assert "By the rule it ends Dec 22, 2028" in other.browser.words
    assert "May" not in other.browser.words
    assert (await other.renew(ends_on="Dec 20, 2028", sure="")).status_code == 303


async def test_a_file_that_is_far_too_large_is_refused_with_the_size(card: Phone) -> None:
    answer = await card.renew(("card.jpg", b"\xff\xd8\xff" + bytes(31 * 2**20), "image/jpeg"))
    assert answer.status_code == 413
    assert "30 MB" in card.browser.words


async def test_a_sixth_file_is_not_even_looked_into(card: Phone) -> None:
    for number in range(5):
        content = ("card.png", files.png((300 + number, 200)), "image/png")
        assert (await card.renew(content, remark=str(number))).status_code == 303
    answer = await card.renew(("card.exe", b"MZ", "application/x-msdownload"), remark="6")
    assert answer.status_code == 422
    assert "At most 5 files can be sent with this link" in card.browser.words
    assert len(await card.rows(EvidenceRow)) == 5


async def test_the_button_pressed_twice_sends_once(card: Phone) -> None:
    await card.open()
    twice = [card.browser.send_form(f"{card.path}/renewal", RENEWED, files={"file": PHOTO}) for _ in range(2)]
    answers = await asyncio.gather(*twice)
    assert [each.status_code for each in answers] == [303, 303]
    assert await card.submissions() == [("renewal", "waiting")]


async def test_answers_in_a_storm_wait_and_are_kept(site: Site, card: Phone) -> None:
    await card.open()
    statuses = [(await card.post("known", {"answer": "acknowledged"})).status_code for _ in range(25)]
    assert statuses[0] == 303
    assert statuses[-1] == 429
    assert "That was often in a short time." in card.browser.words
    site.clock.forward(minutes=5)
    assert (await card.post("known", {"answer": "acknowledged"})).status_code == 303


# -- the other answers


async def test_applied_with_the_receipt_waits_too(card: Phone) -> None:
    answer = await card.send("applied", {"applied_on": "11/20/2026"}, files={"receipt": PHOTO})
    assert answer.status_code == 303
    assert await card.submissions() == [("applied", "waiting")]
    assert "that you have applied" in card.browser.words


async def test_applied_needs_no_receipt_but_a_day(card: Phone) -> None:
    assert (await card.send("applied", {"applied_on": ""})).status_code == 422
    assert "Give the day on which you applied." in card.browser.words
    assert (await card.send("applied", {"applied_on": "2026-11-20"})).status_code == 303


async def test_knowing_is_noted_and_not_renewing_waits_for_a_person(card: Phone) -> None:
    await card.send("known", {"answer": "acknowledged"})
    assert await card.submissions() == [("acknowledged", "noted")]
    await card.send("known", {"answer": "not-renewing", "note": "I retire"})
    assert await card.submissions() == [("acknowledged", "withdrawn"), ("not-renewing", "waiting")]


@pytest.mark.parametrize("answer", ["", "renewal", "not-me", "everything"])
async def test_no_other_word_is_an_answer(card: Phone, answer: str) -> None:
    assert (await card.send("known", {"answer": answer})).status_code == 422
    assert await card.submissions() == []


async def test_not_me_ends_the_link_and_thanks(card: Phone) -> None:
    answer = await card.send("not-me")
    assert answer.status_code == 200
    assert "No more of these mails go to your address." in card.browser.words
    assert await card.submissions() == [("not-me", "waiting")]
    assert (await card.open()).status_code == 410
