"""The inspector sheet: one click on a clinic's page, one PDF that prints."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import structlog
from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Response

from compliance.db.queries.clinics import clinic as clinic_of
from compliance.reports import RenderFailed
from compliance.services import inspector_sheets, sheet_issuing
from compliance.services.refusals import Refused
from compliance.store import StoreUnavailable, open_store
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.forms import Nothing
from compliance.web.page import Page
from compliance.web.reports import OF_A_PDF

log = structlog.get_logger("compliance.web")


@post("/clinics/{clinic_id:uuid}/inspector-sheet", opt=needs("reports.make"), status_code=200)
async def inspector_sheet(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Response[bytes] | Redirect:
    """Made of what is on record at this moment, for today at the clinic, and written down as issued."""
    page.see_clinic(clinic_id)
    clinic = page.found(await clinic_of(page.session, page.organization_id, clinic_id))
    await page.form(Nothing)
    day, store = clinic.today(page.now), open_store(page.settings.evidence_url, page.settings.home)
    about: dict[str, Any] = {"organization_id": page.organization_id, "clinic_id": clinic_id}
    try:
        draft = await inspector_sheets.gather(page.session, as_of=day, now=page.now, **about)
        await page.session.close()  # printing takes a second, in which no transaction waits
        signing, fonts = page.settings.signing(), page.settings.report_fonts
        content = await sheet_issuing.issue(
            page.database, store, act=page.act, draft=draft, signing=signing, added_fonts=fonts
        )
    except (Refused, RenderFailed, StoreUnavailable) as failure:
        return page.go(f"/clinics/{clinic_id}", Flash(f"There is no inspector sheet: {failure}", status="lapsed"))
    viewer = str(page.viewer.person_id)
    log.info("export", what="inspector-sheet", organization=str(page.organization_id), viewer=viewer)
    said = {"content-disposition": f'inline; filename="{draft.file_name}"', "content-security-policy": OF_A_PDF}
    return Response(content, media_type="application/pdf", headers=said | {"cache-control": "no-store"})


ROUTES: Final[list[Any]] = [inspector_sheet]
