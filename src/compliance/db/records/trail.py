"""The trail: who did what, when, to what, old, new, why; a hash chain per organization with a locked head row.

Personal values lie beside the chain in `trail_values`, by salted hash in it, so that erasure keeps the chain whole.
The installation's own chain has the organization id of zeros.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Owned, Record, to_organization
from compliance.db.types import Instant, Json

INSTALLATION = UUID(int=0)


class FormerFactsRow(Owned, Record):
    """Facts that were changed in place, as they were before: they held until the entry at `until_seq` of the trail.

    `noun` is credential, clinic, therapist or organization; `facts` holds only what that entry changed, as JSON. What
    was known at a place in the trail is the row of today under all former facts that held until a later place.
    """

    __tablename__ = "former_facts"
    noun: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    until_seq: Mapped[int]
    facts: Mapped[dict[str, object]] = mapped_column(Json)
    __table_args__ = (
        to_organization(),
        Index("ix_former_facts_organization_id_subject_id", "organization_id", "subject_id", "until_seq"),
    )


class TrailHeadRow(Record):
    """The end of one chain; locked by every transaction that writes an entry."""

    __tablename__ = "trail_heads"
    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)


class TrailEntryRow(Record):
    """One entry. `body` is the canonical text whose bytes were hashed; it is never serialized again."""

    __tablename__ = "trail_entries"
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]  # "credential:ID"
    therapist_id: Mapped[UUID | None] = mapped_column(Uuid)  # whose history it belongs to
    body: Mapped[str]
    prev: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "seq"),
        UniqueConstraint("organization_id", "prev"),
        Index("ix_trail_entries_organization_id_therapist_id", "organization_id", "therapist_id", "seq"),
        Index("ix_trail_entries_organization_id_at", "organization_id", "at"),
        Index("ix_trail_entries_organization_id_subject", "organization_id", "subject"),
    )


class TrailValueRow(Record):
    """The recorded values of one entry that name or describe a person, by their places in it: "new.email".

    `kept` is {place: [salt in hexadecimal, value]}; each is erasable, its salted hash stays in the chain.
    """

    __tablename__ = "trail_values"
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    seq: Mapped[int]
    kept: Mapped[dict[str, Any]] = mapped_column(Json)
    __table_args__ = (PrimaryKeyConstraint("organization_id", "seq"),)


class TrailCheckpointRow(Record):
    """A signed note on a chain: so many entries, the last with this hash (`crypto/checkpoints.py`).

    `mailed_at`: when it was mailed to the owners, one a week.
    """

    __tablename__ = "trail_checkpoints"
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
    key_id: Mapped[str]
    note: Mapped[str]
    mailed_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (PrimaryKeyConstraint("organization_id", "seq"),)
