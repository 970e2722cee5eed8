"""Calendars to subscribe to: made, listed and revoked by who is signed in; read by a program that has the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from litestar import get, post, route
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response

from compliance.catalog import load
from compliance.crypto.tokens import token_hash
from compliance.db.queries import calendars as reading
from compliance.db.queries.actors import names_of
from compliance.db.queries.calendars import Ending, Feed
from compliance.db.queries.clinics import clinics
from compliance.db.queries.therapists import therapist
from compliance.rendering import day as spell
from compliance.services import calendars, looks
from compliance.services.calendars import NewFeed
from compliance.services.refusals import Refused
from compliance.web.access import PUBLIC, needs
from compliance.web.forms import Form, asked, blank
from compliance.web.ical import Event, calendar
from compliance.web.labels import in_sentence, type_title
from compliance.web.page import Html, Page
from compliance.web.sessions import write_down

MINE: Final = needs("calendars")
ALL: Final = "all"


@dataclass(frozen=True)
class New:
    """Of what: `all` that one sees, or the id of a clinic or of a therapist."""

    of: str = asked("what the calendar is about", longest=80)


@dataclass(frozen=True)
class Pressed:
    """A button."""


@get("/calendars", opt=MINE)
async def mine(page: NamedDependency[Page]) -> Html:
    """The viewer's calendars, and a form for another one."""
    first = blank(New, of=page.request.query_params.get("of", ALL))
    return page.show("calendars/list.html", **await _around(page) | {"values": first})


async def _around(page: Page) -> dict[str, Any]:
    session, here = page.session, page.organization_id
    of = page.request.query_params.get("of", "")
    person = await _therapist(page, of) if of and of != ALL else None
    every = await clinics(session, here, only=page.clinic_ids or None) if page.may("clinics.read") else []
    own, me = page.membership.role == "therapist", page.viewer.person_id
    feeds = await reading.feeds(session, here)
    others = [each for each in feeds if each.created_by != me] if page.may("people.write") else []
    people = [(str(person.merged_into_id or person.id), person.name)] if person else []
    return {
        "feeds": [each for each in feeds if each.created_by == me],
        "others": others,
        "makers": await names_of(session, [f"user:{each.created_by}" for each in others]),
        "options": [
            (ALL, "Mine" if own else "All that I may see"),
            *people,
            *((str(each.id), each.name) for each in every if each.closed_on is None),
        ],
        "own": own,
        "address": "",
        "zone": page.membership.time_zone,
    }


async def _therapist(page: Page, text: str) -> Any:
    """The therapist of this id where the viewer may see them."""
    try:
        id_ = UUID(text)
        await page.see_therapist(id_)
    except (ValueError, NotFoundException):
        return None
    return await therapist(page.session, page.organization_id, id_)


@post("/calendars", opt=MINE)
async def make(page: NamedDependency[Page]) -> Html:
    """A new one; its address is shown this once."""
    form = await page.form(New)
    feed = await _wanted(page, form)
    if feed is None:
        return page.again("calendars/list.html", form, **await _around(page))
    try:
        token = await calendars.make(page.session, act=page.act, reader_id=page.viewer.person_id, feed=feed)
    except Refused as refusal:
        return page.again("calendars/list.html", form.refused(refusal), **await _around(page))
    around = await _around(page) | {"values": blank(New, of=ALL)}
    return page.show("calendars/list.html", **around | {"address": page.mail.link(f"calendar/{token}.ics")})


async def _wanted(page: Page, form: Form[New]) -> NewFeed | None:
    """What the form asks for, as far as the viewer may see it."""
    if form.value is None:
        return None
    of = form.value.of
    if of == ALL and page.membership.role != "therapist":
        return NewFeed(page.membership.organization_name, person_id=page.viewer.person_id)
    if of == ALL and page.membership.therapist_id:
        return NewFeed("My licenses and certificates", therapist_id=page.membership.therapist_id)
    every = await clinics(page.session, page.organization_id, only=page.clinic_ids or None)
    place = next((each for each in every if str(each.id) == of and page.may("clinics.read")), None)
    if place:
        return NewFeed(place.name, clinic_id=place.id)
    person = await _therapist(page, of)
    if person is None:
        form.refuse("of", "Choose one of the list.")
        return None
    return NewFeed(person.name, therapist_id=person.merged_into_id or person.id)


