"""What waits for a person: looks that did not confirm, people not cleared for want of something, imports, addresses.

Each kind is read from an index and stops at a limit, for the number of them stands in the head of every page.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.intake import KIND as IMPORT
from compliance.db.queries.refused_addresses import open_refusals
from compliance.db.queries.review import waiting_rows
from compliance.db.reach import holding
from compliance.db.records import (
    AssignmentRow,
    ClearancePeriodRow,
    ClinicRow,
    CredentialRow,
    RefusedAddressRow,
    SubmissionRow,
    TaskRow,
    TherapistRow,
    VerificationRow,
)

MANY = 100
"""Counting, and each kind of the list, stops here."""

ABOUT_PEOPLE = ("unverified", "missing")
"""Verdicts that wait for a person to look or to add something; what lapsed or is blocked does not."""

ABOUT_LAW = ("unknown",)
"""Verdicts that wait for one answer about the law of a place, for however many people."""


@dataclass(frozen=True, slots=True)
class Open:
    """A look that did not confirm."""

    verification_id: UUID
    credential_id: UUID
    result: str
    verified_on: date
    verified_by: str
    note: str
    type: str
    jurisdiction: str | None
    number: str
    therapist_id: UUID | None
    clinic_id: UUID | None
    first_name: str | None
    last_name: str | None


@dataclass(frozen=True, slots=True)
class Wanting:
    """Somebody who is not cleared at a clinic for want of one requirement; `modality` is one of those concerned."""

    therapist_id: UUID
    first_name: str
    last_name: str
    clinic_id: UUID
    modality: str
    status: str
    requirement: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class Stopped:
    """A clinic whose people are not cleared for want of what the clinic itself must hold."""

    clinic_id: UUID
    status: str
    requirement: str
    people: int
    starts_on: date


@dataclass(frozen=True, slots=True)
class Silent:
    """Somebody who works and whom no mail can reach."""

    therapist_id: UUID
    first_name: str
    last_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """An import that waits to be confirmed, or that was applied with questions."""

    import_id: UUID
    name: str
    state: str
    questions: int
    updated_at: datetime


async def open_looks(session: AsyncSession, organization_id: UUID, clinic_ids: Collection[UUID] = ()) -> list[Open]:
    """Looks that nobody has decided on, the latest first."""
    look, held, person = VerificationRow, CredentialRow, TherapistRow
    columns: tuple[Any, ...] = (
        look.id, held.id, look.result, look.verified_on, look.verified_by, look.note, held.type, held.jurisdiction,
        held.number, held.therapist_id, held.clinic_id, person.first_name, person.last_name,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(held, and_(held.organization_id == look.organization_id, held.id == look.credential_id))
        .outerjoin(person, and_(person.organization_id == held.organization_id, person.id == held.therapist_id))
        .where(*_looks(organization_id), held.voided_seq.is_(None), *_in_sight(organization_id, clinic_ids))
        .order_by(look.recorded_seq.desc())
        .limit(MANY)
    )
    return [Open(*row) for row in await session.execute(query)]


def _looks(organization_id: UUID) -> tuple[ColumnElement[bool], ...]:
    look = VerificationRow
    mine = look.organization_id == organization_id
    return (mine, look.resolved_seq.is_(None), look.voided_seq.is_(None), look.result != "confirmed")


def _in_sight(organization_id: UUID, clinic_ids: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    """Credentials of these clinics and of who is or was assigned to them."""
    if not clinic_ids:
        return ()
    works = select(AssignmentRow.therapist_id).where(
        AssignmentRow.organization_id == organization_id,
        AssignmentRow.clinic_id.in_(clinic_ids),
        AssignmentRow.voided_seq.is_(None),
    )
    return (or_(CredentialRow.clinic_id.in_(clinic_ids), CredentialRow.therapist_id.in_(works)),)


async def wanting(
    session: AsyncSession,
    organization_id: UUID,
    day: date,
    status: str,
    clinic_ids: Collection[UUID] = (),
    *,
    besides: Collection[str] = (),
) -> list[Wanting]:
    """Who is not cleared on the day for want of something, one line for each person, requirement and clinic. `besides`:
    what clinics themselves must hold, of which `stopped` tells once for all."""
    hit = _noes(organization_id, day, (status,), clinic_ids, without=besides).subquery()
    who = TherapistRow
    key = (hit.c.therapist_id, who.first_name, who.last_name, hit.c.clinic_id)
    query = (
        select(*key, func.min(hit.c.modality), hit.c.status, hit.c.requirement, func.min(hit.c.starts_on))
        .join(who, and_(who.organization_id == organization_id, who.id == hit.c.therapist_id))
        .group_by(*key, hit.c.status, hit.c.requirement)
        .order_by(func.min(hit.c.starts_on).desc(), hit.c.therapist_id)
        .limit(MANY)
    )
    return [Wanting(*row) for row in await session.execute(query)]


async def stopped(
    session: AsyncSession, organization_id: UUID, day: date, of_clinics: Collection[str], clinic_ids: Collection[UUID]
) -> list[Stopped]:
    """Clinics whose people wait for something of the clinic's own, one line for each clinic and requirement."""
    hit = _noes(organization_id, day, ABOUT_PEOPLE, clinic_ids, only=of_clinics).subquery()
    key = (hit.c.clinic_id, hit.c.status, hit.c.requirement)
    query = select(*key, func.count(hit.c.therapist_id.distinct()), func.min(hit.c.starts_on)).group_by(*key)
    return [Stopped(*row) for row in await session.execute(query.limit(MANY))]


