"""One therapist: the verdict with its reason and end, what is asked, what is held, what was sent, and the history."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from compliance.catalog import load
from compliance.db.queries import credentials, trail
from compliance.db.queries.credentials import Held
from compliance.db.queries.education import Filed, ledgers
from compliance.db.queries.files import credential_files
from compliance.db.queries.holds import holds
from compliance.db.queries.refused_addresses import RefusedAddress, refused_addresses
from compliance.db.queries.therapist_page import sent_lines
from compliance.db.queries.therapists import Therapist, therapist
from compliance.domain.credentials import CredentialFile
from compliance.domain.matching import fold_email
from compliance.domain.requirements import Holder
from compliance.services.assessments import Frame
from compliance.services.balances import courses_of, dues
from compliance.web.access import needs
from compliance.web.education_view import DueView
from compliance.web.history import told
from compliance.web.labels import type_title
from compliance.web.page import Html, Page
from compliance.web.search import read_id
from compliance.web.sights import sight_of
from compliance.web.stopped_clinics import against
from compliance.web.therapist_view import AtPlace, main_place, places, requirement_lines
from compliance.web.timeline import bars, stretch
from compliance.web.verdicts import Sight

ENTRIES: Final = 20


@get("/therapists/{therapist_id:uuid}", opt=needs("therapists.read"))
async def show(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """Everything on one page, the answer first."""
    await page.see_therapist(therapist_id)
    return await show_file(page, therapist_id)


@get("/me", opt=needs("own.read"))
async def show_own(page: NamedDependency[Page]) -> Html:
    """A therapist's own file."""
    return await show_file(page, page.found(page.membership.therapist_id))


async def show_file(page: Page, therapist_id: UUID) -> Html:
    """The page of one file; a merged record shows where its person is now."""
    who = page.found(await therapist(page.session, page.organization_id, therapist_id))
    if who.void_reason is not None:
        return page.show("therapists/void.html", who=who)
    if who.merged_into_id:
        kept = page.found(await therapist(page.session, page.organization_id, who.merged_into_id))
        return page.show("therapists/merged.html", who=who, kept=kept, merge=_merge_of(kept, therapist_id))
    files = await credential_files(page.session, page.organization_id, [therapist_id])
    sight, _at = await sight_of(page)
    file = files[therapist_id]
    found = places(sight.frame, file, sight.places, sight.days)
    given = page.request.query_params
    main = main_place(found, read_id(given.get("clinic", "")), given.get("modality", ""))
    held = await credentials.of_therapist(page.session, page.organization_id, therapist_id)
    courses = (await ledgers(page.session, page.organization_id, [therapist_id]))[therapist_id]
    day = main.day if main else page.as_of
    return page.show(
        "therapists/show.html",
        who=who,
        hold=next(iter(await holds(page.session, page.organization_id, only=who.id)), None) if who.legal_hold else None,
        day=day,
        main=main,
        others=[each for each in found if each is not main],
        held=held,
        education=[DueView(each, day) for each in dues(file, courses_of(courses), day)],
        courses=len(courses),
        looks=sorted(((look, each) for each in held for look in each.looks), key=_newest)[:8],
        modality_title=_modality_titles(),
        type_title=type_title,
        **_asked(sight.frame, file, main),
        stretch=stretch(day, page.today if given.get("as_of") else day, given.get("year", "")),
        **await _told(page, who, held, courses, sight),
        refused=await _refused(page, who.email),
        zone=page.membership.time_zone,
    )


async def _refused(page: Page, email: str | None) -> list[RefusedAddress]:
    """What a mail server said of the address on file, if it refused it."""
    if not email:
        return []
    return await refused_addresses(page.session, page.organization_id, address=fold_email(email))


def _merge_of(kept: Therapist, merged_id: UUID) -> UUID | None:
    return next((each.merge_id for each in kept.merged if each.therapist_id == merged_id), None)


def _newest(pair: tuple[Any, Held]) -> Any:
    return -pair[0].verified_on.toordinal()


def _modality_titles() -> dict[str, str]:
    return {each.code: each.title for each in load().modalities.values()}


def _asked(frame: Frame, file: CredentialFile, main: AtPlace | None) -> dict[str, Any]:
    if main is None:
        return {"lines": [], "bars": [], "waivable": [], "in_the_way": "", "its_clinic": None}
    asked = {each.code: each for each in main.asked if each.holder is Holder.THERAPIST}
    return {
        "lines": requirement_lines(file, main),
        "bars": bars(frame, file, main),
        "waivable": [(code, each.title) for code, each in asked.items()],
        "in_the_way": next(
            (each.requirement for each in main.findings if not each.clears and each.requirement in asked), ""
        ),
        "its_clinic": against(frame, main.clinic, main.day),
    }


async def _told(page: Page, who: Therapist, held: list[Held], courses: list[Filed], sight: Sight) -> dict[str, Any]:
    """What was sent and what was done, with the names of what they speak of."""
    session, mine = page.session, page.organization_id
    before = page.request.query_params.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 15 else None
    entries = await trail.history(session, mine, who.id, before=place, limit=ENTRIES)
    labels = {f"credential:{each.id}": _label(each) for each in held}
    labels |= {f"course:{each.course.id}": each.course.title for each in courses}
    names = {str(each.id): each.name for each in sight.places.values()}
    family = [who.id, *(each.therapist_id for each in who.merged)]
    return {
        "history": [told(each, labels, names) for each in entries],
        "older": entries[-1].seq if len(entries) == ENTRIES else None,
        "sent": await sent_lines(session, mine, family),
        "labels": labels,
        "clinic_names": {each.id: each.name for each in sight.places.values()},
    }


def _label(held: Held) -> str:
    return f"{type_title(held.type, held.jurisdiction)} {held.number}".strip()


ROUTES = [show, show_own]
