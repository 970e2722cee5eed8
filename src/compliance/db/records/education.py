"""Continuing education: the courses that therapists have completed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Appended, Record, owned_key
from compliance.db.types import Json, Words


class CourseRow(Appended, Record):
    """One completed course. Nothing of it is changed in place: a correction voids it and appends another.

    `minutes` as taught, before any rule makes hours of them; `subjects` are minutes by subject, no more than those in
    all. `certificate_shows` are the things that a person saw on the certificate (domain.ledger.SEEN).
    """

    __tablename__ = "courses"
    therapist_id: Mapped[UUID] = mapped_column(Uuid)
    title: Mapped[str]
    provider: Mapped[str] = mapped_column(default="")
    provider_number: Mapped[str] = mapped_column(default="")
    course_number: Mapped[str] = mapped_column(default="")
    approved_from: Mapped[date | None]  # of the provider's or the course's approval, where its days are known
    approved_until: Mapped[date | None]
    completed_on: Mapped[date]
    minutes: Mapped[int]
    form: Mapped[str]
    subjects: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    evidence_id: Mapped[UUID | None] = mapped_column(Uuid)
    certificate_shows: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    replaces_id: Mapped[UUID | None] = mapped_column(Uuid)  # the course that this one corrects
    __table_args__ = (
        owned_key("therapist_id", "therapists"),
        owned_key("evidence_id", "evidence"),
        owned_key("replaces_id", "courses"),
        CheckConstraint("minutes > 0", name="has_a_length"),
        CheckConstraint("form IN ('live', 'webinar', 'self-study')", name="known_form"),
        Index("ix_courses_organization_id_therapist_id", "organization_id", "therapist_id"),
        Index("ix_courses_organization_id_evidence_id", "organization_id", "evidence_id"),
    )
