"""What the board said: only `confirmed` proves a term; the rest waits for somebody to decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.markup import outline
from tests.uploads import files
from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.people import send

LOOK = {"result": "confirmed", "verified_on": "11/23/2026", "verified_by": "Dana Manager", "source": "board website"}


async def record(browser: Browser, credential_id: UUID, values: dict[str, Any], **more: Any) -> Any:
    """Fills in the form."""
    form = f"/credentials/{credential_id}/verifications"
    return await send(browser, f"{form}/new", form, LOOK | values, **more)


async def test_a_confirmed_license_clears_and_the_next_page_says_so(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, verified=False)
    browser = await site.sign_in("reviewer")
    answer = await record(browser, held.id, {"term_id": str(held.term_id)})
    assert answer.status_code == 303, browser.words
    assert (
        "Recorded what was found: confirmed. Cleared for massage therapy at Tampa until Aug 31, 2027" in browser.words
    )


async def test_what_cannot_be_and_what_is_left_out_are_said_together(site: Site) -> None:
    held = await people.license_of(site, await people.therapist(site), verified=False)
    browser = await site.sign_in("reviewer")
    wrong = {"source": "", "verified_on": "12/1/2026", "result": "differs", "standing": "x"}
    answer = await record(browser, held.id, wrong | {"term_id": str(held.term_id)})
    assert answer.status_code == 422
    assert "4 things to correct" in browser.words
    assert "Dec 1, 2026 is still to come. Give today, Nov 23, 2026, or an earlier day." in browser.words
    assert "Write what differs" in browser.words


async def test_the_board_and_its_look_up_stand_beside_the_form(site: Site) -> None:
    held = await people.license_of(site, await people.therapist(site), verified=False)
    browser = await site.sign_in("manager")
    await browser.get(f"/credentials/{held.id}/verifications/new")
    assert "Florida Board of Massage Therapy" in browser.words
    assert 'href="https://mqa-internet.doh.state.fl.us/MQASearchServices/"' in browser.page
    assert "This address was not checked" in browser.words
    assert outline(browser.page).faults == []


async def unknown_board(site: Site) -> tuple[Browser, UUID]:
    """A manager before the form of a license whose board has no known look-up."""
    held = await people.license_of(site, await people.therapist(site), verified=False, jurisdiction="us-nv")
    browser = await site.sign_in("manager")
    await browser.get(f"/credentials/{held.id}/verifications/new")
    assert "Its look-up address is not known here." in browser.words
    return browser, held.id


HALF_WRITTEN = {"note": "Called twice", "source": "By telephone", "verified_on": "", "save": "address"}


async def test_an_unknown_look_up_address_is_saved_for_everybody_here_and_nothing_typed_is_lost(site: Site) -> None:
    browser, id_ = await unknown_board(site)
    typed = HALF_WRITTEN | {"url": " https://massagebd.nv.example/ "}
    answer = await browser.send_form(
        f"/credentials/{id_}/verifications", typed, files={"file": ("seen.png", files.png(), "image/png")}
    )
    assert answer.status_code == 200
    assert 'href="https://massagebd.nv.example/"' in browser.page
    assert "The look-up address is saved for everybody here." in browser.words
    assert "Called twice" in browser.page
    assert 'value="By telephone"' in browser.page
    assert "seen.png is here already." in browser.words
    assert outline(browser.page).faults == []
    colleague = await site.sign_in("owner")
    await colleague.get(f"/credentials/{id_}/verifications/new")
    assert 'href="https://massagebd.nv.example/"' in colleague.page


BROKEN = {
    "": "Give the address.",
    "javascript:alert(1)": "is no web address.",
    "https://[": "is no web address.",
    "https://\u2100.example/": "is no web address.",
    "https://a b.example/": "is no web address.",
    f"https://{'x' * 500}.example/": "500",
    "https://x.example/a\0b": "characters that cannot be shown",
    "https://x.example/\7\x1bb": "characters that cannot be shown",
}


@pytest.mark.parametrize(("broken", "said"), BROKEN.items())
async def test_what_is_no_address_is_said_beside_it_and_nothing_typed_is_lost(
    site: Site, broken: str, said: str
) -> None:
    browser, id_ = await unknown_board(site)
    answer = await browser.send_form(f"/credentials/{id_}/verifications", HALF_WRITTEN | {"url": broken})
    assert answer.status_code == 422
    assert "1 thing to correct" in browser.words
    assert said in browser.words.split("1 thing to correct")[1].split("What it shows")[0]
    assert "Called twice" in browser.page
    assert 'id="url-e"' in browser.page


async def test_an_address_that_was_typed_is_saved_with_the_look_or_neither_is(site: Site) -> None:
    browser, id_ = await unknown_board(site)
    assert (await record(browser, id_, {"url": "nowhere"})).status_code == 422
    await browser.get(f"/credentials/{id_}")
    assert "Confirmed" not in browser.words
    assert (await record(browser, id_, {"url": "https://massagebd.nv.example/"})).status_code == 303
    await browser.get(f"/credentials/{id_}/verifications/new")
    assert 'href="https://massagebd.nv.example/"' in browser.page


async def test_an_address_is_taken_as_people_type_it(site: Site) -> None:
    browser, id_ = await unknown_board(site)
    typed = HALF_WRITTEN | {"url": "massagebd.nv.example/look"}
    answer = await browser.send_form(f"/credentials/{id_}/verifications", typed)
    assert answer.status_code == 200
    assert 'href="https://massagebd.nv.example/look"' in browser.page


async def test_an_address_of_blanks_alone_is_none(site: Site) -> None:
    browser, id_ = await unknown_board(site)
    assert (await record(browser, id_, {"url": "  "})).status_code == 303


async def test_who_may_not_write_credentials_saves_no_address(site: Site) -> None:
    _browser, id_ = await unknown_board(site)
    reviewer = await site.sign_in("reviewer")
    typed = {"url": "https://massagebd.nv.example/", "save": "address"}
    answer = await record(reviewer, id_, typed)
    assert answer.status_code == 303
    await reviewer.get(f"/credentials/{id_}/verifications/new")
    assert "massagebd.nv.example" not in reviewer.page


async def test_nobody_has_looked_tomorrow(site: Site) -> None:
    held = await people.license_of(site, await people.therapist(site), verified=False)
    browser = await site.sign_in("manager")
    answer = await record(browser, held.id, {"verified_on": "11/24/2026", "source": ""})
    assert answer.status_code == 422
    assert "Say where it was looked up." in browser.words
    answer = await record(browser, held.id, {"verified_on": "11/24/2026"})
    assert "Nov 24, 2026 is tomorrow. Give today, Nov 23, 2026, or an earlier day." in browser.words


async def test_what_differs_proves_nothing_waits_on_the_dashboard_and_is_decided(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, verified=False)
    browser = await site.sign_in("manager")
    answer = await record(browser, held.id, {"result": "differs"})
    assert answer.status_code == 422
    assert "Write what differs" in browser.words
    await record(browser, held.id, {"result": "differs", "note": "Another last name."})
    assert "something differs. Not cleared" in browser.words
    await browser.get("/")
    assert "The source says something else." in browser.words
    await browser.get(f"/credentials/{held.id}")
    decide = browser.page.split('/resolve"')[0].rsplit('"', 1)[1] + "/resolve"
    await send(browser, decide, decide, {"reason": "married; the card is on its way"})
    assert "Decided." in browser.words
    await browser.get("/")
    assert "The source says something else." not in browser.words


async def test_a_confirmed_standing_counts_from_the_day_of_the_look(site: Site) -> None:
    held = await people.license_of(site, await people.cleared(site), number="MA 9", verified=False)
    browser = await site.sign_in("manager")
    await record(browser, held.id, {"term_id": str(held.term_id), "standing": "suspended"})
    await browser.get(f"/credentials/{held.id}")
    assert "Suspended since Nov 23, 2026" in browser.words


async def test_a_voided_verification_proves_nothing_any_more(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_)
    browser = await site.sign_in("manager")
    await browser.get(f"/credentials/{held.id}")
    void = "/verifications/" + browser.page.split("/verifications/")[2].split('"')[0]
    assert void.endswith("/void")
    await send(browser, void, void, {"reason": "looked at somebody else"})
    assert "The verification is void. Not cleared" in browser.words


async def test_the_page_seen_is_kept_as_evidence_of_the_look(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, verified=False)
    browser = await site.sign_in("manager")
    upload = {"file": ("board.png", files.png(), "image/png")}
    answer = await record(browser, held.id, {"term_id": str(held.term_id)}, files=upload)
    assert answer.status_code == 303, browser.words
    assert "board.png" in browser.words


async def test_a_screenshot_that_is_none_is_refused_and_nothing_is_recorded(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, verified=False)
    browser = await site.sign_in("manager")
    upload = {"file": ("board.png", b"%PDF-1.4 not a picture", "image/png")}
    answer = await record(browser, held.id, {"term_id": str(held.term_id), "note": "as seen"}, files=upload)
    assert answer.status_code == 422
    assert "“board.png” is named as" in browser.words
    assert "as seen" in browser.page
    await browser.get(f"/therapists/{id_}")
    assert "Nobody has looked yet" in browser.words


async def test_an_auditor_records_nothing(site: Site) -> None:
    held = await people.license_of(site, await people.therapist(site))
    browser = await site.sign_in("auditor")
    assert (await browser.get(f"/credentials/{held.id}/verifications/new")).status_code == 403
    await browser.get(f"/credentials/{held.id}")
    assert "/void" not in browser.page
