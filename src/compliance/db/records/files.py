"""The credential file: credentials, terms, standings, verifications, waivers, evidence; the stored copy of coverage."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Appended, Owned, Record, owned_key, to_organization
from compliance.db.types import Folded, Id, Instant, Json


class CredentialRow(Appended, Record):
    """One held credential, by a therapist or by a clinic. Facts may be corrected with a reason; the id stays."""

    __tablename__ = "credentials"
    therapist_id: Mapped[UUID | None] = mapped_column(Id)
    clinic_id: Mapped[UUID | None] = mapped_column(Id)
    type: Mapped[str]
    jurisdiction: Mapped[str | None]
    issuing_authority: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")
    folded_number: Mapped[str] = mapped_column(Folded, default="")
    first_issued_on: Mapped[date | None]
    details: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    notes: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("therapist_id", "therapists"),
        owned_key("clinic_id", "clinics"),
        CheckConstraint("(therapist_id IS NULL) <> (clinic_id IS NULL)", name="one_holder"),
        Index("ix_credentials_organization_id_therapist_id", "organization_id", "therapist_id"),
        Index("ix_credentials_organization_id_clinic_id", "organization_id", "clinic_id"),
        Index("ix_credentials_organization_id_folded_number", "organization_id", "folded_number"),
    )


class TermRow(Appended, Record):
    """One span of a credential. `next_rung_on` is the next day on which a ladder has something to say (null: none)."""

    __tablename__ = "terms"
    credential_id: Mapped[UUID] = mapped_column(Id)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    inferred: Mapped[bool] = mapped_column(default=False)
    next_rung_on: Mapped[date | None]
    __table_args__ = (
        owned_key("credential_id", "credentials"),
        CheckConstraint("ends_on >= starts_on", name="runs_forward"),
        Index("ix_terms_organization_id_credential_id", "organization_id", "credential_id"),
        Index(
            "ix_terms_next_rung_on", "next_rung_on",
            postgresql_where=text("next_rung_on IS NOT NULL AND voided_seq IS NULL"),
            sqlite_where=text("next_rung_on IS NOT NULL AND voided_seq IS NULL"),
        ),
    )  # fmt: skip


class StandingRow(Appended, Record):
    """What the board says from a day on (until 9999-12-31, or a later standing)."""

    __tablename__ = "standings"
    credential_id: Mapped[UUID] = mapped_column(Id)
    standing: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    note: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        owned_key("credential_id", "credentials"),
        Index("ix_standings_organization_id_credential_id", "organization_id", "credential_id"),
    )


class VerificationRow(Appended, Record):
    """One look at the primary source."""

    __tablename__ = "verifications"
    credential_id: Mapped[UUID] = mapped_column(Id)
    term_id: Mapped[UUID | None] = mapped_column(Id)
    result: Mapped[str]
    verified_on: Mapped[date]
    verified_by: Mapped[str]
    source: Mapped[str]
    method: Mapped[str | None]  # None: not written down
    standing: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    resolved_seq: Mapped[int | None]  # `differs` and `not-found` wait in the work list until a person has decided
    __table_args__ = (
        owned_key("credential_id", "credentials"),
        owned_key("term_id", "terms"),
        Index("ix_verifications_organization_id_credential_id", "organization_id", "credential_id"),
        Index(
            "ix_verifications_to_decide", "organization_id",
            postgresql_where=text("resolved_seq IS NULL AND voided_seq IS NULL AND result <> 'confirmed'"),
            sqlite_where=text("resolved_seq IS NULL AND voided_seq IS NULL AND result <> 'confirmed'"),
        ),
    )  # fmt: skip


class WaiverRow(Appended, Record):
    """A recorded exception with author, reason and end: a therapist's, at one clinic or at all, or a clinic's own."""

    __tablename__ = "waivers"
    therapist_id: Mapped[UUID | None] = mapped_column(Id)
    clinic_id: Mapped[UUID | None] = mapped_column(Id)
    requirement: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str]
    granted_by: Mapped[str]
    __table_args__ = (
        owned_key("therapist_id", "therapists"),
        owned_key("clinic_id", "clinics"),
        CheckConstraint("therapist_id IS NOT NULL OR clinic_id IS NOT NULL", name="somebody"),
        Index("ix_waivers_organization_id_therapist_id", "organization_id", "therapist_id"),
        Index("ix_waivers_organization_id_clinic_id", "organization_id", "clinic_id"),
    )


class EvidenceRow(Appended, Record):
    """A kept proof: the original's hash, and the rendition's, which alone is ever shown to a browser."""

    __tablename__ = "evidence"
    name: Mapped[str]
    kind: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    pages: Mapped[int | None]
    rendition_sha256: Mapped[str | None]
    rendition_media_type: Mapped[str | None]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        to_organization(),
        Index("ix_evidence_organization_id_sha256", "organization_id", "sha256"),
    )


class EvidenceLinkRow(Appended, Record):
    """What a proof is a proof of."""

    __tablename__ = "evidence_links"
    evidence_id: Mapped[UUID] = mapped_column(Id)
    credential_id: Mapped[UUID] = mapped_column(Id)
    term_id: Mapped[UUID | None] = mapped_column(Id)
    verification_id: Mapped[UUID | None] = mapped_column(Id)
    __table_args__ = (
        owned_key("evidence_id", "evidence"),
        owned_key("credential_id", "credentials"),
        owned_key("term_id", "terms"),
        owned_key("verification_id", "verifications"),
        Index("ix_evidence_links_organization_id_credential_id", "organization_id", "credential_id"),
    )


class CoveragePeriodRow(Record):
    """The stored copy of coverage: a requirement's status over a span of days; where no row is, it is missing."""

    __tablename__ = "coverage_periods"
    organization_id: Mapped[UUID] = mapped_column(Id)
    therapist_id: Mapped[UUID] = mapped_column(Id)
    requirement: Mapped[str]
    jurisdiction: Mapped[str]  # "" where the requirement is the same everywhere
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    status: Mapped[str]
    credential_id: Mapped[UUID | None] = mapped_column(Id)
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "therapist_id", "requirement", "jurisdiction", "starts_on"),
        owned_key("therapist_id", "therapists"),
    )


