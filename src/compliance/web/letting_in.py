"""From what somebody has shown to a session: at once, or by way of the second factor that they have."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.hashes import sha256_hex
from compliance.db.queries.accounts import Person, Proof, memberships_of, person_by_id
from compliance.db.queries.second_factors import factors_of
from compliance.services import sign_in
from compliance.web import under_way
from compliance.web.page import Page
from compliance.web.sessions import presented_hash, session_cookie
from compliance.web.under_way import UnderWay

RECENT: Final = timedelta(minutes=15)
"""So long after a proof the ways in may be changed without another."""

_BROWSERS: Final = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
                    ("Chrom", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS: Final = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
                   ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """Who showed what, and where they want to go. `organization_id`: a link's, else it is theirs to choose."""

    person: Person
    ways: tuple[str, ...]
    next: str = "/"
    organization_id: UUID | None = None


def browser_words(user_agent: str) -> str:
    """`Firefox on Windows`, as far as a browser says so: enough to tell one's own apart."""
    browser = next((word for mark, word in _BROWSERS if mark in user_agent), "A browser")
    system = next((word for mark, word in _SYSTEMS if re.search(mark, user_agent)), "")
    return f"{browser} on {system}" if system else browser


def proof(page: Page, ways: tuple[str, ...], *, strong: bool) -> Proof:
    """How this browser is signed in as of now."""
    where = browser_words(page.request.headers.get("user-agent", ""))
    return Proof(ways, strong, page.now, where, sign_in.network(page.address))


async def admit(page: Page, session: AsyncSession, shown: Shown, *, strong: bool = False) -> Redirect:
    """After the first factor: a session, or the page that asks for the second. `strong`: it was two already."""
    if not strong and (await factors_of(session, shown.person.id)).any:
        under_way.begin(
            page, "second-factor", person=str(shown.person.id), ways=" ".join(shown.ways), next=shown.next,
            organization=str(shown.organization_id or ""), held=_held(shown.person),
        )  # fmt: skip
        return page.go("/sign-in/second-factor")
    return await let_in(page, session, shown, strong=strong)


async def half_way(session: AsyncSession, what: UnderWay | None) -> Shown | None:
    """Who is between the two factors; none where the password was changed meanwhile."""
    person = await person_by_id(session, UUID(what.said["person"])) if what else None
    if what is None or person is None or _held(person) != what.said["held"]:
        return None
    place = what.said["organization"]
    return Shown(person, tuple(what.said["ways"].split()), what.said["next"], UUID(place) if place else None)


def _held(person: Person) -> str:
    """What a change of the password changes, too."""
    return sha256_hex((person.password_hash or "").encode())[:16]


async def let_in(page: Page, session: AsyncSession, shown: Shown, *, strong: bool) -> Redirect:
    """A new session. Where somebody has one organization they are in it at once, else they have to choose."""
    theirs = await memberships_of(session, shown.person.id, now=page.now)
    chosen = shown.organization_id or (theirs[0].organization_id if len(theirs) == 1 else None)
    token = await sign_in.open_session(
        session,
        person_id=shown.person.id,
        organization_id=chosen,
        now=page.now,
        replaces=presented_hash(page.request),
        proof=proof(page, shown.ways, strong=strong),
    )
    page.set_cookie(session_cookie(page.settings, token))
    return page.go(shown.next if chosen else f"/organizations?{urlencode({'next': shown.next})}")


async def renew(page: Page, session: AsyncSession, **changed: object) -> None:
    """A new token for this browser, with what is proven of it changed: other rights never come under the same one."""
    viewer = page.viewer
    token = await sign_in.open_session(
        session,
        person_id=viewer.person_id,
        organization_id=viewer.organization_id,
        now=page.now,
        replaces=viewer.session_hash,
        proof=replace(viewer.proof, **changed),  # type: ignore[arg-type]  # fields of Proof
    )
    page.set_cookie(session_cookie(page.settings, token))


async def alone(page: Page, session: AsyncSession, **changed: object) -> None:
    """The same, and the person's other browsers are signed out: the ways in have changed."""
    await sign_in.revoke_sessions(session, now=page.now, person_id=page.viewer.person_id)
    await renew(page, session, **changed)


def is_recent(page: Page) -> bool:
    """Whether this browser has shown lately whose it is."""
    at = page.viewer.proof.proven_at
    return at is not None and page.now - at <= RECENT
