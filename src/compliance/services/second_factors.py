"""The second factor: an authenticator app, recovery codes for the day on which it is lost, and the way back after that.

Passkeys are in `passkeys.py`. Each change is in the installation's chain; the caller ends the person's other sessions.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto import totp
from compliance.crypto.hashes import sha256_hex
from compliance.crypto.sealing import SealBroken, seal, unseal
from compliance.db.queries import second_factors as reading
from compliance.db.queries.accounts import memberships_of
from compliance.db.records import INSTALLATION, AuthenticatorAppRow, MembershipRow, PasskeyRow, RecoveryCodeRow
from compliance.services import trail
from compliance.services.refusals import Problem, Unknown, refuse
from compliance.services.sign_in import revoke_sessions
from compliance.services.trail import Act, Entry

PURPOSE: Final = "totp-seed"
CODES: Final = 10
WRONG: Final = "The app does not show this code now. Type the next one, and see that the phone's clock is right."
_CODE_BYTES: Final = 15


async def add_app(session: AsyncSession, *, act: Act, secret: bytes, person_id: UUID, seed: str, code: str) -> None:
    """Keeps the seed of an app that has just shown a code of it; a former app is worth nothing from here on.

    Raises Refused for another code than the app's.
    """
    step = totp.fitting_step(seed, code, act.now)
    if step is None:
        raise refuse("code", WRONG)
    await _record(session, act, "authenticator_app.added", person_id)
    await session.execute(delete(AuthenticatorAppRow).where(AuthenticatorAppRow.person_id == person_id))
    sealed = seal(secret, PURPOSE, seed.encode(), person_id.bytes)
    row = {"person_id": person_id, "sealed": sealed, "last_step": step, "created_at": act.now}
    await session.execute(insert(AuthenticatorAppRow), [row])


async def remove_app(session: AsyncSession, *, act: Act, person_id: UUID) -> None:
    """The app's codes open nothing any more; recovery codes go with the last factor. Raises Unknown."""
    if await reading.app_of(session, person_id) is None:
        raise Unknown(Problem("person_id", "There is no authenticator app."))
    await _record(session, act, "authenticator_app.removed", person_id)
    await session.execute(delete(AuthenticatorAppRow).where(AuthenticatorAppRow.person_id == person_id))
    await drop_needless_codes(session, person_id)


async def drop_needless_codes(session: AsyncSession, person_id: UUID) -> None:
    """Recovery codes stand in for a factor; without one they are nothing."""
    if not (await reading.factors_of(session, person_id)).any:
        await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.person_id == person_id))


async def use_app_code(session: AsyncSession, *, secret: bytes, person_id: UUID, code: str, now: datetime) -> bool:
    """Whether this is a code of the person's app that was not used yet; it is used from here on.

    Of two who send the same code at once, one gets in. Raises SealBroken where the secret is another than the seed's.
    """
    app = await reading.app_of(session, person_id)
    if app is None:
        return False
    seed = unseal(secret, PURPOSE, app.sealed, person_id.bytes).decode()
    step = totp.fitting_step(seed, code, now, app.last_step)
    if step is None:
        return False
    row = AuthenticatorAppRow
    mine = update(row).where(row.person_id == person_id, row.last_step < step).values(last_step=step)
    won = await session.execute(mine.returning(row.person_id), execution_options={"synchronize_session": False})
    return won.one_or_none() is not None


async def make_codes(session: AsyncSession, *, act: Act, person_id: UUID) -> list[str]:
    """Ten new recovery codes, to be shown once; the ones before are worth nothing."""
    await _record(session, act, "recovery_codes.made", person_id)
    await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.person_id == person_id))
    codes = [_new_code() for _ in range(CODES)]
    rows = [{"person_id": person_id, "code_hash": _code_hash(person_id, each), "created_at": act.now} for each in codes]
    await session.execute(insert(RecoveryCodeRow), rows)
    return codes


