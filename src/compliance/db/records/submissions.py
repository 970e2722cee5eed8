"""What therapists send in from a reminder's link, and the links themselves; calendars that people subscribe to."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Appended, Owned, Record, owned_key, to_organization
from compliance.db.types import Folded, Instant


class RenewalLinkRow(Owned, Record):
    """The link of one credential's cycle for one person at one address. Its token is in `capabilities`, by hash.

    A cycle is named by the last day it is about, so that a term whose first day was corrected stays the same cycle.
    """

    __tablename__ = "renewal_links"
    therapist_id: Mapped[UUID] = mapped_column(Uuid)
    credential_id: Mapped[UUID] = mapped_column(Uuid)
    about_ends_on: Mapped[date]
    folded_email: Mapped[str] = mapped_column(Folded)
    created_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("therapist_id", "therapists"),
        owned_key("credential_id", "credentials"),
        UniqueConstraint(
            "organization_id", "credential_id", "about_ends_on", "therapist_id", "folded_email",
            name="uq_renewal_links_cycle",
        ),
    )  # fmt: skip


class SubmissionRow(Appended, Record):
    """What a therapist sent in about one cycle. The fact is appended; its decision is written beside it, once.

    kind: renewal, applied, acknowledged, not-renewing, not-me. state: waiting, noted, accepted, sent-back, withdrawn.
    The ladder rests through `rests_until` (null: it does not rest).
    """

    __tablename__ = "submissions"
    therapist_id: Mapped[UUID] = mapped_column(Uuid)
    credential_id: Mapped[UUID] = mapped_column(Uuid)
    about_ends_on: Mapped[date]
    link_id: Mapped[UUID | None] = mapped_column(Uuid)
    kind: Mapped[str]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    applied_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    folded_email: Mapped[str] = mapped_column(Folded, default="")
    sent_at: Mapped[datetime] = mapped_column(Instant)
    rests_until: Mapped[date | None]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    term_id: Mapped[UUID | None] = mapped_column(Uuid)  # that was made of it
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_seq: Mapped[int | None]
    __table_args__ = (
        owned_key("therapist_id", "therapists"),
        owned_key("credential_id", "credentials"),
        owned_key("link_id", "renewal_links"),
        owned_key("term_id", "terms"),
        CheckConstraint(
            "kind IN ('renewal', 'applied', 'acknowledged', 'not-renewing', 'not-me')", name="known_kind"
        ),
        CheckConstraint(
            "state IN ('waiting', 'noted', 'accepted', 'sent-back', 'withdrawn')", name="known_state"
        ),
        Index("ix_submissions_organization_id_credential_id", "organization_id", "credential_id", "about_ends_on"),
        Index("ix_submissions_organization_id_therapist_id", "organization_id", "therapist_id"),
        Index(
            "ix_submissions_waiting", "organization_id", "sent_at",
            postgresql_where=text("state = 'waiting'"), sqlite_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_submissions_not_me", "organization_id", "therapist_id", "folded_email",
            postgresql_where=text("kind = 'not-me'"), sqlite_where=text("kind = 'not-me'"),
        ),
    )  # fmt: skip


class SubmissionFileRow(Record):
    """A file of a submission, in the order in which it was sent; it proves nothing until the submission is accepted."""

    __tablename__ = "submission_files"
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    submission_id: Mapped[UUID] = mapped_column(Uuid)
    evidence_id: Mapped[UUID] = mapped_column(Uuid)
    place: Mapped[int]
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "submission_id", "evidence_id"),
        owned_key("submission_id", "submissions"),
        owned_key("evidence_id", "evidence"),
        Index("ix_submission_files_organization_id_evidence_id", "organization_id", "evidence_id"),
    )


class CalendarFeedRow(Owned, Record):
    """A calendar that somebody subscribes to; its token is in `capabilities`, by hash.

    Exactly one of the three says whose dates it shows: all that a person may see, a clinic's, or one therapist's.
    """

    __tablename__ = "calendar_feeds"
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    clinic_id: Mapped[UUID | None] = mapped_column(Uuid)
    therapist_id: Mapped[UUID | None] = mapped_column(Uuid)
    name: Mapped[str]
    created_by: Mapped[UUID] = mapped_column(Uuid)  # the person; when their membership ends, the feed does
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        to_organization(),
        owned_key("clinic_id", "clinics"),
        owned_key("therapist_id", "therapists"),
        CheckConstraint(
            "(CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN clinic_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN therapist_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_subject",
        ),
        Index("ix_calendar_feeds_organization_id_created_by", "organization_id", "created_by"),
    )
