"""What leaves: reminders (decisions with a key), outbox messages (frozen words), delivery attempts; issued reports."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint, Uuid
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Owned, Record, owned_key, to_organization
from compliance.db.types import Instant, Json


class ReminderRow(Owned, Record):
    """A decision that someone should be told. Its key holds no instant, so nothing can fire twice.

    state: planned, queued, done, skipped, withdrawn, failed. `rung` is days before the anchor (negative: after).
    """

    __tablename__ = "reminders"
    subject_id: Mapped[UUID] = mapped_column(Uuid)  # the credential (or the therapist, for what is missing)
    term_id: Mapped[UUID | None] = mapped_column(Uuid)
    therapist_id: Mapped[UUID | None] = mapped_column(Uuid)
    anchor: Mapped[str]  # expiry | deadline | recheck | waiver | missing
    anchor_on: Mapped[date]
    rung: Mapped[int]
    recipient: Mapped[str]  # therapist | manager:ID | owner:ID
    channel: Mapped[str]
    local_date: Mapped[date]
    time_zone: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        to_organization(),
        owned_key("therapist_id", "therapists"),
        UniqueConstraint(
            "organization_id",
            "subject_id",
            "anchor",
            "anchor_on",
            "rung",
            "recipient",
            "channel",
            name="uq_reminders_key",
        ),
        Index("ix_reminders_organization_id_therapist_id", "organization_id", "therapist_id", "local_date"),
        Index("ix_reminders_organization_id_local_date", "organization_id", "local_date"),
    )


class OutboxRow(Owned, Record):
    """A message written with the facts that caused it.

    state: pending, leased, transmitting, sent, kept (no server is named), held, dead, withdrawn, bounced.
    From the first mark before the final dot `rfc822` is frozen.
    """

    __tablename__ = "outbox"
    kind: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    recipient_address: Mapped[str]
    recipient_name: Mapped[str]
    therapist_id: Mapped[UUID | None] = mapped_column(Uuid)
    facts: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    rendered_on: Mapped[date]
    rfc822: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[str | None]
    channel: Mapped[str]
    route_id: Mapped[str] = mapped_column(default="")
    on_unknown: Mapped[str] = mapped_column(default="resend")  # resend | hold
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(Instant)
    give_up_at: Mapped[datetime] = mapped_column(Instant)
    lease_owner: Mapped[UUID | None] = mapped_column(Uuid)
    lease_token: Mapped[int] = mapped_column(default=0)
    possible_duplicates: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    reply: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        to_organization(),
        owned_key("therapist_id", "therapists"),
        Index("ix_outbox_organization_id_created_at", "organization_id", "created_at"),
        Index("ix_outbox_organization_id_therapist_id", "organization_id", "therapist_id"),
        Index(
            "ix_outbox_pending", "next_at",
            postgresql_where=sql("state = 'pending'"), sqlite_where=sql("state = 'pending'"),
        ),
        Index(
            "ix_outbox_waiting_reader", "organization_id", "recipient_address",
            postgresql_where=sql("state = 'pending'"), sqlite_where=sql("state = 'pending'"),
        ),
        Index(
            "ix_outbox_leased", "lease_owner",
            postgresql_where=sql("state IN ('leased', 'transmitting')"),
            sqlite_where=sql("state IN ('leased', 'transmitting')"),
        ),
    )  # fmt: skip


class OutboxReminderRow(Record):
    """One line of a message: a message carries one or more reminders."""

    __tablename__ = "outbox_reminders"
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    outbox_id: Mapped[UUID] = mapped_column(Uuid)
    reminder_id: Mapped[UUID] = mapped_column(Uuid)
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "outbox_id", "reminder_id"),
        owned_key("outbox_id", "outbox"),
        owned_key("reminder_id", "reminders"),
        Index("ix_outbox_reminders_organization_id_reminder_id", "organization_id", "reminder_id"),
    )


class DeliveryRow(Owned, Record):
    """One attempt to hand a message over; append-only."""

    __tablename__ = "deliveries"
    outbox_id: Mapped[UUID] = mapped_column(Uuid)
    lease_token: Mapped[int]
    worker_id: Mapped[UUID] = mapped_column(Uuid)
    phase: Mapped[str]
    outcome: Mapped[str]
    code: Mapped[int | None]
    reply: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        owned_key("outbox_id", "outbox"),
        Index("ix_deliveries_organization_id_outbox_id", "organization_id", "outbox_id"),
    )


class DigestRow(Record):
    """When one manager or owner wants the weekly digest, and for which day the last one was written (or left out)."""

    __tablename__ = "digests"
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    weekday: Mapped[int] = mapped_column(default=0)  # 0: Monday
    hour: Mapped[int] = mapped_column(default=7)
    wanted: Mapped[bool] = mapped_column(default=True)
    when_empty: Mapped[bool] = mapped_column(default=True)
    last_on: Mapped[date | None]
    __table_args__ = (to_organization(), PrimaryKeyConstraint("organization_id", "person_id"))


class ReportRow(Owned, Record):
    """An issued report, kept under its question: asked again, the kept file is served."""

    __tablename__ = "reports"
    kind: Mapped[str]
    format: Mapped[str]
    question_hash: Mapped[str]
    question: Mapped[dict[str, object]] = mapped_column(Json)
    recorded_seq: Mapped[int]
    sha256: Mapped[str]
    unsigned_sha256: Mapped[str | None]  # of a signed file before it was signed: what two processes make alike
    signed_by: Mapped[str | None]  # the fingerprint of the certificate
    size: Mapped[int]
    supersedes_id: Mapped[UUID | None] = mapped_column(Uuid)
    made_by: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        to_organization(),
        owned_key("supersedes_id", "reports"),
        UniqueConstraint("organization_id", "question_hash", "format"),
        Index("ix_reports_organization_id_made_at", "organization_id", "made_at"),
    )
