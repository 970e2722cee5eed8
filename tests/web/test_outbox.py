"""The outbox over HTTP: a message is tried once more or stopped, by those who may, with a reason."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select, update

from compliance.crypto.return_paths import return_path, webhook_token
from compliance.db.records import OutboxRow, ReminderRow
from compliance.services import alarms
from compliance.services.mailing import MailSettings
from compliance.services.outbox.flagging import flag
from compliance.services.trail import Act
from tests.markup import outline
from tests.services.test_bounces import report
from tests.web.conftest import Browser, Site
from tests.web.test_reminders import ending, go_live, run_jobs


async def waiting(site: Site, state: str) -> tuple[Browser, str]:
    """An owner before the page of a message in this state."""
    await ending(site, 5, email="sofia@example.org")
    browser = await site.sign_in("owner")
    await go_live(browser)
    await run_jobs(site)
    async with site.database.write.begin() as session:
        kind = OutboxRow.kind == "renewal-reminder"
        mine = (await session.scalars(select(OutboxRow.id).where(kind, OutboxRow.therapist_id.is_not(None)))).first()
        await session.execute(update(OutboxRow).where(OutboxRow.id == mine).values(state=state, sent_at=None))
        note = "queued" if state == "pending" else "failed"
        await session.execute(update(ReminderRow).where(ReminderRow.state == "done").values(state=note))
    await browser.get(f"/outbox/{mine}")
    return browser, f"/outbox/{mine}"


async def state_of(site: Site, path: str) -> str:
    async with site.database.read() as session:
        rows = {str(row.id): row.state for row in await session.execute(select(OutboxRow.id, OutboxRow.state))}
    return str(rows[path.rpartition("/")[2]])


async def test_a_message_that_was_given_up_is_sent_once_more_from_its_page(site: Site) -> None:
    browser, path = await waiting(site, "dead")
    assert "Send it once more" in browser.words
    assert "Give it up" not in browser.words
    assert outline(browser.page).faults == []
    answer = await browser.send_form(f"{path}/retry")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert await state_of(site, path) == "pending"


async def test_a_message_that_waits_is_stopped_with_a_reason_and_not_without(site: Site) -> None:
    browser, path = await waiting(site, "pending")
    await browser.send_form(f"{path}/give-up", {"reason": ""})
    assert "The message stays as it is" in browser.words
    assert outline(browser.page).faults == []
    assert await state_of(site, path) == "pending"
    assert (await browser.send_form(f"{path}/give-up", {"reason": "Told by telephone"})).status_code == 303
    assert await state_of(site, path) == "withdrawn"
    await browser.get(path)
    assert "Told by telephone" in browser.words
    assert not re.search(r"/(retry|give-up)\"", browser.page)


async def test_an_auditor_reads_the_outbox_and_decides_nothing(site: Site) -> None:
    _, path = await waiting(site, "held")
    browser = await site.sign_in("auditor")
    await browser.get(path)
    assert "Send it once more" not in browser.words
    for verb in ("retry", "give-up"):
        assert (await browser.send_form(f"{path}/{verb}", {"reason": "no"})).status_code == 403
    assert await state_of(site, path) == "held"


async def refused(site: Site) -> tuple[Browser, UUID]:
    """An owner, and the therapist whose address a mail server refused."""
    await ending(site, 5, email="sofia@example.org")
    browser = await site.sign_in("owner")
    await go_live(browser)
    await run_jobs(site)
    async with site.database.write.begin() as session:
        mine = OutboxRow.recipient_address == "sofia@example.org"
        row = (await session.scalars(select(OutboxRow).where(mine))).one()
        act = Act(site.ours.id, "job:deliver-outbox", site.clock.now)
        said = {"source": "refused", "code": "5.1.1", "reason": "550 5.1.1 Nobody of that name"}
        assert await flag(session, act=act, row=row, at=site.clock.now, **said)
        assert row.therapist_id is not None
        return browser, row.therapist_id


async def test_a_refused_address_waits_for_a_decision_and_is_told_on_the_therapist_s_page(site: Site) -> None:
    browser, therapist_id = await refused(site)
    await browser.get("/decisions?kind=refused")
    assert "A mail server said of sofia@example.org: 550 5.1.1 Nobody of that name" in browser.words
    await browser.get(f"/therapists/{therapist_id}")
    assert "No mail reaches sofia@example.org." in browser.words
    path = re.findall(r'href="(/addresses/[0-9a-f-]{36})"', browser.page)[0]
    for page in ("/addresses", path):
        await browser.get(page)
        assert "sofia@example.org" in browser.words
        assert outline(browser.page).faults == []
    await browser.send_form(f"{path}/good", {"why": ""})
    assert "The address stays refused" in browser.words
    assert (await browser.send_form(f"{path}/good", {"why": "She showed it to me"})).status_code == 303
    await browser.get("/addresses")
    assert "No address is refused." in browser.words
    assert (await browser.get(path)).status_code == 404


async def test_reports_are_taken_at_the_secret_address_alone_and_forged_ones_are_refused(site: Site) -> None:
    await ending(site, 5, email="sofia@example.org")
    await go_live(await site.sign_in("owner"))
    await run_jobs(site)
    async with site.database.write.begin() as session:
        await session.execute(update(OutboxRow).values(state="sent"))
        mine = OutboxRow.recipient_address == "sofia@example.org"
        message = (await session.scalars(select(OutboxRow.id).where(mine))).one()
    secret = site.settings.secret_key()
    raw = report(return_path(secret, message, "bounces@example.org"))
    stranger = site.browser()
    elsewhere = {"origin": "https://mail.example.com", "content-type": "message/rfc822"}
    post = f"/bounces/{webhook_token(secret)}"
    asked = [("/bounces/guessed", raw), (post, report("x@example.org")), (post, b"hello"), (post, raw), (post, raw)]
    answers = [(await stranger.post(path, content=body, headers=elsewhere)).status_code for path, body in asked]
    assert answers == [404, 403, 400, 200, 200]
    assert await state_of(site, f"/outbox/{message}") == "bounced"


async def test_what_owners_were_told_of_stands_on_the_outbox_and_in_the_figures(site: Site) -> None:
    async with site.database.write.begin() as session:
        late = {"plan-reminders": "It has never run."}
        mail = MailSettings("reminders@example.org", "http://127.0.0.1:8000", site.settings.secret_key())
        await alarms.raise_all(session, now=site.clock.now, late=late, mail=mail)
    browser = await site.sign_in("owner")
    await browser.get("/outbox")
    assert "The job plan-reminders is late. It has never run." in browser.words
    assert outline(browser.page).faults == []
    said = (await site.browser().get("/metrics")).text
    assert re.search(r"compliance_incidents_open [1-9]", said)
    assert "compliance_oldest_due_unsent_seconds" in said
