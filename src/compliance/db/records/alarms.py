"""What mail servers said of addresses, what came back, and what the owners were told of."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Owned, Record, owned_key, to_organization
from compliance.db.types import Folded, Id, Instant


class RefusedAddressRow(Owned, Record):
    """An address that a mail server said is none, until it is corrected where it stands or a person says it is good.

    source: refused (to our face), bounced (later, by a report).
    """

    __tablename__ = "refused_addresses"
    folded_email: Mapped[str] = mapped_column(Folded)
    outbox_id: Mapped[UUID] = mapped_column(Id)
    source: Mapped[str]
    code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    refused_at: Mapped[datetime] = mapped_column(Instant)
    cleared_at: Mapped[datetime | None] = mapped_column(Instant)
    cleared_by: Mapped[str] = mapped_column(default="")
    cleared_why: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        to_organization(),
        owned_key("outbox_id", "outbox"),
        Index(
            "uq_refused_addresses_open", "organization_id", "folded_email", unique=True,
            postgresql_where=sql("cleared_at IS NULL"), sqlite_where=sql("cleared_at IS NULL"),
        ),
    )  # fmt: skip


class BounceRow(Owned, Record):
    """A report on one of our messages that came back; the same report twice is one. action: failed, delayed, ..."""

    __tablename__ = "bounces"
    outbox_id: Mapped[UUID] = mapped_column(Id)
    action: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        to_organization(),
        owned_key("outbox_id", "outbox"),
        UniqueConstraint("organization_id", "sha256"),
        Index("ix_bounces_organization_id_outbox_id", "organization_id", "outbox_id"),
    )


class IncidentRow(Owned, Record):
    """Something that owners were told of, once, while it lasts. kind: job, waiting, route, dead, held, clock."""

    __tablename__ = "incidents"
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    detail: Mapped[str] = mapped_column(default="")
    began_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        to_organization(),
        Index(
            "uq_incidents_open", "organization_id", "kind", "subject", unique=True,
            postgresql_where=sql("ended_at IS NULL"), sqlite_where=sql("ended_at IS NULL"),
        ),
    )  # fmt: skip
