"""Organizations: the tenants. Adding one begins its chain in the trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import INSTALLATION, OrganizationRow
from compliance.db.scope import Scope, reaching
from compliance.domain.matching import fold
from compliance.services import trail
from compliance.services.former import Former, keep
from compliance.services.refusals import Checks, Problem, Unknown
from compliance.services.rows import Values, table
from compliance.services.trail import Act, Entry

DEFAULT_ZONE = "America/New_York"
UNNAMED = ("settings", "demands_second_factor")
"""What no report shows, so that it need not be known as of another day."""


async def add(
    session: AsyncSession,
    *,
    act: Act,
    name: str,
    time_zone: str = DEFAULT_ZONE,
    postal_address: str = "",
    demonstration: bool = False,
) -> UUID:
    """A new organization with its own chain. `act.organization_id` does not matter; the id comes back.

    Raises Refused for an empty name, one that is taken, or an unknown time zone.
    """
    checks = Checks()
    checks.refuse("name", await name_problem(session, name))
    checks.refuse("time_zone", zone_problem(time_zone))
    checks.done()
    organization_id = new_id(act.now)
    facts: Values = {
        "name": name.strip(),
        "time_zone": time_zone,
        "postal_address": postal_address.strip(),
        "demonstration": demonstration,
    }
    for chain in (INSTALLATION, organization_id):
        entry = Entry("organization.added", f"organization:{organization_id}", new=facts)
        async with reaching(session, Scope(chain)):
            await trail.record(session, act=replace(act, organization_id=chain), entry=entry)
    row = facts | {"id": organization_id, "folded_name": fold(name), "created_at": act.now, "settings": {}}
    await session.execute(insert(table(OrganizationRow)), [row])
    return organization_id


async def change(
    session: AsyncSession,
    *,
    act: Act,
    name: str | None = None,
    time_zone: str | None = None,
    postal_address: str | None = None,
    settings: Mapping[str, object] | None = None,
    demands_second_factor: bool | None = None,
    reason: str = "",
) -> None:
    """Changes what is given; None leaves it. `settings` are merged key by key. `demands_second_factor`: of its staff,
    who without one reach nothing but the page to set one up. Raises Unknown and Refused."""
    row = await _load(session, act)
    checks = Checks()
    checks.refuse("name", None if name is None else await name_problem(session, name, row.id))
    checks.refuse("time_zone", None if time_zone is None else zone_problem(time_zone))
    checks.done()
    given: Values = {
        "name": name.strip() if name else None,
        "time_zone": time_zone,
        "postal_address": postal_address.strip() if postal_address is not None else None,
        "settings": {**row.settings, **settings} if settings is not None else None,
        "demands_second_factor": demands_second_factor,
    }
    new = {key: value for key, value in given.items() if value is not None and value != getattr(row, key)}
    if not new:
        return
    old = {key: getattr(row, key) for key in new}
    entry = Entry("organization.changed", f"organization:{row.id}", old=old, new=new, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await keep(session, act, "organization", [Former(row.id, seq, {k: v for k, v in old.items() if k not in UNNAMED})])
    if name:
        new["folded_name"] = fold(name)
    at = table(OrganizationRow)
    await session.execute(update(at).where(at.c.id == row.id).values(**new))


async def _load(session: AsyncSession, act: Act) -> OrganizationRow:
    query = select(OrganizationRow).where(OrganizationRow.id == act.organization_id).with_for_update()
    row = await session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        sentence = f"No organization has the id {act.organization_id}."
        raise Unknown(Problem("organization_id", sentence))
    return row


async def name_problem(session: AsyncSession, name: str, own: UUID | None = None) -> str | None:
    """Why an organization cannot be called this."""
    if not name.strip():
        return "Give the organization's name."
    query = select(OrganizationRow.id).where(OrganizationRow.folded_name == fold(name))
    found = await session.scalar(query)
    return None if found in (None, own) else f"An organization called {name.strip()!r} exists already."


def zone_problem(time_zone: str) -> str | None:
    """Why this is no time zone."""
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"{time_zone!r} is no time zone. Give an IANA name such as America/New_York or America/Los_Angeles."
    return None
