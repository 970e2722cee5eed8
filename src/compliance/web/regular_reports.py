"""Reports that are made each month or quarter: which, for whom, what was made, and who has opened it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries import regular_reports as reading
from compliance.db.queries.clinics import clinics
from compliance.db.queries.regular_reports import Regular
from compliance.services import regular_reports
from compliance.services.refusals import Refused, Unknown
from compliance.web.access import needs
from compliance.web.forms import Nothing, asked, blank
from compliance.web.page import Html, Page

TEMPLATE: Final = "reports/regular.html"
ROWS: Final = 50
RHYTHMS: Final = (("month", "Each month"), ("quarter", "Each quarter"))


@dataclass(frozen=True)
class NewRegular:
    """Of which clinic, how often, and who is told."""

    clinic_id: UUID = asked("a clinic of the list")
    every: str = asked("how often", default="month")
    reader_ids: tuple[UUID, ...] = ()


@get("/reports/regular", opt=needs("reports.read"))
async def regular_list(page: NamedDependency[Page]) -> Html:
    """What is made regularly, and what was made."""
    return page.show(TEMPLATE, values=blank(NewRegular), **await _beside(page))


async def _beside(page: Page) -> dict[str, Any]:
    session, mine = page.session, page.organization_id
    readers = await reading.readers(session, mine, page.today)
    made = await reading.made(session, mine, clinic_ids=page.clinic_ids, limit=ROWS)
    return {
        "regulars": [each for each in await reading.regulars(session, mine) if _seen(page, each)],
        "readers": {each.person_id: each for each in readers},
        "made": made,
        "opened": await reading.openings(session, mine, [each.report_id for each in made]),
        "clinics": [(each.id, each.name) for each in await clinics(session, mine, only=page.clinic_ids or None)],
        "rhythms": RHYTHMS,
        "zone": page.membership.time_zone,
    }


def _seen(page: Page, regular: Regular) -> bool:
    return not page.clinic_ids or regular.clinic_id in page.clinic_ids


@post("/reports/regular", opt=needs("reports.schedule"))
async def add(page: NamedDependency[Page]) -> Html | Redirect:
    """From this month or quarter on."""
    form = await page.form(NewRegular)
    given = form.value
    if given is None:
        return page.again(TEMPLATE, form, **await _beside(page))
    page.see_clinic(given.clinic_id)
    about: dict[str, Any] = {"clinic_id": given.clinic_id, "every": given.every, "reader_ids": given.reader_ids}
    try:
        await regular_reports.add(page.session, act=page.act, **about)
    except Unknown:
        raise NotFoundException from None
    except Refused as refusal:
        return page.again(TEMPLATE, form.refused(refusal), **await _beside(page))
    return page.go("/reports/regular", f"The first one is made when this {given.every} is over.")


@post("/reports/regular/{regular_id:uuid}/end", opt=needs("reports.schedule"))
async def end(page: NamedDependency[Page], regular_id: FromPath[UUID]) -> Redirect:
    """No more of it; what was made stays in the list."""
    every = {each.id: each for each in await reading.regulars(page.session, page.organization_id)}
    page.see_clinic(page.found(every.get(regular_id)).clinic_id)
    await page.form(Nothing)
    await regular_reports.end(page.session, act=page.act, regular_id=regular_id)
    return page.go("/reports/regular", "It is made no more. What was made stays in the list.")


ROUTES: Final[list[Any]] = [regular_list, add, end]
