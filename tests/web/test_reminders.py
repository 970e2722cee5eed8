"""Reminders over HTTP: switching on, what goes out, why; the mailbox and the outbox behind them."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from compliance.db.records import OrganizationRow
from compliance.jobs import Context, run_job
from compliance.services import mailing
from compliance.services.mailing import MailSettings
from compliance.web.mailbox import links_in, policy_of
from tests import builders
from tests.markup import outline
from tests.web.conftest import Browser, Site


async def ending(site: Site, days: int, clinic: int = 0, **person: str | None) -> UUID:
    """A verified license that ends in so many days; its id."""
    act = builders.act_in(site.ours.id, site.clock.now)
    async with site.database.write.begin() as session:
        therapist_id = await builders.therapist(session, act, "Sofia", "Ray", **person)
        await builders.assignment(session, act, therapist_id, site.ours.clinics[clinic])
        ends_on = site.clock.now.date() + timedelta(days=days)
        added = await builders.verified_license(session, act, therapist_id, ends_on=ends_on)
    return added.id


async def go_live(browser: Browser) -> None:
    """Reads the list and switches reminders on."""
    await browser.get("/reminders/start")
    answer = await browser.send_form("/reminders/start")
    assert answer.status_code == 303


async def run_jobs(site: Site) -> None:
    """Plans and delivers as if it were this instant."""
    for job in ("plan-reminders", "deliver-outbox"):
        await run_job(job, Context(site.database, site.settings, as_if_at=site.clock.now))


async def test_reminders_are_off_until_an_owner_has_read_whom_they_would_reach(site: Site) -> None:
    await ending(site, 5, email="sofia@example.org")
    await ending(site, 5, email=None)
    browser = await site.sign_in("owner")
    await browser.get("/reminders")
    assert "Reminders are off" in browser.words
    await browser.get("/reminders/start")
    assert "sofia@example.org" in browser.words
    assert "7 days before the end" in browser.words
    assert "1 therapist has no e-mail address and cannot be reached" in browser.words
    assert outline(browser.page).faults == []
    await go_live(browser)
    await browser.get("/reminders")
    assert "go out in the next 30 days" in browser.words
    assert outline(browser.page).faults == []


async def test_the_list_before_going_live_is_read_to_its_end_in_pages(site: Site) -> None:
    for number in range(3):
        await ending(site, 5, email=f"sofia.{number}@example.org")
    browser = await site.sign_in("owner")
    await browser.get("/reminders/start")
    shown = browser.page.count("/reminders/why/")
    await browser.get("/reminders/start?begin=2")
    assert "3 to 3 of 3" in browser.words
    assert browser.page.count("/reminders/why/") == shown // 3
    assert 'href="/reminders/start"' in browser.page


async def test_only_an_owner_switches_reminders_on_and_only_once(site: Site) -> None:
    manager, owner = await site.sign_in("manager"), await site.sign_in("owner")
    await manager.get("/reminders/start")
    assert "An owner switches them on." in manager.words
    assert (await manager.send_form("/reminders/start")).status_code == 403
    await go_live(owner)
    await owner.get("/reminders")
    assert (await owner.send_form("/reminders/start")).status_code == 422
    assert "are on since" in owner.words


async def test_why_says_for_every_step_what_became_of_it(site: Site) -> None:
    credential_id = await ending(site, 5, email="sofia@example.org")
    browser = await site.sign_in("owner")
    await browser.get(f"/reminders/why/{credential_id}")
    assert "Reminders of this organization are not switched on yet." in browser.words
    await go_live(browser)
    await run_jobs(site)
    await browser.get(f"/reminders/why/{credential_id}")
    assert "The next reminder goes to Sofia Ray on Nov 27, 2026." in browser.words
    assert "In the mailbox" in browser.words
    assert "A more urgent reminder was due already" in browser.words
    assert outline(browser.page).faults == []


async def test_a_stranger_and_a_manager_of_another_clinic_do_not_see_why(site: Site) -> None:
    credential_id = await ending(site, 5)
    stranger = await site.sign_in("owner", stranger=True)
    assert (await stranger.get(f"/reminders/why/{credential_id}")).status_code == 404


async def test_kept_mail_is_read_in_a_frame_that_can_do_nothing(site: Site) -> None:
    await ending(site, 5, email="sofia@example.org")
    browser = await site.sign_in("owner")
    await go_live(browser)
    await run_jobs(site)
    await browser.get("/mailbox")
    path = re.findall(r'href="(/mailbox/[^"?]+)">[^<]*Your Florida', browser.page)[0]
    page = await browser.get(path)
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    assert outline(browser.page).faults == []
    letter = await browser.get(f"{path}/letter")
    policy = letter.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "'sha256-" in policy
    assert letter.headers["x-frame-options"] == "SAMEORIGIN"
    stranger = await site.sign_in("owner", stranger=True)
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get(f"{path}/letter")).status_code == 404


async def test_the_words_of_a_link_that_lets_somebody_in_are_not_shown(site: Site) -> None:
    async with site.database.write.begin() as session:
        act = builders.act_in(site.ours.id, site.clock.now)
        message_id = await mailing.send_link(
            session, act=act, mail=MailSettings("x@example.org", site.settings.public_url), kind="set-password",
            address="new@example.org", name="New", link="http://127.0.0.1:8000/set-password/TOKEN",
            expires_at=site.clock.now + timedelta(days=7),
        )  # fmt: skip
    browser = await site.sign_in("owner")
    for path in (f"/mailbox/{message_id}", f"/outbox/{message_id}"):
        assert (await browser.get(path)).status_code == 200
        assert "TOKEN" not in browser.page
    assert (await browser.get(f"/mailbox/{message_id}/letter")).status_code == 404


async def test_a_demonstration_does_not_show_the_link_of_somebody_who_is_in_earnest_elsewhere(site: Site) -> None:
    """Who may look at the demonstration would else set that person's password."""
    async with site.database.write.begin() as session:
        shown = update(OrganizationRow).where(OrganizationRow.id == site.theirs.id).values(demonstration=True)
        await session.execute(shown)
    browser = await site.sign_in("owner", stranger=True)
    await browser.get("/people/invite")
    for email in ("owner@harbor.example", "new@example.org"):
        given = {"email": email, "name": "Dana", "role": "manager"}
        assert (await browser.send_form("/people/invite", given)).status_code in (200, 303)
        await browser.get("/people/invite")
    await browser.get("/outbox")
    paths = re.findall(r'href="(/outbox/[0-9a-f-]{36})"', browser.page)
    pages = [(await browser.get(path)).text for path in paths]
    letters = [(await browser.get(path.replace("outbox", "mailbox") + "/letter")).status_code for path in paths]
    assert sorted(letters) == [200, 404]
    assert [letter for page, letter in zip(pages, letters, strict=True) if "owner@harbor" in page] == [404]
    assert not any("/set-password/" in page for page in pages if "owner@harbor" in page)