def _noes(
    organization_id: UUID,
    day: date,
    statuses: Collection[str],
    clinic_ids: Collection[UUID],
    *,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
) -> Select[Any]:
    """Periods that say no on the day for one of these reasons: a few ranges of an index (see clearances.py)."""
    row = ClearancePeriodRow
    columns = (row.therapist_id, row.clinic_id, row.modality, row.status, row.requirement, row.starts_on)
    mine = (row.organization_id == organization_id, row.cleared.is_(False))
    these = [row.status.in_(statuses)]
    these += [row.clinic_id.in_(clinic_ids)] if clinic_ids else []
    these += [row.requirement.not_in(without)] if without else []
    these += [] if only is None else [row.requirement.in_(only)]
    parts = union_all(*(select(*columns).where(*mine, *each, *these) for each in holding(row, day))).subquery()
    return select(parts).limit(5 * MANY)


async def silent(
    session: AsyncSession, organization_id: UUID, day: date, clinic_ids: Collection[UUID] = ()
) -> list[Silent]:
    """Who works on the day and has no e-mail address, the latest added first."""
    who = TherapistRow
    query = select(who.id, who.first_name, who.last_name, who.created_at)
    query = query.where(*_silent(organization_id, day, clinic_ids)).order_by(who.id.desc()).limit(MANY)
    return [Silent(*row) for row in await session.execute(query)]


