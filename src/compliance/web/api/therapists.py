"""Therapists and what they hold, for machines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter

from compliance.db.queries.api_lists import Listed, therapists_from
from compliance.db.queries.credentials import Held, of_therapist
from compliance.db.queries.therapists import Assigned, therapist
from compliance.domain.plain import end
from compliance.web.access import scope
from compliance.web.api.caller import CURSOR, LIMIT, NUMBER, Api, cursor_of, limit_of
from compliance.web.problems import refusals


@dataclass(frozen=True, slots=True)
class TherapistList:
    """A page of a list; `next_cursor` asks for the next one, null says that this was the last."""

    items: list[Listed]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TermShown:
    """One span of a credential; `ends_on` null: it does not end. `inferred`: the first day was worked out."""

    starts_on: date
    ends_on: date | None
    inferred: bool


@dataclass(frozen=True, slots=True)
class CredentialShown:
    """One credential with its terms, and what the board last said of it."""

    id: UUID
    type: str
    jurisdiction: str | None
    issuing_authority: str
    number: str
    standing: str | None
    last_verified_on: date | None
    terms: list[TermShown]


@dataclass(frozen=True, slots=True)
class AssignmentShown:
    """Where they work, with which modalities, from when to when."""

    clinic_id: UUID
    modalities: list[str]
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class TherapistShown:
    """One therapist's file. Birth date, phone and notes are not given out."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None
    npi: str | None
    assignments: list[AssignmentShown]
    credentials: list[CredentialShown]


@get(
    "/api/v1/therapists",
    opt=scope("therapists.read"),
    summary="The therapists",
    tags=["therapists"],
    responses=refusals(),
    include_in_schema=True,
)
async def therapist_list(
    api: NamedDependency[Api],
    cursor: Annotated[
        str | None, QueryParameter(description="next_cursor of the answer before.", schema_extra=CURSOR)
    ] = None,
    limit: Annotated[int, QueryParameter(description=f"From 1 to {LIMIT}.", schema_extra=NUMBER)] = LIMIT,
) -> TherapistList:
    """In the order in which they were added."""
    asked = limit_of(limit)
    mine = api.organization_id
    found = await therapists_from(
        api.session, mine, after=cursor_of(cursor), limit=asked + 1, clinic_ids=api.clinic_ids
    )
    more = len(found) > asked
    return TherapistList(found[:asked], str(found[asked - 1].id) if more else None)


@get(
    "/api/v1/therapists/{therapist_id:uuid}",
    opt=scope("therapists.read"),
    summary="One therapist",
    tags=["therapists"],
    responses=refusals(404),
    include_in_schema=True,
)
async def one_therapist(api: NamedDependency[Api], therapist_id: FromPath[UUID]) -> TherapistShown:
    """With assignments and credentials."""
    await api.see_therapist(therapist_id)
    person = await therapist(api.session, api.organization_id, therapist_id)
    if person is None:
        raise NotFoundException("No therapist here has this id.")
    held = await of_therapist(api.session, api.organization_id, therapist_id)
    assigned = [_assignment(each) for each in person.assignments if _sees(api, each)]
    credentials = [_credential(each, api.today()) for each in held]
    return TherapistShown(
        person.id, person.first_name, person.last_name, person.email, person.npi, assigned, credentials
    )


def _sees(api: Api, assigned: Assigned) -> bool:
    return not api.clinic_ids or assigned.clinic_id in api.clinic_ids


def _assignment(assigned: Assigned) -> AssignmentShown:
    return AssignmentShown(assigned.clinic_id, list(assigned.modalities), assigned.starts_on, end(assigned.ends_on))


def _credential(held: Held, today: date) -> CredentialShown:
    said = held.standing_on(today)
    confirmed = [each.verified_on for each in held.looks if each.result == "confirmed"]
    return CredentialShown(
        held.id,
        held.type,
        held.jurisdiction,
        held.issuing_authority,
        held.number,
        said.standing.value if said else None,
        max(confirmed, default=None),
        [TermShown(each.starts_on, end(each.ends_on), each.inferred) for each in held.terms],
    )


ROUTES: Final[list[Any]] = [therapist_list, one_therapist]
