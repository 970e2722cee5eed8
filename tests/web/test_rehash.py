"""A hash that was made with older parameters is replaced when its password is known: at the next sign-in."""

from __future__ import annotations

from argon2 import PasswordHasher
from sqlalchemy import select, update

from compliance.crypto import passwords
from compliance.db.records import PersonRow
from compliance.services import sign_in
from tests.web.conftest import MONDAY, Site
from tests.web.test_account_sign_in import EMAIL, PASSWORD, attempt, with_password

__all__ = ["with_password"]


async def stored_hash(site: Site) -> str:
    async with site.database.read() as session:
        return await session.scalar(select(PersonRow.password_hash).where(PersonRow.folded_email == EMAIL)) or ""


async def test_a_password_hashed_with_older_parameters_is_hashed_anew_at_the_next_sign_in(with_password: Site) -> None:
    older = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    async with with_password.database.write.begin() as session:
        await session.execute(
            update(PersonRow).where(PersonRow.folded_email == EMAIL).values(password_hash=older),
            execution_options={"synchronize_session": False},
        )
    assert (await attempt(with_password, "not the password"))[0] == 422
    assert await stored_hash(with_password) == older
    assert (await attempt(with_password, PASSWORD))[0] == 303
    newer = await stored_hash(with_password)
    assert not passwords.needs_rehash(newer)
    assert (await attempt(with_password, PASSWORD))[0] == 303
    assert await stored_hash(with_password) == newer


async def test_a_new_hash_never_takes_the_place_of_a_password_that_was_set_meanwhile(with_password: Site) -> None:
    person, set_meanwhile = with_password.ours.people["owner"], await stored_hash(with_password)
    async with with_password.database.write.begin() as session:
        assert not await sign_in.keep_rehash(
            session, person_id=person, stored="$of the old one", hashed="$of the old one, anew", now=MONDAY
        )
    assert await stored_hash(with_password) == set_meanwhile
