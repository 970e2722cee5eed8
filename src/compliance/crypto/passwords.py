"""Passwords: Argon2id, one at a time per process, as slow for a stranger as for a known user.

Each hash takes 46 MiB and about 0.2 s. They run in one thread, so that a crowd at the door waits in line
instead of filling the memory, and the event loop goes on meanwhile.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from compliance.crypto.common_passwords import is_common, is_of_here

T = TypeVar("T")

SHORTEST = 12
LONGEST = 256
COMMON = (
    "This password, or what it is made of, is on the lists of stolen ones that are tried first. Four or five words "
    "that do not belong together are good."
)
OF_HERE = (
    "This password is little more than your name, your organization's or a word of this program: these are tried "
    "first. Four or five words that do not belong together are good."
)

_hasher = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
_line = ThreadPoolExecutor(max_workers=1, thread_name_prefix="password")

# Of a password that nobody knows: what is checked, and never fits, when there is no such user.
_NOBODY = "$argon2id$v=19$m=47104,t=2,p=1$ri9kRJY7arlO+GBvA3dpFg$II97RdgpP1nOhdeNE36vPgRzsOEX2nIychKE3zg/vJY"


class PasswordRefused(ValueError):
    """The password cannot be set. Its text is a sentence for the person who chose it."""


def check_password(password: str, about: Iterable[str] = ()) -> None:
    """Raises PasswordRefused unless the password has 12 to 256 characters and is not among the first that are tried.

    `about`: names and addresses of the person and the organization, which anybody would try. Spaces count too; no kinds
    of characters are asked for (NIST SP 800-63B, 3.1.1.2).
    """
    length = len(_normal(password))
    if length < SHORTEST:
        raise PasswordRefused(f"This password has {length} characters; use at least {SHORTEST}.")
    if length > LONGEST:
        raise PasswordRefused(f"This password has {length} characters; use at most {LONGEST}.")
    if is_common(password):
        raise PasswordRefused(COMMON)
    if is_of_here(password, about):
        raise PasswordRefused(OF_HERE)


async def hash_password(password: str) -> str:
    """The text to store. Raises PasswordRefused as `check_password` does."""
    check_password(password)
    return await _in_line(lambda: _hasher.hash(_normal(password)))


async def verify(stored: str | None, password: str) -> bool:
    """Is this the password behind the stored text? Never with None (no such user), after the same time."""
    return await _in_line(lambda: _fits(stored, password))


def needs_rehash(stored: str) -> bool:
    """Was the stored text made with other parameters than today's? Then hash anew at the next sign-in."""
    try:
        return _hasher.check_needs_rehash(stored)
    except InvalidHashError:
        return True


def _fits(stored: str | None, password: str) -> bool:
    # A password beyond the limit was never set; hashing its beginning keeps the time and bounds the work.
    too_long = len(password) > 4 * LONGEST
    given = _normal(password[: 4 * LONGEST])
    fits = _matches(stored or _NOBODY, given)
    return fits and stored is not None and not too_long


def _matches(stored: str, given: str) -> bool:
    try:
        return _hasher.verify(stored, given)
    except InvalidHashError:
        _matches(_NOBODY, given)
        return False
    except VerificationError:
        return False


def _normal(password: str) -> str:
    # The same letters typed on another keyboard may arrive composed otherwise (NIST SP 800-63B, 3.1.1.2).
    return unicodedata.normalize("NFKC", password)


async def _in_line(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_line, work)
