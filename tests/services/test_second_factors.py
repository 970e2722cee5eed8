"""Apps, recovery codes and their end: what is kept, what works once, and what the trail says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.channels.openid import Said
from compliance.crypto import totp
from compliance.crypto.certificates import SigningSettings
from compliance.crypto.checkpoints import Checkpoint, TrailKey
from compliance.crypto.passkeys import NewPasskey
from compliance.crypto.sealing import SealBroken, unseal
from compliance.db.engine import Database
from compliance.db.queries.second_factors import factors_of
from compliance.db.queries.sessions import sessions_of
from compliance.db.records import (
    INSTALLATION,
    AuthenticatorAppRow,
    OutboxRow,
    RecoveryCodeRow,
    SigningKeyRow,
    TrailEntryRow,
)
from compliance.services import (
    account_mail,
    accounts,
    checkpoints,
    identities,
    passkeys,
    second_factors,
    secret_rotation,
    sign_in,
    signing,
    trail_proof,
)
from compliance.services.mailing import MailSettings
from compliance.services.refusals import Refused, Unknown
from compliance.services.trail import Act
from tests import builders as build

SECRET, OTHER = b"s" * 40, b"o" * 40
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
MAIL = MailSettings("reminders@example.org", "https://compliance.example.org", SECRET)


def code(at: datetime = NOW) -> str:
    return pyotp.TOTP(SEED).at(at)


async def somebody(session: AsyncSession, email: str = "dana@example.org") -> tuple[Act, UUID]:
    act = await build.organization(session)
    invited = await accounts.invite(session, act=act, email=email, name="Dana Reyes", role="manager")
    return Act(act.organization_id, act.actor, NOW), invited.person_id


async def with_app(session: AsyncSession) -> tuple[Act, UUID]:
    act, person_id = await somebody(session)
    before = NOW - timedelta(minutes=5)
    await second_factors.add_app(
        session, act=Act(INSTALLATION, f"user:{person_id}", before), secret=SECRET, person_id=person_id, seed=SEED,
        code=code(before),
    )  # fmt: skip
    return act, person_id


async def said(session: AsyncSession, person_id: UUID) -> list[str]:
    query = select(TrailEntryRow.action).where(
        TrailEntryRow.organization_id == INSTALLATION, TrailEntryRow.subject == f"person:{person_id}"
    )
    return list(await session.scalars(query.order_by(TrailEntryRow.seq)))


@pytest.mark.parametrize(("seconds", "fits"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_code_fits_half_a_minute_before_and_after_its_time(seconds: int, fits: bool) -> None:
    shown = code(NOW.replace(second=0) + timedelta(seconds=seconds))
    assert (totp.fitting_step(SEED, shown, NOW.replace(second=0)) is not None) is fits


@pytest.mark.parametrize("nonsense", ["", "12345", "abcdef", "１２３４５６", "1234567", "12 34 5x"])
def test_what_is_no_code_never_fits(nonsense: str) -> None:
    assert totp.fitting_step(SEED, nonsense, NOW) is None


async def test_a_code_works_once_and_none_before_it_works_afterwards(database: Database) -> None:
    async with database.write.begin() as session:
        _, person_id = await with_app(session)

        async def takes(shown: str) -> bool:
            return await second_factors.use_app_code(session, secret=SECRET, person_id=person_id, code=shown, now=NOW)

        assert await takes(code(NOW))
        assert not await takes(code(NOW))
        assert not await takes(code(NOW - timedelta(seconds=30)))
        assert await takes(code(NOW + timedelta(seconds=30)))


async def test_the_seed_is_not_readable_in_the_database_and_opens_under_no_other_secret(database: Database) -> None:
    async with database.write.begin() as session:
        _, person_id = await with_app(session)
        sealed = await session.scalar(select(AuthenticatorAppRow.sealed))
        assert sealed is not None
        assert SEED.encode() not in sealed
        with pytest.raises(SealBroken):
            await second_factors.use_app_code(session, secret=OTHER, person_id=person_id, code=code(), now=NOW)


async def test_an_app_that_shows_another_code_is_not_set_up(database: Database) -> None:
    async with database.write.begin() as session:
        act, person_id = await somebody(session)
        with pytest.raises(Refused, match="does not show this code"):
            await second_factors.add_app(
                session, act=act, secret=SECRET, person_id=person_id, seed=SEED, code=code(NOW - timedelta(hours=1))
            )
        assert not (await factors_of(session, person_id)).any


async def test_each_recovery_code_works_once_however_it_is_typed_and_is_kept_as_a_hash(database: Database) -> None:
    async with database.write.begin() as session:
        act, person_id = await with_app(session)
        _, stranger = await somebody_else(session, act)
        codes = await second_factors.make_codes(session, act=act, person_id=person_id)

        async def takes(shown: str, whose: UUID = person_id) -> bool:
            return await second_factors.use_recovery_code(session, act=act, person_id=whose, code=shown)

        assert len(set(codes)) == second_factors.CODES
        assert not await takes(codes[0], stranger)
        assert await takes(f" {codes[0].upper().replace('-', ' ')} ")
        assert not await takes(codes[0])
        assert (await factors_of(session, person_id)).codes_left == second_factors.CODES - 1
        kept = set(await session.scalars(select(RecoveryCodeRow.code_hash)))
        assert not any(each in kept or each.replace("-", "") in kept for each in codes)
        fresh = await second_factors.make_codes(session, act=act, person_id=person_id)
        assert not await takes(codes[1])
        assert await takes(fresh[1])


async def test_a_recovery_code_is_random_enough_for_a_plain_hash(database: Database) -> None:
    """ASVS 6.5.2: from 112 bits on no slow hash is needed."""
    async with database.write.begin() as session:
        act, person_id = await with_app(session)
        codes = await second_factors.make_codes(session, act=act, person_id=person_id)
    plain = [each.replace("-", "") for each in codes]
    assert {5 * len(each) for each in plain} == {120}, "each letter of base32 is five bits"
    assert len({each[:5] for each in plain} | {each[-5:] for each in plain}) == 2 * len(plain)


async def somebody_else(session: AsyncSession, act: Act) -> tuple[Act, UUID]:
    invited = await accounts.invite(session, act=act, email="lee@example.org", role="manager")
    return act, invited.person_id


async def test_taking_the_last_factor_off_takes_its_recovery_codes_too(database: Database) -> None:
    async with database.write.begin() as session:
        act, person_id = await with_app(session)
        await second_factors.make_codes(session, act=act, person_id=person_id)
        await second_factors.remove_app(session, act=act, person_id=person_id)
        assert (await factors_of(session, person_id)).codes_left == 0
        with pytest.raises(Unknown):
            await second_factors.remove_app(session, act=act, person_id=person_id)
        added = ["authenticator_app.added", "recovery_codes.made", "authenticator_app.removed"]
        assert (await said(session, person_id))[-3:] == added


async def test_an_owner_resets_whoever_belongs_to_their_organization_alone(database: Database) -> None:
    async with database.write.begin() as session:
        act, person_id = await with_app(session)
        token = await sign_in.open_session(session, person_id=person_id, organization_id=None, now=NOW)
        assert token
        await second_factors.reset(session, act=act, person_id=person_id)
        assert not (await factors_of(session, person_id)).any
        assert await sessions_of(session, person_id, now=NOW) == []
        assert (await said(session, person_id))[-1] == "second_factor.reset"
        with pytest.raises(Refused, match="no second factor"):
            await second_factors.reset(session, act=act, person_id=person_id)


async def test_an_owner_opens_no_door_of_another_organization_by_a_reset(database: Database) -> None:
    async with database.write.begin() as session:
        act, person_id = await with_app(session)
        elsewhere = await build.organization(session, "Elsewhere")
        with pytest.raises(Unknown):
            await second_factors.reset(session, act=elsewhere, person_id=person_id)
        await accounts.invite(session, act=elsewhere, email="dana@example.org", role="manager")
        with pytest.raises(Refused, match="another organization"):
            await second_factors.reset(session, act=act, person_id=person_id)
        await second_factors.reset(session, act=Act(INSTALLATION, "cli:root", NOW), person_id=person_id)
        assert not (await factors_of(session, person_id)).any


async def test_seeds_move_under_another_secret_whole(database: Database) -> None:
    async with database.write.begin() as session:
        act, person_id = await with_app(session)
        with pytest.raises(SealBroken):
            await second_factors.reseal(session, act=act, old=OTHER, new=SECRET)
        assert await second_factors.reseal(session, act=act, old=SECRET, new=OTHER) == 1
        assert await second_factors.use_app_code(session, secret=OTHER, person_id=person_id, code=code(), now=NOW)


async def test_a_change_is_mailed_to_whoever_it_concerns_and_a_person_of_nowhere_gets_none(database: Database) -> None:
    async with database.write.begin() as session:
        act, person_id = await somebody(session)
        chain = Act(INSTALLATION, f"user:{person_id}", NOW)
        await account_mail.tell(
            session, act=chain, mail=MAIL, person_id=person_id, change="passkey-added", about="Blue <phone>"
        )
        [mail] = (await session.scalars(select(OutboxRow).where(OutboxRow.kind == account_mail.KIND))).all()
        assert mail.recipient_address == "dana@example.org"
        assert mail.subject == "A passkey was added to your sign-in."
        assert "Blue <phone>" in mail.text
        assert "Blue &lt;phone&gt;" in mail.html
        await accounts.end_membership(session, act=act, person_id=person_id)
        await account_mail.tell(session, act=chain, mail=MAIL, person_id=person_id, change="app-added")
        assert len((await session.scalars(select(OutboxRow.id))).all()) == 1


async def test_ending_a_session_ends_it_and_is_told(database: Database) -> None:
    async with database.write.begin() as session:
        act, person_id = await somebody(session)
        for _ in range(2):
            await sign_in.open_session(session, person_id=person_id, organization_id=act.organization_id, now=NOW)
        first, second = await sessions_of(session, person_id, now=NOW)
        chain = Act(INSTALLATION, f"user:{person_id}", NOW)
        await sign_in.end_sessions(session, act=chain, person_id=person_id, chosen=[first.token_hash])
        assert [each.name for each in await sessions_of(session, person_id, now=NOW)] == [second.name]
        assert (await said(session, person_id))[-1] == "session.ended"


async def test_what_is_spent_is_spent_once(database: Database) -> None:
    async with database.write.begin() as session:
        first = [await sign_in.spend(session, what="passkey/x", expires_at=NOW) for _ in range(2)]
        other = await sign_in.spend(session, what="passkey/y", expires_at=NOW)
    assert (first, other) == ([True, False], True)


async def test_a_passkey_is_kept_once_named_and_told_of(database: Database) -> None:
    made = NewPasskey("credential", b"key", 0, ("internal",))
    async with database.write.begin() as session:
        act, person_id = await somebody(session)
        id_ = await passkeys.add(session, act=act, person_id=person_id, made=made, name="blue phone")
        with pytest.raises(Refused, match="kept already"):
            await passkeys.add(session, act=act, person_id=person_id, made=made, name="once more")
        with pytest.raises(Unknown):
            await passkeys.remove(session, act=act, person_id=UUID(int=7), passkey_id=id_)
        assert await passkeys.remove(session, act=act, person_id=person_id, passkey_id=id_) == "blue phone"
        assert (await said(session, person_id))[-2:] == ["passkey.added", "passkey.removed"]


async def test_an_identity_is_issuer_and_subject_and_one_persons(database: Database) -> None:
    said_there = Said("https://id.example", "1", "dana@example.org", False)
    async with database.write.begin() as session:
        act, person_id = await somebody(session)
        _, other = await somebody_else(session, act)
        await identities.link(session, act=act, person_id=person_id, said=said_there)
        for whose, sentence in ((person_id, "already"), (other, "somebody else")):
            with pytest.raises(Refused, match=sentence):
                await identities.link(session, act=act, person_id=whose, said=said_there)
        with pytest.raises(Unknown):
            await identities.unlink(session, act=act, person_id=other, issuer=said_there.issuer)
        await identities.unlink(session, act=act, person_id=person_id, issuer=said_there.issuer)
        assert (await said(session, person_id))[-2:] == ["identity.linked", "identity.unlinked"]


async def test_another_secret_key_takes_all_that_was_sealed_and_signed_or_nothing(database: Database) -> None:
    settings = SigningSettings(SECRET, "https://compliance.example.org")
    async with database.write.begin() as session:
        act, person_id = await with_app(session)
    await signing.signer(database, settings=settings, organization_id=act.organization_id, dated=NOW, now=NOW)
    async with database.write.begin() as session:
        made = await checkpoints.next_one(session, organization_id=act.organization_id, key=TrailKey(SECRET))
        assert isinstance(made, Checkpoint)
        await checkpoints.keep(session, checkpoint=made, at=NOW)
    async with database.read() as session:
        assert await secret_rotation.under_another(session, OTHER) == {"seeds": 1, "keys": 1, "checkpoints": 1}
        assert await secret_rotation.under_another(session, SECRET) == {"seeds": 0, "keys": 0, "checkpoints": 0}
    chain = Act(INSTALLATION, "cli:root", NOW)
    with pytest.raises(Refused, match="not sealed under this former key"):
        async with database.write.begin() as session:
            await secret_rotation.rotate(session, act=chain, old=OTHER, new=SECRET)
    async with database.write.begin() as session:
        counts = await secret_rotation.rotate(session, act=chain, old=SECRET, new=OTHER)
    assert counts == {"seeds": 1, "keys": 1, "checkpoints": 1}
    async with database.write.begin() as session:
        proof = await trail_proof.prove(session, organization_id=act.organization_id, public=TrailKey(OTHER).public)
        assert proof.broken is None
        assert await second_factors.use_app_code(session, secret=OTHER, person_id=person_id, code=code(), now=NOW)
        sealed = (await session.execute(select(SigningKeyRow.sealed, SigningKeyRow.fingerprint))).one()
        assert b"PRIVATE KEY" in unseal(OTHER, signing.PURPOSE, sealed[0] or b"", sealed[1].encode())
