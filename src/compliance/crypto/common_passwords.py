"""Passwords that attackers try first: those of a bundled list of stolen ones, and what people make of them to please a
rule about length.

The list is that of the package `zxcvbn`: the 30,000 commonest of several large thefts. Few of them have twelve
characters, so what is asked is whether a password is made of one: repeated, with a year and a sign behind it, or two of
the 3,000 commonest in a row.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Final

COMMONEST: Final = 3_000
TRIMMINGS: Final = 6
"""So many digits and signs around a common one make it no rarer."""
OF_HERE: Final = frozenset(
    {
        "therapist", "therapists", "therapy", "compliance", "trigger", "point", "triggerpoint", "massage", "clinic",
        "clinics", "license", "licenses", "licence", "certificate", "certification", "credential", "credentials",
        "tracker", "owner", "manager", "reviewer", "auditor", "admin", "password",
    }
)  # fmt: skip
"""What anybody would try first on this program (ASVS 6.1.2); names of the person and the organization come on top."""


@lru_cache(maxsize=1)
def ranks() -> dict[str, int]:
    """The list, the commonest first. Read when the first password is set, and not before."""
    from zxcvbn import frequency_lists

    found = {word: rank for rank, word in enumerate(frequency_lists.FREQUENCY_LISTS["passwords"])}
    sys.modules.pop(frequency_lists.__name__, None)  # its other lists are not needed
    return found


def is_common(password: str) -> bool:
    """Whether it is one of them, or made of one as described above."""
    plain = _plain(password)
    return any(check(plain) for check in (_listed, _trimmed, _repeated, _in_order, _two_in_a_row))


def is_of_here(password: str, about: Iterable[str]) -> bool:
    """Whether little is left of it without the words of this program and those of `about`: names and addresses."""
    words = OF_HERE | {word for each in about for word in re.findall(r"[^\W\d_]{3,}", _plain(each))}
    pattern = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    rest, taken = re.subn(pattern, " ", _plain(password))
    left = re.sub(r"[\W_]+", "", rest)
    return taken > 0 and (len(left) <= TRIMMINGS or _trimmed(left))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _listed(plain: str) -> bool:
    return plain in ranks()


def _trimmed(plain: str) -> bool:
    core = plain.strip("".join({each for each in plain if not each.isalpha()}))
    return bool(core) and len(plain) - len(core) <= TRIMMINGS and core in ranks()


def _repeated(plain: str) -> bool:
    """`abcabcabcabc`, `passwordpassword`."""
    period = (plain + plain).find(plain, 1)
    return period < len(plain) and (period <= 4 or plain[:period] in ranks())


def _in_order(plain: str) -> bool:
    """`abcdefghijkl`, `987654321098`."""
    size = 10 if plain.isdigit() else 26
    steps = {(ord(right) - ord(left)) % size for left, right in pairwise(plain)}
    return len(steps) == 1


def _two_in_a_row(plain: str) -> bool:
    known = ranks()
    return any(
        known.get(plain[:at], COMMONEST) < COMMONEST and known.get(plain[at:], COMMONEST) < COMMONEST
        for at in range(3, len(plain) - 2)
    )
