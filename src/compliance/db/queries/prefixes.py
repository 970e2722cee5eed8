"""Search: whose name, former name, e-mail address or number begins as somebody typed it.

Prefixes of folded columns are ranges of an index on both databases; no pattern is compared with every row. A range of
thousands ("par" among 400,000) is not read to its end: a list in the order of names goes through its rows and looks at
each (`Part.holds`), for a range so full that its members come often, or begins where the range begins (`Part.span`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.reach import Conditions
from compliance.db.records import CredentialRow, TherapistNameRow, TherapistRow
from compliance.domain.matching import fold, fold_email, fold_number

LAST_LETTER = "\U0010ffff"  # sorts behind everything that people type
FEW = 1_000
"""So many are found first, and the list is made of them then."""
SHORT = 24
"""So many of a range of last names; a list in the order of names begins where a longer one begins."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the text may be the beginning of: whose it is, and the same asked of each row of a list.

    `span`: the range of last names that all of them lie in, if they lie in one; `whole`: and nobody else does.
    """

    ids: Select[Any]
    holds: ColumnElement[bool]
    span: Conditions = ()
    whole: bool = False


Place = int
Asked = Mapping[Place, Part]
Most = Mapping[Place, int]


@dataclass(frozen=True, slots=True)
class Sought:
    """Who is meant: some by their ids, and everybody in a few parts that hold too many to name."""

    ids: frozenset[UUID]
    crowded: tuple[Part, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ids or self.crowded)


async def sought(session: AsyncSession, organization_id: UUID, text: str, *, by_name: bool = False) -> Sought:
    """Whose last name, first name, former name, e-mail address or number begins so.

    `by_name`: for a list in the order of names, which reads a range of them as it lies, however many it holds.
    """
    asked = dict(enumerate(parts(organization_id, text)))
    most = {place: SHORT if by_name and each.whole else FEW for place, each in asked.items()}
    found = await _found(session, asked, most, FEW + 1)
    counts = Counter(place for place, _id in found) if len(found) <= FEW else await _counts(session, asked, most)
    short = {place: part for place, part in asked.items() if 0 < counts[place] <= most[place]}
    full = tuple(part for place, part in asked.items() if counts[place] > most[place])
    if len(found) > FEW:
        found = await _found(session, short, most, None)
    return Sought(frozenset(id_ for place, id_ in found if place in short), full)


async def _found(session: AsyncSession, asked: Asked, most: Most, limit: int | None) -> list[tuple[Place, UUID]]:
    """Who is in which part: of a short range as many as tell that it is longer, and of all together up to `limit`."""
    if not asked:
        return []
    each = [
        _placed(place, part.ids.limit(most[place] + 1) if part.whole else part.ids) for place, part in asked.items()
    ]
    rows = await session.execute(union_all(*each).limit(limit))
    return [(place, id_) for place, id_ in rows]


def _placed(place: Place, ids: Select[Any]) -> Select[Any]:
    there = ids.subquery()
    return select(literal(place), there.c[0])


async def _counts(session: AsyncSession, asked: Asked, most: Most) -> Counter[Place]:
    """How many each holds, up to one more than it may."""
    some = {place: part.ids.limit(most[place] + 1).subquery() for place, part in asked.items()}
    counting = [select(literal(place), func.count()).select_from(each) for place, each in some.items()]
    return Counter({row[0]: row[1] for row in await session.execute(union_all(*counting))})


def parts(organization_id: UUID, text: str) -> list[Part]:
    """All that a text may be the beginning of."""
    name, email, number = fold(text.replace(",", " ")), fold_email(text), fold_number(text)
    found = [_last(organization_id, name), _former(organization_id, name)]
    for first, last in parted(name):
        found.append(_last(organization_id, last, first))
        found.append(_former(organization_id, f"{last} {first}"))
    found.append(_column(organization_id, TherapistRow.folded_first, name))
    found.append(_column(organization_id, TherapistRow.folded_email, email))
    if any(each.isdigit() for each in number):
        found.append(_number(organization_id, number))
    return found


def parted(name: str) -> list[tuple[str, str]]:
    """Names are kept last name first; people type them either way: "ana maria lo" may be Ana Maria Lopez."""
    words = name.split()
    return [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))][:4]


def _last(organization_id: UUID, last: str, first: str = "") -> Part:
    person = TherapistRow
    named = begins(_unranged(person.folded_first), first) if first else ()
    ids = select(person.id).where(person.organization_id == organization_id, *begins(person.folded_name, last))
    ids = ids.where(*begins(person.folded_first, first)) if first else ids
    holds = and_(*begins(_unranged(person.folded_name), last), *named)
    return Part(ids, holds, begins(person.folded_name, last) + named, whole=not first)


def _column(organization_id: UUID, column: Any, prefix: str) -> Part:
    ids = select(TherapistRow.id).where(TherapistRow.organization_id == organization_id, *begins(column, prefix))
    return Part(ids, and_(*begins(_unranged(column), prefix)))


def _former(organization_id: UUID, name: str) -> Part:
    row = TherapistNameRow
    then = (row.organization_id == organization_id, row.superseded_seq.is_not(None), row.voided_seq.is_(None))
    return _of(row, then, row.folded_name, name)


def _number(organization_id: UUID, number: str) -> Part:
    row = CredentialRow
    held = (row.organization_id == organization_id, row.voided_seq.is_(None), row.therapist_id.is_not(None))
    return _of(row, held, row.folded_number, number)


def _of(row: Any, mine: Conditions, column: Any, prefix: str) -> Part:
    """People by what they have. A count, and not `exists`, which PostgreSQL would answer for everybody at once."""
    ids = select(row.therapist_id).where(*mine, *begins(column, prefix))
    theirs = (*mine, row.therapist_id == TherapistRow.id, *begins(_unranged(column), prefix))
    has = select(func.count()).select_from(row).where(*theirs).correlate(TherapistRow).scalar_subquery()
    return Part(ids, has > 0)


def begins(folded: Any, prefix: str) -> Conditions:
    """That a folded column begins so, as a range."""
    return folded >= prefix, folded < prefix + LAST_LETTER


def _unranged(column: Any) -> Any:
    """The column as something to look at in a row, and not to find rows by: the list has its own order to go by."""
    return func.coalesce(column, "", type_=column.type)
