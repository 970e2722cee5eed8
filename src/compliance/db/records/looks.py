"""What auditors looked at: outside the chain, for reads are many and change nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Owned, Record, to_organization
from compliance.db.types import Id, Instant


class LookRow(Owned, Record):
    """One page or file that an auditor asked for, written before it was shown. `path` is without what was searched."""

    __tablename__ = "looks"
    person_id: Mapped[UUID] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Instant)
    path: Mapped[str]
    __table_args__ = (to_organization(), ForeignKeyConstraint(["person_id"], ["people.id"]))
