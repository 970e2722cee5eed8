"""Keys with which machines ask: made once, shown once, kept by their hash, and taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.crypto.tokens import new_token, prefix_of, token_hash
from compliance.db.records import ApiKeyRow, ClinicRow
from compliance.services import trail
from compliance.services.refusals import Checks, Problem, Unknown
from compliance.services.trail import Act, Entry

SCOPES: Final = {
    "clearance.read": "Ask whether a therapist may practice",
    "clinics.read": "List clinics",
    "therapists.read": "Read therapists and their credentials",
    "reminders.read": "Read what was mailed, what will be, and why",
    "education.write": "Record courses of continuing education",
}
"""What a key may be allowed, by the capability of the routes that it opens."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new key; `key` is shown once and kept nowhere."""

    id: UUID
    key: str


async def make(
    session: AsyncSession,
    *,
    act: Act,
    name: str,
    scopes: Iterable[str],
    clinic_ids: Iterable[UUID] = (),
    ends_on: date | None = None,
    today: date,
) -> Made:
    """A key for one machine. Raises Refused for no name, no or unknown scopes, unknown clinics, or a day gone by."""
    chosen, limited = tuple(dict.fromkeys(scopes)), tuple(dict.fromkeys(clinic_ids))
    checks = Checks()
    checks.refuse("name", None if name.strip() else "Say which machine or program asks with it.")
    checks.refuse("scopes", _scopes_problem(chosen))
    checks.refuse("clinic_ids", await _clinics_problem(session, act.organization_id, limited))
    checks.refuse("ends_on", "Its last day has gone by." if ends_on and ends_on < today else None)
    checks.done()
    made = Made(new_id(act.now), f"ck_{new_token()}")
    facts = {"name": name.strip(), "scopes": chosen, "clinic_ids": tuple(map(str, limited)), "ends_on": ends_on}
    await trail.record(session, act=act, entry=Entry("api-key.made", f"api-key:{made.id}", new=facts))
    row = facts | {
        "id": made.id,
        "organization_id": act.organization_id,
        "prefix": prefix_of(made.key),
        "key_hash": token_hash(made.key),
        "made_by": act.actor,
        "created_at": act.now,
    }
    await session.execute(insert(ApiKeyRow), [row])
    return made


def _scopes_problem(scopes: tuple[str, ...]) -> str | None:
    if not scopes:
        return "Choose what it may read."
    unknown = [each for each in scopes if each not in SCOPES]
    return f"{unknown[0]!r} is nothing a key can be allowed; known are {', '.join(SCOPES)}." if unknown else None


async def _clinics_problem(session: AsyncSession, organization_id: UUID, clinic_ids: tuple[UUID, ...]) -> str | None:
    if not clinic_ids:
        return None
    mine = (ClinicRow.organization_id == organization_id, ClinicRow.id.in_(clinic_ids))
    known = set(await session.scalars(select(ClinicRow.id).where(*mine)))
    return "One of these clinics is not known here." if set(clinic_ids) - known else None


async def revoke(session: AsyncSession, *, act: Act, key_id: UUID) -> None:
    """Takes a key back: whatever asks with it next is refused. Raises Unknown for one that is not here, or is back."""
    mine = (ApiKeyRow.organization_id == act.organization_id, ApiKeyRow.id == key_id, ApiKeyRow.revoked_at.is_(None))
    name = await session.scalar(select(ApiKeyRow.name).where(*mine))
    if name is None:
        raise Unknown(Problem("key_id", "No key here has this id."))
    await trail.record(session, act=act, entry=Entry("api-key.revoked", f"api-key:{key_id}", old={"name": name}))
    await session.execute(update(ApiKeyRow).where(*mine).values(revoked_at=act.now))


async def touch(session: AsyncSession, *, key_id: UUID, now: datetime) -> None:
    """Notes that the key was used."""
    await session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(last_used_at=now))
