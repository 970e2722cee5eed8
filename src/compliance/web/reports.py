"""Audit reports: asking for one, the list of those issued, one of them with its file."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries import audit_reports as kept
from compliance.db.queries.actors import names_of
from compliance.db.queries.clearances import At, count_working
from compliance.db.queries.clinics import clinic, clinics
from compliance.db.queries.regular_reports import openings
from compliance.reports import RenderFailed, json_schema
from compliance.services import audit_reports
from compliance.services import openings as opening
from compliance.services.audit_reports import Asked, Issued
from compliance.services.audit_reports import task as audit_report_task
from compliance.services.refusals import Refused
from compliance.store import open_store
from compliance.web.access import needs
from compliance.web.forms import Form, blank
from compliance.web.page import Html, Page
from compliance.web.report_question import FORMATS, Question, again, limits, question_of
from compliance.web.tasks import STATES, address_of, going

AT_ONCE: Final = 250
"""About so many people at most a report is made while one waits; with more it is a task."""

ROWS: Final = 25
TEMPLATE: Final = "reports/list.html"
OF_A_PDF: Final = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""Our own file in the browser's own viewer, which the policy of the pages would keep shut."""


@get("/reports", opt=needs("reports.read"))
async def report_list(page: NamedDependency[Page]) -> Html:
    """The question's form, and what was issued before."""
    chosen = page.request.query_params.get("clinic_id", "")
    values = blank(Question, as_of=page.as_of, clinic_id=chosen)
    return page.show(TEMPLATE, values=values, **await _beside(page, page.session))


async def _beside(page: Page, session: AsyncSession) -> dict[str, Any]:
    mine, limited = page.organization_id, page.clinic_ids
    before = _id(page.request.query_params.get("before", ""))
    found = await kept.issued(session, mine, clinic_ids=limited, limit=ROWS + 1, before=before)
    under_way = await going(page, session)
    return {
        "going": under_way,
        "addresses": {each.id: address_of(each) for each in under_way},
        "states": STATES,
        "clinics": [(each.id, each.name) for each in await clinics(session, mine, only=limited or None)],
        "modalities": [(code, each.title) for code, each in load().modalities.items()],
        "whole": not limited,
        "formats": list(FORMATS.items()),
        "issued": found[:ROWS],
        "limits": {each.id: limits(each.asked) for each in found[:ROWS]},
        "older": found[ROWS - 1].id if len(found) > ROWS else None,
        "names": await names_of(session, [*(each.made_by for each in found), *(each.started_by for each in under_way)]),
        "zone": page.membership.time_zone,
    }


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@post("/reports", opt=needs("reports.make"))
async def make_report(page: NamedDependency[Page]) -> Html | Redirect:
    """A small report at once, a big one as a task. The handler's own session stays silent: issuing has its own."""
    form = await page.form(Question)
    async with page.database.read() as session:
        question = await question_of(page, session, form)
        if question is None or form.value is None:
            return page.again(TEMPLATE, form, **await _beside(page, session))
        name = await _named(page, session, question)
        people = await _size(page, session, question)
    if people > AT_ONCE:
        return await _later(page, question, form.value.format, name)
    return await _now(page, form, question)


async def _size(page: Page, session: AsyncSession, question: Asked) -> int:
    """How many people the report will show, at most."""
    at = At(question.as_of, tuple(question.clinics) or None)
    there = (await count_working(session, page.organization_id, [at])).number
    few = [len(question.therapist_ids)] if question.therapist_ids else []
    few += [question.sample.size] if question.sample else []
    return min(there, *few) if few else there


async def _named(page: Page, session: AsyncSession, question: Asked) -> str:
    found = [await clinic(session, page.organization_id, each) for each in sorted(question.clinics)]
    return ", ".join(each.name for each in found if each) or page.membership.organization_name


async def _now(page: Page, form: Form[Question], question: Asked) -> Html | Redirect:
    database, store = page.database, open_store(page.settings.evidence_url, page.settings.home)
    chosen = form.value.format if form.value else "pdf"
    try:
        issued = await audit_reports.issue(
            database,
            store,
            act=page.act,
            asked=question,
            format=chosen,
            signing=page.settings.signing(),
            added_fonts=page.settings.report_fonts,
        )
    except Refused as refusal:
        form.refused(refusal)
    except RenderFailed as failed:
        form.refuse("format", f"The file could not be made: {failed}")
    else:
        return page.go(f"/reports/{issued.report_id}")
    async with database.read() as session:
        return page.again(TEMPLATE, form, **await _beside(page, session))


async def _later(page: Page, question: Asked, format: str, name: str) -> Redirect:
    title = f"Audit report of {name}, {FORMATS[format]}"
    start = audit_report_task.start
    task_id = await start(page.session, act=page.act, asked=question, format=format, title=title)
    return page.go(f"/tasks/{task_id}")


@get("/reports/{report_id:uuid}", opt=needs("reports.read"))
async def report_page(page: NamedDependency[Page], report_id: FromPath[UUID]) -> Html:
    """One issued report: what it answers, its file, and how anybody can check it."""
    report = await seen(page, report_id)
    names = await names_of(page.session, [report.made_by])
    address = page.mail.link(f"/verify/{report.id}")
    zone = page.membership.time_zone
    return page.show(
        "reports/report.html",
        report=report,
        names=names,
        formats=FORMATS,
        address=address,
        zone=zone,
        opened=(await openings(page.session, page.organization_id, [report_id])).get(report_id, []),
        asked_again=again(report.asked),
        limits=limits(report.asked),
    )


async def seen(page: Page, report_id: UUID) -> kept.IssuedReport:
    """The report, or 404 where it is about a clinic that this viewer has no business with."""
    report = page.found(await kept.issued_one(page.session, page.organization_id, report_id))
    if page.clinic_ids and not (report.clinic_ids and report.clinic_ids <= page.clinic_ids):
        raise NotFoundException
    return report


@get("/reports/{report_id:uuid}/file", opt=needs("reports.read"))
async def report_file(page: NamedDependency[Page], report_id: FromPath[UUID]) -> Response[bytes]:
    """The kept bytes: a PDF opens, the rest is downloaded."""
    await seen(page, report_id)
    store = open_store(page.settings.evidence_url, page.settings.home)
    issued = await audit_reports.content(page.session, store, organization_id=page.organization_id, report_id=report_id)
    await page.session.close()  # the reader's, before a writer's
    await _note_opening(page, report_id)
    return served(issued, inline=issued.format == "pdf" and "download" not in page.request.query_params)


async def _note_opening(page: Page, report_id: UUID) -> None:
    about: dict[str, Any] = {"organization_id": page.organization_id, "report_id": report_id}
    async with page.database.write.begin() as session:
        await opening.note(session, person_id=page.viewer.person_id, now=page.now, **about)


def served(issued: Issued, *, inline: bool) -> Response[bytes]:
    """A file with its name; what is opened in the browser has a policy of its own."""
    where = "inline" if inline else "attachment"
    headers = {"content-disposition": f'{where}; filename="{issued.file_name}"'}
    if inline:
        headers["content-security-policy"] = OF_A_PDF
    return Response(issued.content, media_type=issued.media_type, headers=headers)


@get("/reports/schema", opt=needs("reports.read"))
async def report_schema() -> Response[str]:
    """The JSON Schema that every report in JSON holds to."""
    return Response(json_schema(), media_type="application/schema+json")


ROUTES: Final[list[Any]] = [report_schema, report_list, make_report, report_page, report_file]
