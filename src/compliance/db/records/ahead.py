"""What is counted ahead, where counting takes too long for a page."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Record, to_organization
from compliance.db.types import Id, Instant


class MonthAheadRow(Record):
    """The first of a month (or the day of the count): who works, who of them is cleared if nobody renews; and how many
    terms end from that day on until the next row."""

    __tablename__ = "months_ahead"
    organization_id: Mapped[UUID] = mapped_column(Id)
    first_on: Mapped[date]
    working: Mapped[int]
    cleared: Mapped[int]
    ending: Mapped[int]
    counted_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (PrimaryKeyConstraint("organization_id", "first_on"), to_organization())
