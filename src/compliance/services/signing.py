"""What reports are signed with: an organization's own certificate, else one that the settings name, else one that the
installation makes for itself. Certificates stay on record for ever, so that old reports are still recognized.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.certificates import CertificateRefused, KeyPair, SigningSettings, make, read_pkcs12
from compliance.crypto.ids import new_id
from compliance.crypto.sealing import SealBroken, seal, unseal
from compliance.db.engine import Database
from compliance.db.records import INSTALLATION, SigningKeyRow
from compliance.services import trail
from compliance.services.certificates import SigningKey, by_fingerprint, in_use
from compliance.services.refusals import refuse
from compliance.services.rows import table, take_turn
from compliance.services.trail import Act, Entry

ACTOR: Final = "job:sign-reports"
PURPOSE: Final = "signing-keys"
LEFT: Final = timedelta(days=30)
"""So long before its end the installation's certificate is followed by another one."""


async def signer(
    database: Database, *, settings: SigningSettings, organization_id: UUID, dated: datetime, now: datetime
) -> KeyPair:
    """What a report of this organization is signed with now, with `dated` as the time in it.

    A certificate must hold now and at that time. Raises Refused where the organization's own cannot be opened.
    """
    async with database.read() as session:
        own = [each for each in await in_use(session, organization_id) if _holds(each, dated, now)]
        ours = await in_use(session, None)
    if own:
        return _opened_own(own[0], settings)
    if settings.given:
        await _remember(database, settings.given, now)
        return settings.given
    return _first(ours, settings, now) or await _made(database, settings, now)


def _first(keys: list[SigningKey], settings: SigningSettings, now: datetime) -> KeyPair | None:
    """The first that lasts for some time and can be opened."""
    lasting = (each for each in keys if now + LEFT < each.certificate.not_after)
    return next((pair for each in lasting if (pair := _opened(each, settings))), None)


def _holds(key: SigningKey, *instants: datetime) -> bool:
    return all(key.certificate.holds_at(each) for each in instants)


def _opened_own(key: SigningKey, settings: SigningSettings) -> KeyPair:
    pair = _opened(key, settings)
    if pair is None:
        raise refuse(
            "certificate",
            "The organization's certificate was kept under another secret key and cannot be used. An owner can give it "
            "again, or take it away, under Organization, Certificate.",
        )
    return pair


def _opened(key: SigningKey, settings: SigningSettings) -> KeyPair | None:
    """The pair, if its key lies here and this secret opens it."""
    if key.sealed is None:
        return None
    try:
        private = unseal(settings.secret, PURPOSE, key.sealed, key.certificate.fingerprint.encode())
    except SealBroken:
        return None
    return KeyPair(private, key.certificates.encode())


async def _made(database: Database, settings: SigningSettings, now: datetime) -> KeyPair:
    """A new pair of the installation's, unless somebody else has made one meanwhile."""
    host = urlsplit(settings.public_url).netloc or "this installation"
    made, act = make(host, now), Act(INSTALLATION, ACTOR, now)
    async with database.write.begin() as session:
        await take_turn(session, act)
        there = await in_use(session, None)
        found = _first(there, settings, now)
        if found:
            return found
        for each in there:
            await _retire(session, act, each)
        await _keep(session, act, made, settings, organization_id=None)
    return made


async def _remember(database: Database, given: KeyPair, now: datetime) -> None:
    """Puts the certificate that the settings name on record, when it is seen first."""
    async with database.read() as session:
        known = await by_fingerprint(session, given.certificate.fingerprint)
    if known is None:
        async with database.write.begin() as session:
            await _keep(session, Act(INSTALLATION, ACTOR, now), given, None, organization_id=None)


async def _keep(
    session: AsyncSession, act: Act, pair: KeyPair, settings: SigningSettings | None, *, organization_id: UUID | None
) -> UUID:
    """Writes a pair down; without settings its certificate alone."""
    own, id_ = pair.certificate, new_id(act.now)
    new: dict[str, Any] = {
        "fingerprint": own.fingerprint,
        "certificate": own.subject,
        "ends_at": own.not_after,
        "algorithm": own.algorithm,
    }
    await trail.record(session, act=act, entry=Entry("certificate.added", f"certificate:{id_}", new=new))
    row = {
        "id": id_,
        "organization_id": organization_id,
        "fingerprint": own.fingerprint,
        "certificates": pair.chain.decode(),
        "sealed": seal(settings.secret, PURPOSE, pair.key, own.fingerprint.encode()) if settings else None,
        "made_by": act.actor,
        "created_at": act.now,
        "retired_at": None,
    }
    await session.execute(insert(table(SigningKeyRow)), [row])
    return id_


async def _retire(session: AsyncSession, act: Act, key: SigningKey) -> None:
    """Nothing more is signed with it: its private key goes, the certificate stays."""
    old: dict[str, Any] = {"fingerprint": key.certificate.fingerprint, "certificate": key.certificate.subject}
    await trail.record(session, act=act, entry=Entry("certificate.retired", f"certificate:{key.id}", old=old))
    retired = update(SigningKeyRow).where(SigningKeyRow.id == key.id).values(retired_at=act.now, sealed=None)
    await session.execute(retired)


# -- an organization's own -------------------------------------------------------------------------------------------


async def use_own(
    session: AsyncSession, *, act: Act, settings: SigningSettings, content: bytes, password: str
) -> SigningKey:
    """Reports of this organization are signed by the certificate of a PKCS#12 file from now on. Raises Refused."""
    try:
        pair = read_pkcs12(content, password)
    except CertificateRefused as refusal:
        raise refuse("file", str(refusal)) from None
    own = pair.certificate
    if not own.holds_at(act.now):
        raise refuse("file", f"This certificate holds from {own.not_before:%Y-%m-%d} to {own.not_after:%Y-%m-%d}.")
    await take_turn(session, act)
    before = await in_use(session, act.organization_id)
    same = [each for each in before if each.certificate.fingerprint == own.fingerprint and _opened(each, settings)]
    if same:
        return same[0]
    for each in before:
        await _retire(session, act, each)
    await _keep(session, act, pair, settings, organization_id=act.organization_id)
    return (await in_use(session, act.organization_id))[0]


async def stop_own(session: AsyncSession, *, act: Act) -> None:
    """Reports are signed by the installation's certificate again. Raises Refused where they are already."""
    await take_turn(session, act)
    before = await in_use(session, act.organization_id)
    if not before:
        raise refuse("certificate", "The organization has no certificate of its own.")
    for each in before:
        await _retire(session, act, each)
