"""Hours of continuing education in a reminder's line: where somebody keeps a ledger, how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.owned import among
from compliance.db.records import CourseRow
from compliance.domain.reminders import OF_TERMS
from compliance.services.balances import missing_hours
from compliance.services.reminders.carrying import Line


async def with_hours(session: AsyncSession, lines: Sequence[Line], today: date) -> list[Line]:
    """The lines, with what is missing. Of people without a single course on record nobody knows: nothing is said."""
    owned = {each.therapist_id: each.organization_id for each in lines if each.therapist_id and _is_of_term(each)}
    keeping: dict[UUID, list[UUID]] = {}
    for some in among(CourseRow, CourseRow.therapist_id, owned):
        query = select(CourseRow.organization_id, CourseRow.therapist_id).where(some, CourseRow.voided_seq.is_(None))
        for organization_id, therapist_id in await session.execute(query.distinct()):
            keeping.setdefault(organization_id, []).append(therapist_id)
    said: dict[str, str] = {}
    for organization_id, ids in keeping.items():
        found = await missing_hours(session, organization_id, ids, today)
        said |= {str(credential): due.sentence for credential, due in found.items()}
    return [_said(each, said) for each in lines] if said else list(lines)


def _is_of_term(line: Line) -> bool:
    return line.facts["anchor"] in OF_TERMS


def _said(line: Line, said: dict[str, str]) -> Line:
    sentence = said.get(str(line.facts["about"]).partition("/")[0]) if _is_of_term(line) else None
    return replace(line, facts=dict(line.facts) | {"hours_said": sentence}) if sentence else line
