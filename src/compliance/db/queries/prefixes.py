"""Search: whose name, former name, e-mail address or number begins as somebody typed it.

Prefixes of folded columns are ranges of an index on both databases; no pattern is compared with every row.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import CredentialRow, TherapistNameRow, TherapistRow
from compliance.domain.matching import fold, fold_email, fold_number

LAST_LETTER = "\U0010ffff"  # sorts behind everything that people type
FEW = 1_000
"""So many are found first, and the list is made of them then."""


async def sought(session: AsyncSession, organization_id: UUID, text: str) -> ColumnElement[bool]:
    """The condition on a row of a list: last name, first name, former name, e-mail address or number begin so."""
    found = matches(organization_id, text)
    ids = list(await session.scalars(found.limit(FEW + 1)))
    if len(ids) <= FEW:
        return TherapistRow.id.in_(set(ids))
    return TherapistRow.id.in_(found).is_(True)  # without the last, PostgreSQL joins them row by row


def matches(organization_id: UUID, text: str) -> Select[Any]:
    """Whose last name, first name, former name, e-mail address or number begins so; some of them twice."""
    name, email, number = fold(text.replace(",", " ")), fold_email(text), fold_number(text)
    person, former, held = TherapistRow, TherapistNameRow, CredentialRow
    known = person.organization_id == organization_id
    then = and_(former.organization_id == organization_id, former.voided_seq.is_(None))
    parts: list[Select[Any]] = []
    parts.append(_begins(person.id, known, person.folded_name, name))
    parts.append(_begins(former.therapist_id, then, former.folded_name, name))
    for first, last in _parted(name):
        mine = and_(known, *_range(person.folded_first, first))
        parts.append(_begins(person.id, mine, person.folded_name, last))
        parts.append(_begins(former.therapist_id, then, former.folded_name, f"{last} {first}"))
    parts.append(_begins(person.id, known, person.folded_first, name))
    parts.append(_begins(person.id, known, person.folded_email, email))
    if any(each.isdigit() for each in number):
        mine = and_(held.organization_id == organization_id, held.voided_seq.is_(None), held.therapist_id.is_not(None))
        parts.append(_begins(held.therapist_id, mine, held.folded_number, number))
    return select(union_all(*parts).subquery().c[0])


def _parted(name: str) -> list[tuple[str, str]]:
    """Names are kept last name first; people type them either way: "ana maria lo" may be Ana Maria Lopez."""
    words = name.split()
    return [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))][:4]


def _begins(column: Any, mine: ColumnElement[bool], folded: Any, prefix: str) -> Select[Any]:
    return select(column).where(mine, *_range(folded, prefix))


def _range(folded: Any, prefix: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return folded >= prefix, folded < prefix + LAST_LETTER
