"""What cannot be true of a credential, judged against its type in the catalog. Every sentence says what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple, Protocol

from compliance import catalog
from compliance.domain.credential_types import CredentialType, Detail
from compliance.domain.matching import fold
from compliance.domain.methods import METHODS
from compliance.domain.months import in_words
from compliance.domain.periods import BEGINNING, FOREVER, ONE_DAY
from compliance.domain.renewal import NoRenewal
from compliance.domain.requirements import Holder
from compliance.services.clinics import place_problem
from compliance.services.refusals import Checks
from compliance.services.trail import Act

FIRST, LAST = date(1940, 1, 1), date(2100, 12, 31)
YES, NO = {"yes", "true", "1", "y"}, {"no", "false", "0", "n"}


class Facts(NamedTuple):
    """What is said of a credential beside its terms and standings."""

    type: str
    holder: Holder
    jurisdiction: str | None
    issuing_authority: str
    number: str
    first_issued_on: date | None
    details: Mapping[str, object]


def check_facts(checks: Checks, facts: Facts, index: int = 0) -> None:
    """Notes every problem with the facts."""
    types = catalog.load().types
    type_ = types.get(facts.type)
    if type_ is None:
        sentence = f"The credential type {facts.type!r} is not known. Allowed are {', '.join(types)}."
        checks.refuse("type", sentence, index)
        return
    if type_.holder is not facts.holder:
        sentence = f"{type_.title} is held by a {type_.holder.value}, not by a {facts.holder.value}."
        checks.refuse("type", sentence, index)
    checks.refuse("jurisdiction", _jurisdiction_problem(type_, facts.jurisdiction), index)
    checks.refuse("issuing_authority", _authority_problem(type_, facts.issuing_authority), index)
    if len(facts.number) > 100:
        checks.refuse("number", f"{facts.number[:30]!r}... is too long for a number (100 characters).", index)
    checks.refuse("first_issued_on", day_problem(facts.first_issued_on), index)
    for name, value in facts.details.items():
        checks.refuse(f"detail_{name}", _detail_problem(type_, name, value), index)


def _jurisdiction_problem(type_: CredentialType, jurisdiction: str | None) -> str | None:
    if jurisdiction:
        return place_problem(jurisdiction)
    return f"Say which state or city this {type_.short.lower()} is from." if type_.jurisdiction_bound else None


def _authority_problem(type_: CredentialType, authority: str) -> str | None:
    if not type_.authority_asked or type_.authority_of(authority):
        return None
    allowed = " or ".join(each.name for each in type_.authorities)
    given = f"{authority!r} is none of those who grant it. " if authority else ""
    return f"{given}Several bodies use the letters {type_.short}: say which, {allowed}."


def authority_name(type_: CredentialType, authority: str) -> str:
    """The authority's own name where the catalog knows the spelling, else what was given."""
    known = type_.authority_of(authority) if authority.strip() else None
    return known.name if known else authority.strip()


def day_problem(day: date | None) -> str | None:
    """Why this cannot be a day of a credential's life; open beginnings and ends are none."""
    if day is None or day in (BEGINNING, FOREVER) or FIRST <= day <= LAST:
        return None
    return f"{in_words(day)} is no day for this. Look at the year; allowed are {FIRST.year} to {LAST.year}."


