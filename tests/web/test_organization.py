"""Beginning an organization, its settings, and who may do what in it."""

from __future__ import annotations

import re

from sqlalchemy import update

from compliance.crypto import passwords
from compliance.db.queries.members import members_of
from compliance.db.records import OrganizationRow
from compliance.services import accounts
from tests.markup import outline
from tests.web import people
from tests.web.conftest import Browser, Site

PASSWORD = "harbor lantern seven kites"
OWN = {"name": "Bay Bodywork", "time_zone": "America/Chicago", "postal_address": "1 Bay St"}
SELF = {"your_name": "Nina New", "email": "nina@example.org", "password": PASSWORD, "again": PASSWORD}


async def give_password(site: Site, role: str) -> None:
    """A sign-in of their own."""
    hashed = await passwords.hash_password(PASSWORD)
    async with site.database.write.begin() as session:
        await accounts.set_password(session, act=site.act(), person_id=site.ours.people[role], password_hash=hashed)


async def test_somebody_with_a_sign_in_of_their_own_begins_an_organization_and_is_its_owner(site: Site) -> None:
    await give_password(site, "owner")
    browser = await site.sign_in("owner")
    await browser.get("/organizations/new")
    assert "Your name" not in browser.words
    answer = await browser.send_form("/organizations/new", OWN)
    assert answer.headers["location"] == "/"
    await browser.get("/organization")
    assert "Bay Bodywork" in browser.words
    await browser.get("/")
    assert "Add clinic" in browser.words
    await browser.get("/clinics")
    assert "No clinic is named yet." in browser.words


async def test_in_a_demonstration_one_begins_with_a_sign_in_of_ones_own(site: Site) -> None:
    async with site.database.write.begin() as session:
        await session.execute(update(OrganizationRow).values(demonstration=True))
    browser = await site.sign_in("manager")
    await browser.get("/organizations/new")
    answer = await browser.send_form("/organizations/new", OWN)
    assert answer.status_code == 422
    assert "Give your name." in browser.words
    taken = await browser.send_form("/organizations/new", OWN | SELF | {"email": "owner@harbor.example"})
    assert taken.status_code == 422
    answer = await browser.send_form("/organizations/new", OWN | SELF)
    assert answer.status_code == 303
    await browser.get("/people")
    assert "nina@example.org" in browser.words
    assert "1 person may sign in here." in browser.words
    again = site.browser()
    await again.get("/sign-in")
    answer = await again.send_form("/sign-in", {"email": "nina@example.org", "password": PASSWORD})
    assert answer.status_code == 303


async def test_a_name_that_is_taken_is_refused_with_what_was_typed(site: Site) -> None:
    await give_password(site, "owner")
    browser = await site.sign_in("owner")
    await browser.get("/organizations/new")
    answer = await browser.send_form("/organizations/new", OWN | {"name": "Somebody Else's Clinics"})
    assert answer.status_code == 422
    assert "exists already" in browser.words
    assert outline(browser.page).faults == []


async def test_settings_are_the_owners_to_change(site: Site) -> None:
    owner, manager = await site.sign_in("owner"), await site.sign_in("manager")
    given = {"name": "Harbor Clinics", "time_zone": "America/Chicago", "postal_address": "", "reason": "Shorter"}
    await manager.get("/organization")
    assert "Save" not in manager.words
    assert (await manager.send_form("/organization", given)).status_code == 403
    await owner.get("/organization")
    assert (await owner.send_form("/organization", given)).status_code == 303
    await owner.get("/organization")
    assert "Harbor Clinics" in owner.words
    refused = await owner.send_form("/organization", given | {"time_zone": "Mars/Olympus"})
    assert refused.status_code == 422


# -- people --------------------------------------------------------------------------------------------------------


async def invited(browser: Browser, **more: str) -> str:
    """Invites somebody; the link that was shown."""
    await browser.get("/people/invite")
    given = {"email": "rae@example.org", "name": "Rae Lim", "role": "reviewer"} | more
    answer = await browser.send_form("/people/invite", given)
    assert answer.status_code in (200, 201), browser.words
    return str(re.findall(r"http://[^<\s]+/set-password/[^<\s]+", browser.page)[0])