async def use_recovery_code(session: AsyncSession, *, act: Act, person_id: UUID, code: str) -> bool:
    """Whether this is a recovery code of the person's that was not used yet; it is used from here on."""
    row = RecoveryCodeRow
    mine = (row.person_id == person_id, row.code_hash == _code_hash(person_id, code), row.used_at.is_(None))
    if await session.scalar(select(row.code_hash).where(*mine).with_for_update()) is None:
        return False
    await _record(session, act, "recovery_code.used", person_id)
    await session.execute(
        update(row).where(*mine).values(used_at=act.now), execution_options={"synchronize_session": False}
    )
    return True


async def reset(session: AsyncSession, *, act: Act, person_id: UUID) -> None:
    """All second factors of somebody who lost them are gone, passkeys too; their sessions end, their password stays.

    `act` of an organization is an owner's: only for somebody who belongs to that organization alone, since it opens the
    door to all of theirs. Raises Unknown and Refused.
    """
    if act.organization_id != INSTALLATION:
        await _belongs_here_alone(session, act, person_id)
    if not (await reading.factors_of(session, person_id)).any:
        raise refuse("person_id", "They have no second factor.")
    for chain in {act.organization_id, INSTALLATION}:
        await _record(session, replace(act, organization_id=chain), "second_factor.reset", person_id)
    for table in (AuthenticatorAppRow, RecoveryCodeRow, PasskeyRow):
        await session.execute(delete(table).where(table.person_id == person_id))
    await revoke_sessions(session, now=act.now, person_id=person_id)


async def _belongs_here_alone(session: AsyncSession, act: Act, person_id: UUID) -> None:
    row = MembershipRow
    here = select(row.id).where(
        row.organization_id == act.organization_id, row.person_id == person_id, row.ended_at.is_(None)
    )
    if await session.scalar(here) is None:
        raise Unknown(Problem("person_id", "Nobody here has this id."))
    theirs = await memberships_of(session, person_id, now=act.now)
    if any(each.organization_id != act.organization_id for each in theirs):
        sentence = (
            "They belong to another organization as well, and this would open that one's door, too. Whoever runs this "
            "service does it with `compliance user reset-second-factor`."
        )
        raise refuse("person_id", sentence)


def _new_code() -> str:
    """120 random bits in six groups of four letters and digits that are not mistaken for one another."""
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _code_hash(person_id: UUID, code: str) -> str:
    """However it was typed. A plain hash is enough from 112 random bits on (ASVS 6.5.2); the id keeps equal
    codes apart."""
    plain = "".join(each for each in code.lower() if each.isalnum())
    return sha256_hex(f"{person_id}/{plain}".encode(errors="replace"))


async def reseal(session: AsyncSession, *, act: Act, old: bytes, new: bytes) -> int:
    """Puts all seeds under another secret; how many. Raises SealBroken where one is not under the old."""
    row = AuthenticatorAppRow
    found = (await session.execute(select(row.person_id, row.sealed).with_for_update())).all()
    for person_id, sealed in found:
        again = seal(new, PURPOSE, unseal(old, PURPOSE, sealed, person_id.bytes), person_id.bytes)
        await session.execute(update(row).where(row.person_id == person_id).values(sealed=again))
    entry = Entry("authenticator_apps.resealed", f"organization:{INSTALLATION}", new={"count": len(found)})
    await trail.record(session, act=replace(act, organization_id=INSTALLATION), entry=entry)
    return len(found)


async def under_another(session: AsyncSession, secret: bytes) -> int:
    """How many seeds this secret does not open: of these people no app's code is taken."""
    row, closed = AuthenticatorAppRow, 0
    for person_id, sealed in (await session.execute(select(row.person_id, row.sealed))).all():
        try:
            unseal(secret, PURPOSE, sealed, person_id.bytes)
        except SealBroken:
            closed += 1
    return closed


async def _record(session: AsyncSession, act: Act, action: str, person_id: UUID, **said: Any) -> None:
    chain = act if action == "second_factor.reset" else replace(act, organization_id=INSTALLATION)
    await trail.record(session, act=chain, entry=Entry(action, f"person:{person_id}", **said))


__all__ = [
    "SealBroken",
    "add_app",
    "drop_needless_codes",
    "make_codes",
    "remove_app",
    "reseal",
    "reset",
    "under_another",
    "use_app_code",
    "use_recovery_code",
]
