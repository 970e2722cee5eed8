"""The booking gate: may this therapist practice this modality at this clinic on this day?"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from compliance.catalog import load
from compliance.db.queries import references
from compliance.db.queries.clinics import Clinic, clinics
from compliance.db.queries.references import Candidate
from compliance.domain.plain import PlainVerdict, plain_verdict
from compliance.services import assessments
from compliance.web.access import scope
from compliance.web.api.caller import DAY, TEXT, Api
from compliance.web.page import EARLIEST, LATEST
from compliance.web.problems import Impossible, refusals

CLOSED: Final = (
    "Take anything but an answer of 200 with “cleared” true as no: 404 says that the therapist or clinic is not known, "
    "503 that it could not be told. Fail closed."
)


@get(
    "/api/v1/clearance",
    opt=scope("clearance.read"),
    summary="May they practice?",
    description=f"The verdict for one therapist, modality, clinic and day, with every finding. {CLOSED}",
    tags=["clearance"],
    responses=refusals(404, 422),
    include_in_schema=True,
)
async def clearance(
    api: NamedDependency[Api],
    therapist: Annotated[str, QueryParameter(description="Id, e-mail address or exact name.", schema_extra=TEXT)],
    modality: Annotated[str, QueryParameter(description="Such as trigger-point-therapy.", schema_extra=TEXT)],
    clinic: Annotated[str, QueryParameter(description="Id or exact name.", schema_extra=TEXT)],
    on: Annotated[
        date | None,
        QueryParameter(description="Such as 2027-03-01; today at the clinic if left out.", schema_extra=DAY),
    ] = None,
) -> PlainVerdict:
    """Asked anew each time; nothing is kept back."""
    code = load().modality_of(modality)
    if code is None:
        raise Impossible(f"modality is {modality!r}; known are {', '.join(load().modalities)}.")
    place = await _clinic(api, clinic)
    person = await _therapist(api, therapist)
    found = await assessments.clearance_of(
        api.session,
        organization_id=api.organization_id,
        therapist_id=person,
        clinic_id=place.id,
        modality=code,
        as_of=_day(on) or place.today(api.now),
    )
    if found is None:
        raise NotFoundException(f"{place.name} has no therapist {therapist!r}.")
    return plain_verdict(found)


async def _clinic(api: Api, ref: str) -> Clinic:
    named = await references.clinics(api.session, ref, api.organization_id)
    found = _one("clinic", ref, [each for each in named if not api.clinic_ids or each.id in api.clinic_ids])
    return (await clinics(api.session, api.organization_id, only=[found.id]))[0]


async def _therapist(api: Api, ref: str) -> UUID:
    """Of those in sight alone: who is out of sight neither makes a name doubtful nor shows that they are there."""
    named = await references.therapists(api.session, ref, api.organization_id)
    seen = await api.in_sight([each.id for each in named])
    return _one("therapist", ref, [each for each in named if each.id in seen]).id


def _one(noun: str, ref: str, found: list[Candidate]) -> Candidate:
    if not found:
        raise NotFoundException(f"No {noun} here is {ref!r}.")
    if len(found) > 1:
        ids = ", ".join(str(each.id) for each in found)
        raise Impossible(f"{noun} {ref!r} may be any of {len(found)}; give the id of one: {ids}.")
    return found[0]


def _day(on: date | None) -> date | None:
    if on is not None and not EARLIEST <= on <= LATEST:
        raise Impossible(f"on is {on.isoformat()}; give a day from {EARLIEST.year} to {LATEST.year}.")
    return on


ROUTES: Final[list[Any]] = [clearance]