async def test_the_outbox_shows_each_message_with_its_state(site: Site) -> None:
    await ending(site, 5, email="sofia@example.org")
    browser = await site.sign_in("manager")
    await go_live(await site.sign_in("owner"))
    await run_job("plan-reminders", Context(site.database, site.settings, as_if_at=site.clock.now))
    await browser.get("/outbox?state=pending")
    assert "sofia@example.org" in browser.words
    assert outline(browser.page).faults == []
    await browser.get("/outbox?state=sent")
    assert "No message here" in browser.words


async def test_jobs_show_when_they_last_ran(site: Site) -> None:
    browser = await site.sign_in("reviewer")
    await browser.get("/jobs")
    assert "jobs have not run as they should" in browser.words
    await run_jobs(site)
    await browser.get("/jobs")
    assert "Plan reminders" in browser.words
    assert "ms" in browser.words


async def test_a_reviewer_does_not_read_the_mail_of_others(site: Site) -> None:
    browser = await site.sign_in("reviewer")
    assert (await browser.get("/mailbox")).status_code == 403
    assert (await browser.get("/outbox")).status_code == 403


def test_the_policy_of_a_letter_lets_in_its_own_style_alone() -> None:
    assert "style-src 'none'" in policy_of("<p>plain</p>")
    assert policy_of("<style>a{}</style>") != policy_of("<style>b{}</style>")


def test_only_links_to_this_service_are_offered() -> None:
    text = "Go to http://here.example/renew/abc. Not http://there.example/x or http://here.example.evil/x"
    assert links_in(text, "http://here.example") == ["http://here.example/renew/abc"]
