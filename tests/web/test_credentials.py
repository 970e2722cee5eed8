"""Credentials: the type first, then the fields that fit; several problems at once; undo rather than delete."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.markup import outline
from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.people import ORLANDO, TRIGGER_POINT, send

LICENSE = {"type": "massage-license", "jurisdiction": "us-fl", "number": "MA 92644", "expires_on": "08/31/2027"}


async def add(browser: Browser, id_: UUID, values: dict[str, Any], **more: Any) -> Any:
    """Fills in the form of one type."""
    form = f"/therapists/{id_}/credentials/new?type={values['type']}"
    return await send(browser, form, f"/therapists/{id_}/credentials", values, **more)


async def test_the_type_comes_first_and_what_is_missing_leads(site: Site) -> None:
    id_ = await people.therapist(site, modalities=(TRIGGER_POINT,))
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}/credentials/new")
    assert "Asked, and not on file" in browser.words
    assert outline(browser.page).faults == []
    await browser.get(f"/therapists/{id_}/credentials/new?requirement=certification")
    assert "Counts as: Professional certification" in browser.words
    listed = browser.page.index("?type=cmtpt"), browser.page.index("?type=cpr")
    assert listed[0] < listed[1]


async def test_a_license_is_recorded_and_the_page_after_it_says_the_new_verdict(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    answer = await add(browser, id_, LICENSE | {"issued_on": "09/01/2025"})
    assert answer.status_code == 303, browser.words
    assert "Florida massage license recorded." in browser.words
    assert "nobody has confirmed this term at the source. Check it at the board" in browser.words


async def test_the_state_where_they_work_and_the_expiry_by_the_rule_are_there(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}/credentials/new?type=massage-license")
    assert '<option value="us-fl" selected>' in browser.page
    assert "By the rule it ends Aug 31, 2027 , in 9 months." in browser.words
    assert "Fla. Admin. Code 64B7-28.009" in browser.words
    assert 'name="expires_on" autocomplete="off" value=""' in browser.page, (
        "a predicted day is never filled in by itself"
    )


async def test_a_day_that_the_rule_does_not_expect_is_questioned_and_not_refused(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    odd = LICENSE | {"expires_on": "07/31/2027", "issued_on": "09/01/2025"}
    answer = await add(browser, id_, odd)
    assert answer.status_code == 422
    assert "Jul 31, 2027 is given as expiry; by the rule it would be Aug 31, 2027" in browser.words
    assert 'value="MA 92644"' in browser.page
    answer = await add(browser, id_, odd | {"sure": "yes"})
    assert answer.status_code == 303


async def test_several_problems_stand_beside_their_fields(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    answer = await add(browser, id_, {"type": "massage-license", "number": "MA 1", "expires_on": "", "issued_on": "x"})
    assert answer.status_code == 422
    assert "cannot be read as a day" in browser.words
    answer = await add(browser, id_, {"type": "massage-license", "number": "MA 1", "issued_on": "09/01/2025"})
    assert "Which last day is printed on it?" in browser.words
    backwards = {"type": "massage-license", "issued_on": "09/01/2027", "expires_on": "08/31/2027", "sure": "yes"}
    answer = await add(browser, id_, backwards | {"renewed_on": "10/01/2027"})
    assert answer.status_code == 422
    assert "Say which state or city this license is from." in browser.words
    assert "before it starts" in browser.words


async def test_an_exam_does_not_end_and_a_number_on_file_is_not_taken_twice(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    answer = await add(browser, id_, {"type": "mblex", "number": "77", "issued_on": "06/14/2019"})
    assert answer.status_code == 303, browser.words
    assert "Jun 14, 2019 , does not end" in browser.words
    answer = await add(browser, id_, {"type": "mblex", "number": "077", "issued_on": "06/14/2019"})
    assert answer.status_code == 422


async def test_details_of_the_type_are_fields_and_are_judged(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    insurance = {"type": "liability-insurance", "issued_on": "01/01/2026", "expires_on": "12/31/2026"}
    answer = await add(browser, id_, insurance | {"detail_per_occurrence": "two million", "detail_form": "claims-made"})
    assert answer.status_code == 422
    assert "It must be an amount in whole units (USD)." in browser.words
    answer = await add(browser, id_, insurance | {"detail_per_occurrence": "2,000,000"})
    assert answer.status_code == 303
    await people.open_credential(browser)
    assert "Limit for each occurrence 2,000,000 USD" in browser.words


async def test_the_cmtpt_asks_who_issued_it(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    answer = await add(browser, id_, {"type": "cmtpt", "issued_on": "01/01/2025", "expires_on": "12/31/2027"})
    assert answer.status_code == 422
    assert "Several bodies use the letters CMTPT" in browser.words


async def test_a_field_that_the_form_does_not_have_is_refused(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    answer = await add(browser, id_, LICENSE | {"therapist_id": str(id_)})
    assert answer.status_code == 400


async def test_a_renewal_is_a_new_term_and_a_gap_shows(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, starts_on=date(2023, 9, 1), ends_on=date(2025, 8, 31))
    browser = await site.sign_in("manager")
    form = f"/credentials/{held.id}/renew"
    await browser.get(form)
    assert "By the rule it ends Aug 31, 2027" in browser.words
    answer = await browser.send_form(form, {"ends_on": "08/31/2027", "starts_on": "09/15/2025"})
    assert answer.status_code == 303
    await browser.get(answer.headers["location"])
    assert "renewed until Aug 31, 2027." in browser.words
    assert "Sep 15, 2025 to Aug 31, 2027" in browser.words
    assert "Sep 1, 2023 to Aug 31, 2025" in browser.words


async def test_an_earlier_expiry_than_the_last_is_a_question(site: Site) -> None:
    id_ = await people.cleared(site)
    held = await people.license_of(site, id_, number="MA 2")
    browser = await site.sign_in("manager")
    form = f"/credentials/{held.id}/renew"
    answer = await send(browser, form, form, {"ends_on": "08/31/2023", "starts_on": "09/01/2021"})
    assert answer.status_code == 422
    assert "is not later. Is it an earlier term?" in browser.words
    answer = await send(browser, form, form, {"ends_on": "08/31/2023", "starts_on": "09/01/2021", "sure": "yes"})
    assert answer.status_code == 303


async def test_a_wrong_term_is_corrected_with_a_reason_and_has_to_be_verified_anew(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_)
    browser = await site.sign_in("manager")
    form = f"/terms/{held.term_id}/correct"
    answer = await send(browser, form, form, {"starts_on": "2025-09-01", "ends_on": "2027-08-30", "reason": ""})
    assert answer.status_code == 422
    await send(browser, form, form, {"starts_on": "2025-09-01", "ends_on": "2027-08-30", "reason": "misread"})
    assert "The term is corrected. Not cleared" in browser.words
    assert "To: Aug 31, 2027 → Aug 30, 2027" in browser.words


async def test_another_number_takes_the_proof_away_and_both_pages_say_why(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, number="MA 1")
    browser = await site.sign_in("manager")
    form = f"/credentials/{held.id}/correct"
    await browser.get(form)
    assert "it has to be verified again" in browser.words
    values = {"jurisdiction": "us-fl", "number": "MA 2", "reason": "Read again"}
    await send(browser, form, form, values)
    await browser.get(f"/credentials/{held.id}")
    assert "Made before the number was corrected (then MA 1); it proves nothing now" in browser.words
    await browser.get(f"/therapists/{id_}")
    assert "for another number: the number was corrected since" in browser.words
    assert "Made before the number was corrected (then MA 1); it proves nothing now." in browser.words


async def test_facts_are_corrected_and_what_they_were_stays_in_the_history(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, number="MA 111")
    browser = await site.sign_in("manager")
    form = f"/credentials/{held.id}/correct"
    await browser.get(form)
    assert 'value="MA 111"' in browser.page
    await send(browser, form, form, {"jurisdiction": "us-fl", "number": "MA 112", "reason": "typing error"})
    assert "Number: MA 111 → MA 112" in browser.words
    assert "Why: typing error" in browser.words


async def test_a_standing_that_forbids_practice_changes_the_verdict(site: Site) -> None:
    id_ = await people.cleared(site)
    held = await people.license_of(site, id_, number="MA 3")
    browser = await site.sign_in("manager")
    browser_form, to = f"/credentials/{held.id}/standings/new", f"/credentials/{held.id}/standings"
    answer = await send(browser, browser_form, to, {"standing": "on-fire", "starts_on": "11/18/2026"})
    assert answer.status_code == 422
    await send(browser, browser_form, to, {"standing": "suspended", "starts_on": "11/18/2026", "note": "Order 114"})
    assert "What the board says is recorded." in browser.words


async def test_a_void_needs_a_reason_and_takes_the_credential_out_of_the_verdict(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_)
    browser = await site.sign_in("manager")
    form = f"/credentials/{held.id}/void"
    answer = await send(browser, form, form, {"reason": " "})
    assert answer.status_code == 422
    assert "Give the reason." in browser.words
    await send(browser, form, form, {"reason": "another person's"})
    assert "The credential is void. Not cleared for massage therapy at Tampa" in browser.words
    await browser.get(f"/credentials/{held.id}")
    assert "is void. Why: another person's" in browser.words
    assert (await browser.get(form)).status_code == 404


async def test_a_clinic_holds_its_own_license(site: Site) -> None:
    clinic = site.ours.clinics[ORLANDO]
    browser = await site.sign_in("manager")
    form = f"/clinics/{clinic}/credentials/new?type=establishment-license"
    new = {"type": "establishment-license", "jurisdiction": "us-fl", "number": "MM 1", "issued_on": "09/01/2025",
           "expires_on": "08/31/2027"}  # fmt: skip
    answer = await send(browser, form, f"/clinics/{clinic}/credentials", new)
    assert answer.status_code == 303
    answer = await send(browser, form, f"/clinics/{clinic}/credentials", new | {"type": "mblex"})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "path", ["", "/renew", "/correct", "/void", "/standings/new", "/verifications/new", "/evidence/new"]
)
async def test_a_stranger_finds_no_credential_of_ours(site: Site, path: str) -> None:
    held = await people.license_of(site, await people.therapist(site))
    browser = await site.sign_in("owner", stranger=True)
    assert (await browser.get(f"/credentials/{held.id}{path}")).status_code == 404
    assert (await browser.get("/therapists")).status_code == 200
    if path not in ("", "/standings/new", "/verifications/new", "/evidence/new"):
        assert (await browser.send_form(f"/credentials/{held.id}{path}", {"reason": "x"})).status_code in (400, 404)
