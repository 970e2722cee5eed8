"""Whose credential it is: a therapist's or a clinic's, in sight of the viewer or 404; and how the verdict is now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from compliance.db.queries import credentials
from compliance.db.queries.clinics import clinic
from compliance.db.queries.credentials import Held
from compliance.db.queries.files import credential_files
from compliance.db.queries.therapists import therapist
from compliance.web.flash import Flash
from compliance.web.forms import Form
from compliance.web.labels import type_title
from compliance.web.page import Page
from compliance.web.sights import sight_of
from compliance.web.therapist_view import main_place, places


@dataclass(frozen=True, slots=True)
class Holder:
    """A therapist or a clinic; `jurisdiction` is a clinic's own."""

    name: str
    href: str
    therapist_id: UUID | None = None
    clinic_id: UUID | None = None
    birth_date: date | None = None
    jurisdiction: str | None = None
    surname: str = ""


async def therapist_holder(page: Page, therapist_id: UUID) -> Holder:
    """A therapist in sight of the viewer; a merged record leads to the one that is kept."""
    await page.see_therapist(therapist_id)
    who = page.found(await therapist(page.session, page.organization_id, therapist_id))
    there = f"/therapists/{who.merged_into_id or who.id}"
    return Holder(who.name, there, who.id, birth_date=who.birth_date, surname=who.last_name)


async def clinic_holder(page: Page, clinic_id: UUID) -> Holder:
    """A clinic in sight of the viewer."""
    page.see_clinic(clinic_id)
    here = page.found(await clinic(page.session, page.organization_id, clinic_id))
    return Holder(here.name, f"/clinics/{here.id}", clinic_id=here.id, jurisdiction=here.jurisdiction)


async def held_credential(page: Page, credential_id: UUID) -> tuple[Held, Holder]:
    """A credential and whose it is; a void one too. 404 for one that is not in sight."""
    held = page.found(await credentials.credential(page.session, page.organization_id, credential_id))
    if held.therapist_id:
        return held, await therapist_holder(page, held.therapist_id)
    return held, await clinic_holder(page, page.found(held.clinic_id))


def refuse_everywhere(page: Page, form: Form[Any]) -> None:
    """Who is limited to clinics names one of theirs: what holds everywhere would hold at the others' too."""
    if page.clinic_ids and form.value is not None and form.value.clinic_id is None:
        form.refuse("clinic_id", "Choose one of your clinics.")


def label(held: Held) -> str:
    """`Florida massage license MA 92644`."""
    return f"{type_title(held.type, held.jurisdiction)} {held.number}".strip()


@asynccontextmanager
async def looking(page: Page) -> AsyncIterator[Page]:
    """The same request over a reader's session: for what is looked up before the only writer is kept waiting."""
    async with page.database.read() as session:
        yield Page(page.request, session)


async def verdict_flash(page: Page, holder: Holder, deed: str) -> Flash:
    """What was done, and the verdict as it is after it: read in the same transaction."""
    if holder.therapist_id is None:
        return Flash(deed)
    ids = [UUID(holder.href.rpartition("/")[2])]
    files = await credential_files(page.session, page.organization_id, ids)
    sight, _at = await sight_of(page)
    found = places(sight.frame, files[ids[0]], sight.places, sight.days) if ids[0] in files else []
    main = main_place(found, None, "")
    return Flash(f"{deed} {main.sentence}", main.status) if main else Flash(deed)
