"""People and roles: who is invited, who leaves, who stays the last owner; and what is a person's own to change."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from compliance.crypto import passwords
from compliance.db.queries.accounts import address_is_proven, memberships_of, person_by_email
from compliance.db.queries.members import members_of
from compliance.db.records import INSTALLATION, CapabilityRow, OutboxRow, TrailEntryRow
from compliance.services import accounts, links, trail
from compliance.services.refusals import Refused, Unknown
from tests.web.conftest import Browser, Site

PASSWORD = "harbor lantern seven kites"


async def test_an_invitation_lasts_seven_days_works_once_and_sets_only_a_password(site: Site) -> None:
    async with site.database.write.begin() as session:
        invited = await accounts.invite(
            session, act=site.act(), email="New@Harbor.example", role="manager", clinic_ids=site.ours.clinics[:1]
        )
    path = f"/set-password/{invited.token}"
    site.clock.forward(days=6, hours=23)
    browser = site.browser()
    await browser.get(path)
    answer = await browser.send_form(path, {"password": PASSWORD, "again": PASSWORD})
    assert answer.headers["location"] == "/sign-in"
    assert "session" not in browser.cookies
    assert (await browser.get(path)).status_code == 404
    async with site.database.read() as session:
        theirs = await memberships_of(session, invited.person_id, now=site.clock.now)
    assert [(each.role, each.clinic_ids) for each in theirs] == [("manager", frozenset(site.ours.clinics[:1]))]


async def test_who_has_a_password_is_never_given_a_link_by_another_organizations_owner(site: Site) -> None:
    """An owner elsewhere who invites them would otherwise set their password."""
    owner = site.ours.people["owner"]
    async with site.database.write.begin() as session:
        hashed = await passwords.hash_password(PASSWORD)
        await accounts.set_password(session, act=site.act(), person_id=owner, password_hash=hashed)
        act = site.act(site.theirs.id)
        invited = await accounts.invite(session, act=act, email="owner@harbor.example", role="auditor")
        assert (invited.person_id, invited.token) == (owner, None)
        with pytest.raises(Refused, match="can sign in already"):
            await accounts.invite_again(session, act=act, person_id=owner)


async def test_a_former_member_comes_back_with_the_new_role(site: Site) -> None:
    manager = site.ours.people["manager"]
    async with site.database.write.begin() as session:
        await accounts.end_membership(session, act=site.act(), person_id=manager)
        with pytest.raises(Unknown):
            await accounts.end_membership(session, act=site.act(), person_id=manager)
        await accounts.invite(session, act=site.act(), email="manager@harbor.example", role="reviewer")
        with pytest.raises(Refused, match="is a reviewer here already"):
            await accounts.invite(session, act=site.act(), email="manager@harbor.example", role="manager")
    async with site.database.read() as session:
        roles = {each.email: each.role for each in await members_of(session, site.ours.id) if each.left_at is None}
    assert roles["manager@harbor.example"] == "reviewer"
    assert len(roles) == 4


async def test_an_organization_keeps_its_last_owner(site: Site) -> None:
    owner, manager, today = site.ours.people["owner"], site.ours.people["manager"], site.clock.now.date()
    async with site.database.write.begin() as session:
        with pytest.raises(Refused, match="last owner"):
            await accounts.end_membership(session, act=site.act(), person_id=owner)
        with pytest.raises(Refused, match="last owner"):
            await accounts.change_role(session, act=site.act(), person_id=owner, role="manager")
        with pytest.raises(Refused, match="last owner"):
            await accounts.change_role(session, act=site.act(), person_id=owner, role="owner", ends_on=today)
        await accounts.change_role(session, act=site.act(), person_id=manager, role="owner")
        await accounts.end_membership(session, act=site.act(), person_id=owner)
        with pytest.raises(Refused, match="last owner"):
            await accounts.end_membership(session, act=site.act(), person_id=manager)


async def test_an_owner_rules_over_their_own_organization_alone(site: Site) -> None:
    stranger = site.theirs.people["manager"]
    async with site.database.write.begin() as session:
        with pytest.raises(Unknown):
            await accounts.change_role(session, act=site.act(), person_id=stranger, role="owner")
        with pytest.raises(Unknown):
            await accounts.end_membership(session, act=site.act(), person_id=stranger)
        with pytest.raises(Refused, match="not known here"):
            await accounts.invite(
                session, act=site.act(), email="x@y.example", role="manager", clinic_ids=site.theirs.clinics
            )


async def test_what_cannot_be_is_refused_with_its_reason(site: Site) -> None:
    async with site.database.write.begin() as session:
        for given, said in (
            ({"email": "two@a.example, b@c.example", "role": "owner"}, "is no e-mail address"),
            ({"email": "a@b.example\nBcc: x@y.example", "role": "owner"}, "is no e-mail address"),
            ({"email": "a@b.example", "role": "boss"}, "'boss' is no role; known are owner"),
            ({"email": "a@b.example", "role": "therapist"}, "belongs to one therapist's file"),
            ({"email": "a@b.example", "role": "owner", "clinic_ids": site.ours.clinics}, "an owner is not"),
        ):
            with pytest.raises(Refused, match=said):
                await accounts.invite(session, act=site.act(), **given)


async def test_every_deed_is_in_a_trail_and_no_password_or_token_is(site: Site) -> None:
    manager = site.ours.people["manager"]
    async with site.database.write.begin() as session:
        hashed = await passwords.hash_password(PASSWORD)
        invited = await accounts.invite(session, act=site.act(), email="new@harbor.example", role="reviewer")
        again = await accounts.invite_again(session, act=site.act(), person_id=invited.person_id)
        await accounts.set_password(session, act=site.act(), person_id=manager, password_hash=hashed)
        await accounts.change_name(session, act=site.act(), person_id=manager, name="Mia")
        await accounts.change_email(session, act=site.act(), person_id=manager, email="mia@harbor.example")
        await accounts.change_role(session, act=site.act(), person_id=manager, role="reviewer")
        await accounts.end_membership(session, act=site.act(), person_id=manager, reason="moved away")
    async with site.database.read() as session:
        entries = (await session.scalars(select(TrailEntryRow).order_by(TrailEntryRow.seq))).all()
        for chain in (INSTALLATION, site.ours.id):
            assert (await trail.verify(session, organization_id=chain))[1] is None
    for_us = [each.action for each in entries if each.organization_id == site.ours.id]
    everywhere = [each.action for each in entries if each.organization_id == INSTALLATION]
    assert for_us[-4:] == ["membership.added", "invitation.renewed", "membership.changed", "membership.ended"]
    assert everywhere[-4:] == ["person.added", "password.set", "person.changed", "person.changed"]
    bodies = " ".join(each.body for each in entries)
    for secret in (hashed, again, str(invited.token), "mia@harbor.example", "moved away", PASSWORD):
        assert secret not in bodies


# -- what is a person's own ----------------------------------------------------------------------------------------


async def test_another_password_needs_the_old_one_and_ends_all_other_sessions(site: Site) -> None:
    owner = site.ours.people["owner"]
    async with site.database.write.begin() as session:
        hashed = await passwords.hash_password(PASSWORD)
        await accounts.set_password(session, act=site.act(), person_id=owner, password_hash=hashed)
    here, elsewhere = await site.sign_in("owner"), await site.sign_in("owner")
    await here.get("/account")
    new = {"password": "a wholly new one", "again": "a wholly new one"}
    wrong = await here.send_form("/account/password", {"current": "not this"} | new)
    assert wrong.status_code == 422
    assert "This is not your password" in here.words
    done = await here.send_form("/account/password", {"current": PASSWORD} | new)
    assert done.headers["location"] == "/account"
    assert (await here.get("/account")).status_code == 200
    assert (await elsewhere.get("/account")).status_code == 303


async def test_another_address_needs_the_password_and_is_nobody_elses(site: Site) -> None:
    owner = site.ours.people["owner"]
    async with site.database.write.begin() as session:
        hashed = await passwords.hash_password(PASSWORD)
        await accounts.set_password(session, act=site.act(), person_id=owner, password_hash=hashed)
        token = await links.make_link(
            session, kind=links.SET_PASSWORD, person_id=owner, organization_id=None, lasts=links.INVITED,
            now=site.clock.now,
        )  # fmt: skip
    browser = await site.sign_in("owner")
    await browser.get("/account")
    for given, said in (
        ({"email": "manager@harbor.example", "confirm": PASSWORD}, "cannot be used here"),
        ({"email": "no address", "confirm": PASSWORD}, "is no e-mail address"),
        ({"email": "dana@new.example", "confirm": "not this"}, "This is not your password"),
    ):
        assert (await browser.send_form("/account/email", given)).status_code == 422
        assert said in browser.words
    done = await browser.send_form("/account/email", {"email": "dana@new.example", "confirm": PASSWORD})
    assert done.status_code == 303
    async with site.database.read() as session:
        assert await person_by_email(session, "dana@new.example") is None  # not before it is confirmed
    path = await mailed_link(site, "dana@new.example")
    await browser.get(path)
    assert "owner@harbor.example" in browser.words
    assert (await browser.send_form(path, {"password": "not this one"})).status_code == 422
    assert (await browser.send_form(path, {"password": PASSWORD})).headers["location"] == "/account"
    async with site.database.read() as session:
        assert await person_by_email(session, "owner@harbor.example") is None
        assert await person_by_email(session, "Dana@New.example") is not None
        assert await address_is_proven(session, owner)
    assert (await browser.get(f"/set-password/{token}")).status_code == 404  # it was mailed to the old address
    assert (await browser.get(path)).status_code == 404


async def letters(site: Site) -> dict[str, OutboxRow]:
    async with site.database.read() as session:
        found = await session.scalars(select(OutboxRow).order_by(OutboxRow.created_at))
        return {each.recipient_address: each for each in found}


async def mailed_link(site: Site, address: str) -> str:
    letter = (await letters(site))[address]
    link = str(letter.facts["link"])
    assert link in letter.text
    assert link in letter.html
    return link.removeprefix(site.settings.public_url)


@pytest.fixture
async def asked(site: Site) -> tuple[Site, Browser, str]:
    """Our owner has a password, and has asked to sign in with dana@new.example."""
    async with site.database.write.begin() as session:
        hashed = await passwords.hash_password(PASSWORD)
        await accounts.set_password(session, act=site.act(), person_id=site.ours.people["owner"], password_hash=hashed)
    browser = await site.sign_in("owner")
    await browser.get("/account")
    await browser.send_form("/account/email", {"email": "dana@new.example", "confirm": PASSWORD})
    return site, browser, await mailed_link(site, "dana@new.example")


async def test_the_old_address_is_told_of_the_new_one_and_gets_no_link(asked: tuple[Site, Browser, str]) -> None:
    site, browser, _ = asked
    note = (await letters(site))["owner@harbor.example"]
    assert "dana@new.example instead of owner@harbor.example" in note.text
    assert "confirm-address" not in note.text + note.html + str(note.facts)
    await browser.get("/account")
    assert "dana@new.example waits to be confirmed" in browser.words


async def test_the_link_to_a_new_address_lasts_a_day_and_is_kept_by_its_hash(asked: tuple[Site, Browser, str]) -> None:
    site, _, path = asked
    async with site.database.read() as session:
        hashes = list(await session.scalars(select(CapabilityRow.token_hash)))
        said = " ".join(await session.scalars(select(TrailEntryRow.body)))
    token = path.rsplit("/", 1)[1]
    assert token not in "".join(hashes)
    assert "dana@new.example" not in said
    site.clock.forward(hours=23, minutes=59)
    assert (await site.browser().get(path)).status_code == 200
    site.clock.forward(minutes=2)
    assert (await site.browser().get(path)).status_code == 404
    assert (await site.browser().send_form(path, {"password": PASSWORD})).status_code == 404


async def test_a_new_address_that_was_taken_back_or_taken_meanwhile_is_not_confirmed(
    asked: tuple[Site, Browser, str],
) -> None:
    site, browser, path = asked
    async with site.database.write.begin() as session:
        await accounts.invite(session, act=site.act(), email="dana@new.example", role="reviewer")
    stranger = site.browser()
    await stranger.get(path)
    assert (await stranger.send_form(path, {"password": PASSWORD})).status_code == 422
    assert "cannot be used here" in stranger.words
    await browser.get("/account")
    await browser.send_form("/account/email/take-back")
    assert (await stranger.get(path)).status_code == 404
    await browser.get("/account")
    assert "waits to be confirmed" not in browser.words


async def test_the_links_words_are_for_nobody_else_in_the_organization(asked: tuple[Site, Browser, str]) -> None:
    site, browser, path = asked
    letter = (await letters(site))["dana@new.example"]
    await browser.get(f"/mailbox/{letter.id}")
    assert path not in browser.page
    assert (await browser.get(f"/mailbox/{letter.id}/letter")).status_code == 404
