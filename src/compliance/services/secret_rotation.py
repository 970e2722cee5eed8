"""Another secret key for the installation: all that was sealed or signed under the one before is made anew."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.checkpoints import TrailKey, holds, key_id
from compliance.crypto.sealing import SealBroken, seal, unseal
from compliance.db.records import INSTALLATION, SigningKeyRow, TrailCheckpointRow
from compliance.services import second_factors, signing, trail
from compliance.services.refusals import refuse
from compliance.services.trail import Act, Entry


async def rotate(session: AsyncSession, *, act: Act, old: bytes, new: bytes) -> dict[str, int]:
    """Authenticator seeds and private keys under the new secret, checkpoints signed with its key; how many of each.

    Raises Refused, and nothing is changed, where one of them is not of the old secret.
    """
    try:
        seeds = await second_factors.reseal(session, act=act, old=old, new=new)
        keys = await _reseal_keys(session, old, new)
    except SealBroken:
        raise refuse("former", "What is sealed in the database was not sealed under this former key.") from None
    counts = {"seeds": seeds, "keys": keys, "checkpoints": await _sign_again(session, TrailKey(old), TrailKey(new))}
    entry = Entry("secret_key.rotated", f"organization:{INSTALLATION}", new=counts)
    await trail.record(session, act=replace(act, organization_id=INSTALLATION), entry=entry)
    return counts


async def under_another(session: AsyncSession, secret: bytes) -> dict[str, int]:
    """How many authenticator seeds and private keys were sealed, and checkpoints signed, under another secret."""
    row, closed = SigningKeyRow, 0
    for fingerprint, sealed in await session.execute(
        select(row.fingerprint, row.sealed).where(row.sealed.is_not(None))
    ):
        try:
            unseal(secret, signing.PURPOSE, sealed or b"", fingerprint.encode())
        except SealBroken:
            closed += 1
    seeds = await second_factors.under_another(session, secret)
    return {"seeds": seeds, "keys": closed, "checkpoints": await _signed_by_another(session, TrailKey(secret).public)}


async def _signed_by_another(session: AsyncSession, public: bytes) -> int:
    """By the name of the key alone: whether a signature holds is asked of the trail's proof."""
    row = TrailCheckpointRow
    query = select(row.organization_id, row.key_id, func.count()).group_by(row.organization_id, row.key_id)
    found = await session.execute(query)
    return sum(count for mine, named, count in found if named != key_id(mine, public).hex())


async def _reseal_keys(session: AsyncSession, old: bytes, new: bytes) -> int:
    row = SigningKeyRow
    kept = select(row.id, row.fingerprint, row.sealed).where(row.sealed.is_not(None)).with_for_update()
    found = (await session.execute(kept)).all()
    for id_, fingerprint, sealed in found:
        content = unseal(old, signing.PURPOSE, sealed or b"", fingerprint.encode())
        again = seal(new, signing.PURPOSE, content, fingerprint.encode())
        await session.execute(update(row).where(row.id == id_).values(sealed=again))
    return len(found)


async def _sign_again(session: AsyncSession, old: TrailKey, new: TrailKey) -> int:
    """Only what the old key has signed: a forged checkpoint must not become a good one."""
    row = TrailCheckpointRow
    found = (await session.execute(select(row.organization_id, row.seq, row.hash, row.note).with_for_update())).all()
    for organization_id, seq, digest, note in found:
        if old.checkpoint(organization_id, seq, digest).note != note or not holds(note, old.public):
            raise refuse("former", f"The checkpoint at entry {seq} was not signed with this former key.")
        made = new.checkpoint(organization_id, seq, digest)
        mine = update(row).where(row.organization_id == organization_id, row.seq == seq)
        await session.execute(mine.values(note=made.note, key_id=made.key_id))
    return len(found)
