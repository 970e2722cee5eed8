"""What people prove themselves with beside the password, and what was spent of it. Global, as people are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from compliance.db.records._base import Record
from compliance.db.types import Instant, Words


class AuthenticatorAppRow(Record):
    """The seed that a person's authenticator app shares with us, sealed under the installation's secret.

    `last_step` is the 30 seconds (counted from 1970) of the newest code that was taken: it and all before are spent.
    """

    __tablename__ = "authenticator_apps"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)


class RecoveryCodeRow(Record):
    """One of ten codes for the day on which everything else is lost, by its hash; each works once."""

    __tablename__ = "recovery_codes"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class PasskeyRow(Record):
    """A key pair whose private half never leaves the person's device; `public_key` is the other half, as COSE.

    `credential_id` and `transports` are as the browser gave them (base64url; words of the standard).
    """

    __tablename__ = "passkeys"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    transports: Mapped[tuple[str, ...]] = mapped_column(Words)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class IdentityRow(Record):
    """Who a person is at a provider of sign-ins: issuer and subject, never the address, which is only shown."""

    __tablename__ = "identities"
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    address: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class SpentRow(Record):
    """What worked once and must not again (a challenge, a state), by its hash, until it would be over anyway."""

    __tablename__ = "spent"
    hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)
