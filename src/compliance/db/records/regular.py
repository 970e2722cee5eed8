"""Reports that are made regularly, what was made, and who has opened which report."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Owned, Record, owned_key, to_organization
from compliance.db.types import Id, Instant, Words


class RegularReportRow(Owned, Record):
    """A clinic's report each month or quarter, until it is ended. `reader_ids`: people who are told by mail.

    `covered_until` is the last day that a report of it is about: the next one begins the day after.
    """

    __tablename__ = "regular_reports"
    clinic_id: Mapped[UUID] = mapped_column(Id)
    every: Mapped[str]
    reader_ids: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    covered_until: Mapped[date]
    problem: Mapped[str] = mapped_column(default="")  # why the last one could not be made
    made_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        to_organization(),
        owned_key("clinic_id", "clinics"),
        CheckConstraint("every IN ('month', 'quarter')", name="known_rhythm"),
    )


class RegularIssueRow(Record):
    """One report that was made regularly: for its last day there is one, however often the job runs."""

    __tablename__ = "regular_issues"
    organization_id: Mapped[UUID] = mapped_column(Id)
    regular_id: Mapped[UUID] = mapped_column(Id)
    ends_on: Mapped[date]
    starts_on: Mapped[date]
    report_id: Mapped[UUID] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "regular_id", "ends_on"),
        owned_key("regular_id", "regular_reports"),
        owned_key("report_id", "reports"),
    )


class ReportOpeningRow(Owned, Record):
    """Somebody opened the file of a report. A read: it lies beside the trail."""

    __tablename__ = "report_openings"
    report_id: Mapped[UUID] = mapped_column(Id)
    person_id: Mapped[UUID] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("report_id", "reports"),
        ForeignKeyConstraint(["person_id"], ["people.id"]),
        Index("ix_report_openings_organization_id_report_id", "organization_id", "report_id"),
    )
