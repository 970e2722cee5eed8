"""What every table shares: names of constraints, the organization's key, and the marks of append-only rows.

Every row but those of the global tables (`global_tables.py`) belongs to an organization: `organization_id` leads the
primary key and every foreign key, so that a row can never point into another organization.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from compliance.db.types import Id

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Record(DeclarativeBase):
    """A row. Values for the rules are made from rows in `db/queries`; rows themselves never reach `domain`."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Text, UUID: Id, int: BigInteger}


class Owned:
    """A row of one organization."""

    organization_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    id: Mapped[UUID] = mapped_column(Id, primary_key=True)


class Appended(Owned):
    """An append-only row: its place in the organization's trail, and the place of its void with a reason.

    `known_at` reads: recorded_seq <= seq and (voided_seq is null or voided_seq > seq).
    """

    recorded_seq: Mapped[int]
    voided_seq: Mapped[int | None]
    void_reason: Mapped[str | None]


def owned_key(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key inside the organization."""
    return ForeignKeyConstraint(["organization_id", column], [f"{table}.organization_id", f"{table}.id"])


def to_organization() -> ForeignKeyConstraint:
    """The key to the organization itself."""
    return ForeignKeyConstraint(["organization_id"], ["organizations.id"])