def _silent(organization_id: UUID, day: date, clinic_ids: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    who, row = TherapistRow, AssignmentRow
    there = (row.clinic_id.in_(clinic_ids),) if clinic_ids else ()
    works = exists().where(
        row.organization_id == organization_id,
        row.therapist_id == who.id,
        row.voided_seq.is_(None),
        row.starts_on <= day,
        row.ends_on >= day,
        *there,
    )
    return (who.organization_id == organization_id, who.folded_email.is_(None), who.merged_into_id.is_(None), works)


RECENT = timedelta(days=90)
"""So long an import's questions are listed, if nobody answers them."""


async def waiting_imports(session: AsyncSession, organization_id: UUID, since: datetime) -> list[Waiting]:
    """Imports that wait to be confirmed, and those applied since an instant with questions; the latest first."""
    row = TaskRow
    mine = (row.organization_id == organization_id, row.kind == IMPORT)
    recent = and_(row.state == "done", row.updated_at >= since)
    query = select(row.id, row.title, row.state, row.result, row.updated_at).where(*mine)
    query = query.where(or_(row.state == "ready", recent))
    found = await session.execute(query.order_by(row.created_at.desc()).limit(MANY))
    lines = [Waiting(id_, name, state, _questions(result), at) for id_, name, state, result, at in found]
    return [each for each in lines if each.state == "ready" or each.questions]


def _questions(result: Any) -> int:
    """Those that nobody has answered yet."""
    asked = result.get("open_questions", result.get("counts", {}).get("questions", 0))
    return 0 if result.get("undone") else int(asked)


async def count(
    session: AsyncSession,
    organization_id: UUID,
    day: date,
    *,
    clinic_ids: Collection[UUID] = (),
    imports_since: datetime | None = None,
    of_clinics: Collection[str] = (),
) -> int:
    """How many lines wait, in one statement; each kind counts to MANY at most, and so does the sum.

    Without `imports_since` imports are not counted: not everybody may see them. `of_clinics`: what clinics themselves
    must hold, which waits once for all who work there.
    """
    query = _counting(organization_id, day, tuple(sorted(clinic_ids)), imports_since is not None, tuple(of_clinics))
    return min(int(await session.scalar(query, {"since": imports_since}) or 0), MANY)


@lru_cache(maxsize=64)
def _counting(
    organization_id: UUID, day: date, clinic_ids: tuple[UUID, ...], imports: bool, of_clinics: tuple[str, ...]
) -> Select[Any]:
    """Kept as it was built, for every page asks it, and building it takes longer than the answer."""
    look, held = VerificationRow, CredentialRow
    joined = and_(held.organization_id == look.organization_id, held.id == look.credential_id)
    looks = select(look.id).join(held, joined).where(*_looks(organization_id), held.voided_seq.is_(None))
    noes = _noes(organization_id, day, ABOUT_PEOPLE, clinic_ids, without=of_clinics).subquery()
    halted = _noes(organization_id, day, ABOUT_PEOPLE, clinic_ids, only=of_clinics).subquery()
    open_law = _noes(organization_id, day, ABOUT_LAW, clinic_ids).subquery()
    there = and_(ClinicRow.organization_id == organization_id, ClinicRow.id == open_law.c.clinic_id)
    kinds: list[Select[Any]] = [
        looks.where(*_in_sight(organization_id, clinic_ids)),
        select(noes.c.therapist_id, noes.c.clinic_id, noes.c.requirement).distinct(),
        select(halted.c.clinic_id, halted.c.status, halted.c.requirement).distinct(),
        select(ClinicRow.jurisdiction, open_law.c.requirement).join(open_law, there).distinct(),
        select(TherapistRow.id).where(*_silent(organization_id, day, clinic_ids)),
        select(SubmissionRow.id).where(*waiting_rows(organization_id, clinic_ids)),
        select(RefusedAddressRow.id).where(*open_refusals(organization_id, clinic_ids)),
    ]
    if imports:
        since = bindparam("since", type_=TaskRow.updated_at.type)
        answered, every = TaskRow.result["open_questions"], TaskRow.result["counts"]["questions"]
        asked = func.coalesce(answered.as_integer(), every.as_integer()) > 0
        stands = TaskRow.result["undone"].as_string().is_(None)
        recent = and_(TaskRow.state == "done", TaskRow.updated_at >= since, asked, stands)
        mine = (TaskRow.organization_id == organization_id, TaskRow.kind == IMPORT)
        kinds.append(select(TaskRow.id).where(*mine, or_(TaskRow.state == "ready", recent)))
    counted = [select(func.count()).select_from(each.limit(MANY).subquery()).scalar_subquery() for each in kinds]
    return select(sum(counted, start=literal(0)))
