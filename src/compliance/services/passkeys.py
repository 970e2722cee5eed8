"""Passkeys: kept, named, used and taken off. What a browser's answer proves is decided in `crypto/passkeys.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.crypto.passkeys import NewPasskey
from compliance.db.queries import second_factors as reading
from compliance.db.records import INSTALLATION, PasskeyRow
from compliance.services import trail
from compliance.services.refusals import Problem, Unknown, refuse
from compliance.services.second_factors import drop_needless_codes
from compliance.services.trail import Act, Entry

MOST = 20


async def add(session: AsyncSession, *, act: Act, person_id: UUID, made: NewPasskey, name: str) -> UUID:
    """Keeps a passkey under a name. Raises Refused where it is kept already, or there are too many."""
    if await reading.passkey_by_credential(session, made.credential_id) is not None:
        raise refuse("name", "This passkey is kept already.")
    if len(await reading.passkeys_of(session, person_id)) >= MOST:
        raise refuse("name", f"You have {MOST} passkeys; take one off first.")
    id_ = new_id(act.now)
    await _record(session, act, "passkey.added", person_id, id_, name)
    row = {
        "id": id_,
        "person_id": person_id,
        "credential_id": made.credential_id,
        "public_key": made.public_key,
        "sign_count": made.sign_count,
        "transports": made.transports,
        "name": name.strip(),
        "created_at": act.now,
    }
    await session.execute(insert(PasskeyRow), [row])
    return id_


async def remove(session: AsyncSession, *, act: Act, person_id: UUID, passkey_id: UUID) -> str:
    """It opens nothing any more; its name. Recovery codes go with the last factor. Raises Unknown."""
    theirs = await reading.passkeys_of(session, person_id)
    found = next((each for each in theirs if each.id == passkey_id), None)
    if found is None:
        raise Unknown(Problem("passkey_id", "No passkey of yours has this id."))
    await _record(session, act, "passkey.removed", person_id, passkey_id, found.name)
    await session.execute(delete(PasskeyRow).where(PasskeyRow.id == passkey_id))
    await drop_needless_codes(session, person_id)
    return found.name


async def note_use(session: AsyncSession, *, passkey_id: UUID, sign_count: int, now: datetime) -> None:
    """When it was used last, and how often; the session that it opens is in the trail."""
    row = PasskeyRow
    await session.execute(update(row).where(row.id == passkey_id).values(sign_count=sign_count, last_used_at=now))


async def _record(session: AsyncSession, act: Act, action: str, person_id: UUID, id_: UUID, name: str) -> None:
    entry = Entry(action, f"person:{person_id}", new={"passkey": id_, "name": name.strip()})
    await trail.record(session, act=replace(act, organization_id=INSTALLATION), entry=entry)
