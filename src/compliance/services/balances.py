"""What each credential's renewal asks of continuing education, and how the ledger stands to it on a day. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.db.queries.education import Filed, ledgers
from compliance.db.queries.files import credential_files
from compliance.domain.balance import Balance, Facts, State, balance
from compliance.domain.balance_words import hours, sentence
from compliance.domain.credentials import Credential, CredentialFile, StandingCode, Term
from compliance.domain.hours import ContinuingEducation
from compliance.domain.ledger import Course
from compliance.domain.periods import FOREVER, Period
from compliance.domain.renewal import NoRenewal, RenewalRule
from compliance.domain.requirements import Citation
from compliance.domain.standings import standing_on

GONE: Final = frozenset(
    {StandingCode.SURRENDERED, StandingCode.VOID, StandingCode.REVOKED, StandingCode.RETIRED, StandingCode.DECEASED}
)
"""Standings after which nobody renews."""

IN_FORCE: Final = frozenset({StandingCode.ACTIVE, StandingCode.ACTIVE_RESTRICTED})
NO_RULE: Final = Citation("The catalog has no rule of continuing education for this yet")


@dataclass(frozen=True, slots=True)
class Due:
    """One credential, the term whose renewal is asked about (None: no term on file), and the balance for it."""

    credential: Credential
    term: Term | None
    balance: Balance

    @property
    def sentence(self) -> str:
        """`18 of 24 hours; 2 of ethics missing; until Aug 31, 2027`."""
        return sentence(self.balance)

    @property
    def missing(self) -> str:
        """How many hours are still to take, at least; "" where none are, where only a course is, or nobody knows."""
        found = self.balance
        short = found.state is State.SHORT and found.missing
        return hours(found.missing, found.rule.minutes_per_hour, up=True) if short else ""

    @property
    def with_the_term(self) -> bool:
        """Whether the hours are due by the last day of the term, and not some time after it."""
        until = self.balance.until
        return until is not None and self.term is not None and until <= self.term.ends_on


async def balances(
    session: AsyncSession,
    organization_id: UUID,
    therapist_ids: Collection[UUID],
    as_of: date,
    *,
    known_seq: int | None = None,
) -> dict[UUID, list[Due]]:
    """By therapist, one for each credential whose renewal asks for hours or may do so; a handful of statements."""
    files = await credential_files(session, organization_id, therapist_ids, known_seq=known_seq)
    filed = await ledgers(session, organization_id, list(files), known_seq=known_seq)
    return {id_: dues(file, courses_of(filed[id_]), as_of) for id_, file in files.items()}


async def missing_hours(
    session: AsyncSession, organization_id: UUID, therapist_ids: Collection[UUID], as_of: date
) -> dict[UUID, Due]:
    """By credential, only those of which something is known to be missing: what a reminder of its renewal may mention.

    Hours of a window that ends after the term are none of that renewal's business and are left out.
    """
    found = await balances(session, organization_id, therapist_ids, as_of)
    short = [each for due in found.values() for each in due if each.balance.state is State.SHORT and each.with_the_term]
    return {each.credential.id: each for each in short}


def courses_of(filed: Iterable[Filed]) -> list[Course]:
    """The courses of a ledger, without what the database knows beside them."""
    return [each.course for each in filed]


def dues(file: CredentialFile, courses: Sequence[Course], as_of: date) -> list[Due]:
    """Every balance of one person on a day; what ends first stands first."""
    held = _held(file.credentials, as_of)
    found = [due_for(each, term_on(each, as_of), held, courses, as_of) for each in file.credentials]
    known = [each for each in found if each is not None]
    return sorted(
        known, key=lambda each: (each.balance.until or FOREVER, each.credential.type, str(each.credential.id))
    )


def due_for(
    credential: Credential, term: Term | None, held: Mapping[str, str], courses: Sequence[Course], as_of: date
) -> Due | None:
    """The balance of one credential for one term; None where no hours belong to it."""
    standing = standing_on(credential.standings, as_of)
    if standing is not None and standing.standing in GONE:
        return None
    rule = _rule(credential, term.ends_on if term else as_of)
    asked = _asked(credential, rule)
    if asked is None:
        return None
    span = Period(term.starts_on, term.ends_on) if term else None
    years = getattr(rule.model, "years", None) if rule else None
    facts = Facts(span, credential.first_issued_on, held, years, _cycle(credential))
    return Due(credential, term, balance(asked, courses, facts, as_of))


def _cycle(credential: Credential) -> date | None:
    """The last day of a cycle of hours, as the board told it."""
    told = credential.details.get("education_cycle_ends_on")
    return date.fromisoformat(told) if isinstance(told, str) and told else None


def held_on(file: CredentialFile, day: date) -> dict[str, str]:
    """The types in force on a day, with their titles: some stand in place of hours."""
    return _held(file.credentials, day)


def _held(credentials: Iterable[Credential], day: date) -> dict[str, str]:
    types = catalog.load().types
    return {each.type: types[each.type].title for each in credentials if each.type in types and _in_force(each, day)}


def _in_force(credential: Credential, day: date) -> bool:
    standing = standing_on(credential.standings, day)
    runs = any(each.starts_on <= day <= each.ends_on for each in credential.terms)
    return runs and (standing is None or standing.standing in IN_FORCE)


def term_on(credential: Credential, day: date) -> Term | None:
    """The term that holds the day; else the last that ended before it, else the first of all."""
    ordered = sorted(credential.terms, key=lambda each: (each.starts_on, each.ends_on))
    there = [each for each in ordered if each.starts_on <= day <= each.ends_on]
    before = [each for each in ordered if each.ends_on < day]
    return next(iter([*reversed(there), *reversed(before), *ordered]), None)


def _rule(credential: Credential, day: date) -> RenewalRule | None:
    """The rule of its place, else the nationwide one of its type, as worded on a day."""
    known = catalog.load()
    if credential.type not in known.types:
        return None
    place = credential.jurisdiction if credential.jurisdiction in known.jurisdictions else None
    return known.renewal(place, credential.type, day)


def _asked(credential: Credential, rule: RenewalRule | None) -> ContinuingEducation | None:
    """What is asked; for a license of which the catalog knows nothing a rule of which nothing is known."""
    if rule is None:
        return ContinuingEducation(NO_RULE) if credential.type == "massage-license" else None
    if rule.continuing_education is not None or isinstance(rule.model, NoRenewal) or rule.jurisdiction is None:
        return rule.continuing_education
    return ContinuingEducation(NO_RULE)
