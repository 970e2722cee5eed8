"""How an organization reminds where it differs from the catalog: ladders of its own, and who stands in for whom."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Appended, Record, owned_key, to_organization
from compliance.db.types import Instant, Json


class LadderRow(Appended, Record):
    """A ladder of one credential, or of a type ("": of every type). `ladder` has the shape of `domain.Ladder`: days
    before the end by who is told. A later row for the same takes the place of an earlier one, which is voided then."""

    __tablename__ = "ladders"
    credential_id: Mapped[UUID | None] = mapped_column(Uuid)
    type: Mapped[str] = mapped_column(default="")
    ladder: Mapped[dict[str, list[int]]] = mapped_column(Json)
    reason: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        to_organization(),
        owned_key("credential_id", "credentials"),
        Index("ix_ladders_organization_id_credential_id", "organization_id", "credential_id"),
    )


class DelegationRow(Appended, Record):
    """While somebody is away, from the first to the last day, what would go to them goes to another one."""

    __tablename__ = "delegations"
    person_id: Mapped[UUID] = mapped_column(Uuid)
    delegate_id: Mapped[UUID] = mapped_column(Uuid)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    set_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        to_organization(),
        Index("ix_delegations_organization_id_ends_on", "organization_id", "ends_on"),
    )