@post("/calendars/{feed_id:uuid}/revoke", opt=MINE)
async def revoke(page: NamedDependency[Page], feed_id: FromPath[UUID]) -> Redirect:
    """Its address shows nothing from here on; one's own, and anybody's for an owner."""
    theirs = None if page.may("people.write") else page.viewer.person_id
    feeds = await reading.feeds(page.session, page.organization_id, theirs)
    feed = page.found(next((each for each in feeds if each.id == feed_id), None))
    await page.form(Pressed)
    await calendars.revoke(page.session, act=page.act, feed_id=feed_id)
    return page.go("/calendars", f"The calendar of {feed.name} is revoked.")


# -- read by a calendar program ------------------------------------------------------------------------------------


@route("/calendar/{name:str}", http_method=["GET", "HEAD"], opt=PUBLIC)
async def read(page: NamedDependency[Page], name: FromPath[str]) -> Response[bytes]:
    """The days, as RFC 5545 has them; unchanged since the last reading: 304."""
    token, dot, ending = name.rpartition(".")
    feed = await reading.feed_of(page.session, token_hash(token)) if (dot, ending) == (".", "ics") else None
    if feed is None:
        return _nothing(404)
    reader = await reading.reader_of(page.session, feed, page.now)
    today = reader.today(page.now) if reader else page.now.date()
    if feed.revoked_at or reader is None or not await reading.open_to(page.session, feed, today):
        return _nothing(410)
    if reader.role in looks.WATCHED:
        await write_down(page.database, reader, feed.created_by, "/calendars", page.now)
    found = await reading.endings(page.session, feed, reader, today)
    staff = reader.role != "therapist"
    content = calendar(feed.name, [event for each in found for event in _events(each, page, feed, staff=staff)])
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "x-robots-tag": "noindex"}
    if tag in page.request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    headers |= {"content-disposition": 'inline; filename="calendar.ics"'}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


def _nothing(status: int) -> Response[bytes]:
    text = b"There is no calendar at this address any more. Remove it, or make a new one under Calendars.\n"
    return Response(text, status_code=status, media_type="text/plain; charset=utf-8")


def _events(each: Ending, page: Page, feed: Feed, *, staff: bool) -> list[Event]:
    """The last day, and the day on which renewal opens where the law says one."""
    title = type_title(each.type, each.jurisdiction)
    inside = title if each.jurisdiction else in_sentence(title)
    whose = f"{each.name}’s {inside}" if staff else f"Your {inside}"
    url = page.mail.link(f"therapists/{each.therapist_id}") if staff else page.mail.link("me")
    number = f"Number: {each.number}\n" if each.number else ""
    uid, made_at = f"{each.credential_id}-{each.ends_on:%Y%m%d}", _made_at(each.term_id)
    last = f"{number}It is good through {spell(each.ends_on)}. Not legal advice; the board’s word counts."
    events = [Event(f"{uid}-ends@{_host(page)}", each.ends_on, made_at, f"{whose} ends", last, url)]
    opens_on = _opens_on(each)
    if opens_on:
        early = f"{number}It ends on {spell(each.ends_on)}. Not legal advice; the board’s word counts."
        opens = Event(f"{uid}-opens@{_host(page)}", opens_on, made_at, f"{whose} can be renewed from today", early, url)
        events.append(opens)
    return events


def _opens_on(each: Ending) -> date | None:
    law = load()
    if each.type not in law.types:
        return None
    rule = law.renewal(each.jurisdiction if each.jurisdiction in law.jurisdictions else None, each.type, each.ends_on)
    return rule.window_opens_on(each.ends_on) if rule else None


def _made_at(id_: UUID) -> datetime:
    """When a row began: the first 48 bits of its id are milliseconds (RFC 9562, version 7)."""
    return datetime.fromtimestamp((id_.int >> 80) // 1000, UTC)


def _host(page: Page) -> str:
    return page.settings.public_host.partition(":")[0]


ROUTES = [mine, make, revoke, read]
