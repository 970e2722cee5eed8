"""What hangs at a clinic and what is kept of it: the licenses of who works there, and whether a copy is on file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from compliance.catalog import load
from compliance.db.queries.clinics import Clinic
from compliance.db.queries.files import credential_files
from compliance.db.queries.therapist_list import Wanted, therapists
from compliance.domain.credentials import Credential, CredentialFile
from compliance.domain.periods import FOREVER
from compliance.web.access import needs
from compliance.web.clinic_page import ROWS, address, duties, known_id
from compliance.web.clinics import seen
from compliance.web.labels import credential_label, current_term
from compliance.web.page import Html, Page
from compliance.web.sights import narrowed, sight_of

DISPLAYED: Final = frozenset(
    {"massage-license", "massage-registration", "state-certification", "local-permit", "temporary-permit",
     "compact-privilege", "establishment-license"}
)  # fmt: skip
"""What a board or a city grants, and clients may want to see."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One license and who holds it. `ends_on` None: nothing of it is in force; FOREVER: it does not end."""

    href: str
    holder: str
    label: str
    ends_on: date | None
    credential_id: UUID | None
    copies: int

    @property
    def endless(self) -> bool:
        """Whether it does not end."""
        return self.ends_on == FOREVER


@get("/clinics/{clinic_id:uuid}/papers", opt=needs("clinics.read"))
async def papers(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html:
    """The clinic's own license first, then a page of who works there."""
    clinic = await seen(page, clinic_id)
    return page.show("clinics/papers.html", clinic=clinic, **await _shown(page, clinic))


async def _shown(page: Page, clinic: Clinic) -> dict[str, Any]:
    sight, at = await sight_of(page)
    here, query = narrowed(at, clinic.id), page.request.query_params
    day = here[0].day
    after, before = known_id(query.get("after", "")), known_id(query.get("before", ""))
    about: dict[str, Any] = {"clinic_ids": page.clinic_ids, "limit": ROWS, "after": after, "before": before}
    found = await therapists(page.session, page.organization_id, Wanted(clinic_id=clinic.id), here, **about)
    files = await credential_files(page.session, page.organization_id, [each.id for each in found.rows])
    own = sight.frame.clinic_files.get(clinic.id, CredentialFile(clinic.id, ""))
    places = set(load().chain(clinic.jurisdiction))
    rows = [] if after or before else [*_papers(own, f"/clinics/{clinic.id}", clinic.name, places, day)]
    for each in found.rows:
        if each.id in files:
            mine = [*_papers(files[each.id], f"/therapists/{each.id}", each.name, places, day)]
            rows += mine or [Paper(f"/therapists/{each.id}", each.name, "", None, None, 0)]
    links = {}
    if found.has_previous and found.rows:
        links["previous"] = address(clinic, "/papers", as_of=query.get("as_of", ""), before=found.rows[0].id)
    if found.has_next and found.rows:
        links["next"] = address(clinic, "/papers", as_of=query.get("as_of", ""), after=found.rows[-1].id)
    told = [each for each in duties(clinic, day) if each[1].topic in ("display", "license-check")]
    return {"rows": rows, "links": links, "day": day, "duties": told}


def _papers(file: CredentialFile, href: str, holder: str, places: set[str], day: date) -> Iterator[Paper]:
    """The licenses that count at the place, each with the last day of what is in force."""
    for each in file.credentials:
        if each.type in DISPLAYED and each.jurisdiction in places:
            yield Paper(href, holder, credential_label(each), _ends_on(each, day), each.id, len(each.evidence))


def _ends_on(held: Credential, day: date) -> date | None:
    term = current_term(held, day)
    return term.ends_on if term and term.starts_on <= day <= term.ends_on else None


ROUTES: Final[list[Any]] = [papers]
