"""The pages by which an owner hands out a person's file and erases it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from compliance.crypto.ids import new_id
from compliance.db.records import DoomedFileRow, EvidenceRow, MembershipRow, PersonRow, TherapistRow, TrailEntryRow
from compliance.services import personal, therapists
from compliance.services.rows import table
from compliance.store import open_store
from tests.web.conftest import ROLES, Site
from tests.web.world import World, world


async def departed(site: Site) -> World:
    """Somebody whose last day has gone by, with one of everything."""
    here = await world(site, site.ours)
    async with site.database.write.begin() as session:
        who: dict[str, UUID] = {"therapist_id": here.ids["therapists"]}
        await therapists.depart(session, act=site.act(), last_day=date(2026, 11, 1), reason="left", **who)
    return here


async def test_the_file_goes_out_as_a_zip_and_that_is_written_down(site: Site) -> None:
    here = await world(site, site.ours)
    browser = await site.sign_in("owner")
    path = f"/therapists/{here.ids['therapists']}/file"
    await browser.get(f"/therapists/{here.ids['therapists']}")
    assert f'href="{path}"' in browser.page
    await browser.get(path)
    assert "Courses 1" in browser.words
    answer = await browser.send_form(path, {"reason": "she asked for it"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        told = json.loads(archive.read("file.json"))
    assert told["therapists"][0]["id"] == str(here.ids["therapists"])
    assert len(told["missing"]) == len({each["sha256"] for each in told["evidence"]})  # the world's files are no files
    async with site.database.read() as session:
        query = select(TrailEntryRow.subject, TrailEntryRow.actor).where(TrailEntryRow.action == "therapist.exported")
        entries = (await session.execute(query)).all()
    owner = site.ours.people["owner"]
    assert [tuple(each) for each in entries] == [(f"therapist:{here.ids['therapists']}", f"user:{owner}")]


async def test_erasing_asks_for_the_name_and_a_reason_and_then_nothing_is_left(site: Site) -> None:
    here = await departed(site)
    browser = await site.sign_in("owner")
    id_ = here.ids["therapists"]
    async with site.database.read() as session:
        who = (await session.scalars(select(TherapistRow).where(TherapistRow.id == id_))).one()
        name = f"{who.first_name} {who.last_name}"
    await browser.get(f"/therapists/{id_}")
    assert f'href="/therapists/{id_}/erase"' in browser.page
    await browser.get(f"/therapists/{id_}/erase")
    assert "The chain of the history" in browser.words
    for wrong in ({"name": "Somebody Else", "reason": "asked"}, {"name": name}, {"reason": "asked"}):
        assert (await browser.send_form(f"/therapists/{id_}/erase", wrong)).status_code == 422, wrong
    assert (await browser.get(f"/therapists/{id_}")).status_code == 200
    await browser.get(f"/therapists/{id_}/erase")
    answer = await browser.send_form(f"/therapists/{id_}/erase", {"name": name.upper(), "reason": "asked for"})
    assert answer.status_code == 303
    await browser.get("/therapists")
    assert "The file is erased" in browser.words
    assert (await browser.get(f"/therapists/{id_}")).status_code == 404


async def test_what_must_be_kept_says_so_and_offers_no_form(site: Site) -> None:
    here = await world(site, site.ours)
    browser = await site.sign_in("owner")
    path = f"/therapists/{here.ids['therapists']}/erase"
    await browser.get(path)
    assert "They work here without an end. Record their last day first." in browser.words
    assert f'action="{path}"' not in browser.page
    refused = await browser.send_form(path, {"name": "Sofia Nguyen", "reason": "a slip"})
    assert refused.status_code == 422
    assert (await browser.get(f"/therapists/{here.ids['therapists']}")).status_code == 200


@pytest.mark.parametrize("role", [each for each in ROLES if each != "owner"])
async def test_only_owners_see_the_ways(site: Site, role: str) -> None:
    here = await world(site, site.ours)
    browser = await site.sign_in(role)
    id_ = here.ids["therapists"]
    await browser.get(f"/therapists/{id_}")
    assert not [each for each in ("file", "erase") if f'href="/therapists/{id_}/{each}"' in browser.page]
    assert (await browser.get(f"/therapists/{id_}/erase")).status_code == 403


async def test_a_sign_in_that_leads_elsewhere_too_stays(site: Site) -> None:
    """The page's session sees one organization, and still must not take what belongs to another."""
    here = await departed(site)
    id_, person = here.ids["therapists"], new_id(site.clock.now)
    async with site.database.write.begin() as session:
        row = {"id": person, "email": "kim@elsewhere.example", "folded_email": "kim@elsewhere.example", "name": "Kim"}
        await session.execute(insert(table(PersonRow)), [row | {"created_at": site.clock.now}])
        rows = [
            {"organization_id": organization.id, "id": new_id(site.clock.now), "person_id": person, "role": role,
             "clinic_ids": (), "therapist_id": whose, "created_at": site.clock.now}
            for organization, role, whose in ((site.ours, "therapist", id_), (site.theirs, "manager", None))
        ]  # fmt: skip
        await session.execute(insert(table(MembershipRow)), rows)
        who = (await session.scalars(select(TherapistRow).where(TherapistRow.id == id_))).one()
        name = f"{who.first_name} {who.last_name}"
    browser = await site.sign_in("owner")
    await browser.get(f"/therapists/{id_}/erase")
    answer = await browser.send_form(f"/therapists/{id_}/erase", {"name": name, "reason": "asked for"})
    assert answer.status_code == 303
    async with site.database.read() as session:
        left = (
            await session.execute(select(MembershipRow.organization_id).where(MembershipRow.person_id == person))
        ).all()
        assert [each.organization_id for each in left] == [site.theirs.id]
        assert await session.get(PersonRow, person) is not None


async def test_documents_leave_the_store_after_the_commit_and_not_while_others_name_them(site: Site) -> None:
    """Killed in between, the list is still there; what another organization keeps under the same bytes stays."""
    from compliance.crypto.hashes import sha256_hex

    here = await departed(site)
    store = open_store(site.settings.evidence_url, site.settings.home)
    ours, shared = b"only ours", b"kept by both"
    for each in (ours, shared):
        await store.put(each, sha256_hex(each))
    there = await world(site, site.theirs)
    evidence = table(EvidenceRow)
    async with site.database.write.begin() as session:
        mine = evidence.c.organization_id == site.ours.id
        both = {"sha256": sha256_hex(ours), "rendition_sha256": sha256_hex(shared)}
        await session.execute(evidence.update().where(mine).values(both))
        same = {"sha256": sha256_hex(shared)}
        await session.execute(evidence.update().where(evidence.c.id == there.ids["evidence"]).values(same))
        await personal.erase(session, act=site.act(), therapist_id=here.ids["therapists"], reason="asked for")
    assert await store.exists(sha256_hex(ours))
    async with site.database.read() as session:
        assert set(await session.scalars(select(DoomedFileRow.sha256))) == set(both.values())
    assert await personal.sweep(site.database, store) == 1
    assert (await store.exists(sha256_hex(ours)), await store.exists(sha256_hex(shared))) == (False, True)
    assert await personal.sweep(site.database, store) == 0
