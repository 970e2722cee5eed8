"""The ledger of continuing education of one therapist: how it stands to each credential's rule, and every course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries.education import ledgers
from compliance.db.queries.files import credential_files
from compliance.domain.balance import State
from compliance.services.balances import courses_of, dues
from compliance.web.access import needs
from compliance.web.education_view import DueView, course_lines
from compliance.web.holders import Holder, therapist_holder
from compliance.web.page import Html, Page


@dataclass(frozen=True, slots=True)
class Ledger:
    """Whose it is, and the balances of the day; `lines` are the courses."""

    holder: Holder
    dues: list[DueView]
    lines: list[Any]

    @property
    def first(self) -> DueView | None:
        """The one that the page is headed by: short before unknown before all others, then by its day."""
        order = [State.SHORT, State.UNKNOWN, State.MET, State.REPLACED, State.NOT_ASKED]
        return min(self.dues, key=lambda each: order.index(each.balance.state), default=None)


@get("/therapists/{therapist_id:uuid}/education", opt=needs("education.read"))
async def show(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """The balances of the day, and every course with what counts of it and why not more."""
    holder = await therapist_holder(page, therapist_id)
    found = await ledger(page, holder)
    return page.show(
        "education/show.html", ledger=found, holder=holder, here=f"{holder.href}/education", day=page.as_of
    )


@get("/me/education", opt=needs("own.read"))
async def show_own(page: NamedDependency[Page]) -> Redirect:
    """A therapist's own."""
    return page.go(f"/therapists/{page.found(page.membership.therapist_id)}/education")


async def ledger(page: Page, holder: Holder) -> Ledger:
    """The ledger of a therapist who is in sight of the viewer."""
    id_ = UUID(holder.href.rpartition("/")[2])
    file = page.found((await credential_files(page.session, page.organization_id, [id_])).get(id_))
    filed = (await ledgers(page.session, page.organization_id, [id_]))[id_]
    views = [DueView(each, page.as_of) for each in dues(file, courses_of(filed), page.as_of)]
    return Ledger(holder, views, course_lines(filed, views))


ROUTES: Final[list[Any]] = [show, show_own]