class Look(Protocol):
    """Who looked where on which day."""

    @property
    def verified_on(self) -> date: ...
    @property
    def verified_by(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def method(self) -> str: ...


def check_look(checks: Checks, act: Act, look: Look, index: int = 0) -> None:
    """Notes what cannot be a look at a primary source."""
    tomorrow = act.effective.date() + ONE_DAY  # somewhere it may be tomorrow already
    if not FIRST <= look.verified_on <= tomorrow:
        sentence = f"Nobody can have looked on {in_words(look.verified_on)}. Give the day of the look."
        checks.refuse("verified_on", sentence, index)
    if not look.verified_by.strip():
        checks.refuse("verified_by", "Say who looked: a verification is somebody's word.", index)
    if not look.source.strip():
        checks.refuse("source", "Say where it was looked up, such as the board's license search.", index)
    if look.method and look.method not in METHODS:
        checks.refuse("method", f"{look.method!r} is no way to look. Allowed are {', '.join(METHODS)}.", index)


def term_problem(starts_on: date, ends_on: date) -> str | None:
    """Why no term can have these days."""
    if ends_on < starts_on:
        return f"The term ends on {in_words(ends_on)}, before it starts on {in_words(starts_on)}. Look at both dates."
    return day_problem(starts_on) or day_problem(ends_on)


def end_problem(type_: CredentialType, jurisdiction: str | None, ends_on: date) -> str | None:
    """Why a term of this kind cannot go on without an end."""
    if ends_on != FOREVER or not type_.expires or type_.longest_months is None:
        return None  # of some kinds nobody knows whether they end: what the certificate says holds
    known = catalog.load()
    rule = known.renewal(jurisdiction if jurisdiction in known.jurisdictions else None, type_.code)
    if rule and isinstance(rule.model, NoRenewal):
        return None
    named = type_.title if type_.title[:2].isupper() else type_.title[0].lower() + type_.title[1:]
    return f"This {named} ends on a day. Give the expiry that is printed on it."


def detail_values(type_: CredentialType, given: Mapping[str, object]) -> dict[str, object]:
    """Details as they are kept: whole numbers, yes or no, days in ISO 8601, text. For what passed `check_facts`."""
    kinds = {each.name: each for each in type_.details}
    return {name: _read(kinds[name], value) for name, value in given.items() if value not in (None, "")}


def _detail_problem(type_: CredentialType, name: str, value: object) -> str | None:
    kinds = {each.name: each for each in type_.details}
    if name not in kinds:
        allowed = ", ".join(kinds) or "none"
        return f"{type_.title} has no detail {name!r}. Allowed are: {allowed}."
    if value in (None, ""):
        return None
    try:
        _read(kinds[name], value)
    except (ValueError, TypeError):
        return f"{value!r} is no {kinds[name].title.lower()}. It must be {_wanted(kinds[name])}."
    return None


def _wanted(detail: Detail) -> str:
    unit = f" ({detail.unit})" if detail.unit else ""
    if detail.kind == "choice":
        return "one of " + ", ".join(detail.choices)
    words = {"integer": "a whole number", "money": "an amount in whole units", "boolean": "yes or no", "date": "a day"}
    return words.get(detail.kind, "text") + unit


def _read(detail: Detail, value: object) -> object:
    """The value of a detail as it is kept. Raises ValueError for what it cannot be."""
    return READERS[detail.kind](detail, value)


def _whole(_detail: Detail, value: object) -> int:
    if isinstance(value, bool):
        raise ValueError(value)
    number = int(str(value).replace(",", "").replace("$", "").replace("_", "x").strip())
    if not 0 <= number < 2**53:
        raise ValueError(value)
    return number


def _boolean(_detail: Detail, value: object) -> bool:
    word = str(value).strip().lower()
    if word in YES | NO:
        return word in YES
    raise ValueError(value)


def _day(_detail: Detail, value: object) -> str:
    return (value if isinstance(value, date) else date.fromisoformat(str(value).strip())).isoformat()


def _choice(detail: Detail, value: object) -> str:
    chosen = next((each for each in detail.choices if fold(each) == fold(str(value))), None)
    if chosen is None:
        raise ValueError(value)
    return chosen


def _words(_detail: Detail, value: object) -> str:
    return " ".join(str(value).split())


READERS: Mapping[str, Callable[[Detail, object], object]] = {
    "integer": _whole,
    "money": _whole,
    "boolean": _boolean,
    "date": _day,
    "choice": _choice,
    "text": _words,
}