async def test_where_no_mail_leaves_the_link_of_an_invitation_is_shown_once(site: Site) -> None:
    browser = await site.sign_in("owner")
    link = await invited(browser)
    somebody = site.browser()
    assert (await somebody.get(link)).status_code == 200
    await browser.get("/people")
    assert "rae@example.org" in browser.words
    assert "set-password" not in browser.page
    assert outline(browser.page).faults == []


async def test_an_auditor_needs_a_last_day(site: Site) -> None:
    browser = await site.sign_in("owner")
    await browser.get("/people/invite")
    given = {"email": "uwe@example.org", "name": "Uwe", "role": "auditor"}
    assert (await browser.send_form("/people/invite", given)).status_code == 422
    assert "Give the auditor's last day." in browser.words
    assert outline(browser.page).faults == []


async def test_a_role_can_be_changed_and_limited_to_clinics(site: Site) -> None:
    browser, manager = await site.sign_in("owner"), site.ours.people["manager"]
    await browser.get(f"/people/{manager}")
    given = {"role": "manager", "clinic_ids": [str(site.ours.clinics[1])]}
    assert (await browser.send_form(f"/people/{manager}", given)).status_code == 303
    await browser.get("/people")
    assert "Orlando" in browser.words
    limited = await site.sign_in("manager")
    assert (await limited.get(f"/clinics/{site.ours.clinics[0]}")).status_code == 404
    assert (await limited.get(f"/clinics/{site.ours.clinics[1]}")).status_code == 200


async def test_a_therapist_signs_in_to_their_own_file_found_by_name_or_address(site: Site) -> None:
    sofia = await people.therapist(site, "Sofia Ray", email="sofia@example.org")
    await people.therapist(site, "Kim Low")
    await people.therapist(site, "Kim Low")
    browser = await site.sign_in("owner")
    await browser.get("/people/invite")
    given = {"role": "therapist", "email": "sofia@private.example"}
    for wanted, said in (("", "Nobody on file is called 'sofia@private.example'"), ("Kim Low", "Several are called")):
        assert (await browser.send_form("/people/invite", given | {"therapist": wanted})).status_code == 422
        assert said in browser.words
    await browser.send_form("/people/invite", given | {"therapist": "sofia ray"})
    async with site.database.read() as session:
        member = next(each for each in await members_of(session, site.ours.id) if each.role == "therapist")
    assert member.therapist_id == sofia
    await browser.get(f"/people/{member.person_id}")
    assert 'value="sofia@example.org"' in browser.page
    own = await site.sign_in_person(member.person_id, site.ours.id)
    await own.get("/me")
    assert "Sofia Ray" in own.words


async def test_the_last_owner_stays(site: Site) -> None:
    browser, owner = await site.sign_in("owner"), site.ours.people["owner"]
    await browser.get(f"/people/{owner}")
    answer = await browser.send_form(f"/people/{owner}/end", {"reason": "Tired"})
    assert answer.status_code == 422
    assert "make somebody else an owner first" in browser.words


async def test_whoever_leaves_is_signed_out_at_once(site: Site) -> None:
    owner, reviewer = await site.sign_in("owner"), await site.sign_in("reviewer")
    await owner.get("/people")
    await owner.send_form(f"/people/{site.ours.people['reviewer']}/end", {"reason": "Moved away"})
    assert (await reviewer.get("/clinics")).status_code == 303


async def test_strangers_and_managers_change_nobody(site: Site) -> None:
    theirs, ours = site.theirs.people["manager"], site.ours.people["manager"]
    owner = await site.sign_in("owner")
    assert (await owner.get(f"/people/{theirs}")).status_code == 404
    await owner.get("/people")
    assert (await owner.send_form(f"/people/{theirs}/end", {})).status_code == 404
    manager = await site.sign_in("manager")
    assert (await manager.get("/people")).status_code == 403
    await manager.get("/clinics/new")
    assert (await manager.send_form(f"/people/{ours}", {"role": "owner"})).status_code == 403
