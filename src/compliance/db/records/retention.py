"""What an owner let go, and the documents that wait to be taken out of the store after it went."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Owned, Record, owned_key, to_organization
from compliance.db.types import Id, Instant


class RetentionApprovalRow(Owned, Record):
    """An owner's word that a file, or its certificates of courses completed by `through`, may go.

    Once it went, or if it must stay after all, the row is gone and the trail tells.
    """

    __tablename__ = "retention_approvals"
    therapist_id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str]
    through: Mapped[date]
    approved_by: Mapped[str]
    approved_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("therapist_id", "therapists"),
        CheckConstraint("kind IN ('file', 'certificates')", name="known_kind"),
        UniqueConstraint("organization_id", "therapist_id", "kind"),
    )


class DoomedFileRow(Record):
    """A document whose rows are erased. It leaves the store after the commit, unless another row names equal bytes."""

    __tablename__ = "doomed_files"
    organization_id: Mapped[UUID] = mapped_column(Id)
    sha256: Mapped[str]
    doomed_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (PrimaryKeyConstraint("organization_id", "sha256"), to_organization())
