"""How long files are kept, what goes when, and an owner's word that it may."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.holds import holds
from compliance.db.queries.organizations import Organization, organization
from compliance.rendering import plural
from compliance.services import personal
from compliance.services.personal import CERTIFICATES, FILE, Terms
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.forms import Form, asked, blank
from compliance.web.page import Html, Page

AHEAD: Final = timedelta(days=365)
MOST: Final = 200
"""Lines of one list; who has more lets these go first."""
TEMPLATE: Final = "organization/retention.html"


@dataclass(frozen=True)
class Times:
    """Years, and why they change."""

    file: int = asked("the years of a file")
    certificates: int = asked("the years of a certificate")
    reason: str = asked("the reason", longest=500, lines=True)


@dataclass(frozen=True)
class Letting:
    """What may go: "file:ID" or "certificates:ID", and why."""

    why: str = asked("the reason", longest=500, lines=True)
    chosen: tuple[str, ...] = asked("what may go", default=())


@dataclass(frozen=True)
class Staying:
    """What stays after all, and why."""

    therapist_id: UUID = asked("whose")
    kind: str = asked("what")
    why_not: str = asked("the reason", default="", longest=500, lines=True)


@get("/retention", opt=needs("files.erase"))
async def retention_page(page: NamedDependency[Page]) -> Html:
    """The lists; with `?file=5&certificates=4` as they would be, before anything is changed."""
    ours = page.found(await organization(page.session, page.organization_id))
    kept = personal.terms_of(ours)
    terms = Terms(_years(page, FILE, kept.file), _years(page, CERTIFICATES, kept.certificates))
    values = {"file": terms.file, "certificates": terms.certificates}
    return page.show(TEMPLATE, **await _lists(page.session, page, ours, terms), values=_blank() | values)


def _years(page: Page, name: str, otherwise: int) -> int:
    text = page.request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:3]) <= 50 and len(text) < 3 else otherwise


def _blank() -> dict[str, Any]:
    return {each.name: "" for shape in (Letting, Staying) for each in fields(shape)} | blank(Times)


async def _lists(session: AsyncSession, page: Page, ours: Organization, terms: Terms) -> dict[str, Any]:
    about: dict[str, Any] = {"organization_id": ours.id, "terms": terms}
    now = await personal.due(session, by=page.today, **about)
    later = await personal.due(session, after=page.today, by=page.today + AHEAD, **about)
    return {
        "now_due": now[:MOST],
        "later": later[:MOST],
        "more": {"now": max(0, len(now) - MOST), "later": max(0, len(later) - MOST)},
        "holds": await holds(session, ours.id),
        "terms": terms,
        "kept": personal.terms_of(ours),
        "zone": ours.time_zone,
    }


async def _again(page: Page, form: Form[Any]) -> Html:
    async with page.database.read() as session:
        ours = page.found(await organization(session, page.organization_id))
        kept = personal.terms_of(ours)
        given = await _lists(session, page, ours, kept)
    form.typed = _blank() | {"file": kept.file, "certificates": kept.certificates} | form.typed
    return page.again(TEMPLATE, form, **given)


@post("/retention", opt=needs("files.erase"))
async def change_times(page: NamedDependency[Page]) -> Html | Redirect:
    """Nothing goes by it: what becomes due waits for the owner's word."""
    form = await page.form(Times)
    try:
        if form.value:
            terms = Terms(form.value.file, form.value.certificates)
            await personal.set_terms(page.session, act=page.act, terms=terms, reason=form.value.reason)
            return page.go("/retention", "The times are changed. Nothing goes before you approve it.")
    except Refused as refusal:
        form.refused(refusal)
    return await _again(page, form)


@post("/retention/approve", opt=needs("files.erase"))
async def approve(page: NamedDependency[Page]) -> Html | Redirect:
    """The job erases it within minutes; until then it can be kept after all."""
    form = await page.form(Letting)
    wanted = _wanted(form)
    try:
        if form.value and not form.errors:
            ours = page.found(await organization(page.session, page.organization_id))
            why = form.value.why
            count = await personal.approve(page.session, act=page.act, ours=ours, wanted=wanted, reason=why)
            return page.go("/retention", f"{plural(count, 'line')} approved. It is erased within ten minutes.")
    except Refused as refusal:
        form.refused(refusal)
        if "reason" in form.errors:
            form.errors["why"] = form.errors.pop("reason")
    return await _again(page, form)


def _wanted(form: Form[Letting]) -> list[tuple[UUID, str]]:
    found = []
    for each in form.value.chosen if form.value else ():
        kind, _, id_ = each.partition(":")
        try:
            found.append((UUID(id_), kind))
        except ValueError:
            form.refuse("chosen", "Choose from the list.")
    return found


@post("/retention/keep", opt=needs("files.erase"))
async def keep(page: NamedDependency[Page]) -> Html | Redirect:
    """Takes an approval back."""
    form = await page.form(Staying)
    try:
        if form.value:
            given = form.value
            about: dict[str, Any] = {"therapist_id": given.therapist_id, "kind": given.kind, "reason": given.why_not}
            await personal.withdraw_approval(page.session, act=page.act, **about)
            return page.go("/retention", "It stays.")
    except Refused as refusal:
        form.refused(refusal)
    return await _again(page, form)


ROUTES: Final[list[Any]] = [retention_page, change_times, approve, keep]
