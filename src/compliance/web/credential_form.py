"""The form of a new credential: the fields that fit its type, and what is asked back about its days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, make_dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from litestar.datastructures import UploadFile

from compliance.catalog import load
from compliance.domain.credential_types import CredentialType, Detail
from compliance.domain.credentials import StandingCode
from compliance.domain.periods import FOREVER
from compliance.domain.renewal import RenewalFacts, disagrees
from compliance.domain.terms import TermStart, term_start
from compliance.services.credentials import NewCredential, NewStanding, NewTerm
from compliance.web.forms import Form, asked
from compliance.web.holders import Holder
from compliance.web.kept_uploads import LONGEST_SEAL
from compliance.web.law import place_options
from compliance.web.prediction import issuer_meant, rule_of

DETAIL: Final = "detail_"
FIELDS: Final = {"ends_on": "expires_on", "starts_on": "issued_on", "first_issued_on": "issued_on", "type": "number"}
"""Where the form says what a service found wrong with a field of its own."""


@dataclass(frozen=True)
class Given:
    """What is printed on a credential. Details of the type are further fields, `detail_NAME`."""

    type: str = asked("the type")
    jurisdiction: str = ""
    issuing_authority: str = asked("who issued it", default="", longest=200)
    number: str = asked("the number", default="", longest=100)
    issued_on: date | None = None
    renewed_on: date | None = None
    expires_on: date | None = None
    standing: str = ""
    notes: str = asked("notes", default="", longest=2000, lines=True)
    file: UploadFile | None = None
    kept_file: str = asked("the file", default="", longest=LONGEST_SEAL)
    sure: bool = False
    deed: str = ""

    @property
    def details(self) -> dict[str, str]:
        """As typed, by the detail's name."""
        typed = {name.removeprefix(DETAIL): text for name, text in vars(self).items() if name.startswith(DETAIL)}
        return {name: text for name, text in typed.items() if text}


@lru_cache
def shape_of(type_code: str) -> type[Given]:
    """The form of one type: all fields, and those of its details."""
    type_ = load().types.get(type_code)
    details = type_.details if type_ else ()
    fields: list[Any] = [(f"{DETAIL}{each.name}", str, asked(each.title.lower(), default="")) for each in details]
    return make_dataclass("Given", fields, bases=(Given,), frozen=True)


def credential_of(form: Form[Given], holder: Holder, today: date) -> NewCredential | None:
    """The credential to record; None, with sentences in the form, where dates are missing or need a second look."""
    given = form.value
    if given is None:
        return None
    type_ = load().types.get(given.type)
    if type_ is None:
        form.refuse("type", "Choose the type first.")
        return None
    start = _start(form, given, type_, holder)
    _question(form, given, type_, holder)
    if given.standing and given.standing not in set(StandingCode):
        form.refuse("standing", "Choose one of the list.")
    if form.errors:
        return None
    return NewCredential(
        type=given.type,
        therapist_id=holder.therapist_id,
        clinic_id=holder.clinic_id,
        jurisdiction=given.jurisdiction or None,
        issuing_authority=issuer_meant(type_, given.jurisdiction, given.issuing_authority),
        number=given.number,
        first_issued_on=start.first_issued_on if start else None,
        details=given.details,
        notes=given.notes,
        term=_term(given, start),
        standing=_standing(given, start, today),
    )


def _term(given: Given, start: TermStart | None) -> NewTerm | None:
    if start is None or start.starts_on is None:
        return None
    return NewTerm(start.starts_on, given.expires_on or FOREVER, start.inferred)


def _start(form: Form[Given], given: Given, type_: CredentialType, holder: Holder) -> TermStart | None:
    """Where the term begins; an application has none yet."""
    if given.standing == StandingCode.PENDING_INITIAL and not given.expires_on:
        return None
    rule = rule_of(type_, given.jurisdiction)
    model = rule.model if rule else None
    start = term_start(type_, model, given.issued_on, given.renewed_on, given.expires_on, holder.birth_date)
    if start.starts_on is None:
        missing = "expires_on" if type_.expires and given.expires_on is None and given.issued_on else "issued_on"
        form.refuse(missing, start.question)
    return start


def _question(form: Form[Given], given: Given, type_: CredentialType, holder: Holder) -> None:
    """A printed day that the rule does not expect is asked about once; the printed one wins."""
    rule = rule_of(type_, given.jurisdiction)
    if given.sure or rule is None or given.expires_on is None:
        return
    facts = RenewalFacts(given.issued_on, given.expires_on, holder.birth_date, given.number, holder.surname)
    asked_back = disagrees(rule.model, facts, given.expires_on)
    if asked_back:
        form.refuse("expires_on", f"{asked_back} If it is, tick “The dates are right” below.")
        form.refuse("sure", "Say that the dates are as printed, or correct them.")


def _standing(given: Given, start: TermStart | None, today: date) -> NewStanding | None:
    """What the board says, from the first day on that is known."""
    if not given.standing:
        return None
    day = given.renewed_on or given.issued_on or (start.starts_on if start else None)
    return NewStanding(StandingCode(given.standing), day or today)


def placed(fields: Mapping[str, str]) -> dict[str, str]:
    """A service's sentences at the fields of this form."""
    return {FIELDS.get(name, name): sentence for name, sentence in fields.items()}


@dataclass(frozen=True, slots=True)
class DetailField:
    """A detail of a type as a form shows it."""

    title: str
    kind: str
    unit: str
    options: tuple[tuple[str, str], ...]


def _detail(detail: Detail) -> DetailField:
    options = tuple((each, each.replace("-", " ").capitalize()) for each in detail.choices)
    return DetailField(detail.title, detail.kind, detail.unit, options)


def facts_around(type_: CredentialType) -> dict[str, Any]:
    """What can be chosen for the facts of a type."""
    details = [(f"{DETAIL}{each.name}", _detail(each)) for each in type_.details]
    return {
        "jurisdictions": place_options(load()),
        "authorities": [(each.name, each.name) for each in type_.authorities],
        "details": details,
    }
