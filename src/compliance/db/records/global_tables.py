"""The tables that belong to no organization. This is the whole list; a test compares it with the metadata."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Record
from compliance.db.types import Folded, Instant, Json, Words

GLOBAL_TABLES = frozenset(
    {
        "organizations", "people", "sessions", "capabilities", "api_keys", "sign_in_attempts", "report_fingerprints",
        "workers", "mail_routes", "job_runs", "tasks", "signing_keys", "authenticator_apps", "recovery_codes",
        "passkeys", "identities", "spent",
    }
)  # fmt: skip


class OrganizationRow(Record):
    """The tenant. The installation's own chain and acts use the id of zeros and have no row here."""

    __tablename__ = "organizations"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str]
    folded_name: Mapped[str] = mapped_column(Folded, unique=True)
    time_zone: Mapped[str]
    postal_address: Mapped[str] = mapped_column(default="")
    demonstration: Mapped[bool] = mapped_column(default=False)
    reminders_started_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    settings: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    demands_second_factor: Mapped[bool | None]  # of its staff; none is no


class PersonRow(Record):
    """One sign-in, with memberships in any number of organizations."""

    __tablename__ = "people"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    email: Mapped[str]
    folded_email: Mapped[str] = mapped_column(Folded, unique=True)
    name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)


class SessionRow(Record):
    """A signed-in browser, by the hash of its token; written only by explicit calls.

    `ways` are what was shown (password, code, passkey, ...), `strong` whether that was two factors, `proven_at` when; a
    new token for the same browser keeps them.
    """

    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    organization_id: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    ways: Mapped[tuple[str, ...] | None] = mapped_column(Words)
    strong: Mapped[bool | None]
    proven_at: Mapped[datetime | None] = mapped_column(Instant)
    browser: Mapped[str | None]
    network: Mapped[str | None]


class CapabilityRow(Record):
    """A link's power, by the hash of its token: `sign-in`, `set-password`, `confirm-address`, `renewal`. Used once
    where it says so. `address` is what a link to confirm one confirms."""

    __tablename__ = "capabilities"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    organization_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    subject_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    address: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class ApiKeyRow(Record):
    """What a machine asks with: found by its prefix, proven by the hash of the whole. `scopes` are capabilities of
    `web/access.py`; no `clinic_ids`: all clinics of the organization."""

    __tablename__ = "api_keys"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    prefix: Mapped[str] = mapped_column(unique=True)
    key_hash: Mapped[str]
    name: Mapped[str]
    scopes: Mapped[tuple[str, ...]] = mapped_column(Words)
    clinic_ids: Mapped[tuple[str, ...]] = mapped_column(Words)
    ends_on: Mapped[date | None]
    made_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInAttemptRow(Record):
    """Failures by what is counted (an account's hash, an address block, everybody); survives restarts."""

    __tablename__ = "sign_in_attempts"
    counted: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(Instant)
    next_allowed_at: Mapped[datetime] = mapped_column(Instant)


class ReportFingerprintRow(Record):
    """What was issued here, by the hash of its bytes, so that anyone may ask whether a file is unchanged."""

    __tablename__ = "report_fingerprints"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    report_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    format: Mapped[str]
    issued_at: Mapped[datetime] = mapped_column(Instant)
    reference: Mapped[UUID | None] = mapped_column(Uuid, index=True)  # printed on it: of its question, not its bytes


class SigningKeyRow(Record):
    """A certificate that reports were or are signed with; without an organization, the installation's own.

    `certificates` is PEM, the signer's first; `sealed` is its private key under the installation's secret, gone where
    it is no longer used or was never kept here. Rows stay for ever: old reports are recognized by them.
    """

    __tablename__ = "signing_keys"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(index=True)
    certificates: Mapped[str]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class WorkerRow(Record):
    """A delivering process; its heartbeat is a number, not a time, so that no clock has to be trusted."""

    __tablename__ = "workers"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    heartbeat_no: Mapped[int]
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    dead: Mapped[bool] = mapped_column(default=False)


class MailRouteRow(Record):
    """One SMTP server: its shared quota and its circuit."""

    __tablename__ = "mail_routes"
    id: Mapped[str] = mapped_column(primary_key=True)
    per_minute: Mapped[int]
    tokens: Mapped[int]
    refilled_at: Mapped[datetime] = mapped_column(Instant)
    open_until: Mapped[datetime | None] = mapped_column(Instant)
    consecutive_failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")


class JobRunRow(Record):
    """When a job last began and ended, and what it did; one row a job."""

    __tablename__ = "job_runs"
    job: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    done: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    good_at: Mapped[datetime | None] = mapped_column(Instant)  # when it last ended without an error
    error: Mapped[str] = mapped_column(default="")
    took_ms: Mapped[int] = mapped_column(default=0)


class TaskRow(Record):
    """Long work that a person started: an import, a big report, an export, an undo."""

    __tablename__ = "tasks"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str]
    title: Mapped[str]
    input: Mapped[dict[str, object]] = mapped_column(Json)
    started_by: Mapped[str]
    state: Mapped[str]
    step: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    result: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    problem: Mapped[str] = mapped_column(default="")
    lease_owner: Mapped[UUID | None] = mapped_column(Uuid)
    lease_token: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    expires_on: Mapped[date | None]
    __table_args__ = (
        Index("ix_tasks_organization_id_created_at", "organization_id", "created_at"),
        Index(
            "ix_tasks_waiting", "created_at",
            postgresql_where=text("state IN ('waiting', 'running')"),
            sqlite_where=text("state IN ('waiting', 'running')"),
        ),
    )  # fmt: skip
