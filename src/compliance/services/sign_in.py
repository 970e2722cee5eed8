"""Signing in and out: the throttle that survives restarts, and sessions by the hash of their token.

The throttle counts an attempt before its password is looked at and forgives it afterwards if it was right, so that a
thousand attempts at once count a thousand. Counts leak away with time; nobody is ever locked out for good.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.hashes import sha256_hex
from compliance.crypto.tokens import new_token, token_hash
from compliance.db.queries.accounts import Proof, fold_email
from compliance.db.records import INSTALLATION, CapabilityRow, PersonRow, SessionRow, SignInAttemptRow, SpentRow
from compliance.services import trail
from compliance.services.trail import Act, Entry

LONGEST_SESSION: Final = timedelta(hours=12)
KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts are free; each further one doubles the wait, up to the longest. One is forgotten per `leak`."""

    free: int
    leak: timedelta
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long after this many failures the next attempt is not looked at."""
        over = failures - self.free
        return timedelta(0) if over < 0 else min(timedelta(seconds=2 ** min(over, 20)), self.longest)

    def left(self, failures: int, since: timedelta) -> int:
        """What is left of the failures after a time without one."""
        return max(failures - since // self.leak, 0)


ACCOUNT: Final = Limit(5, timedelta(minutes=10), timedelta(minutes=15))
NETWORK: Final = Limit(30, timedelta(seconds=20), timedelta(minutes=1))
EVERYBODY: Final = Limit(60, timedelta(seconds=0.25), timedelta(seconds=1))
MAILED: Final = Limit(3, timedelta(minutes=20), timedelta(hours=1))

UNPROVEN: Final = Proof()
SECOND: Final = Limit(5, timedelta(minutes=10), timedelta(minutes=15))

ANSWERED: Final = Limit(20, timedelta(minutes=1), timedelta(minutes=2))
ASKED: Final = Limit(60, timedelta(seconds=2), timedelta(seconds=30))


def sign_in_limits(email: str, address: str) -> dict[str, Limit]:
    """What an attempt to sign in is counted under: the account (by hash), the network it comes from, everybody."""
    return {f"account:{_account(email)}": ACCOUNT, f"network:{network(address)}": NETWORK, "everybody": EVERYBODY}


def second_factor_limits(person_id: UUID, address: str) -> dict[str, Limit]:
    """The same for codes after the password: of a million codes three fit, and each guess is counted."""
    return {f"second:{person_id}": SECOND, f"network:{network(address)}": NETWORK}


def mail_limits(email: str, address: str) -> dict[str, Limit]:
    """The same for asking to be mailed a link."""
    return {f"mailed:{_account(email)}": MAILED, f"mailed-from:{network(address)}": NETWORK}


def question_limits(address: str) -> dict[str, Limit]:
    """The same for what anybody may ask without signing in and costs us reading a file."""
    return {f"asked-from:{network(address)}": ASKED}


def answer_limits(digest: str, address: str) -> dict[str, Limit]:
    """The same for answers to a reminder: under its link, and the network they come from."""
    return {f"answered:{digest}": ANSWERED, f"answered-from:{network(address)}": ASKED}


def _account(email: str) -> str:
    return sha256_hex(fold_email(email).encode(errors="replace"))


def network(address: str) -> str:
    """The block that one attacker commands at little cost: /24 of IPv4, /64 of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(ip_network(f"{parsed}/{24 if parsed.version == 4 else 64}", strict=False))


async def is_held(session: AsyncSession, *, limits: Mapping[str, Limit], now: datetime) -> bool:
    """Whether an attempt would not be looked at: a mere read, so that a storm of them does not wait for the writer."""
    return bool(await held_until(session, limits=limits, now=now))


async def held_until(session: AsyncSession, *, limits: Mapping[str, Limit], now: datetime) -> dict[str, datetime]:
    """Under which of these an attempt would not be looked at, and until when; none: it would."""
    row = SignInAttemptRow
    held = select(row.counted, row.next_allowed_at).where(row.counted.in_(limits), row.next_allowed_at > now)
    return {each.counted: each.next_allowed_at for each in await session.execute(held)}


async def count_attempt(session: AsyncSession, *, limits: Mapping[str, Limit], now: datetime) -> bool:
    """Counts an attempt, and whether it may be looked at at all. Wants a transaction of its own."""
    rows = await _locked(session, limits, now)
    if any(row.next_allowed_at > now for row in rows):
        return False
    for row in rows:
        limit = limits[row.counted]
        failures = limit.left(row.failures, now - row.last_failed_at) + 1
        values = {"failures": failures, "last_failed_at": now, "next_allowed_at": now + limit.wait(failures)}
        await session.execute(
            update(SignInAttemptRow).where(SignInAttemptRow.counted == row.counted).values(**values),
            execution_options={"synchronize_session": False},
        )
    return True


async def _locked(session: AsyncSession, limits: Mapping[str, Limit], now: datetime) -> list[Any]:
    """The counters, made where missing, locked in one order so that two attempts never wait for each other."""
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    fresh = [{"counted": name, "failures": 0, "last_failed_at": now, "next_allowed_at": now} for name in sorted(limits)]
    await session.execute(make(SignInAttemptRow).values(fresh).on_conflict_do_nothing())
    columns = (
        SignInAttemptRow.counted,
        SignInAttemptRow.failures,
        SignInAttemptRow.last_failed_at,
        SignInAttemptRow.next_allowed_at,
    )
    query = select(*columns).where(SignInAttemptRow.counted.in_(limits)).order_by(SignInAttemptRow.counted)
    return list((await session.execute(query.with_for_update())).all())


