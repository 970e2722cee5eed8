from __future__ import annotations

import asyncio
import statistics
import time

import pytest
from argon2 import PasswordHasher

from compliance.crypto import passwords

GOOD = "correct horse battery"

LONG = "".join(chr(ord("a") + at * at * 7 % 23) for at in range(300))


async def test_a_password_fits_its_own_hash_and_no_other_does() -> None:
    stored = await passwords.hash_password(GOOD)
    assert stored.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert await passwords.verify(stored, GOOD)
    assert not await passwords.verify(stored, GOOD + "!")
    assert not passwords.needs_rehash(stored)


async def test_nobody_signs_in_without_a_stored_hash() -> None:
    assert not await passwords.verify(None, GOOD)
    assert not await passwords.verify("!", GOOD)
    assert not await passwords.verify("", GOOD)


async def test_an_unknown_user_takes_as_long_as_a_known_one() -> None:
    stored = await passwords.hash_password(GOOD)
    known = [await _seconds(stored) for _ in range(3)]
    unknown = [await _seconds(None) for _ in range(3)]
    malformed = [await _seconds("no hash at all") for _ in range(3)]
    for other in (unknown, malformed):
        assert 0.4 < statistics.median(other) / statistics.median(known) < 2.5


async def _seconds(stored: str | None) -> float:
    began = time.perf_counter()
    await passwords.verify(stored, "some other password")
    return time.perf_counter() - began


def test_the_hash_of_nobody_has_todays_parameters() -> None:
    assert not passwords.needs_rehash(passwords._NOBODY)


def test_a_weaker_or_broken_hash_is_made_anew() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    assert passwords.needs_rehash(weak)
    assert passwords.needs_rehash("!")


async def test_letters_composed_otherwise_are_the_same_password() -> None:
    stored = await passwords.hash_password("Caf\u00e9 con leche")
    assert await passwords.verify(stored, "Cafe\u0301 con leche")


@pytest.mark.parametrize("length", [0, 11, 257])
async def test_a_password_too_short_or_too_long_is_refused_with_its_length(length: int) -> None:
    with pytest.raises(passwords.PasswordRefused, match=f"has {length} characters; use at"):
        await passwords.hash_password("x" * length)


@pytest.mark.parametrize("length", [12, 256])
def test_the_limits_themselves_are_allowed(length: int) -> None:
    passwords.check_password(LONG[:length])


async def test_a_megabyte_of_password_is_wrong_and_costs_no_more() -> None:
    stored = await passwords.hash_password(LONG[:256])
    assert not await passwords.verify(stored, "x" * 1_000_000)


async def test_the_event_loop_goes_on_while_a_password_is_hashed() -> None:
    hashing = asyncio.create_task(passwords.hash_password(GOOD))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 3


async def test_passwords_are_hashed_one_at_a_time() -> None:
    began = time.perf_counter()
    await passwords.verify(None, GOOD)
    one = time.perf_counter() - began
    began = time.perf_counter()
    await asyncio.gather(*(passwords.verify(None, GOOD) for _ in range(4)))
    assert time.perf_counter() - began > 2.5 * one