class ClearancePeriodRow(Record):
    """The stored copy of clearance: cleared or not, and the requirement that decides. Tiles each assignment's life."""

    __tablename__ = "clearance_periods"
    organization_id: Mapped[UUID] = mapped_column(Id)
    clinic_id: Mapped[UUID] = mapped_column(Id)
    therapist_id: Mapped[UUID] = mapped_column(Id)
    modality: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    cleared: Mapped[bool]
    status: Mapped[str]
    requirement: Mapped[str]  # what decides: the worst finding, or "" when cleared
    reach: Mapped[int]  # the class of its length: db/reach.py
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "therapist_id", "clinic_id", "modality", "starts_on"),
        owned_key("therapist_id", "therapists"),
        owned_key("clinic_id", "clinics"),
        Index(
            # Written as queries say it (`cleared.is_(False)`): SQLite takes a partial index by its words alone.
            "ix_clearance_periods_not_cleared",
            "organization_id", "reach", "starts_on", "therapist_id", "ends_on", "clinic_id", "modality",
            postgresql_where=text("cleared IS false"), sqlite_where=text("cleared IS 0"),
        ),
        Index(
            "ix_clearance_periods_status", "organization_id", "status", "reach", "starts_on", "ends_on",
            postgresql_where=text("cleared IS false"), sqlite_where=text("cleared IS 0"),
        ),
    )  # fmt: skip


class ImportRowRow(Owned, Record):
    """One row of a file being imported: as read, as judged; applied therapist by therapist."""

    __tablename__ = "import_rows"
    task_id: Mapped[UUID] = mapped_column(Id)
    line: Mapped[int]
    person: Mapped[int | None]  # rows of one person share a number, in the file's order
    read: Mapped[dict[str, object]] = mapped_column(Json)
    problems: Mapped[list[dict[str, object]]] = mapped_column(Json, default=list)
    questions: Mapped[list[dict[str, object]]] = mapped_column(Json, default=list)
    judged: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    outcome: Mapped[str] = mapped_column(default="")  # created | changed | unchanged | refused
    applied_seq: Mapped[int | None]
    therapist_id: Mapped[UUID | None] = mapped_column(Id)  # who it is on file, once that is known
    __table_args__ = (
        to_organization(),
        Index("ix_import_rows_task", "organization_id", "task_id", "line", unique=True),
        Index("ix_import_rows_person", "organization_id", "task_id", "person", "line"),
    )
