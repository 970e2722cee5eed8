"""Pages as they were sent that no link leads to: every form sent back with what is wrong, and the steps between a form
and its end. They are asked of the application itself, in an organization that has one of
everything (tests/web/world.py).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from httpx import Response

from compliance.crypto import passwords
from compliance.db import schema
from compliance.db.engine import open_database, parse_url
from compliance.services import accounts, links
from compliance.services.digests import unsubscribe_token
from compliance.settings import read_settings
from tests.browser.addresses import NO_PAGES, pages
from tests.forms import PageForm, forms_of
from tests.uploads.files import gif, png
from tests.web import people
from tests.web.conftest import KEY, MONDAY, ROLES, Browser, MovableClock, Site, add_organization, application
from tests.web.renewals import Phone, phone
from tests.web.test_account import mailed_link
from tests.web.test_exposures import HEAD as TREATMENTS
from tests.web.test_imports import HEAD, KANSAS, SOFIA, upload, work
from tests.web.test_matrix import routes
from tests.web.test_second_factor import email, half_way, has_app, has_password
from tests.web.world import World, world

PASSWORD: Final = "harbor lantern seven kites"
PLAIN: Final = {"{code}": "us-fl", "{offer}": "cpr", "{jurisdiction}": "us-fl"}
"""Words of addresses that are no ids."""
ENDS_THE_VISIT: Final = ("/sign-out", "/account/sessions/end")
ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass
class Kept:
    """What was sent, by a name for it: `POST /clinics/new`, or the words of a step."""

    answers: dict[str, Response] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    """Forms that were not refused, whatever was wrong in them."""

    def keep(self, name: str, answer: Response) -> None:
        """The first of each name."""
        assert "text/html" in answer.headers["content-type"], name
        self.answers.setdefault(name, answer)


async def collect(home: Path) -> Kept:
    """All of it, in a new installation."""
    kept = Kept()
    async with _installation(home) as site:
        ours = await world(site, site.ours)
        await _forms(site, ours, kept)
        await _steps_of_lists(site, kept)
        await _steps_of_files(site, kept)
        await _steps_of_signing_in(site, kept)
        await _by_links(site, kept)
    return kept


@asynccontextmanager
async def _installation(home: Path) -> AsyncIterator[Site]:
    url = f"sqlite:///{home / 'pages.db'}"
    given = {"HOME": str(home), "DATABASE_URL": url, "SECRET_KEY": KEY, "LOG_FORMAT": "json"}
    given |= {"PUBLIC_URL": "http://app.localhost:8000"}  # a name, for passkeys are for names
    settings = read_settings({f"COMPLIANCE_{name}": value for name, value in given.items()})
    schema.upgrade(parse_url(url))
    database, clock = open_database(url).system, MovableClock()
    ours = await add_organization(database, MONDAY, "Harbor Trigger Point Clinics", ROLES)
    theirs = await add_organization(database, MONDAY, "Somebody Else's Clinics", ROLES[:2])
    site = Site(application(settings, database, clock), database, settings, clock, ours, theirs)
    yield site
    await site.close()
    await database.close()


# -- forms ---------------------------------------------------------------------------------------------------------


async def _forms(site: Site, ours: World, kept: Kept) -> None:
    """Every page that an owner may see, and each of its forms with everything wrong."""
    browser = await site.sign_in("owner")
    seen: set[tuple[str, frozenset[str]]] = set()
    for template, path in _addresses(ours):
        answer = await browser.get(path)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        if _typed(template) in NO_PAGES:
            kept.keep(f"GET {template}", answer)
        for form in forms_of(answer.text):
            to = urlsplit(urljoin(path, form.action)).path
            key = ID.sub("ID", to), frozenset(form.names)
            if form.method == "post" and form.kinds and key not in seen and to not in ENDS_THE_VISIT:
                seen.add(key)
                await _wrong(browser, to, form, kept)


def _addresses(ours: World) -> Iterable[tuple[str, str]]:
    """Route and address of every page, with the ids of our world."""
    for with_ids in (True, False):
        for method, template, _needs in routes(with_ids=with_ids):
            if method == "GET":
                plain = re.sub(r"\{[^}]+\}", lambda found: PLAIN.get(found[0], "cpr"), template)
                yield template, ours.path(template) if with_ids else plain


def _typed(template: str) -> str:
    """`/tasks/{task_id}` as the program writes it: `/tasks/{task_id:uuid}`."""
    bare = {re.sub(r":\w+\}", "}", route): route for route in (*NO_PAGES, *pages())}
    return bare.get(template, "")


async def _wrong(browser: Browser, to: str, form: PageForm, kept: Kept) -> None:
    values = form.values | {name: _nonsense(form, name, kind) for name, kind in form.kinds.items() if kind != "file"}
    files = {name: ("card.png", gif() if form.kinds.keys() > {name} else png(), "image/png") for name in form.files}
    answer = await browser.post(to, data=values, files=files or None)
    if answer.status_code == 422:
        kept.keep(f"POST {ID.sub('ID', to)}" + (" with a file" if files else ""), answer)
    else:
        kept.taken.append(ID.sub("ID", to))


def _nonsense(form: PageForm, name: str, kind: str) -> str:
    """What no field takes: nothing where something is asked for, no day, too much, and what is not in the list."""
    if kind in ("select", "radio", "checkbox"):
        return "no-such"
    if name in form.required or kind == "textarea":
        return ""
    return "31/31/2026" if name.endswith("_on") else "9" * 501


# -- steps ---------------------------------------------------------------------------------------------------------


async def _steps_of_lists(site: Site, kept: Kept) -> None:
    """The same for many: the form of each deed, what it would do, and what it did."""
    for name in ("Anna Berg", "Boris Holm"):
        await people.license_of(site, await people.therapist(site, name), verified=False)
    browser = await site.sign_in("owner")
    look = {"kind": "massage-license@us-fl", "result": "confirmed", "verified_on": "2026-11-20", "verified_by": "Dana"}
    deeds = {
        "looks": look | {"source": "the board’s list"},
        "assignments": {
            "clinic_id": str(site.ours.clinics[1]),
            "modalities": "massage-therapy",
            "starts_on": "12/1/26",
        },
        "reminders": {"within": "365"},
        "export": {},
    }
    for deed, values in deeds.items():
        path = f"/therapists/together/{deed}"
        kept.keep(f"{deed}: for whom", await browser.get(f"/therapists/together?deed={deed}&everybody=yes"))
        form = next(each for each in forms_of(browser.page) if "ids" in each.names)
        if values:
            kept.keep(f"{deed}: what is wrong", await browser.send_form(path, {"ids": form.values["ids"]}))
            kept.keep(f"{deed}: what it would do", await browser.send_form(path, form.values | values))
    done = await browser.send_form("/therapists/together/looks", form.values | deeds["looks"] | {"step": "write"})
    kept.keep("looks: what was done", await browser.get(done.headers["location"]))
    kept.keep("nobody was marked", await browser.get("/therapists/together?deed=looks"))


async def _steps_of_files(site: Site, kept: Kept) -> None:
    """An import in each of its states, courses that are looked at, treatments, a file that waits in its form."""
    browser = await site.sign_in("owner")
    questioned = SOFIA.replace("08/31/2027", "07/31/2027").replace("sofia@", "ray@")
    path = await upload(site, browser, HEAD + questioned + KANSAS)
    kept.keep("an import: what it would do", await browser.get(path))
    wrong = await browser.send_form(f"{path}/confirm", {"deed": "apply"})
    kept.keep("an import: rows were refused", wrong)
    await browser.send_form(f"{path}/confirm", {"deed": "apply", "leave_out_refused": "yes"})
    kept.keep("an import: it goes on", await browser.get(path))
    await work(site)
    kept.keep("an import: it is done", await browser.get(path))
    kept.keep("an import: its questions", await browser.get(f"{path}/questions"))
    kept.keep("an import: an answer is wrong", await browser.send_form(f"{path}/questions", {"answer": "x"}))
    kept.keep("an import: undoing it", await browser.get(f"{path}/undo"))
    kept.keep("an import: undoing it is wrong", await browser.send_form(f"{path}/undo", {"reason": ""}))
    strange = await upload(site, browser, "Given,Clan\nSofia,Ray\n", "strange.csv")
    kept.keep("an import: nobody understands it", await browser.get(strange))
    both = {"columns": ["Given=last_name", "Clan=last_name"]}
    kept.keep("an import: columns are wrong", await browser.send_form(f"{strange}/columns", both))
    await _courses_and_treatments(site, browser, kept)


async def _courses_and_treatments(site: Site, browser: Browser, kept: Kept) -> None:
    courses = b"email,title,completed_on,minutes,form\nray@example.org,Ethics,2026-05-02,180,live\n"
    await browser.get("/imports/courses")
    for name, content in (("looked at", courses), ("refused", courses + b"ray@example.org,Stones,soon,6,live\n")):
        answer = await browser.send_form("/imports/courses", {"look": "yes"}, files={"file": ("c.csv", content)})
        kept.keep(f"courses are {name}", answer)
    await browser.get("/exposures")
    lines = TREATMENTS + b"\nSofia Ray,2022-11-20,Massage,Tampa\n"
    sent = await browser.send_form("/exposures", {}, files={"file": ("done.csv", lines)})
    kept.keep("treatments: what was read", await browser.get(sent.headers["location"]))
    held = await people.license_of(site, await people.therapist(site, "Kim Low"))
    renew = f"/credentials/{held.id}/renew"
    await browser.get(renew)
    answer = await browser.send_form(renew, {"deed": "take"}, files={"file": ("card.png", png(), "image/png")})
    kept.keep("a renewal: its end filled in, its file kept", answer)
    kept.keep("a renewal: questioned", await browser.send_form(renew, {"ends_on": "3/1/2028"}))


async def _steps_of_signing_in(site: Site, kept: Kept) -> None:
    """A password, a second factor, a new address, and what is asked before any of it is changed."""
    codes = await has_app(site, await passwords.hash_password(PASSWORD))
    browser = await half_way(site)
    kept.keep("the second factor", await browser.get("/sign-in/second-factor"))
    kept.keep("the second factor: wrong", await browser.send_form("/sign-in/second-factor", {"code": "1"}))
    await browser.send_form("/sign-in/second-factor", {"code": codes[0]})
    await browser.get("/account/second-factor")
    kept.keep("new recovery codes", await browser.send_form("/account/second-factor/codes"))
    kept.keep("shown once more", await browser.get("/account/confirm"))
    kept.keep("shown once more: wrong", await browser.send_form("/account/confirm", {"code": "1"}))
    await has_password(site, await passwords.hash_password(PASSWORD), "manager")
    manager = site.browser()
    await manager.send_form("/sign-in", {"email": email("manager"), "password": PASSWORD})
    await manager.get("/account/second-factor/app")
    kept.keep("an app: wrong", await manager.send_form("/account/second-factor/app", {"code": "1"}))
    kept.keep("an address: wrong", await manager.send_form("/account/email", {"email": "dana"}))
    await manager.send_form("/account/email", {"email": "dana@new.example", "confirm": PASSWORD})
    kept.keep("an address: it waits", await manager.get("/account"))
    link = await mailed_link(site, "dana@new.example")
    nobody = site.browser()
    kept.keep("an address: confirming it", await nobody.get(link))
    kept.keep("an address: the password is wrong", await nobody.send_form(link, {"password": "x"}))


async def _by_links(site: Site, kept: Kept) -> None:
    """What somebody sees who is not signed in: forms that are wrong, links that are spent, a reminder answered."""
    nobody = site.browser()
    token = unsubscribe_token(site.settings.secret_key(), site.ours.id, site.ours.people["owner"])
    kept.keep("no weekly mail?", await nobody.get(f"/unsubscribe/{token}"))
    kept.keep("no weekly mail", await nobody.send_form(f"/unsubscribe/{token}"))
    await nobody.get("/sign-in")
    kept.keep("signing in: wrong", await nobody.send_form("/sign-in", {"email": "x@example.org", "password": "x"}))
    kept.keep("forgotten: sent", await nobody.send_form("/forgot-password", {"email": "x@example.org"}))
    kept.keep("a link that is spent", await nobody.get("/sign-in/" + "x" * 43))
    kept.keep("signing in with a passkey", await nobody.get("/sign-in/passkey"))
    await _an_invitation(site, kept)
    await nobody.get("/verify")
    kept.keep("a report: wrong", await nobody.send_form("/verify", {"sha256": "x"}))
    kept.keep("a report: no such", await nobody.send_form("/verify", {"sha256": "0" * 64}))
    await _a_reminder(await phone(site), kept)


async def _an_invitation(site: Site, kept: Kept) -> None:
    async with site.database.write.begin() as session:
        guest = await accounts.invite(session, act=site.act(), email="guest@example.org", role="reviewer")
        about: dict[str, Any] = {"person_id": guest.person_id, "organization_id": site.ours.id, "now": site.clock.now}
        token = await links.make_link(session, kind=links.SET_PASSWORD, lasts=links.INVITED, **about)
    nobody, path = site.browser(), f"/set-password/{token}"
    kept.keep("an invitation", await nobody.get(path))
    kept.keep("an invitation: wrong", await nobody.send_form(path, {"password": "short", "again": "other"}))
    kept.keep("an invitation: with a passkey", await nobody.get(f"{path}/passkey"))
    kept.keep("an invitation: no passkey", await nobody.send_form(f"{path}/passkey", {"name": "", "credential": ""}))


async def _a_reminder(card: Phone, kept: Kept) -> None:
    kept.keep("a reminder", await card.open())
    kept.keep("a reminder: what is wrong", await card.renew(ends_on="soon"))
    kept.keep("a reminder: the day is questioned", await card.renew(ends_on="12/22/2028", sure=""))
    kept.keep("a reminder: the day is filled in", await card.renew(deed="take"))
    kept.keep("a reminder: applied, wrong", await card.send("applied", {"applied_on": "soon"}))
    kept.keep("a reminder: nothing chosen", await card.send("known"))
    await card.send("known", {"answer": "acknowledged"})
    kept.keep("a reminder: answered", await card.open())
    kept.keep("a reminder: somebody else", await card.send("not-me"))
    kept.keep("a reminder that is over", await card.open())
