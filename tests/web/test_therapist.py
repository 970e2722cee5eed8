"""One therapist: the verdict leads, each requirement has its reason and next step, and nothing is forgotten."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import pytest

from compliance.services import accounts
from tests.markup import outline
from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.people import MASSAGE, ORLANDO, TRIGGER_POINT, send


def verdict(browser: Browser) -> str:
    """The sentence of the page."""
    found = re.search(r"<h1>(.*?)</h1>", browser.page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", found.group(1)).split()) if found else ""


async def shown(site: Site, id_: UUID, query: str = "", role: str = "manager") -> Browser:
    browser = await site.sign_in(role)
    answer = await browser.get(f"/therapists/{id_}{query}")
    assert answer.status_code == 200
    assert outline(browser.page).faults == []
    return browser


async def test_the_verdict_says_for_what_where_until_when_and_what_ends(site: Site) -> None:
    browser = await shown(site, await people.cleared(site))
    said = "Cleared for massage therapy at Tampa until Aug 31, 2027, then the Florida massage license."
    assert verdict(browser) == f"Sofia Papadopoulou: {said}"
    assert "2 of 2 requirements stand." in browser.words
    assert "In force through Aug 31, 2027, verified" in browser.words


async def test_a_no_says_what_decides_and_each_requirement_its_next_step(site: Site) -> None:
    id_ = await people.therapist(site, modalities=(TRIGGER_POINT,))
    held = await people.license_of(site, id_, verified=False)
    browser = await shown(site, id_)
    assert "Not cleared for trigger point therapy at Tampa: Licensing examination missing." in verdict(browser)
    assert f"/credentials/{held.id}/verifications/new" in browser.page
    assert f"/therapists/{id_}/credentials/new?requirement=membership&amp;type=amta-membership" in browser.page
    assert "Catalog policy: trigger point therapy asks for" in browser.words
    assert 'href="https://regulations.justia.com/states/fl' in browser.page


async def test_the_other_places_are_listed_and_open(site: Site) -> None:
    id_ = await people.cleared(site, modalities=(MASSAGE, TRIGGER_POINT))
    browser = await shown(site, id_)
    assert "for trigger point therapy" in verdict(browser)
    link = re.search(r'href="(/therapists/[^"]+modality=massage-therapy[^"]*)"', browser.page)
    assert link
    await browser.get(link.group(1).replace("&amp;", "&"))
    assert "Cleared for massage therapy at Tampa until Aug 31, 2027" in verdict(browser)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-23", "Cleared for massage therapy at Tampa until Aug 31, 2027"),
        ("2027-09-01", "Not cleared for massage therapy at Tampa: Florida massage license lapsed."),
        ("2024-03-01", "Not cleared for massage therapy at Tampa: Florida massage license missing."),
    ],
)
async def test_any_day_can_be_asked_about(site: Site, day: str, said: str) -> None:
    browser = await shown(site, await people.cleared(site), f"?as_of={day}")
    assert said in verdict(browser)


async def test_who_works_nowhere_is_led_to_a_clinic(site: Site) -> None:
    browser = await shown(site, await people.therapist(site, clinic=None))
    assert "Works nowhere, so nothing is asked yet." in verdict(browser)
    assert "/assignments/new" in browser.page


async def test_who_left_is_said_to_have_worked_there(site: Site) -> None:
    browser = await shown(site, await people.therapist(site, ends_on=date(2025, 1, 31)))
    assert verdict(browser).endswith("Worked at Tampa until Jan 31, 2025.")


async def test_who_starts_later_is_judged_by_the_first_day(site: Site) -> None:
    id_ = await people.therapist(site, starts_on=date(2026, 11, 30))
    browser = await shown(site, id_)
    assert "Not yet cleared for massage therapy at Tampa; starts Nov 30, 2026." in verdict(browser)
    await people.license_of(site, id_)
    browser = await shown(site, id_)
    assert "Cleared for massage therapy at Tampa from the first day there, Nov 30, 2026" in verdict(browser)


async def test_another_verdict_on_a_day_before_the_first_says_from_when_it_is_one(site: Site) -> None:
    both = (people.MASSAGE, people.TRIGGER_POINT)
    id_ = await people.cleared(site, modalities=both, starts_on=date(2026, 11, 30))
    browser = await shown(site, id_)
    assert "Not yet cleared for trigger point therapy" in verdict(browser)
    assert "from the first day there, Nov 30, 2026, until Aug 31, 2027" in browser.words


async def test_coverage_is_drawn_and_said(site: Site) -> None:
    id_ = await people.therapist(site)
    first = await people.license_of(site, id_, starts_on=date(2023, 9, 1), ends_on=date(2025, 8, 31))
    await people.renewed(site, first.id, date(2027, 8, 31), date(2025, 9, 15))
    browser = await shown(site, id_)
    assert "Met from Sep 1, 2023 to Aug 31, 2025; Lapsed from Sep 1, 2025 to Sep 14, 2025" in browser.page


async def test_the_history_tells_who_did_what_and_what_it_was_before(site: Site) -> None:
    id_ = await people.cleared(site)
    browser = await site.sign_in("manager")
    new = {
        "first_name": "Sofia", "last_name": "Papas", "email": "sofia@example.org", "birth_date": "1985-04-03",
        "reason": "short form",
    }  # fmt: skip
    answer = await send(browser, f"/therapists/{id_}/change", f"/therapists/{id_}/change", new)
    assert answer.status_code == 303
    assert "Therapist changed" in browser.words
    assert "Dana Manager · Last name: Papadopoulou → Papas" in browser.words
    assert "Why: short form" in browser.words
    assert "Credential added: Florida massage license" in browser.words
    assert "Birth date: Apr 3" in browser.words
    assert "1985" not in browser.words


async def test_a_name_is_changed_only_with_a_reason_and_the_rest_is_kept(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    new = {"first_name": "Sofia", "last_name": "Papas", "email": "sofia@example.org"}
    answer = await send(browser, f"/therapists/{id_}/change", f"/therapists/{id_}/change", new)
    assert answer.status_code == 422
    assert "Say why the name changes" in browser.words
    assert 'value="Papas"' in browser.page


async def test_leaving_ends_the_work_and_keeps_the_file(site: Site) -> None:
    id_ = await people.cleared(site)
    browser = await site.sign_in("manager")
    form = f"/therapists/{id_}/depart"
    await send(browser, form, form, {"last_day": "11/20/2026", "reason": "moved away"})
    assert "1 assignment ended. The file stays." in browser.words
    assert verdict(browser).endswith("Worked at Tampa until Nov 20, 2026.")


async def test_a_legal_hold_is_put_on_and_ended_with_a_reason(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("owner")
    form = f"/therapists/{id_}/legal-hold"
    answer = await send(browser, form, form, {"reason": ""})
    assert answer.status_code == 422
    await send(browser, form, form, {"reason": "claim of 2026"})
    assert "Legal hold This file is kept" in browser.words
    await send(browser, form, form, {"reason": "claim settled"})
    assert "Legal hold This file is kept" not in browser.words


@pytest.mark.parametrize("name", ["<b>x</b>", "{{7*7}}", "=SUM(A1)", "ليلى حداد", "王美玲"])
async def test_a_name_is_shown_as_it_is_whatever_it_looks_like(site: Site, name: str) -> None:
    browser = await shown(site, await people.therapist(site, f"Ann {name}"))
    assert name in browser.words
    assert "<b>x</b>" not in browser.page


async def test_a_stranger_gets_404_on_every_page_of_ours(site: Site) -> None:
    id_ = await people.cleared(site)
    browser = await site.sign_in("owner", stranger=True)
    for path in ("", "/change", "/depart", "/legal-hold", "/merge", "/assignments/new", "/credentials/new"):
        assert (await browser.get(f"/therapists/{id_}{path}")).status_code == 404


async def test_who_may_not_write_is_shown_no_way_to(site: Site) -> None:
    id_ = await people.therapist(site, clinic=ORLANDO)
    browser = await shown(site, id_, role="auditor")
    assert "Add credential" not in browser.words
    assert (await browser.get(f"/therapists/{id_}/change")).status_code == 403


async def test_a_therapist_who_signs_in_sees_the_own_file_and_no_other(site: Site) -> None:
    mine, other = await people.cleared(site), await people.cleared(site, "Marcus Bell")
    async with site.database.write.begin() as session:
        invited = await accounts.invite(
            session, act=site.act(), email="sofia@example.org", name="Sofia", role="therapist", therapist_id=mine
        )
    browser = await site.sign_in_person(invited.person_id, site.ours.id)
    answer = await browser.get("/")
    assert answer.headers["location"] == "/me"
    await browser.get("/me")
    assert "Cleared for massage therapy at Tampa until Aug 31, 2027" in verdict(browser)
    assert "/credentials/" not in browser.page
    assert "Add credential" not in browser.words
    for path in (f"/therapists/{mine}", f"/therapists/{other}", "/therapists"):
        assert (await browser.get(path)).status_code == 403


async def test_a_manager_of_one_clinic_sees_its_people_alone(site: Site) -> None:
    here = await people.cleared(site, "Ada Here", clinic=ORLANDO)
    there = await people.cleared(site, "Bob There")
    async with site.database.write.begin() as session:
        invited = await accounts.invite(
            session, act=site.act(), email="o@example.org", name="Olga", role="manager",
            clinic_ids=[site.ours.clinics[ORLANDO]],
        )  # fmt: skip
    browser = await site.sign_in_person(invited.person_id, site.ours.id)
    await browser.get("/therapists")
    assert "Ada Here" in browser.words
    assert "Bob There" not in browser.words
    await browser.get("/")
    assert "The only therapist may practice today." in browser.words
    assert (await browser.get(f"/therapists/{here}")).status_code == 200
    assert (await browser.get(f"/therapists/{there}")).status_code == 404
    form = f"/therapists/{here}/assignments"
    new = {"clinic_id": str(site.ours.clinics[0]), "starts_on": "11/23/2026", "modalities": ["massage-therapy"]}
    assert (await send(browser, f"{form}/new", form, new)).status_code == 404


@pytest.mark.parametrize("day", ["0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "x"])
async def test_a_day_that_nobody_can_mean_is_named_with_what_is_allowed(site: Site, day: str) -> None:
    id_ = await people.cleared(site)
    browser = await site.sign_in("auditor")
    for path in ("/", "/therapists", f"/therapists/{id_}", "/clinics"):
        assert (await browser.get(path, params={"as_of": day})).status_code == 400, path
        assert "; give a day" in browser.words
