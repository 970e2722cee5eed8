"""Kinds of credentials: what they are called, who holds them, how long they last, who is told when they end."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.domain.requirements import Citation, Holder


@dataclass(frozen=True, slots=True)
class Ladder:
    """Days before a term's last day at which someone is told, by who is told; below zero: after. () tells nobody."""

    therapist: tuple[int, ...] = ()
    manager: tuple[int, ...] = ()
    owner: tuple[int, ...] = ()


DEFAULT_LADDER = Ladder(therapist=(90, 60, 30, 14, 7, 1, 0, -7, -30), manager=(14, 0, -7), owner=(-7,))
"""The ladder of every type with an expiry that names none of its own."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A fact that this kind of credential has beside number and dates; on a roster the column `detail_NAME`.

    `kind` is text, integer, money (whole units), boolean, date or choice (one of `choices`).
    """

    name: str
    title: str
    kind: str = "text"
    unit: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuingAuthority:
    """Who grants a credential of this kind."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class CredentialType:
    """One kind of credential.

    `longest_months` is the longest term ever seen on one (None: unknown), `usual_months` the customary one.
    `jurisdiction_bound`: a recorded one must name its jurisdiction. `authority_asked`: it must name which of the
    `authorities` granted it, because several use the same letters.
    """

    code: str
    title: str
    short: str
    holder: Holder = Holder.THERAPIST
    aliases: tuple[str, ...] = ()
    expires: bool = True
    longest_months: int | None = None
    usual_months: int | None = None
    jurisdiction_bound: bool = False
    authorities: tuple[IssuingAuthority, ...] = ()
    authority_asked: bool = False
    details: tuple[Detail, ...] = ()
    ladder: Ladder = DEFAULT_LADDER
    notes: tuple[str, ...] = ()
    citation: Citation | None = None

    def authority_of(self, text: str) -> IssuingAuthority | None:
        """The authority that is written so, by code, name or alias; None if it is none of the known ones."""
        wanted = text.strip().casefold()
        return next((each for each in self.authorities if wanted in _spellings(each)), None)


def _spellings(authority: IssuingAuthority) -> set[str]:
    return {each.casefold() for each in (authority.code, authority.name, *authority.aliases)}
