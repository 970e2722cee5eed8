"""What an organization has said that headers of its rosters mean: kept once, used by every import that comes after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import OrganizationRow
from compliance.services import organizations
from compliance.services.refusals import Checks, refuse
from compliance.services.trail import Act
from compliance.sources.columns import FIELDS, field_of, fold

SETTING: Final = "roster_columns"
MOST: Final = 200
"""Headers that one organization has explained."""


async def own_columns(session: AsyncSession, organization_id: UUID) -> Mapping[str, str]:
    """By the folded header the field that it means here, "" for one that is kept as notes."""
    settings = await session.scalar(select(OrganizationRow.settings).where(OrganizationRow.id == organization_id))
    found: Any = (settings or {}).get(SETTING, {})
    return {str(header): str(field) for header, field in found.items()}


async def explain_columns(session: AsyncSession, *, act: Act, columns: Mapping[str, str]) -> Mapping[str, str]:
    """Keeps what these headers mean (a field of a roster, or "" for notes) beside what was said before; all of it.

    What is read so without being told is not kept. Raises Refused for a field that there is none of, and for two
    headers of one meaning.
    """
    checks = Checks()
    given = [field for field in columns.values() if field]
    for header, field in columns.items():
        if field and field not in FIELDS and field != field_of(header):
            checks.refuse("columns", f"“{header}” cannot mean {field!r}. Choose one of the list.")
        elif given.count(field) > 1:
            checks.refuse("columns", f"Two columns cannot both be {field.replace('_', ' ')}. Choose another for one.")
    checks.done()
    before = await own_columns(session, act.organization_id)
    said = {fold(header): field for header, field in columns.items()}
    kept = {header: field for header, field in (dict(before) | said).items() if field != field_of(header)}
    if len(kept) > MOST:
        raise refuse("columns", f"At most {MOST} headers can be explained.")
    if kept != before:
        await organizations.change(
            session, act=act, settings={SETTING: kept}, reason="Columns of rosters were explained."
        )
    return kept
