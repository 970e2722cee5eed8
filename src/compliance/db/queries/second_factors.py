"""What a person proves themselves with beside the password: the reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.records import AuthenticatorAppRow, IdentityRow, PasskeyRow, PersonRow, RecoveryCodeRow


@dataclass(frozen=True, slots=True)
class App:
    """An authenticator app. `last_step`: the newest half minute whose code was taken."""

    sealed: bytes
    last_step: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it, and what proves it."""

    id: UUID
    person_id: UUID
    credential_id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is at a provider of sign-ins."""

    issuer: str
    subject: str
    person_id: UUID
    address: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """All that a person has beside the password. `codes_left`: recovery codes that were not used."""

    app: App | None
    passkeys: tuple[Passkey, ...]
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether a password alone does not let them in."""
        return self.app is not None or bool(self.passkeys)


async def factors_of(session: AsyncSession, person_id: UUID) -> Factors:
    """What this person has."""
    return Factors(
        await app_of(session, person_id), await passkeys_of(session, person_id), await codes_left(session, person_id)
    )


async def app_of(session: AsyncSession, person_id: UUID) -> App | None:
    """Their authenticator app."""
    row = AuthenticatorAppRow
    query = select(row.sealed, row.last_step, row.created_at).where(row.person_id == person_id)
    found = (await session.execute(query)).one_or_none()
    return App(*found) if found else None


async def codes_left(session: AsyncSession, person_id: UUID) -> int:
    """How many recovery codes were not used."""
    row = RecoveryCodeRow
    query = select(func.count()).select_from(row).where(row.person_id == person_id, row.used_at.is_(None))
    return await session.scalar(query) or 0


_PASSKEY = (
    PasskeyRow.id,
    PasskeyRow.person_id,
    PasskeyRow.credential_id,
    PasskeyRow.public_key,
    PasskeyRow.sign_count,
    PasskeyRow.transports,
    PasskeyRow.name,
    PasskeyRow.created_at,
    PasskeyRow.last_used_at,
)


async def passkeys_of(session: AsyncSession, person_id: UUID) -> tuple[Passkey, ...]:
    """Their passkeys, the oldest first."""
    query = select(*_PASSKEY).where(PasskeyRow.person_id == person_id).order_by(PasskeyRow.created_at, PasskeyRow.id)
    return tuple(Passkey(*row) for row in await session.execute(query))


async def passkey_by_credential(session: AsyncSession, credential_id: str) -> Passkey | None:
    """The passkey that a browser says it has used."""
    query = select(*_PASSKEY).where(PasskeyRow.credential_id == credential_id)
    found = (await session.execute(query)).one_or_none()
    return Passkey(*found) if found else None


_IDENTITY = (
    IdentityRow.issuer,
    IdentityRow.subject,
    IdentityRow.person_id,
    IdentityRow.address,
    IdentityRow.created_at,
    IdentityRow.last_used_at,
)


async def identities_of(session: AsyncSession, person_id: UUID) -> tuple[Identity, ...]:
    """Who they are at providers of sign-ins."""
    query = select(*_IDENTITY).where(IdentityRow.person_id == person_id).order_by(IdentityRow.created_at)
    return tuple(Identity(*row) for row in await session.execute(query))


async def identity(session: AsyncSession, issuer: str, subject: str) -> Identity | None:
    """The person whom a provider means."""
    query = select(*_IDENTITY).where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)
    found = (await session.execute(query)).one_or_none()
    return Identity(*found) if found else None


def can_enter() -> ColumnElement[bool]:
    """Whether somebody (of `PersonRow`) has any way in of their own: a password, a passkey, an account elsewhere."""
    passkey = exists().where(PasskeyRow.person_id == PersonRow.id)
    elsewhere = exists().where(IdentityRow.person_id == PersonRow.id)
    return or_(PersonRow.password_hash.is_not(None), passkey, elsewhere)


async def has_way_in(session: AsyncSession, person_id: UUID) -> bool:
    """The same of one person."""
    return bool(await session.scalar(select(can_enter()).where(PersonRow.id == person_id)))
