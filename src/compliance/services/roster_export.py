"""The roster as a file of the shape that the import reads: importing it again changes nothing.

One row for each term of a credential; who has none has a row of their own. A column `therapist_id` names the record.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries import intake_known
from compliance.db.queries.intake_known import HeldCredential, HeldTerm, OnFile
from compliance.domain.periods import FOREVER
from compliance.services.intake.assignments import Stay, stays
from compliance.services.intake.licenses import OWN_LICENSE
from compliance.services.roster_workbook import as_workbook
from compliance.sources import FIELDS
from compliance.sources.typed import guarded

PEOPLE = 300
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What it can be exported as, with the media types."""

Row = dict[str, str]


async def export_roster(
    session: AsyncSession,
    *,
    organization_id: UUID,
    format: str,
    today: date = FOREVER,
    only: Sequence[UUID] | None = None,
) -> AsyncIterator[bytes]:
    """All therapists (or `only` these, in this order) with their credentials, in pieces. Raises ValueError for another
    format.

    `today` is the day whose standings are written; without it the last ones are.
    """
    if format not in FORMATS:
        raise ValueError(f"A roster cannot be exported as {format!r}; allowed are {', '.join(FORMATS)}.")
    pieces = _csv(session, organization_id, today, only)
    async for piece in pieces if format == "csv" else as_workbook(pieces):
        yield piece


def columns() -> tuple[str, ...]:
    """The header: the roster's fields, then every detail that some credential type has."""
    details = {each.name for type_ in load().types.values() for each in type_.details}
    return (*FIELDS, *(f"detail_{each}" for each in sorted(details)))


async def _csv(
    session: AsyncSession, organization_id: UUID, today: date, only: Sequence[UUID] | None
) -> AsyncIterator[bytes]:
    header = columns()
    yield b"\xef\xbb\xbf" + _lines([header])
    places = await _places(session, organization_id)
    async for ids in _people(session, organization_id) if only is None else _these(only):
        known = await intake_known.on_file(session, organization_id, ids)
        rows = (row for id_ in ids if id_ in known for row in rows_of(known[id_], places, today))
        yield _lines([guarded(row.get(each, "")) for each in header] for row in rows)


async def _places(session: AsyncSession, organization_id: UUID) -> dict[UUID, Row]:
    """What is written of each clinic beside who works there: its name, and its own license with the last term of it."""
    clinics = (await intake_known.clinics(session, organization_id)).values()
    held = await intake_known.held_by_clinics(session, organization_id, [each.id for each in clinics])
    return {each.id: {"clinic": each.name} | _own_license(held.get(each.id, ())) for each in clinics}


def _own_license(held: Sequence[HeldCredential]) -> Row:
    licenses = [each for each in held if each.type == OWN_LICENSE and each.terms]
    if not licenses:
        return {}
    found = max(licenses, key=lambda each: max(term.ends_on for term in each.terms))
    terms = sorted(found.terms, key=lambda each: each.starts_on)
    issued_on = found.first_issued_on or (None if terms[0].inferred else terms[0].starts_on)
    return {
        "clinic_license_number": found.number,
        "clinic_license_issued_on": _day(issued_on),
        "clinic_license_expires_on": _day(max(each.ends_on for each in terms)),
    }


async def _people(session: AsyncSession, organization_id: UUID) -> AsyncIterator[Sequence[UUID]]:
    """Everybody's ids by name, some hundred at a time."""
    after: tuple[str, UUID] | None = None
    while page := await intake_known.page(session, organization_id, after, PEOPLE):
        after = page[-1]
        yield [id_ for _name, id_ in page]


async def _these(only: Sequence[UUID]) -> AsyncIterator[Sequence[UUID]]:
    for at in range(0, len(only), PEOPLE):
        yield only[at : at + PEOPLE]


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def rows_of(person: OnFile, places: Mapping[UUID, Row], today: date) -> list[Row]:
    """The rows of one therapist: each term beside a stay at a clinic; where stays run out, the last one again."""
    whose = _person(person)
    held = [row for each in person.credentials for row in _credential(each, today)]
    worked = [_stay(each, places) for each in stays(person.assignments)]
    last = worked[-1] if worked else {}
    count = max(len(held), len(worked), 1)
    together = zip_longest(held, worked, range(count))
    rows = [whose | (stay if stay is not None else last) | (term or {}) for term, stay, _place in together]
    rows[0]["therapist_notes"] = person.notes
    return rows


def _person(person: OnFile) -> Row:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "phone": person.phone,
        "npi": person.npi,
        "birth_date": _day(person.birth_date),
        "therapist_id": str(person.id),
    }


def _stay(stay: Stay, places: Mapping[UUID, Row]) -> Row:
    return places[stay.last.clinic_id] | {
        "modalities": "; ".join(stay.last.modalities),
        "started_on": _day(stay.starts_on),
        "left_on": _day(stay.last.ends_on),
    }


def _day(day: date | None) -> str:
    return "" if day is None or day == FOREVER else day.isoformat()


def _credential(held: HeldCredential, today: date) -> list[Row]:
    """A row for each term, oldest first; standing, notes and details on the last."""
    facts = {
        "credential_type": held.type,
        "jurisdiction": held.jurisdiction,
        "issuing_authority": held.issuing_authority,
        "number": held.number,
        "issued_on": _day(held.first_issued_on),
    }
    terms = sorted(held.terms, key=lambda each: each.ends_on)
    rows = [facts | _term(held, each, first=place == 0) for place, each in enumerate(terms)] or [dict(facts)]
    now = [each for each in held.standings if each.starts_on <= today <= each.ends_on]
    last = max(now, key=lambda each: each.starts_on, default=None)
    rows[-1] |= {"standing": last.standing if last else "", "notes": held.notes}
    rows[-1] |= {f"detail_{name}": _detail(value) for name, value in held.details.items()}
    return rows


def _term(held: HeldCredential, term: HeldTerm, *, first: bool) -> Row:
    row = {"expires_on": _day(term.ends_on)}
    if first and held.first_issued_on is None and not term.inferred:
        row["issued_on"] = _day(term.starts_on)
    elif not term.inferred:
        row["renewed_on"] = _day(term.starts_on)
    looks = [each for each in held.looks if each.term_id == term.id]  # of facts that are still so
    if looks:
        look = max(looks, key=lambda each: each.verified_on)
        row |= {
            "verified_on": _day(look.verified_on),
            "verified_by": look.verified_by,
            "verification_source": look.source,
            "verification_method": look.method,
        }
    return row


def _detail(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
