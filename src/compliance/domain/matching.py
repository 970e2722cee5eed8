"""Is this the same name, number or person? Folding, the NPI's check digit, and who a roster entry may be.

Folded text is what lists sort and search by and what uniqueness rests on; it is never shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from string import ascii_uppercase
from uuid import UUID

# Letters that carry their stroke inside (Unicode does not take them apart), and marks that people type in many shapes.
_PLAIN = str.maketrans(
    {
        "ł": "l", "đ": "d", "ø": "o", "ħ": "h", "ŧ": "t", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i",
        "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "–": "-", "—": "-", "\u00ad": None,
        "\u200b": None, "\u200c": None, "\u200d": None, "\ufeff": None,
    }
)  # fmt: skip
_LEADING_ZEROS = re.compile(r"^([A-Z]*)0+(?=[0-9])")
_NOT_TYPED = re.compile(r"[\s\x00-\x1f]")
_IN_NO_MAILBOX = re.compile(r'[<>(),;:"\[\]\\]')


def fold(text: str) -> str:
    """Text as it is compared: without accents, in lower case, with single spaces. "  José  Nuñez" -> "jose nunez"."""
    if text.isascii():
        return " ".join(text.lower().split())
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_PLAIN)).casefold())
    bare = "".join(each for each in apart if not unicodedata.combining(each))
    return " ".join(bare.translate(_PLAIN).split())


def fold_number(text: str) -> str:
    """A number as it is compared: capital letters and digits, without zeros before the digits. "ma-0 80" -> "MA80"."""
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text)
    upper = plain.upper()
    kept = upper if upper.isalnum() else "".join(filter(str.isalnum, upper))
    return _LEADING_ZEROS.sub(r"\1", kept) if kept.lstrip(ascii_uppercase).startswith("0") else kept


def fold_name(first_name: str, last_name: str) -> str:
    """How a person is sorted and searched: "last first", folded."""
    return fold(f"{last_name} {first_name}")


def fold_email(email: str) -> str:
    """An address as it is compared, the part before the @ too: nobody has two mailboxes that differ in case."""
    return email.strip().lower()


def email_problem(email: str) -> str | None:
    """Why this cannot be an e-mail address; None if it may be one. Only a mail that arrives proves more."""
    local, at, domain = email.strip().rpartition("@")
    labels = domain.split(".")
    if not at or not local or _NOT_TYPED.search(email.strip()) or "@" in local:
        return f"{email!r} is not an e-mail address. It needs one @ between a name and a domain, like ana@example.org."
    if len(labels) < 2 or not all(labels):
        return f"{email!r} is not an e-mail address: its domain {domain!r} is not one, like example.org."
    if len(email) > 254 or _IN_NO_MAILBOX.search(email):
        return f"{email!r} is not an e-mail address: it is too long or has characters that no mailbox has."
    return None


def npi_problem(npi: str) -> str | None:
    """Why this is no National Provider Identifier; None if it may be one.

    Ten digits, the first 1 or 2, the last the Luhn check digit over 80840 and the nine before it (45 CFR 162.406).
    """
    if not (npi.isascii() and npi.isdigit() and len(npi) == 10 and npi[0] in "12"):
        return f"{npi!r} is not an NPI. It has ten digits and begins with 1 or 2."
    if _luhn("80840" + npi) % 10:
        return f"{npi!r} is not an NPI: its last digit does not fit the others. Look for a typing error."
    return None


def _luhn(digits: str) -> int:
    """The Luhn sum with every second digit from the right doubled; a multiple of 10 when the check digit fits."""
    doubled = (int(each) * (1 + place % 2) for place, each in enumerate(reversed(digits)))
    return sum(each - 9 if each > 9 else each for each in doubled)


@dataclass(frozen=True, slots=True)
class Known:
    """What is on file about one therapist, folded: every address and name ever held, every (jurisdiction, number)."""

    therapist_id: UUID
    emails: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    birth_date: date | None = None
    licenses: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Sought:
    """What an entry of a roster says of one person, folded likewise. An NPI alone never identifies anybody."""

    email: str = ""
    name: str = ""
    birth_date: date | None = None
    licenses: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class Directory:
    """Known therapists, to be asked who an entry is: by e-mail; else license number; else name and birth date."""

    _by_email: dict[str, set[UUID]] = field(default_factory=dict)
    _by_license: dict[tuple[str, str], set[UUID]] = field(default_factory=dict)
    _by_name: dict[tuple[str, date], set[UUID]] = field(default_factory=dict)

    @classmethod
    def of(cls, known: Iterable[Known]) -> Directory:
        """A directory that holds these."""
        made = cls()
        for each in known:
            made.add(each)
        return made

    def add(self, known: Known) -> None:
        """Takes in one more therapist."""
        for email in known.emails:
            self._by_email.setdefault(email, set()).add(known.therapist_id)
        for license_ in known.licenses:
            self._by_license.setdefault(license_, set()).add(known.therapist_id)
        if known.birth_date:
            for name in known.names:
                self._by_name.setdefault((name, known.birth_date), set()).add(known.therapist_id)

    def find(self, sought: Sought) -> frozenset[UUID]:
        """Who it may be: nobody, one, or several whom a person must tell apart."""
        by_email = self._by_email.get(sought.email) if sought.email else None
        if by_email:
            return frozenset(by_email)
        by_license = {each for key in sought.licenses for each in self._by_license.get(key, ())}
        if by_license:
            return frozenset(by_license)
        if not sought.birth_date:
            return frozenset()
        return frozenset(self._by_name.get((sought.name, sought.birth_date), ()))
