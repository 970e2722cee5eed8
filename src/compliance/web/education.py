"""The ledger of continuing education of one therapist: how it stands to each credential's rule, and every course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from compliance.db.queries.education import ledgers
from compliance.db.queries.files import credential_files
from compliance.domain.balance import State
from compliance.reports import RenderFailed
from compliance.services.balances import courses_of, dues
from compliance.services.education_pack import MEDIA_TYPE, AskedPack, finish, gather, pieces
from compliance.services.refusals import Refused, Unknown
from compliance.store import StoreUnavailable, open_store
from compliance.web.access import needs
from compliance.web.education_view import DueView, course_lines
from compliance.web.flash import Flash
from compliance.web.holders import Holder, therapist_holder
from compliance.web.page import Html, Page
from compliance.web.search import read_id

log = structlog.get_logger("compliance.web")


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


@get("/therapists/{therapist_id:uuid}/education/pack", opt=needs("education.read"))
async def pack(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Stream | Redirect:
    """Ledger and certificates of one cycle as one file: `?credential=ID`, and `&term=ID` for another than today's."""
    holder = await therapist_holder(page, therapist_id)
    given = page.request.query_params
    credential_id = page.found(read_id(given.get("credential", "")))
    who = UUID(holder.href.rpartition("/")[2])
    asked = AskedPack(who, credential_id, page.as_of, read_id(given.get("term", "")))
    store = open_store(page.settings.evidence_url, page.settings.home)
    try:
        draft = await gather(page.session, organization_id=page.organization_id, asked=asked, now=page.now)
        await page.session.close()  # printing takes a second, in which no transaction waits
        made = await finish(draft, store, added_fonts=page.settings.report_fonts)
    except Unknown:
        raise NotFoundException from None
    except (Refused, RenderFailed, StoreUnavailable) as failure:
        return page.go(f"{holder.href}/education", Flash(f"There is no pack: {failure}", "missing"))
    log.info("education pack", credential=str(credential_id), viewer=str(page.viewer.person_id))
    headers = {"content-disposition": f'attachment; filename="{draft.file_name}"', "cache-control": "no-store"}
    return Stream(pieces(made, store), media_type=MEDIA_TYPE, headers=headers)


async def ledger(page: Page, holder: Holder) -> Ledger:
    """The ledger of a therapist who is in sight of the viewer."""
    id_ = UUID(holder.href.rpartition("/")[2])
    file = page.found((await credential_files(page.session, page.organization_id, [id_])).get(id_))
    filed = (await ledgers(page.session, page.organization_id, [id_]))[id_]
    views = [DueView(each, page.as_of) for each in dues(file, courses_of(filed), page.as_of)]
    return Ledger(holder, views, course_lines(filed, views))


ROUTES: Final[list[Any]] = [show, show_own, pack]
