"""How long files are kept: a list first, an owner's word, and then a job that erases this and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.organizations import organization
from compliance.db.records import (
    AssignmentRow,
    CourseRow,
    EvidenceRow,
    RetentionApprovalRow,
    TherapistRow,
    TrailEntryRow,
)
from compliance.services import personal, therapists, trail
from compliance.services.personal import CERTIFICATES, FILE, Terms
from compliance.services.rows import table
from tests import builders
from tests.web.conftest import ROLES, Site
from tests.web.world import world


async def left(site: Site, day: date, last: str = "Gone") -> UUID:
    """Somebody whose last day of work was this one."""
    async with site.database.write.begin() as session:
        id_ = await builders.therapist(session, site.act(), "Iris", last, email=f"{last.lower()}@example.org")
        await builders.assignment(session, site.act(), id_, site.ours.clinics[0])
        at = table(AssignmentRow)
        days = {"starts_on": date(2010, 1, 4), "ends_on": day}
        await session.execute(update(at).where(at.c.therapist_id == id_).values(days))
    return id_


async def due(site: Site, by: date, terms: Terms = Terms(), **more: Any) -> list[tuple[UUID, str, date]]:  # noqa: B008
    async with site.database.read() as session:
        found = await personal.due(session, organization_id=site.ours.id, terms=terms, by=by, **more)
    return [(each.therapist_id, each.kind, each.due_on) for each in found]


async def run(site: Site) -> Mapping[str, int]:
    async def now(_session: AsyncSession) -> datetime:
        return site.clock.now

    return await personal.erase_approved(site.database, now=now, stopping=asyncio.Event())


async def on_file(site: Site, id_: UUID) -> bool:
    async with site.database.read() as session:
        return await session.get(TherapistRow, (site.ours.id, id_)) is not None


async def test_a_file_may_go_the_day_after_its_years_and_not_before(site: Site) -> None:
    gone = await left(site, date(2019, 11, 22))
    await left(site, date.max, "Works")
    assert await due(site, date(2026, 11, 22)) == []
    assert await due(site, date(2026, 11, 23)) == [(gone, FILE, date(2026, 11, 23))]
    assert await due(site, date(2026, 11, 23), Terms(file=8)) == []
    assert await due(site, date(2027, 11, 23), after=date(2026, 11, 23)) == []
    async with site.database.write.begin() as session:
        await therapists.set_legal_hold(session, act=site.act(), therapist_id=gone, hold=True, reason="a lawsuit")
    assert await due(site, date(2026, 11, 23)) == []


async def test_the_job_erases_what_was_approved_and_nothing_else(site: Site) -> None:
    approved, other = await left(site, date(2018, 1, 5)), await left(site, date(2018, 1, 5), "Waits")
    browser = await site.sign_in("owner")
    assert (await run(site))["files"] == 0
    await browser.get("/retention")
    assert "2 lines have outlived the time of keeping." in browser.words
    assert (await browser.send_form("/retention/approve", {"chosen": f"file:{approved}"})).status_code == 422
    await browser.get("/retention")
    sent = {"chosen": f"file:{approved}", "why": "the seven years are over"}
    assert (await browser.send_form("/retention/approve", sent)).status_code == 303
    await browser.get("/retention")
    assert "Approved, to be erased within ten minutes" in browser.words
    assert await on_file(site, approved)
    assert await run(site) == {"files": 1, "certificates": 0, "kept": 0}
    assert (await on_file(site, approved), await on_file(site, other)) == (False, True)
    assert await run(site) == {"files": 0, "certificates": 0, "kept": 0}
    async with site.database.read() as session:
        actions = await session.scalars(select(TrailEntryRow.actor).where(TrailEntryRow.action == "therapist.erased"))
        assert list(actions) == ["job:erase-approved"]
        assert (await trail.verify(session, organization_id=site.ours.id))[1] is None


async def test_what_must_stay_after_all_stays_and_the_approval_goes(site: Site) -> None:
    held, back, kept = [await left(site, date(2018, 1, 5), name) for name in ("Held", "Back", "Kept")]
    browser = await site.sign_in("owner")
    await browser.get("/retention")
    chosen = [f"file:{each}" for each in (held, back, kept)]
    assert (await browser.send_form("/retention/approve", {"chosen": chosen, "why": "over"})).status_code == 303
    await browser.get("/retention")
    await browser.send_form("/retention/keep", {"therapist_id": str(kept), "kind": FILE})
    async with site.database.write.begin() as session:
        await therapists.set_legal_hold(session, act=site.act(), therapist_id=held, hold=True, reason="a lawsuit")
        await builders.assignment(session, site.act(), back, site.ours.clinics[0])
    assert await run(site) == {"files": 0, "certificates": 0, "kept": 2}
    assert [await on_file(site, each) for each in (held, back, kept)] == [True, True, True]
    async with site.database.read() as session:
        assert list(await session.scalars(select(RetentionApprovalRow.id))) == []
    await browser.get("/retention")
    assert "a lawsuit" in browser.words
    await browser.get(f"/therapists/{held}")
    assert "This file is kept: a lawsuit (cli:tests" in browser.words


async def test_only_what_is_due_can_be_approved(site: Site) -> None:
    early = await left(site, date(2025, 1, 5))
    browser = await site.sign_in("owner")
    for chosen in (f"file:{early}", "file:nobody", f"everything:{early}"):
        await browser.get("/retention")
        answer = await browser.send_form("/retention/approve", {"chosen": chosen, "why": "a slip"})
        assert answer.status_code == 422, chosen
    assert await run(site) == {"files": 0, "certificates": 0, "kept": 0}


async def test_certificates_go_after_six_years_and_the_courses_stay(site: Site) -> None:
    """Also of somebody who works; a document that proves something else stays."""
    here = await world(site, site.ours)
    id_, course = here.ids["therapists"], here.ids["courses"]
    at = table(CourseRow)
    async with site.database.write.begin() as session:
        await session.execute(update(at).where(at.c.id == course).values(completed_on=date(2020, 11, 1)))
        document = await session.scalar(select(at.c.evidence_id).where(at.c.id == course))
    assert await due(site, site.clock.now.date()) == [(id_, CERTIFICATES, date(2026, 11, 2))]
    async with site.database.write.begin() as session:
        ours = await organization(session, site.ours.id)
        assert ours
        wanted = [(id_, CERTIFICATES)]
        assert await personal.approve(session, act=site.act(), ours=ours, wanted=wanted, reason="over") == 1
    assert await run(site) == {"files": 0, "certificates": 1, "kept": 0}
    async with site.database.read() as session:
        row = (await session.execute(select(at.c.title, at.c.evidence_id).where(at.c.id == course))).one()
        assert tuple(row) == ("Ethics", None)
        assert await session.get(EvidenceRow, (site.ours.id, document)) is None
        assert await session.get(EvidenceRow, (site.ours.id, here.ids["evidence"])) is not None
    assert await due(site, site.clock.now.date()) == []


async def test_other_times_are_shown_before_they_hold(site: Site) -> None:
    gone = await left(site, date(2021, 3, 5))
    browser = await site.sign_in("owner")
    await browser.get("/retention")
    assert "Nothing waits to be let go." in browser.words
    await browser.get("/retention?file=5&certificates=6")
    assert "Shown as it would be: now it is 7 and 6." in browser.words.replace(" : ", ": ")
    assert f"file:{gone}" in browser.page
    assert (await browser.send_form("/retention", {"file": "0", "certificates": "6", "reason": "x"})).status_code == 422
    await browser.get("/retention?file=5&certificates=6")
    sent = {"file": "5", "certificates": "6", "reason": "our insurer asks for five"}
    assert (await browser.send_form("/retention", sent)).status_code == 303
    await browser.get("/retention")
    assert "1 line has outlived" in browser.words
    assert await on_file(site, gone)


async def test_only_owners_say_what_goes(site: Site) -> None:
    for role in ROLES[1:]:
        assert (await (await site.sign_in(role)).get("/retention")).status_code == 403
