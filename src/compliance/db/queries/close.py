"""Search that forgives one typing error: asked only where nobody is called, or holds a number, as somebody typed.

All that they may have meant is written out (domain/misspellings.py) and looked for in the indexes that lists and search
have already; see docs/decisions/0031. A first name and a last name may be typed in either order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.prefixes import LAST_LETTER, parted
from compliance.db.records import CredentialRow, TherapistNameRow, TherapistRow
from compliance.db.texts import texts
from compliance.domain.matching import fold, fold_number
from compliance.domain.misspellings import WHOLE, near

MOST = 16
"""So many meanings are looked up, the nearest first, and EACH people at most called so."""

EACH = 12
WORD_END = "!"  # sorts behind a space and before every letter

_ON_FILE = and_(TherapistRow.merged_into_id.is_(None), TherapistRow.voided_seq.is_(None))


@dataclass(frozen=True, slots=True)
class _There:
    """Which of some texts are the beginnings of last names, first names and former names on file."""

    last: frozenset[str]
    first: frozenset[str]
    former: frozenset[str]


async def close_to(session: AsyncSession, organization_id: UUID, text: str) -> tuple[UUID, ...]:
    """Who is nearly called so, or holds nearly that number; the nearest first, some dozens at most."""
    name, number = fold(text.replace(",", " ")), fold_number(text)
    found = dict.fromkeys(await _called(session, organization_id, name))
    if any(each.isdigit() for each in number):
        found |= dict.fromkeys(await _numbered(session, organization_id, number))
    return tuple(found)


async def _called(session: AsyncSession, organization_id: UUID, name: str) -> list[UUID]:
    """Two statements: what of all that may be meant is there, and who that is."""
    cuts = parted(name)[:2]
    asked = dict.fromkeys(each for part in (name, *sum(cuts, ())) for each in (part, *near(part)))
    if not near(name):
        return []
    there = await _there(session, organization_id, list(asked))
    meant = list(_meant(organization_id, name, cuts, there))[:MOST]
    if not meant:
        return []
    lists = [each.limit(EACH).subquery() for each in meant]
    return list(await session.scalars(union_all(*(select(each.c[0]) for each in lists))))


async def _there(session: AsyncSession, organization_id: UUID, asked: list[str]) -> _There:
    table = texts(asked)
    said = table.c.value
    last = _exists(TherapistRow, TherapistRow.folded_name, said, organization_id)
    first = _exists(TherapistRow, TherapistRow.folded_first, said, organization_id)
    former = _exists(TherapistNameRow, TherapistNameRow.folded_name, said, organization_id)
    rows = (await session.execute(select(said, last, first, former))).all()
    return _There(*(frozenset(row[0] for row in rows if row[place]) for place in (1, 2, 3)))


def _exists(row: Any, column: Any, said: Any, organization_id: UUID) -> ColumnElement[bool]:
    """Texts of a few letters have to be whole words."""
    end = said + case((func.length(said) <= WHOLE, WORD_END), else_=LAST_LETTER)
    mine = row.organization_id == organization_id
    former = (row.superseded_seq.is_not(None), row.voided_seq.is_(None)) if row is TherapistNameRow else ()
    return exists().where(mine, *former, column >= said, column < end)


def _meant(organization_id: UUID, name: str, cuts: Iterable[tuple[str, str]], there: _There) -> Iterable[Select[Any]]:
    """Who may be meant: the name as lists have it, first and last name with the error in either, a former name."""
    person, former = TherapistRow, TherapistNameRow
    mine = select(person.id).where(person.organization_id == organization_id, _ON_FILE)
    then = (former.organization_id == organization_id, former.superseded_seq.is_not(None), former.voided_seq.is_(None))
    for each in near(name):
        if each in there.last:
            yield mine.where(*_begins(person.folded_name, each))
        if each in there.first:
            yield mine.where(*_begins(person.folded_first, each))
        if each in there.former:
            yield select(former.therapist_id).where(*then, *_begins(former.folded_name, each))
    for first, last in cuts:
        firsts = [each for each in near(first) if each in there.first] if last in there.last else []
        lasts = [each for each in near(last) if each in there.last] if first in there.first else []
        for one, two in (*((each, last) for each in firsts), *((first, each) for each in lasts)):
            yield mine.where(*_begins(person.folded_first, one), *_begins(person.folded_name, two))


def _begins(column: Any, text: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= text, column < text + (WORD_END if len(text) <= WHOLE else LAST_LETTER)


async def _numbered(session: AsyncSession, organization_id: UUID, number: str) -> list[UUID]:
    """Whole numbers only: of a beginning, every other one is an error away."""
    row, asked = CredentialRow, near(number, "0123456789" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * (not number.isdigit()))
    if not asked:
        return []
    held = (row.organization_id == organization_id, row.voided_seq.is_(None))  # a clinic's are left out below
    query = select(row.folded_number, row.therapist_id).where(
        *held, row.folded_number.in_(select(texts(asked).c.value))
    )
    rank = {each: place for place, each in enumerate(asked)}
    rows = (await session.execute(query.limit(MOST * EACH))).all()
    return [id_ for _number, id_ in sorted(rows, key=lambda each: rank[each[0]]) if id_][:EACH]
