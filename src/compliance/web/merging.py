"""Two records of one person: found, laid side by side, made one, and parted again (`undoing.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.db.queries import credentials
from compliance.db.queries.clearances import At
from compliance.db.queries.namesakes import likely_doubles, of_same_numbers
from compliance.db.queries.therapist_list import Wanted
from compliance.db.queries.therapist_list import therapists as listed
from compliance.db.queries.therapists import Therapist, therapist
from compliance.domain.matching import fold_email, fold_name
from compliance.services import merging
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.forms import asked, blank
from compliance.web.holders import label
from compliance.web.page import Html, Page


@dataclass(frozen=True, slots=True)
class Likely:
    """Somebody who may be the same person, and why."""

    id: UUID
    name: str
    why: str


@get("/therapists/{therapist_id:uuid}/merge", opt=needs("therapists.merge"))
async def find(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """Who looks like the same person, and a search for somebody else."""
    who = await _who(page, therapist_id)
    text = page.request.query_params.get("q", "").strip()[:200]
    found: tuple[Any, ...] = ()
    if text:
        wanted = Wanted(text=text, people="everybody")
        rows = (await listed(page.session, page.organization_id, wanted, [At(page.today)], limit=20)).rows
        found = tuple(each for each in rows if each.id != therapist_id)
    return page.show("merging/find.html", who=who, likely=await _likely(page, who), text=text, found=found)


async def _likely(page: Page, who: Therapist) -> list[Likely]:
    """By address, name with birth date, and license number; each once, with the first reason."""
    session, mine = page.session, page.organization_id
    by_name = await likely_doubles(
        session,
        mine,
        folded_name=fold_name(who.first_name, who.last_name),
        folded_email=fold_email(who.email) if who.email else None,
        birth_date=who.birth_date,
        but=who.id,
    )
    found = [Likely(each.id, each.name, each.why) for each in by_name]
    found += [Likely(id_, name, "same number") for id_, name in await of_same_numbers(session, mine, who.id)]
    return list({each.id: each for each in reversed(found)}.values())[::-1]


@dataclass(frozen=True)
class Choice:
    """Which record is kept, and why they are one person."""

    kept_id: UUID = asked("which record is kept")
    reason: str = asked("the reason", longest=500, lines=True)


@get("/therapists/{therapist_id:uuid}/merge/{other_id:uuid}", opt=needs("therapists.merge"))
async def compare(page: NamedDependency[Page], therapist_id: FromPath[UUID], other_id: FromPath[UUID]) -> Html:
    """Both records side by side."""
    around = await _pair(page, therapist_id, other_id)
    return page.show("merging/compare.html", **around | {"values": blank(Choice, kept_id=str(therapist_id))})


@post("/therapists/{therapist_id:uuid}/merge/{other_id:uuid}", opt=needs("therapists.merge"))
async def merge(page: NamedDependency[Page], therapist_id: FromPath[UUID], other_id: FromPath[UUID]) -> Html | Redirect:
    """Both histories stay; the kept record's file is the union."""
    around = await _pair(page, therapist_id, other_id)
    form = await page.form(Choice)
    if form.value and form.value.kept_id not in (therapist_id, other_id):
        form.refuse("kept_id", "Choose one of the two.")
    if form.value is None or form.errors:
        return page.again("merging/compare.html", form, **around)
    kept = form.value.kept_id
    merged = other_id if kept == therapist_id else therapist_id
    try:
        await merging.merge(page.session, act=page.act, kept_id=kept, merged_id=merged, reason=form.value.reason)
    except Refused as refusal:
        return page.again("merging/compare.html", form.refuse("kept_id", str(refusal)), **around)
    return page.go(f"/therapists/{kept}", "The two records are one now.")


async def _pair(page: Page, therapist_id: UUID, other_id: UUID) -> dict[str, Any]:
    both = [await _who(page, each) for each in (therapist_id, other_id)]
    if therapist_id == other_id:
        raise NotFoundException
    held = [await credentials.of_therapist(page.session, page.organization_id, each.id) for each in both]
    return {"both": list(zip(both, held, strict=True)), "label": label}


async def _who(page: Page, therapist_id: UUID) -> Therapist:
    await page.see_therapist(therapist_id)
    return page.found(await therapist(page.session, page.organization_id, therapist_id))


ROUTES = [find, compare, merge]
