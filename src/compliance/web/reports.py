"""Audit reports: asking for one, the list of those issued, one of them with its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import audit_reports as kept
from compliance.db.queries.actors import names_of
from compliance.db.queries.clearances import At, count_working
from compliance.db.queries.clinics import clinic, clinics
from compliance.domain.audit_report import Span
from compliance.reports import RenderFailed
from compliance.services import audit_reports
from compliance.services.audit_reports import Asked, Issued
from compliance.services.audit_reports import task as audit_report_task
from compliance.services.refusals import Refused
from compliance.store import open_store
from compliance.web.access import needs
from compliance.web.forms import Form, asked, blank
from compliance.web.page import Html, Page

FORMATS: Final = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "json": "JSON"}
AT_ONCE: Final = 250
"""About so many people at most a report is made while one waits; with more it is a task."""

ROWS: Final = 25
TEMPLATE: Final = "reports/list.html"
OF_A_PDF: Final = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""Our own file in the browser's own viewer, which the policy of the pages would keep shut."""


@dataclass(frozen=True)
class Question:
    """What a report answers. `clinic_id` empty: the whole organization; `known_on`: what was on record at its end."""

    as_of: date = asked("the day that the report is about")
    clinic_id: UUID | None = asked("a clinic of the list", default=None)
    starts_on: date | None = asked("the period's first day", default=None)
    ends_on: date | None = asked("the period's last day", default=None)
    known_on: date | None = asked("the day up to which records count", default=None)
    format: str = asked("the format", default="pdf")


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
    return {
        "clinics": [(each.id, each.name) for each in await clinics(session, mine, only=limited or None)],
        "whole": not limited,
        "formats": list(FORMATS.items()),
        "issued": found[:ROWS],
        "older": found[ROWS - 1].id if len(found) > ROWS else None,
        "names": await names_of(session, [each.made_by for each in found]),
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
    async with page.request.app.state.database.read() as session:
        await _check(page, session, form)
        if form.value is None or form.errors:
            return page.again(TEMPLATE, form, **await _beside(page, session))
        question = _asked(page, form.value)
        name = await _named(page, session, question)
        at = At(question.as_of, (question.clinic_id,) if question.clinic_id else None)
        people = await count_working(session, page.organization_id, [at])
    if people.number > AT_ONCE:
        return await _later(page, question, form.value.format, name)
    return await _now(page, form, question)


async def _check(page: Page, session: AsyncSession, form: Form[Question]) -> None:
    """What the question itself gets wrong."""
    given = form.value
    if given is None:
        return
    if given.clinic_id:
        page.see_clinic(given.clinic_id)
        page.found(await clinic(session, page.organization_id, given.clinic_id))
    elif page.clinic_ids:
        form.refuse("clinic_id", "Choose one of your clinics.")
    if (given.starts_on is None) != (given.ends_on is None):
        form.refuse("starts_on" if given.starts_on is None else "ends_on", "Give both days of the period, or neither.")
    elif given.starts_on and given.ends_on and given.ends_on < given.starts_on:
        form.refuse("ends_on", "The period ends before it begins. Give a last day that is not earlier.")
    if given.format not in FORMATS:
        form.refuse("format", f"“{given.format}” is no format; there are {', '.join(FORMATS.values())}.")


def _asked(page: Page, given: Question) -> Asked:
    period = Span(given.starts_on, given.ends_on) if given.starts_on and given.ends_on else None
    return Asked(given.clinic_id, given.as_of, _known_at(page, given.known_on), period)


def _known_at(page: Page, day: date | None) -> datetime:
    """The end of that day in the organization's zone, or now if that is earlier."""
    if day is None:
        return page.now
    return min(datetime.combine(day, time.max, ZoneInfo(page.membership.time_zone)), page.now)


async def _named(page: Page, session: AsyncSession, question: Asked) -> str:
    found = await clinic(session, page.organization_id, question.clinic_id) if question.clinic_id else None
    return found.name if found else page.membership.organization_name


async def _now(page: Page, form: Form[Question], question: Asked) -> Html | Redirect:
    database, store = page.request.app.state.database, open_store(page.settings.evidence_url, page.settings.home)
    chosen = form.value.format if form.value else "pdf"
    try:
        issued = await audit_reports.issue(
            database, store, act=page.act, asked=question, format=chosen, signing=page.settings.signing()
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
    return page.show("reports/report.html", report=report, names=names, formats=FORMATS, address=address, zone=zone)


async def seen(page: Page, report_id: UUID) -> kept.IssuedReport:
    """The report, or 404 where it is about a clinic that this viewer has no business with."""
    report = page.found(await kept.issued_one(page.session, page.organization_id, report_id))
    if page.clinic_ids and report.clinic_id not in page.clinic_ids:
        raise NotFoundException
    return report


@get("/reports/{report_id:uuid}/file", opt=needs("reports.read"))
async def report_file(page: NamedDependency[Page], report_id: FromPath[UUID]) -> Response[bytes]:
    """The kept bytes: a PDF opens, the rest is downloaded."""
    await seen(page, report_id)
    store = open_store(page.settings.evidence_url, page.settings.home)
    issued = await audit_reports.content(page.session, store, organization_id=page.organization_id, report_id=report_id)
    return served(issued, inline=issued.format == "pdf" and "download" not in page.request.query_params)


def served(issued: Issued, *, inline: bool) -> Response[bytes]:
    """A file with its name; what is opened in the browser has a policy of its own."""
    where = "inline" if inline else "attachment"
    headers = {"content-disposition": f'{where}; filename="{issued.file_name}"'}
    if inline:
        headers["content-security-policy"] = OF_A_PDF
    return Response(issued.content, media_type=issued.media_type, headers=headers)


ROUTES: Final[list[Any]] = [report_list, make_report, report_page, report_file]
