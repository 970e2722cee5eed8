"""Issued audit reports: the list of an organization, one under its question, and whose a file is by its hash."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.report_facts import Place
from compliance.db.records import ClinicRow, OrganizationRow, ReportFingerprintRow, ReportRow
from compliance.db.scope import Scope, narrow
from compliance.domain.audit_report import Span

KIND = "audit"
SHEET: Final = "inspector"
ISSUED_AS: Final = {KIND: ("report.issued", "report"), SHEET: ("inspector-sheet.issued", "inspector-sheet")}
"""What is on record as issued: the action in the trail, and the noun of its subject."""
NO_QUESTION: Final = frozenset({"clinic", "paper", "fonts", "program_version", "catalog_fingerprint", "trail_head"})
"""What a row keeps beside its question."""


@dataclass(frozen=True, slots=True)
class IssuedReport:
    """One issued file. `clinic_id` is None where the question was about several clinics or the whole organization;
    `asked` is the whole question as it is kept.
    """

    id: UUID
    format: str
    clinic_id: UUID | None
    clinic: str
    as_of: date
    known_at: datetime
    period: Span | None
    recorded_seq: int
    sha256: str
    size: int
    made_by: str
    made_at: datetime
    supersedes_id: UUID | None
    program_version: str
    catalog_fingerprint: str
    paper: str
    signed_by: str | None
    asked: dict[str, Any]
    kind: str = KIND

    @property
    def clinic_ids(self) -> frozenset[UUID]:
        """The clinics that it is about; empty: the whole organization."""
        several = map(UUID, self.asked.get("clinic_ids", ()))
        return frozenset((self.clinic_id,) if self.clinic_id else several)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Whose report has this hash: what anybody who holds the file may be told, on the clock of `time_zone`."""

    report: IssuedReport
    organization_id: UUID
    organization: str
    superseded: bool
    time_zone: str


async def issued(
    session: AsyncSession,
    organization_id: UUID,
    *,
    clinic_ids: Collection[UUID] = (),
    limit: int = 50,
    before: UUID | None = None,
) -> list[IssuedReport]:
    """The newest first; `before` is the last id of the page before.

    With `clinic_ids` only what is about these, and about nothing beside them.
    """
    found: list[IssuedReport] = []
    mine = frozenset(clinic_ids)
    while len(found) < limit:
        page = await _page(session, organization_id, mine, limit, before)
        found += [each for each in page if not mine or (each.clinic_ids and each.clinic_ids <= mine)]
        if len(page) < limit:
            break
        before = page[-1].id
    return found[:limit]


async def _page(
    session: AsyncSession, organization_id: UUID, clinic_ids: frozenset[UUID], limit: int, before: UUID | None
) -> list[IssuedReport]:
    """Candidates: reports about one of the clinics, and those about several, of which only Python knows which."""
    query = _mine(organization_id).order_by(ReportRow.id.desc())
    if before is not None:
        query = query.where(ReportRow.id < before)
    if clinic_ids:
        about = ReportRow.question["clinic_id"].as_string()
        query = query.where(or_(about.in_([str(each) for each in clinic_ids]), about.is_(None)))
    return [_issued(row) for row in await session.scalars(query.limit(limit))]


async def issued_one(session: AsyncSession, organization_id: UUID, report_id: UUID) -> IssuedReport | None:
    """One issued report of this organization."""
    row = await session.scalar(_mine(organization_id).where(ReportRow.id == report_id))
    return _issued(row) if row else None


async def issued_for(
    session: AsyncSession, organization_id: UUID, question_hash: str, format: str
) -> IssuedReport | None:
    """The file that is kept under a question."""
    mine = _mine(organization_id).where(ReportRow.question_hash == question_hash, ReportRow.format == format)
    row = await session.scalar(mine)
    return _issued(row) if row else None


async def issued_at(session: AsyncSession, organization_id: UUID, known_at: str, format: str) -> list[IssuedReport]:
    """Every file of a format that was made from the records as they were known at an instant, the newest first."""
    same = (_known(known_at), ReportRow.format == format)
    query = _mine(organization_id).where(*same).order_by(ReportRow.id.desc())
    return [_issued(row) for row in await session.scalars(query)]


async def place_of(session: AsyncSession, organization_id: UUID, known_at: str) -> Place | None:
    """The place in the trail that an instant was given when a report was first asked for it."""
    row = await session.scalar(_mine(organization_id).where(_known(known_at)).order_by(ReportRow.id).limit(1))
    return Place(row.recorded_seq, str(row.question["trail_head"])) if row else None


def _known(known_at: str) -> ColumnElement[bool]:
    """`known_at` is written as `hashes.instant_text` writes it."""
    asked: ColumnElement[str] = ReportRow.question["known_at"].as_string()
    return asked == known_at


async def by_hash(session: AsyncSession, sha256: str) -> Fingerprint | None:
    """The issued report with exactly these bytes, of whatever organization; the one question that may cross them."""
    return await _fingerprint(session, select(ReportFingerprintRow).where(ReportFingerprintRow.sha256 == sha256))


async def by_report(session: AsyncSession, report_id: UUID) -> Fingerprint | None:
    """The same by the report's id, or by the reference that is printed on it."""
    row = ReportFingerprintRow
    either = or_(row.report_id == report_id, row.reference == report_id)
    return await _fingerprint(session, select(row).where(either))


async def _fingerprint(session: AsyncSession, query: Select[ReportFingerprintRow]) -> Fingerprint | None:
    known = await session.scalar(query)
    if known is None:
        return None
    await narrow(session, Scope(known.organization_id))
    whose = (ReportRow.organization_id == known.organization_id, ReportRow.id == known.report_id)
    row = await session.scalar(select(ReportRow).where(*whose, ReportRow.kind.in_(ISSUED_AS)))
    if row is None:
        return None
    report = _issued(row)
    owner = await session.get_one(OrganizationRow, known.organization_id)
    later = _mine(known.organization_id).where(ReportRow.supersedes_id == report.id)
    superseded = await session.scalar(later.limit(1)) is not None
    zone = await _zone(session, known.organization_id, report.clinic_id) or owner.time_zone
    return Fingerprint(report, owner.id, owner.name, superseded, zone)


async def _zone(session: AsyncSession, organization_id: UUID, clinic_id: UUID | None) -> str | None:
    row = ClinicRow
    query = select(row.time_zone).where(row.organization_id == organization_id, row.id == clinic_id)
    return await session.scalar(query) if clinic_id else None


def _mine(organization_id: UUID) -> Select[ReportRow]:
    return select(ReportRow).where(ReportRow.organization_id == organization_id, ReportRow.kind == KIND)


def _issued(row: ReportRow) -> IssuedReport:
    question: dict[str, Any] = row.question
    period = question["period"]
    return IssuedReport(
        id=row.id,
        format=row.format,
        clinic_id=UUID(question["clinic_id"]) if question["clinic_id"] else None,
        clinic=question["clinic"],
        as_of=date.fromisoformat(question["as_of"]),
        known_at=datetime.fromisoformat(question["known_at"]),
        period=Span(*map(date.fromisoformat, period)) if period else None,
        recorded_seq=row.recorded_seq,
        sha256=row.sha256,
        size=row.size,
        made_by=row.made_by,
        made_at=row.made_at,
        supersedes_id=row.supersedes_id,
        program_version=question["program_version"],
        catalog_fingerprint=question["catalog_fingerprint"],
        paper=question["paper"],
        signed_by=row.signed_by,
        asked={key: value for key, value in question.items() if key not in NO_QUESTION},
        kind=row.kind,
    )
