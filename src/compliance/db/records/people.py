"""Who works where: memberships, clinics, therapists with their names and addresses over time, assignments, leaves."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Appended, Owned, Record, owned_key, to_organization
from compliance.db.types import Folded, Id, Instant, Json, Words


class MembershipRow(Owned, Record):
    """A person's role in an organization: owner, manager, reviewer, auditor or therapist; an auditor's until a date.

    `clinic_ids` (space-separated ids; empty: all) limits managers and reviewers to their clinics.
    """

    __tablename__ = "memberships"
    person_id: Mapped[UUID] = mapped_column(Id)
    role: Mapped[str]
    clinic_ids: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    therapist_id: Mapped[UUID | None] = mapped_column(Id)
    ends_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        to_organization(),
        owned_key("therapist_id", "therapists"),
        ForeignKeyConstraint(["person_id"], ["people.id"]),
        UniqueConstraint("organization_id", "person_id"),
        Index("ix_memberships_person_id", "person_id"),
    )


class ClinicRow(Owned, Record):
    """One place of work, in one jurisdiction, with a time zone.

    `next_look_on` is the next day on which the planner has to look at what the clinic itself holds (null: none).
    """

    __tablename__ = "clinics"
    name: Mapped[str]
    folded_name: Mapped[str] = mapped_column(Folded)
    jurisdiction: Mapped[str]
    time_zone: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    next_look_on: Mapped[date | None]
    voided_seq: Mapped[int | None]  # recorded by mistake: in no list any more
    void_reason: Mapped[str | None]
    __table_args__ = (
        to_organization(),
        UniqueConstraint("organization_id", "folded_name"),
        Index(
            "ix_clinics_next_look_on", "next_look_on",
            postgresql_where=text("next_look_on IS NOT NULL"), sqlite_where=text("next_look_on IS NOT NULL"),
        ),
    )  # fmt: skip


class TherapistRow(Owned, Record):
    """The person whose credentials are tracked. Name and address here are today's copy of the spans beside them.

    A void record is in no list: its `merged_into_id` names itself, as if it were nobody of its own any more.
    `coverage_fingerprint` names the catalog, policies and program that the stored coverage was made from;
    `next_look_on` is the next day on which the planner has to look at the file as a whole (null: none).
    """

    __tablename__ = "therapists"
    first_name: Mapped[str]
    last_name: Mapped[str]
    folded_name: Mapped[str] = mapped_column(
        Folded
    )  # "last first", lower case, no accents: lists sort and search by it
    folded_first: Mapped[str] = mapped_column(Folded)
    email: Mapped[str | None]
    folded_email: Mapped[str | None] = mapped_column(Folded)
    phone: Mapped[str] = mapped_column(default="")
    npi: Mapped[str | None]
    birth_date: Mapped[date | None]
    notes: Mapped[str] = mapped_column(default="")
    merged_into_id: Mapped[UUID | None] = mapped_column(Id)
    legal_hold: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    coverage_fingerprint: Mapped[str] = mapped_column(default="")
    next_look_on: Mapped[date | None]
    voided_seq: Mapped[int | None]  # recorded by mistake: in no list any more
    void_reason: Mapped[str | None]
    __table_args__ = (
        to_organization(),
        owned_key("merged_into_id", "therapists"),
        Index("ix_therapists_organization_id_folded_name", "organization_id", "folded_name", "id"),
        Index(
            "ix_therapists_next_look_on", "next_look_on",
            postgresql_where=text("next_look_on IS NOT NULL"), sqlite_where=text("next_look_on IS NOT NULL"),
        ),
        Index("ix_therapists_organization_id_folded_first", "organization_id", "folded_first"),
        Index("ix_therapists_organization_id_folded_email", "organization_id", "folded_email"),
        Index("ix_therapists_organization_id_coverage_fingerprint", "organization_id", "coverage_fingerprint"),
        Index(
            "ix_therapists_without_email", "organization_id", "id",
            postgresql_where=text("folded_email IS NULL"), sqlite_where=text("folded_email IS NULL"),
        ),
        # Of the merged alone: nearly everybody is not, and SQLite would go through them all by this index.
        Index(
            "ix_therapists_organization_id_merged_into_id", "organization_id", "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"), sqlite_where=text("merged_into_id IS NOT NULL"),
        ),
        Index(
            "ix_therapists_unreachable", "organization_id", "id",
            postgresql_where=text("folded_email IS NULL AND merged_into_id IS NULL"),
            sqlite_where=text("folded_email IS NULL AND merged_into_id IS NULL"),
        ),
    )  # fmt: skip


class TherapistNameRow(Appended, Record):
    """A name from a day on, with the reason of its change; a license under a former name still matches.

    `superseded_seq` is the place of the entry that gave a later name: search looks for former names by it.
    """

    __tablename__ = "therapist_names"
    therapist_id: Mapped[UUID] = mapped_column(Id)
    first_name: Mapped[str]
    last_name: Mapped[str]
    folded_name: Mapped[str] = mapped_column(Folded)
    starts_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    superseded_seq: Mapped[int | None]
    __table_args__ = (
        owned_key("therapist_id", "therapists"),
        Index("ix_therapist_names_organization_id_therapist_id", "organization_id", "therapist_id"),
        Index("ix_therapist_names_organization_id_folded_name", "organization_id", "folded_name"),
        Index(
            "ix_therapist_names_former", "organization_id", "folded_name", "therapist_id",
            postgresql_where=text("superseded_seq IS NOT NULL AND voided_seq IS NULL"),
            sqlite_where=text("superseded_seq IS NOT NULL AND voided_seq IS NULL"),
        ),
    )  # fmt: skip


class TherapistAddressRow(Appended, Record):
    """An e-mail address from a day on."""

    __tablename__ = "therapist_addresses"
    therapist_id: Mapped[UUID] = mapped_column(Id)
    email: Mapped[str]
    starts_on: Mapped[date]
    __table_args__ = (
        owned_key("therapist_id", "therapists"),
        Index("ix_therapist_addresses_organization_id_therapist_id", "organization_id", "therapist_id"),
    )


class AssignmentRow(Appended, Record):
    """A therapist at a clinic, with modalities, from a first to a last day (9999-12-31: open).

    Ending or changing one voids the row and adds its replacement, so that what was known when can be asked.
    """

    __tablename__ = "assignments"
    therapist_id: Mapped[UUID] = mapped_column(Id)
    clinic_id: Mapped[UUID] = mapped_column(Id)
    modalities: Mapped[tuple[str, ...]] = mapped_column(Words)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    end_reason: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        owned_key("therapist_id", "therapists"),
        owned_key("clinic_id", "clinics"),
        Index("ix_assignments_organization_id_therapist_id", "organization_id", "therapist_id"),
        Index("ix_assignments_organization_id_clinic_id", "organization_id", "clinic_id", "ends_on"),
    )


class LeaveRow(Appended, Record):
    """A leave of absence, at one clinic or everywhere."""

    __tablename__ = "leaves"
    therapist_id: Mapped[UUID] = mapped_column(Id)
    clinic_id: Mapped[UUID | None] = mapped_column(Id)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        owned_key("therapist_id", "therapists"),
        owned_key("clinic_id", "clinics"),
        Index("ix_leaves_organization_id_therapist_id", "organization_id", "therapist_id"),
    )


class MergeRow(Appended, Record):
    """Two records of one person made one; voiding it parts them again. Both histories stay."""

    __tablename__ = "merges"
    kept_id: Mapped[UUID] = mapped_column(Id)
    merged_id: Mapped[UUID] = mapped_column(Id)
    reason: Mapped[str]
    __table_args__ = (owned_key("kept_id", "therapists"), owned_key("merged_id", "therapists"))


class PolicyRow(Appended, Record):
    """An employer's own requirement, or its widening of a catalog one; `body` is the shape of `domain.Policy`."""

    __tablename__ = "policies"
    code: Mapped[str]
    body: Mapped[dict[str, object]] = mapped_column(Json)
    applies_on: Mapped[date]
    ends_on: Mapped[date]
    __table_args__ = (to_organization(), Index("ix_policies_organization_id_code", "organization_id", "code"))


class BoardAddressRow(Appended, Record):
    """A board's look-up address that an organization saved where the catalog knows none."""

    __tablename__ = "board_addresses"
    jurisdiction: Mapped[str]
    url: Mapped[str]
    __table_args__ = (to_organization(),)
