"""Whom a deed for many is about: the marks of the list, or all that its filters find, in the viewer's sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from compliance.db.queries.chosen import Chosen, chosen
from compliance.db.queries.therapist_list import therapists
from compliance.services.bulk import MOST
from compliance.web import search
from compliance.web.forms import Form
from compliance.web.page import Page
from compliance.web.sights import narrowed, sight_of


async def wanted(page: Page) -> tuple[list[Chosen], bool]:
    """Those who were chosen; whether the filters find more than are taken at once."""
    given = page.request.query_params
    if given.get("everybody") != "yes":
        ids = [each for each in map(search.read_id, given.getall("chosen", [])) if each]
        return await seen(page, ids[:MOST]), False
    asked = search.read_wanted(page)
    sight, at = await sight_of(page)
    at = narrowed(at, asked.clinic_id if asked.clinic_id in sight.places else None)
    mine = page.organization_id
    found = await therapists(page.session, mine, asked, at, clinic_ids=page.clinic_ids, limit=MOST)
    return await seen(page, [each.id for each in found.rows]), found.has_next


async def seen(page: Page, ids: Sequence[UUID]) -> list[Chosen]:
    """Those of them whom the viewer may know of."""
    if not ids:
        return []
    return await chosen(page.session, page.organization_id, ids, clinic_ids=page.clinic_ids)


async def again(page: Page, form: Form[Any]) -> list[Chosen]:
    """Whom the form names, as far as the viewer sees them."""
    ids = [each for each in map(search.read_id, str(form.typed.get("ids", "")).split()) if each]
    return await seen(page, ids[:MOST])
