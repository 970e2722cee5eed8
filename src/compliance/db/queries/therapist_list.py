"""The list of therapists: search and keyset paging; what narrows it is in list_filters.py.

Nothing here counts people or skips rows: each condition is a range of an index, or a look at one for each row shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, case, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.clearances import At
from compliance.db.queries.close import close_to
from compliance.db.queries.list_filters import SOON, Wanted, conditions
from compliance.db.queries.prefixes import Sought, sought
from compliance.db.reach import Conditions
from compliance.db.records import ClearancePeriodRow, TherapistRow
from compliance.domain.periods import BEGINNING, FOREVER

__all__ = ["SOON", "Listed", "Slice", "Wanted", "therapists"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One therapist of a list; `fingerprint` says from what the stored verdict was made."""

    id: UUID
    first_name: str
    last_name: str
    merged_into_id: UUID | None
    fingerprint: str

    @property
    def name(self) -> str:
        """First name first."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list; `close`: nobody is called as was searched for, and these nearly are."""

    rows: tuple[Listed, ...]
    has_previous: bool
    has_next: bool
    close: bool = False


async def therapists(
    session: AsyncSession,
    organization_id: UUID,
    wanted: Wanted,
    at: Sequence[At],
    *,
    clinic_ids: frozenset[UUID] = frozenset(),
    after: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
    many: bool = False,
) -> Slice:
    """One page: the rows behind `after`, or those in front of `before`. `clinic_ids`: what the viewer is limited to.

    `many`: thousands have the verdict that is wanted, so that the list had better look at its own rows than find all.
    """
    beside, backwards = after or before, before is not None
    here = await _key_of(session, organization_id, wanted, at, beside) if beside else None
    by_name = wanted.sort in BY_NAME
    meant = await sought(session, organization_id, wanted.text, by_name=by_name) if wanted.text.strip() else None
    close = meant is not None and not meant
    if close:
        meant = Sought(frozenset(await close_to(session, organization_id, wanted.text)))
    if (meant is not None and not meant) or (beside and here is None):
        return Slice((), has_previous=False, has_next=False)
    found = []
    for part in [Part()] if meant is None else _parts(meant, wanted):
        asked = _Asked(
            organization_id, replace(wanted, text=""), tuple(at), clinic_ids, backwards, limit, many, part.far
        )
        query = _listing(asked).where(*part.conditions, *([_past(asked, here)] if here else ()))
        found.append((await session.execute(query)).all())
    rows = found[0] if len(found) == 1 else _merged(found, down=(wanted.sort in DOWN) is not backwards)
    return replace(_slice([Listed(*each[:-1]) for each in rows], after, before, limit), close=close and bool(rows))


@dataclass(frozen=True, slots=True)
class Part:
    """One of the lists that make up what is searched for. `far`: its few rows are found first, and sorted then."""

    conditions: Conditions = ()
    far: bool = False


def _parts(meant: Sought, wanted: Wanted) -> list[Part]:
    """What is searched for as a few lists that are short to read; together they are the list."""
    person = TherapistRow
    named = [Part((person.id.in_(meant.ids),), far=True)] if meant.ids else []
    if wanted.sort not in BY_NAME:
        everywhere = or_(person.id.in_(meant.ids), *(each.holds for each in meant.crowded))
        return [Part((everywhere,))] if meant.crowded else named
    ranges = [Part(each.span) for each in meant.crowded if each.span]
    scattered = [each.holds for each in meant.crowded if not each.span]
    return [*ranges, *([Part((or_(*scattered),))] if scattered else ()), *named]


def _merged(found: Sequence[Sequence[Any]], *, down: bool) -> list[Any]:
    """Lists in the order of names as one, each person once."""
    rows = {row.id: row for some in found for row in some}
    return sorted(rows.values(), key=lambda row: (row.folded_name, row.id), reverse=down)


def _slice(found: list[Listed], after: UUID | None, before: UUID | None, limit: int) -> Slice:
    more, rows = len(found) > limit, found[:limit]
    if before:
        return Slice(tuple(reversed(rows)), has_previous=more, has_next=True)
    return Slice(tuple(rows), has_previous=after is not None, has_next=more)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a statement is built from; what is searched for is not in it."""

    organization_id: UUID
    wanted: Wanted
    at: tuple[At, ...]
    clinic_ids: frozenset[UUID]
    backwards: bool
    limit: int
    many: bool
    far: bool

    @property
    def down(self) -> bool:
        """Whether the greatest comes first."""
        return (self.wanted.sort in DOWN) is not self.backwards

    @property
    def key(self) -> tuple[Any, ...]:
        """What the list is sorted by."""
        return _key(self.organization_id, self.wanted, self.at, far=self.far)


@lru_cache(maxsize=64)
def _listing(asked: _Asked) -> Any:
    """Kept as it was built, for that takes longer than the answer."""
    narrow = conditions(asked.organization_id, asked.wanted, asked.at, asked.clinic_ids, asked.many)
    order = [each.desc() if asked.down else each.asc() for each in asked.key]
    return select(*_COLUMNS).where(*narrow).order_by(*order).limit(asked.limit + 1)


_COLUMNS = (
    TherapistRow.id,
    TherapistRow.first_name,
    TherapistRow.last_name,
    TherapistRow.merged_into_id,
    TherapistRow.coverage_fingerprint,
    TherapistRow.folded_name,
)


BY_NAME = frozenset({"name", "-name"})
DOWN = frozenset({"-name", "-until", "added"})


def _key(organization_id: UUID, wanted: Wanted, at: Sequence[At], *, far: bool = False) -> tuple[Any, ...]:
    """What the list is sorted by; the id parts those that are alike, and grows with time.

    `far`: not as a range of the index, or SQLite would go through all names for the few that were found already.
    """
    if wanted.sort == "added":
        return (TherapistRow.id,)
    if wanted.sort.endswith("until"):
        return (_until(organization_id, min(each.day for each in at)), TherapistRow.id)
    name = TherapistRow.folded_name
    return (func.coalesce(name, "", type_=name.type) if far else name, TherapistRow.id)


def _until(organization_id: UUID, day: date) -> Any:
    """The last day of a yes; before all of them a no, behind them who works nowhere."""
    row = ClearancePeriodRow
    mine = (row.organization_id == organization_id, row.therapist_id == TherapistRow.id)
    end = case((row.cleared, row.ends_on), else_=literal(BEGINNING, Date))
    query = select(func.min(end)).where(*mine, row.starts_on <= day, row.ends_on >= day)
    return func.coalesce(query.correlate(TherapistRow).scalar_subquery(), literal(FOREVER, Date))


async def _key_of(
    session: AsyncSession, organization_id: UUID, wanted: Wanted, at: Sequence[At], beside: UUID
) -> tuple[Any, ...] | None:
    """Where one row stands in the list's order; a row that is gone stands nowhere."""
    mine = (TherapistRow.organization_id == organization_id, TherapistRow.id == beside)
    found = (await session.execute(select(*_key(organization_id, wanted, at)).where(*mine))).one_or_none()
    return tuple(found) if found else None


def _past(asked: _Asked, here: Sequence[Any]) -> ColumnElement[bool]:
    """Behind (or in front of) that place."""
    there = tuple_(*(literal(value, each.type) for value, each in zip(here, asked.key, strict=True)))
    return tuple_(*asked.key) < there if asked.down else tuple_(*asked.key) > there
