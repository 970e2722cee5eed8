"""The outbox over HTTP: a message is tried once more or stopped, by those who may, with a reason."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from compliance.db.records import OutboxRow
from tests.markup import outline
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
