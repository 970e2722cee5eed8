"""Calendars: read by three parsers that are not ours, unchanged until something changes, and over with their reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import icalendar
import ics
import pytest
import vobject

from compliance.db.records import CapabilityRow, TrailEntryRow
from compliance.services import accounts, clinics, therapists
from tests.web import people
from tests.web.conftest import Browser, Site
from tests.web.renewals import ENDS, NEW_END, Phone, phone


@pytest.fixture
async def card(site: Site) -> Phone:
    return await phone(site)


async def make(browser: Browser, of: str = "all") -> str:
    """Makes a calendar; the path of its address, which is shown once."""
    await browser.get("/calendars")
    answer = await browser.send_form("/calendars", {"of": of})
    assert answer.status_code == 200, browser.words
    found = re.search(r"http://127\.0\.0\.1:8000(/calendar/\S+\.ics)", browser.page)
    assert found, browser.words
    return found.group(1)


async def read(site: Site, path: str, **headers: str) -> httpx.Response:
    """What a calendar program gets, which has no cookie."""
    return await site.browser().get(path, headers=headers)


@dataclass(frozen=True)
class Day:
    """An event, as a parser understood it."""

    uid: str
    day: date
    summary: str


def by_icalendar(content: bytes) -> set[Day]:
    found = icalendar.Calendar.from_ical(content)
    return {Day(str(e["UID"]), e["DTSTART"].dt, str(e["SUMMARY"])) for e in found.walk("VEVENT")}


def by_ics(content: bytes) -> set[Day]:
    events = ics.Calendar(content.decode()).events
    assert all(each.all_day for each in events)
    return {Day(each.uid, each.begin.date(), each.name) for each in events}


def by_vobject(content: bytes) -> set[Day]:
    found = vobject.readOne(content.decode())
    return {Day(e.uid.value, e.dtstart.value, e.summary.value) for e in found.contents.get("vevent", [])}


NAMES = ("Sofia Papadopoulou", "Nguyễn Thị Lan Anh", "O’Brien; Kim, Jr. \\ the 2nd", "محمد الأحمد", "Жанна " + "Ж" * 60)


@pytest.mark.parametrize("name", NAMES)
async def test_three_parsers_read_the_same_days(site: Site, name: str) -> None:
    who = await people.therapist(site, name)
    await people.license_of(site, who, ends_on=ENDS, starts_on=date(2024, 12, 23))
    answer = await read(site, await make(await site.sign_in("manager")))
    assert answer.headers["content-type"].startswith("text/calendar")
    read_by = [parse(answer.content) for parse in (by_icalendar, by_ics, by_vobject)]
    assert read_by[0] == read_by[1] == read_by[2]
    last = next(day for day in read_by[0] if day.day == ENDS)
    assert last.summary == f"{name}’s Florida massage license ends"


async def test_no_line_is_longer_than_seventy_five_bytes_and_every_line_ends_as_it_must(site: Site) -> None:
    who = await people.therapist(site, "Жанна " + "Ж" * 60)
    await people.license_of(site, who, ends_on=ENDS, starts_on=date(2024, 12, 23))
    content = (await read(site, await make(await site.sign_in("manager")))).content
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 75


async def test_every_day_says_that_it_is_a_day_and_no_instant(site: Site, card: Phone) -> None:
    """Parsers forgive its absence; a program in another time zone would show the day before (RFC 5545, 3.3.4)."""
    lines = (await read(site, await make(await site.sign_in("manager")))).text.splitlines()
    days = [each for each in lines if each.startswith(("DTSTART", "DTEND"))]
    assert days
    assert all(re.fullmatch(r"DT(START|END);VALUE=DATE:\d{8}", each) for each in days)


async def test_the_day_on_which_renewal_opens_stands_in_it_too(site: Site) -> None:
    who = await people.therapist(site)
    await people.credential(site, who, "massage-license", jurisdiction="us-az", ends_on=date(2027, 3, 31))
    found = by_icalendar((await read(site, await make(await site.sign_in("manager")))).content)
    said = {day.day: day.summary.partition("license ")[2] for day in found}
    assert said == {date(2027, 3, 31): "ends", date(2027, 1, 30): "can be renewed from today"}


async def test_the_same_days_are_the_same_bytes_and_are_not_sent_again(site: Site, card: Phone) -> None:
    path = await make(await site.sign_in("manager"))
    first = await read(site, path)
    site.clock.forward(hours=3)
    again = await read(site, path, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await read(site, path)).content == first.content
    await people.renewed(site, card.credential, NEW_END)
    changed = await read(site, path, **{"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert {day.day for day in by_icalendar(changed.content)} >= {NEW_END}
    assert ENDS not in {day.day for day in by_icalendar(changed.content)}


async def test_the_marks_of_events_stay_when_a_name_is_corrected(site: Site, card: Phone) -> None:
    path = await make(await site.sign_in("manager"))
    before = {day.uid for day in by_icalendar((await read(site, path)).content)}
    change = therapists.Change(card.therapist, last_name="Papas", reason="a misspelling")
    async with site.database.write.begin() as session:
        await therapists.change(session, act=site.act(), change=change)
    after = by_icalendar((await read(site, path)).content)
    assert {day.uid for day in after} == before
    assert any("Papas" in day.summary for day in after)


async def test_head_is_answered_as_get_is(site: Site, card: Phone) -> None:
    path = await make(await site.sign_in("manager"))
    answer = await site.browser().head(path)
    assert (answer.status_code, answer.headers["etag"]) == (200, (await read(site, path)).headers["etag"])


# -- whose days


async def test_a_clinics_calendar_shows_that_clinic_alone(site: Site, card: Phone) -> None:
    other = await people.therapist(site, "Kim Low", clinic=people.ORLANDO)
    await people.license_of(site, other, number="MA 777")
    browser = await site.sign_in("owner")
    tampa = await read(site, await make(browser, str(site.ours.clinics[0])))
    orlando = await read(site, await make(browser, str(site.ours.clinics[1])))
    assert (b"Sofia" in tampa.content, b"Kim" in tampa.content) == (True, False)
    assert (b"Sofia" in orlando.content, b"Kim" in orlando.content) == (False, True)


async def test_a_therapists_page_leads_to_a_calendar_of_it(site: Site, card: Phone) -> None:
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{card.therapist}")
    link = f"/calendars?of={card.therapist}"
    assert f'href="{link}"' in browser.page
    assert (await browser.get(link)).status_code == 200
    assert re.search(rf'value="{card.therapist}" (selected|checked)', browser.page), browser.page


async def test_a_therapists_calendar_shows_that_therapist_alone(site: Site, card: Phone) -> None:
    other = await people.therapist(site, "Kim Low")
    await people.license_of(site, other, number="MA 777")
    content = (await read(site, await make(await site.sign_in("manager"), str(card.therapist)))).content
    assert b"Sofia" in content
    assert b"Kim" not in content


async def test_a_therapist_has_their_own_in_their_own_words(site: Site, card: Phone) -> None:
    async with site.database.write.begin() as session:
        invited = await accounts.invite(
            session, act=site.act(), email="own@example.org", name="Sofia", role="therapist",
            therapist_id=card.therapist,
        )  # fmt: skip
    browser = await site.sign_in_person(invited.person_id, site.ours.id)
    found = by_icalendar((await read(site, await make(browser))).content)
    assert "Your Florida massage license ends" in {day.summary for day in found}
    other = await people.therapist(site, "Kim Low")
    await browser.get("/calendars")
    assert (await browser.send_form("/calendars", {"of": str(other)})).status_code == 422


async def test_who_is_limited_to_a_clinic_reads_no_other(site: Site, card: Phone) -> None:
    path = await make(await site.sign_in("manager"))
    async with site.database.write.begin() as session:
        await accounts.change_role(
            session, act=site.act(), person_id=site.ours.people["manager"], role="manager",
            clinic_ids=[site.ours.clinics[1]],
        )  # fmt: skip
    assert b"Sofia" not in (await read(site, path)).content
    browser = await site.sign_in("manager")
    await browser.get("/calendars")
    for hidden in (site.ours.clinics[0], card.therapist):
        assert (await browser.send_form("/calendars", {"of": str(hidden)})).status_code == 422


async def test_nothing_of_another_organization_can_be_asked_for(site: Site, card: Phone) -> None:
    browser = await site.sign_in("owner", stranger=True)
    await browser.get("/calendars")
    for theirs in (site.ours.clinics[0], card.therapist):
        assert (await browser.send_form("/calendars", {"of": str(theirs)})).status_code == 422
    assert b"Sofia" not in (await read(site, await make(browser))).content


# -- it ends


async def test_a_revoked_calendar_is_gone(site: Site, card: Phone) -> None:
    browser = await site.sign_in("manager")
    path = await make(browser)
    await browser.get("/calendars")
    revoke = re.search(r'action="(/calendars/[0-9a-f-]+/revoke)"', browser.page)
    assert revoke
    assert (await browser.send_form(revoke.group(1))).status_code == 303
    answer = await read(site, path)
    assert answer.status_code == 410
    assert b"Sofia" not in answer.content
    assert (await browser.send_form(revoke.group(1))).status_code == 404


async def test_an_owner_revokes_anybodys_and_a_manager_their_own_alone(site: Site, card: Phone) -> None:
    manager, owner = await site.sign_in("manager"), await site.sign_in("owner")
    path, owners = await make(manager), await make(owner)
    await owner.get("/calendars")
    ids = re.findall(r'action="(/calendars/[0-9a-f-]+/revoke)"', owner.page)
    assert len(ids) == 2
    await manager.get("/calendars")
    (own,) = re.findall(r'action="(/calendars/[0-9a-f-]+/revoke)"', manager.page)
    (others,) = set(ids) - {own}
    assert (await manager.send_form(others)).status_code == 404
    assert (await owner.send_form(own)).status_code == 303
    assert ((await read(site, path)).status_code, (await read(site, owners)).status_code) == (410, 200)


async def test_a_calendar_ends_with_its_readers_role(site: Site, card: Phone) -> None:
    path = await make(await site.sign_in("manager"))
    async with site.database.write.begin() as session:
        await accounts.end_membership(session, act=site.act(), person_id=site.ours.people["manager"])
    assert (await read(site, path)).status_code == 410


async def test_a_therapists_calendar_ends_when_they_leave_and_a_clinics_when_it_closes(site: Site, card: Phone) -> None:
    browser = await site.sign_in("owner")
    theirs, places = await make(browser, str(card.therapist)), await make(browser, str(site.ours.clinics[0]))
    day: dict[str, Any] = {"reason": "over"}
    async with site.database.write.begin() as session:
        act = site.act()
        await therapists.depart(session, act=act, therapist_id=card.therapist, last_day=date(2026, 11, 20), **day)
        await clinics.close(session, act=act, clinic_id=site.ours.clinics[0], closed_on=date(2026, 11, 20), **day)
    assert ((await read(site, theirs)).status_code, (await read(site, places)).status_code) == (410, 410)


@pytest.mark.parametrize("name", ["x.ics", "x", "", ".ics", "a" * 43 + ".ics", "%00.ics", "x" * 4000 + ".ics"])
async def test_an_address_that_nobody_was_given_shows_nothing(site: Site, name: str) -> None:
    assert (await read(site, f"/calendar/{name}")).status_code in (400, 404)


async def test_a_renewals_token_opens_no_calendar(site: Site, card: Phone) -> None:
    assert (await read(site, f"/calendar/{card.token}.ics")).status_code == 404


async def test_the_address_is_kept_by_its_hash_and_told_once(site: Site, card: Phone) -> None:
    browser = await site.sign_in("manager")
    token = (await make(browser)).rpartition("/")[2].removesuffix(".ics")
    await browser.get("/calendars")
    assert token not in browser.page
    assert token not in {row.token_hash for row in await card.rows(CapabilityRow)}
    told = [row for row in await card.rows(TrailEntryRow) if row.action == "calendar.made"]
    assert len(told) == 1
    assert token not in told[0].body


async def test_nobody_makes_them_without_end(site: Site) -> None:
    browser = await site.sign_in("auditor")
    for _ in range(20):
        await make(browser)
    answer = await browser.send_form("/calendars", {"of": "all"})
    assert answer.status_code == 422
    assert "You have 20 calendars already." in browser.words
