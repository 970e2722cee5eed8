"""Policies of one's own, whose verdict a change would change before it is saved, and the months ahead of a clinic."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.crypto.ids import new_id
from compliance.db.records import PolicyRow
from compliance.services import policy_preview, task_runner
from compliance.services.task_runner import Tools
from compliance.store import open_store
from tests import builders
from tests.markup import outline
from tests.web.conftest import Site

TOMORROW = "2026-11-24"
OWN = {
    "way": "more", "title": "First aid", "accepts": "cpr", "holder": "therapist", "verify": "no",
    "when_stale": "remind", "applies_on": TOMORROW,
}  # fmt: skip
STRICTER = OWN | {
    "way": "stricter", "requirement": "license", "verify": "every-n-days", "every_days": "30", "when_stale": "block",
}  # fmt: skip


async def licensed(site: Site, first_name: str = "Kim") -> UUID:
    """Somebody at Tampa who is cleared for massage."""
    act = builders.act_in(site.ours.id, site.clock.now)
    async with site.database.write.begin() as session:
        therapist_id = await builders.therapist(session, act, first_name, "Low")
        await builders.assignment(session, act, therapist_id, site.ours.clinics[0])
        await builders.verified_license(session, act, therapist_id)
    return therapist_id


async def held(site: Site) -> list[str]:
    async with site.database.read() as session:
        mine = PolicyRow.organization_id == site.ours.id
        return list(await session.scalars(select(PolicyRow.code).where(mine, PolicyRow.voided_seq.is_(None))))


async def test_a_change_shows_whose_verdict_it_changes_before_it_is_saved(site: Site) -> None:
    await licensed(site)
    browser = await site.sign_in("owner")
    await browser.get("/policies/new")
    assert 'formaction="/policies#look"' in browser.page  # the answer stands below a long form
    answer = await browser.send_form("/policies", OWN | {"look": "yes"})
    assert answer.status_code == 200, browser.words
    assert "1 therapist would no longer be cleared for everything on Nov 24, 2026." in browser.words
    assert "Kim Low" in browser.words
    assert 'value="First aid"' in browser.page
    assert await held(site) == []
    assert outline(browser.page).faults == []
    assert (await browser.send_form("/policies", OWN)).status_code == 303
    assert await held(site) == ["first-aid"]
    await browser.get(f"/clinics/{site.ours.clinics[0]}?as_of={TOMORROW}")
    assert "First aid missing" in browser.words


async def test_ending_a_policy_shows_who_is_cleared_again(site: Site) -> None:
    await licensed(site)
    browser = await site.sign_in("owner")
    await browser.get("/policies/new")
    await browser.send_form("/policies", OWN | {"applies_on": "2026-11-23", "at_once": "yes"})
    await browser.get("/policies")
    path = re.findall(r"/policies/[0-9a-f-]{36}/end", browser.page)[0]
    await browser.get(path)
    await browser.send_form(path, {"last_day": "2026-11-30", "reason": "no longer", "look": "yes"})
    assert "1 therapist would be cleared for more on Dec 1, 2026." in browser.words
    assert await held(site) == ["first-aid"]


async def test_a_stricter_look_stops_whom_nobody_has_looked_up_lately(site: Site) -> None:
    await licensed(site)
    browser = await site.sign_in("owner")
    await browser.get("/policies/new")
    assert (await browser.send_form("/policies", STRICTER)).status_code == 303, browser.words
    later = (site.clock.now.date() + timedelta(days=400)).isoformat()
    await browser.get(f"/clinics/{site.ours.clinics[0]}?as_of={later}")
    assert "may practice" not in browser.words.split("Kim Low")[1][:120]
    await browser.get("/policies")
    assert "License: looked up every 30 days" in browser.words


async def test_an_alternative_that_counts_meets_the_requirement_too(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/policies/new")
    instead = OWN | {"way": "instead", "requirement": "certification", "accepts": "hipaa-training"}
    assert (await browser.send_form("/policies", instead)).status_code == 303
    assert await held(site) == ["certification"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "Say what it is called."),
        ({"accepts": ""}, "Choose what counts."),
        ({"way": "instead"}, "Choose the requirement that it changes."),
        ({"way": "stricter", "requirement": "license"}, "Say how often somebody has to look."),
        ({"verify": "every-n-days", "every_days": "0"}, "Give a number of days from 1 to 3650."),
        ({"way": "other"}, "Choose one of these."),
        ({"holder": "nobody"}, "Choose who holds it."),
        ({"accepts": "diploma"}, "'diploma' is not known"),
        ({"applies_on": "2026-11-23"}, "People need a day's notice"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    site: Site, wrong: dict[str, str], said: str
) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/policies/new")
    given = {name: value for name, value in (OWN | wrong).items() if value}
    assert (await browser.send_form("/policies", given)).status_code == 422
    assert said in browser.words
    assert await held(site) == []


async def test_many_people_are_looked_at_by_a_task(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_preview, "AT_ONCE", 1)
    await licensed(site)
    await licensed(site, "Ann")
    browser = await site.sign_in("owner")
    await browser.get("/policies/offers/cpr")
    answer = await browser.send_form("/policies/offers/cpr", {"applies_on": TOMORROW, "look": "yes"})
    path = answer.headers["location"]
    assert (await browser.get(path)).headers["location"].startswith("/tasks/")
    store = open_store(site.settings.evidence_url, site.settings.home)
    tools = Tools(site.database, store, site.clock, site.settings.signing())
    assert await task_runner.run_waiting(tools, worker_id=new_id(site.clock.now)) == 1
    await browser.get(path)
    assert "2 therapists would no longer be cleared for everything on Nov 24, 2026." in browser.words
    assert await held(site) == []


# -- the months ahead ----------------------------------------------------------------------------------------------


async def test_the_months_ahead_say_who_drops_out_and_what_ends(site: Site) -> None:
    await licensed(site)
    browser = await site.sign_in("manager")
    await browser.get("/ahead")
    assert "at Tampa in the next twelve months" in browser.words
    assert outline(browser.page).faults == []


async def test_a_departure_and_a_new_requirement_can_be_supposed_and_nothing_is_saved(site: Site) -> None:
    kim = await licensed(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/ahead?without={kim}")
    assert "if Kim Low leaves" in browser.words
    await browser.get("/ahead?policy=cpr&as_of=2026-11-23")
    assert "1 person stops at once at Tampa if “CPR” is asked." in browser.words
    assert "Who stops at once Therapist For Why Kim Low Massage therapy CPR" in browser.words
    assert outline(browser.page).faults == []
    assert await held(site) == []


async def test_a_clinic_that_is_out_of_sight_cannot_be_looked_at(site: Site) -> None:
    browser = await site.sign_in("manager")
    assert (await browser.get(f"/ahead?clinic={site.theirs.clinics[0]}")).status_code == 404
