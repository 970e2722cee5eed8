"""How an organization reminds, over HTTP: ladders, hours, who stands in; and the list of what goes out, in pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from compliance.db.records import TherapistRow
from compliance.domain.periods import BEGINNING
from compliance.web import reminders as pages
from tests import builders
from tests.markup import outline
from tests.web.conftest import Browser, Site
from tests.web.test_reminders import ending, go_live, run_jobs

SETTINGS = "/reminders/settings"


async def owner(site: Site) -> Browser:
    browser = await site.sign_in("owner")
    await go_live(browser)
    return browser


async def test_a_ladder_is_set_for_a_type_shown_with_its_reason_and_dropped_again(site: Site) -> None:
    browser = await owner(site)
    await browser.get(SETTINGS)
    assert "90, 60, 30, 14, 7 and 1 days before, on the day, 7 and 30 days after" in browser.words
    assert outline(browser.page).faults == []
    path = "/reminders/ladders/cpr"
    await browser.get(path)
    assert 'value="90, 60, 30, 14, 7, 1, 0, -7, -30"' in browser.page
    assert outline(browser.page).faults == []
    wrong = {"therapist": "soon", "manager": "", "owner": "", "reason": ""}
    assert (await browser.send_form(path, wrong)).status_code == 422
    assert "is no number of days" in browser.words
    given = {"therapist": "45, 3", "manager": "3", "owner": "", "reason": "Courses are full in spring"}
    assert (await browser.send_form(path, given)).status_code == 303
    await browser.get(SETTINGS)
    assert "45 and 3 days before" in browser.words
    assert "Courses are full in spring" in browser.words
    clear = re.findall(r"/reminders/set-ladders/[0-9a-f-]{36}/clear", browser.page)[0]
    await browser.get(clear)
    assert (await browser.send_form(clear, {"reason": ""})).status_code == 422
    assert (await browser.send_form(clear, {"reason": "as usual"})).status_code == 303
    await browser.get(SETTINGS)
    assert "45 and 3 days before" not in browser.words


async def test_a_credential_shows_the_ladder_in_force_and_takes_one_of_its_own(site: Site) -> None:
    credential_id = await ending(site, 50, email="sofia@example.org")
    browser = await owner(site)
    await browser.get(f"/reminders/why/{credential_id}")
    assert "From the catalog." in browser.words
    assert outline(browser.page).faults == []
    path = f"/reminders/ladders/credentials/{credential_id}"
    await browser.get(path)
    assert "Florida massage license of Sofia Ray" in browser.words
    given = {"therapist": "20", "manager": "", "owner": "", "reason": "She asked for one mail"}
    assert (await browser.send_form(path, given)).status_code == 303
    await browser.get(f"/reminders/why/{credential_id}")
    assert "Set for this credential on Nov 23, 2026: She asked for one mail" in browser.words
    assert "20 days before the end" in browser.words
    assert "30 days before the end" not in browser.words


async def test_only_an_owner_changes_how_an_organization_reminds(site: Site) -> None:
    credential_id = await ending(site, 50)
    manager, stranger = await site.sign_in("manager"), await site.sign_in("owner", stranger=True)
    assert (await manager.get(SETTINGS)).status_code == 200
    assert "/reminders/hours" not in manager.page
    for path in ("/reminders/ladders/cpr", "/reminders/hours", "/reminders/delegates/new"):
        assert (await manager.get(path)).status_code == 403
        assert (await manager.send_form(path, {})).status_code == 403
    assert (await stranger.get(f"/reminders/ladders/credentials/{credential_id}")).status_code == 404
    assert (await stranger.get("/reminders/ladders/no-such-type")).status_code == 404


async def test_hours_and_weekends_are_set_and_an_impossible_hour_is_refused(site: Site) -> None:
    browser = await owner(site)
    await browser.get("/reminders/hours")
    assert outline(browser.page).faults == []
    odd = {"hour": "noon", "quiet_from": "20:00", "quiet_to": "07:00"}
    assert (await browser.send_form("/reminders/hours", odd)).status_code == 422
    inside = {"hour": "06:00", "quiet_from": "20:00", "quiet_to": "07:00"}
    assert (await browser.send_form("/reminders/hours", inside)).status_code == 422
    assert "nothing would ever leave" in browser.words
    good = {"hour": "07:30", "quiet_from": "20:00", "quiet_to": "07:00"}
    assert (await browser.send_form("/reminders/hours", good)).status_code == 303
    await browser.get(SETTINGS)
    assert "Reminders leave from 7:30 AM on, Monday to Friday." in browser.words
    assert "8:00 PM to 7:00 AM" in browser.words


async def test_somebody_stands_in_until_it_is_ended(site: Site) -> None:
    browser = await owner(site)
    path = "/reminders/delegates/new"
    await browser.get(path)
    assert outline(browser.page).faults == []
    span = {"starts_on": "2026-11-23", "ends_on": "2026-12-04", "reason": "vacation"}
    assert (await browser.send_form(path, {"person_id": "", "delegate_id": "", **span})).status_code == 422
    who = {"person_id": str(site.ours.people["manager"]), "delegate_id": str(site.ours.people["owner"])}
    assert (await browser.send_form(path, who | span)).status_code == 303
    await browser.get(SETTINGS)
    assert "Dana Owner for Dana Manager" in browser.words
    end = re.findall(r"/reminders/delegates/[0-9a-f-]{36}/end", browser.page)[0]
    await browser.get(end)
    assert (await browser.send_form(end, {"reason": "back early"})).status_code == 303
    await browser.get(SETTINGS)
    assert "Nobody is away" in browser.words


async def test_the_list_of_what_goes_out_has_pages_and_leaves_nothing_out(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST", 2)
    for number in range(3):
        await ending(site, 20 + number, email=f"person{number}@example.org")
    browser = await owner(site)
    seen: list[str] = []
    path = "/reminders"
    while path:
        await browser.get(path)
        assert outline(browser.page).faults == []
        seen += re.findall(r"(?:Sofia Ray|Dana \w+), ([\w ]+(?:before the end|last day|after the end))", browser.words)
        later = re.findall(r'href="(/reminders\?begin=\d+)">Later', browser.page)
        path = later[0] if later else ""
    told_therapists, told_managers = (14, 7, 1, 0, -7), (14, 0, -7)
    assert len(seen) == sum(20 + n - d <= 30 for n in range(3) for d in (*told_therapists, *told_managers, -7))


async def test_what_a_file_lacks_is_listed_and_explained(site: Site) -> None:
    browser = await owner(site)
    begins = site.clock.now.date() + timedelta(days=20)
    act = builders.act_in(site.ours.id, site.clock.now)
    async with site.database.write.begin() as session:
        therapist_id = await builders.therapist(session, act, "Ana", "Ruiz")
        await builders.assignment(session, act, therapist_id, site.ours.clinics[0], starts_on=begins)
        await session.execute(update(TherapistRow).values(next_look_on=BEGINNING))
    await browser.get("/reminders")
    assert f'href="/reminders/therapists/{therapist_id}"' in browser.page
    assert "Missing since Dec 13, 2026" in browser.words
    await run_jobs(site)
    await browser.get(f"/reminders/therapists/{therapist_id}")
    assert "14 days before it is asked" in browser.words.replace("14 Days", "14 days")
    assert "Dana Manager" in browser.words
    assert outline(browser.page).faults == []
    stranger = await site.sign_in("owner", stranger=True)
    assert (await stranger.get(f"/reminders/therapists/{therapist_id}")).status_code == 404
