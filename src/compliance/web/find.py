"""Search from anywhere: people by name, former name, number or address, and clinics; one typing error is forgiven."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from litestar import get
from litestar.di import NamedDependency

from compliance.db.queries.clinics import Clinic
from compliance.db.queries.stored_verdicts import license_numbers
from compliance.db.queries.therapist_list import Slice, Wanted, therapists
from compliance.domain.matching import fold
from compliance.domain.misspellings import begins_nearly
from compliance.web.access import needs
from compliance.web.page import Html, Page
from compliance.web.sights import sight_of
from compliance.web.therapists import LICENSES
from compliance.web.verdicts import verdicts

SHOWN: Final = 12


@get("/search", opt=needs("therapists.read"))
async def show(page: NamedDependency[Page]) -> Html:
    """A dozen people, who left among them, each with the verdict of the day; the clinics; a way to the whole list."""
    text = page.request.query_params.get("q", "").strip()[:200]
    sight, at = await sight_of(page)
    session, mine = page.session, page.organization_id
    clinics, near = _called(sight.places.values(), text)
    wanted = Wanted(text=text, people="")
    found = await therapists(session, mine, wanted, at, clinic_ids=page.clinic_ids, limit=SHOWN) if text else NOBODY
    if found.close and clinics and not near:
        found = NOBODY  # what somebody typed is a clinic's name; nobody is meant
    ids = [each.id for each in found.rows]
    return page.show(
        "search/found.html",
        text=text,
        found=found,
        clinics=[] if near and found.rows and not found.close else clinics,
        verdicts=await verdicts(session, mine, found.rows, sight),
        license_numbers=await license_numbers(session, mine, ids, LICENSES),
        near=near,
        day=at[0].day,
    )


NOBODY: Final = Slice((), has_previous=False, has_next=False)


def _called(clinics: Iterable[Clinic], text: str) -> tuple[list[Clinic], bool]:
    """The clinics of which some word begins so; else (True) those of which some word nearly does."""
    sought, every = fold(text), list(clinics)
    if not sought:
        return [], False
    exact = [each for each in every if any(tail.startswith(sought) for tail in _tails(each.name))]
    near = [each for each in every if any(begins_nearly(tail, sought) for tail in _tails(each.name))]
    return (exact or near)[:SHOWN], not exact


def _tails(name: str) -> list[str]:
    words = fold(name).split()
    return [" ".join(words[place:]) for place in range(len(words))]


ROUTES = [show]