async def forgive_attempt(session: AsyncSession, *, limits: Mapping[str, Limit]) -> None:
    """The password was right: the account starts anew, and the rest was not a failure."""
    row = SignInAttemptRow
    own = [name for name, limit in limits.items() if limit in (ACCOUNT, MAILED, SECOND)]
    shared = sorted(set(limits) - set(own))
    await session.execute(delete(row).where(row.counted.in_(own)))
    one_less = update(row).where(row.counted.in_(shared), row.failures > 0).values(failures=row.failures - 1)
    await session.execute(one_less, execution_options={"synchronize_session": False})


async def forget_old(session: AsyncSession, *, now: datetime) -> dict[str, int]:
    """Deletes what is over for a month: sessions, links and counters. For the timetable; nothing in the trail."""
    before = now - KEPT
    over = {
        "sessions": delete(SessionRow).where(SessionRow.expires_at < before),
        "links": delete(CapabilityRow).where(CapabilityRow.expires_at < before),
        "spent": delete(SpentRow).where(SpentRow.expires_at < before),
        "counters": delete(SignInAttemptRow).where(SignInAttemptRow.last_failed_at < before),
    }
    counts = {}
    for name, statement in over.items():
        done: Any = await session.execute(statement, execution_options={"synchronize_session": False})
        counts[name] = int(done.rowcount)
    return counts


async def open_session(
    session: AsyncSession,
    *,
    person_id: UUID,
    organization_id: UUID | None,
    now: datetime,
    replaces: str | None = None,
    proof: Proof = UNPROVEN,
) -> str:
    """Signs a browser in; the token for its cookie. `replaces`: the hash of the session that the browser had before.

    With the proof of a session that is open, its last instant stays: no change of token makes it longer.
    """
    if replaces:
        await revoke_sessions(session, now=now, session_hash=replaces)
    token = new_token()
    row = {
        "token_hash": token_hash(token),
        "person_id": person_id,
        "organization_id": organization_id,
        "created_at": now,
        "last_seen_at": now,
        "expires_at": proof.until or now + LONGEST_SESSION,
        "ways": proof.ways,
        "strong": proof.strong,
        "proven_at": proof.proven_at or now,
        "browser": proof.browser,
        "network": proof.network,
    }
    said = {"organization_id": organization_id, "ways": proof.ways}
    await _record(session, person_id, "session.opened", now, said)
    await session.execute(insert(SessionRow), [row])
    return token


async def end_sessions(session: AsyncSession, *, act: Act, person_id: UUID, chosen: Collection[str]) -> None:
    """Signs a person's other browsers out, by the hashes of their sessions. `act` is one of the installation."""
    await _record(session, person_id, "session.ended", act.now, {"count": len(chosen)})
    for each in sorted(chosen):
        await revoke_sessions(session, now=act.now, session_hash=each, person_id=person_id)


async def spend(session: AsyncSession, *, what: str, expires_at: datetime) -> bool:
    """Whether this (a challenge, a state) is used for the first time; of two at once, one is the first."""
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    row = {"hash": sha256_hex(what.encode()), "expires_at": expires_at}
    won = await session.execute(make(SpentRow).values(row).on_conflict_do_nothing().returning(SpentRow.hash))
    return won.one_or_none() is not None


async def close_session(session: AsyncSession, *, person_id: UUID, session_hash: str, now: datetime) -> None:
    """Signs a browser out; its token is worth nothing from here on."""
    await _record(session, person_id, "session.closed", now, {})
    await revoke_sessions(session, now=now, session_hash=session_hash)


async def _record(
    session: AsyncSession, person_id: UUID, action: str, now: datetime, new: Mapping[str, object]
) -> None:
    act = Act(INSTALLATION, f"user:{person_id}", now)
    await trail.record(session, act=act, entry=Entry(action, f"person:{person_id}", new=new))


async def keep_rehash(session: AsyncSession, *, person_id: UUID, stored: str, hashed: str, now: datetime) -> bool:
    """Puts today's hash of the same password in place of `stored`; false where another password was set meanwhile."""
    mine = (PersonRow.id == person_id, PersonRow.password_hash == stored)
    if await session.scalar(select(PersonRow.id).where(*mine).with_for_update()) is None:
        return False
    await _record(session, person_id, "password.rehashed", now, {})
    await session.execute(
        update(PersonRow).where(*mine).values(password_hash=hashed), execution_options={"synchronize_session": False}
    )
    return True


async def touch_session(session: AsyncSession, *, session_hash: str, now: datetime) -> None:
    """The browser is still there. Says nothing in the trail, and never wakes a session that has ended."""
    mine = update(SessionRow).where(SessionRow.token_hash == session_hash, SessionRow.revoked_at.is_(None))
    await session.execute(mine.values(last_seen_at=now), execution_options={"synchronize_session": False})


async def revoke_sessions(
    session: AsyncSession,
    *,
    now: datetime,
    session_hash: str | None = None,
    person_id: UUID | None = None,
    organization_id: UUID | None = None,
) -> None:
    """Ends one session, or all of a person, in one organization if it is named. The caller writes the trail."""
    chosen: list[ColumnElement[bool]] = [SessionRow.revoked_at.is_(None)]
    if session_hash is not None:
        chosen.append(SessionRow.token_hash == session_hash)
    if person_id is not None:
        chosen.append(SessionRow.person_id == person_id)
    if organization_id is not None:
        chosen.append(SessionRow.organization_id == organization_id)
    if len(chosen) == 1:
        raise ValueError("name a session or a person")
    await session.execute(
        update(SessionRow).where(*chosen).values(revoked_at=now), execution_options={"synchronize_session": False}
    )
