"""Builders and Hypothesis strategies for credential files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import strategies as st

from compliance.domain.credentials import (
    Credential,
    CredentialFile,
    Result,
    Standing,
    StandingCode,
    Term,
    Verification,
    Waiver,
)
from compliance.domain.periods import FOREVER, Period
from compliance.domain.requirements import Citation, Provision, Requirement, Verify

FIRST, LAST = date(2023, 12, 1), date(2028, 4, 1)  # holds two leap days: 2024 and 2028
days = st.dates(FIRST, LAST)


def term(starts_on: date, ends_on: date = FOREVER, *, inferred: bool = False) -> Term:
    """A term with an id of its own."""
    return Term(uuid4(), starts_on, ends_on, inferred)


def look(of: Term, on: date, result: Result = Result.CONFIRMED) -> Verification:
    """A verification of a term."""
    return Verification(uuid4(), result, on, "J. Ortiz", "board website", of.id)


def license_of(
    *terms: Term,
    verified: bool = True,
    standings: Iterable[Standing] = (),
    first_issued_on: date | None = None,
    jurisdiction: str = "us-fl",
    type: str = "massage-license",
) -> Credential:
    """A license with terms, each verified on its first day unless told otherwise."""
    looks = tuple(look(each, each.starts_on) for each in terms) if verified else ()
    return Credential(
        uuid4(), type, jurisdiction, "the board", "MA 1", first_issued_on, {}, tuple(terms), tuple(standings), looks
    )


def file_of(*credentials: Credential, waivers: Iterable[Waiver] = ()) -> CredentialFile:
    """A file that holds these."""
    return CredentialFile(UUID(int=7), "Ana Ruiz", credentials=credentials, waivers=tuple(waivers))


def asks(*accepts: str, code: str = "license", jurisdiction: str | None = "us-fl", **provision: object) -> Requirement:
    """A requirement with one provision."""
    words = {"verify": Verify.ONCE_PER_TERM, "citation": Citation("Fla. Stat. 480.041")} | provision
    made = Provision(accepts=frozenset(accepts or ("massage-license",)), jurisdiction=jurisdiction, **words)  # type: ignore[arg-type]
    return Requirement(code, "Massage license", (made,), jurisdiction)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """A period of at most two years."""
    start = draw(days)
    return Period(start, start + timedelta(days=draw(st.integers(0, 730))))


@st.composite
def terms(draw: st.DrawFn) -> Term:
    """A term of at most two years, sometimes with an inferred start."""
    span = draw(periods())
    return term(span.starts_on, span.ends_on, inferred=draw(st.booleans()))


@st.composite
def licenses(draw: st.DrawFn) -> Credential:
    """A license with up to four terms, overlapping or not, some of them verified, with standings."""
    mine = draw(st.lists(terms(), max_size=4))
    looks = [look(each, draw(days)) for each in mine if draw(st.booleans())]
    standings = [Standing(draw(st.sampled_from(StandingCode)), draw(days)) for _ in range(draw(st.integers(0, 3)))]
    issued = draw(st.none() | days)
    return Credential(
        uuid4(), "massage-license", "us-fl", "", "", issued, {}, tuple(mine), tuple(standings), tuple(looks)
    )
