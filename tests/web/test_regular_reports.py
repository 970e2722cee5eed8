"""Regular reports over HTTP: set up, ended, listed with who opened what; reports being made are found again."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from uuid import UUID

from compliance.db.queries import regular_reports as reading
from compliance.jobs import Context, run_job
from compliance.services import tasks
from tests import builders
from tests.markup import outline
from tests.web.conftest import Browser, Site
from tests.web.test_reports import ask, staffed


async def set_up(site: Site, browser: Browser, clinic: UUID, *roles: str) -> int:
    await browser.get("/reports/regular")
    readers = [str(site.ours.people[each]) for each in roles]
    given = {"clinic_id": str(clinic), "every": "month", "reader_ids": readers}
    return (await browser.send_form("/reports/regular", given)).status_code


async def test_a_month_later_the_report_is_in_the_list_with_who_opened_it(site: Site) -> None:
    await staffed(site)
    owner, auditor = await site.sign_in("owner"), await site.sign_in("auditor")
    assert await set_up(site, owner, site.ours.clinics[0], "owner", "auditor") == 303
    await owner.get("/reports/regular")
    assert "1 report is made regularly." in owner.words
    assert outline(owner.page).faults == []
    at = datetime(2026, 12, 1, 13, tzinfo=UTC)
    done = await run_job("make-regular-reports", Context(site.database, site.settings, as_if_at=at))
    assert done["done"] == {"made": 1, "failed": 0}
    again = await run_job("make-regular-reports", Context(site.database, site.settings, as_if_at=at))
    assert again["done"] == {"made": 0, "failed": 0}
    await owner.get("/reports/regular")
    assert "Nobody yet" in owner.words
    path = re.search(r'href="(/reports/[0-9a-f-]{36})/file"', owner.page)
    assert path
    assert (await auditor.get(f"{path[1]}/file")).content.startswith(b"%PDF-")
    await owner.get("/reports/regular")
    assert "Dana Auditor" in owner.words.split("What was made")[1]
    assert "Nobody yet" not in owner.words
    assert outline(owner.page).faults == []
    await owner.get(path[1])
    assert "Who opened it Dana Auditor" in owner.words


async def test_it_is_ended_once_and_by_those_who_set_it_up_alone(site: Site) -> None:
    owner = await site.sign_in("owner")
    assert await set_up(site, owner, site.ours.clinics[0], "reviewer") == 422
    assert "may not read this clinic's reports" in owner.words
    assert await set_up(site, owner, site.ours.clinics[0], "owner") == 303
    async with site.database.read() as session:
        (regular,) = await reading.regulars(session, site.ours.id)
    assert regular.covered_until == date(2026, 10, 31)
    path = f"/reports/regular/{regular.id}/end"
    auditor, theirs = await site.sign_in("auditor"), await site.sign_in("owner", stranger=True)
    for who, status in ((auditor, 403), (theirs, 404), (owner, 303), (owner, 404)):
        await who.get("/reports")
        assert (await who.send_form(path)).status_code == status
    await theirs.get("/reports/regular")
    assert await set_up(site, theirs, site.ours.clinics[0], "owner") == 404
    await owner.get("/reports/regular")
    assert "No report is made regularly." in owner.words


async def test_what_is_being_made_is_found_again_on_the_list_of_reports(site: Site) -> None:
    owner, auditor = await site.sign_in("owner"), await site.sign_in("auditor")
    act = builders.act_in(site.ours.id, site.clock.now, f"user:{site.ours.people['auditor']}")
    async with site.database.write.begin() as session:
        task = await tasks.create(session, act=act, kind="audit-report", title="Audit report of Tampa, PDF", input={})
    for each in (owner, auditor):
        await each.get("/reports")
        assert f'href="/tasks/{task}"' in each.page
        assert "Being made" in each.words
        assert outline(each.page).faults == []
    async with site.database.write.begin() as session:
        await tasks.cancel(session, act=act, task_id=task)
    await owner.get("/reports")
    assert "Being made" not in owner.words
    path = await ask(owner)
    await owner.get(path)
    assert "Nobody has opened the file here yet." in owner.words
