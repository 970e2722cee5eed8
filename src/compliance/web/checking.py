"""Whether a password is somebody's: counted before it is hashed, one hash at a time, in the same time for strangers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import structlog

from compliance import clock
from compliance.crypto import passwords
from compliance.db.queries.accounts import Person, person_by_email
from compliance.services import sign_in
from compliance.services.sign_in import EVERYBODY, NETWORK, Limit
from compliance.web.page import Page

WRONG: Final = "This address and this password do not belong together, or there were too many attempts. Try again soon."
SAME_TIME: Final = 0.25
"""Seconds that an answer takes at least where a quicker one would tell something; a password's hash takes 0.18."""

IN_LINE: Final = 10
"""So many hashes may wait in this process; further attempts are answered without one."""

REMEMBERED: Final = 1_000
"""Of so many networks at most a process remembers until when they are held."""

log = structlog.get_logger("compliance.web")


async def checked(page: Page, email: str, password: str) -> Person | None:
    """The person with this password. Counts before it hashes; no transaction is open while it hashes."""
    database = page.database
    limits = sign_in.sign_in_limits(email, page.address)
    began = clock.monotonic()
    admitted, person = not _is_known_held(page, limits), None
    if admitted:
        async with database.read() as session:
            held = await sign_in.held_until(session, limits=limits, now=page.now)
            _remember(page, limits, held)
            # In a storm most are held: they cost no statement, and `even` hides from whom that is known.
            admitted = not held
            person = await person_by_email(session, email) if admitted else None
    if admitted:
        async with database.write.begin() as session:
            admitted = await sign_in.count_attempt(session, limits=limits, now=page.now)
    fits = admitted and await _fits(page, person, password)
    if not fits or person is None:
        await even(began)
        log.warning("sign-in refused", admitted=admitted, network=sign_in.network(page.address))
        return None
    rehashed = await _rehashed(person, password)
    async with database.write.begin() as session:
        await sign_in.forgive_attempt(session, limits=limits)
        if rehashed and person.password_hash:
            stored = person.password_hash
            await sign_in.keep_rehash(session, person_id=person.id, stored=stored, hashed=rehashed, now=page.now)
    return person


def _is_known_held(page: Page, limits: Mapping[str, Limit]) -> bool:
    """Whether this process knows already that an attempt would not be looked at."""
    known: dict[str, datetime] = page.request.app.state.held
    return any(known.get(name, page.now) > page.now for name in limits)


def _remember(page: Page, limits: Mapping[str, Limit], held: Mapping[str, datetime]) -> None:
    """Until when a network, or everybody, is held: nothing takes that back. An account's ends with a new password."""
    known: dict[str, datetime] = page.request.app.state.held
    if len(known) >= REMEMBERED:
        for name in [name for name, until in known.items() if until <= page.now] or list(known):
            del known[name]
    known.update((name, until) for name, until in held.items() if limits[name] in (NETWORK, EVERYBODY))


async def _rehashed(person: Person, password: str) -> str | None:
    """Today's hash of a password whose stored one was made with older parameters: only now is the password known."""
    if person.password_hash is None or not passwords.needs_rehash(person.password_hash):
        return None
    try:
        return await passwords.hash_password(password)
    except passwords.PasswordRefused:  # set under older rules: it stays as it is
        return None


async def _fits(page: Page, person: Person | None, password: str) -> bool:
    waiting: dict[str, int] = page.request.app.state.waiting
    if waiting["hashes"] >= IN_LINE:
        return False
    waiting["hashes"] += 1
    try:
        return await passwords.verify(person.password_hash if person else None, password)
    finally:
        waiting["hashes"] -= 1


async def even(began: float) -> None:
    await asyncio.sleep(max(SAME_TIME - (clock.monotonic() - began), 0))
