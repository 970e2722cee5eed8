"""Courses: one is added, corrected or voided by a manager; its certificate is shown as a rendition only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response

from compliance.db.queries import education as reading
from compliance.db.queries.education import Filed
from compliance.domain.ledger import DISPLAY
from compliance.services import education
from compliance.services.education import CourseCorrection
from compliance.services.refusals import Refused, Unsure
from compliance.store import EvidenceDamaged, EvidenceMissing, StoreUnavailable, open_store
from compliance.web.access import needs
from compliance.web.course_form import Corrected, Given, choices, course_of, usual_unit, values_of
from compliance.web.education import Ledger, ledger
from compliance.web.evidence import SANDBOX
from compliance.web.forms import Form, blank
from compliance.web.holders import Holder, looking, therapist_holder
from compliance.web.limits import RENEWAL_LIMIT
from compliance.web.page import Html, Page
from compliance.web.undoing import Undoing, Why
from compliance.web.uploading import ACCEPT, HINT, take

TEMPLATE: Final = "education/course.html"


@get("/therapists/{therapist_id:uuid}/courses/new", opt=needs("education.write"))
async def new(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """The form."""
    found = await ledger(page, await therapist_holder(page, therapist_id))
    first = blank(Given, unit=usual_unit(found.dues), form="", certificate_shows=())
    return page.show(TEMPLATE, **_around(found) | {"values": first})


@post("/therapists/{therapist_id:uuid}/courses", opt=needs("education.write"), request_max_body_size=RENEWAL_LIMIT)
async def add(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html | Redirect:
    """The certificate is looked into and stored first; then the course is recorded with it."""
    form = await page.form(Given)
    async with looking(page) as before:
        found = await ledger(before, await therapist_holder(before, therapist_id))
    file = await take(page, form, "certificate")
    course = course_of(form, UUID(found.holder.href.rpartition("/")[2]), file)
    if course is None or form.errors:
        return page.again(TEMPLATE, form, **_around(found))
    try:
        await education.record(page.session, act=page.act, course=course)
    except Refused as refusal:
        return page.again(TEMPLATE, _told(form, refusal), **_around(found))
    return page.go(_home(found.holder), f"“{course.title}” is in the ledger.")


@get("/courses/{course_id:uuid}/correct", opt=needs("education.write"))
async def correction(page: NamedDependency[Page], course_id: FromPath[UUID]) -> Html:
    """The form with the course as it is on file."""
    filed, holder = await _filed(page, course_id)
    first = blank(Corrected, **values_of(filed))
    return page.show(TEMPLATE, **_around(await ledger(page, holder), filed) | {"values": first})


@post("/courses/{course_id:uuid}/correct", opt=needs("education.write"), request_max_body_size=RENEWAL_LIMIT)
async def correct(page: NamedDependency[Page], course_id: FromPath[UUID]) -> Html | Redirect:
    """What was on file stays in the history, void; another course takes its place."""
    form = await page.form(Corrected)
    async with looking(page) as before:
        filed, holder = await _filed(before, course_id)
        around = _around(await ledger(before, holder), filed)
    file = await take(page, form, "certificate")
    course = course_of(form, filed.therapist_id, file)
    if course is None or form.value is None or form.errors:
        return page.again(TEMPLATE, form, **around)
    change = CourseCorrection(course_id, course, form.value.reason)
    try:
        await education.correct(page.session, act=page.act, correction=change)
    except Refused as refusal:
        return page.again(TEMPLATE, _told(form, refusal), **around)
    return page.go(_home(holder), f"“{course.title}” is corrected.")


VOIDING: Final = Undoing(
    "courses",
    lambda session, act, id_, why: education.void(session, act=act, course_id=id_, reason=why),
    "education.write",
    "Void this course",
    "It counts as never taken. It stays in the history, and its certificate is kept.",
    "The course is void.",
    "Void course",
)


@get("/courses/{course_id:uuid}/void", opt=needs(VOIDING.needs))
async def voiding(page: NamedDependency[Page], course_id: FromPath[UUID]) -> Html:
    """The form."""
    _filed_one, holder = await _filed(page, course_id)
    return page.show("credentials/reason.html", undoing=VOIDING, holder=_at_ledger(holder), values=blank(Why))


@post("/courses/{course_id:uuid}/void", opt=needs(VOIDING.needs))
async def void(page: NamedDependency[Page], course_id: FromPath[UUID]) -> Html | Redirect:
    """Done with a reason, and back to the ledger."""
    _filed_one, holder = await _filed(page, course_id)
    form = await page.form(Why)
    around: dict[str, Any] = {"undoing": VOIDING, "holder": _at_ledger(holder)}
    if form.value is None:
        return page.again("credentials/reason.html", form, **around)
    try:
        await VOIDING.verb(page.session, page.act, course_id, form.value.reason)
    except Refused as refusal:
        return page.again("credentials/reason.html", form.refuse("reason", str(refusal)), **around)
    return page.go(_home(holder), VOIDING.done)


@get("/courses/{course_id:uuid}/certificate", opt=needs("education.read"))
async def certificate(page: NamedDependency[Page], course_id: FromPath[UUID]) -> Response[bytes]:
    """The rendition as a picture; the original stays in the store."""
    filed = page.found(await reading.course(page.session, page.organization_id, course_id))
    await therapist_holder(page, filed.therapist_id)
    file = filed.certificate
    if file is None or file.rendition_sha256 is None:
        raise NotFoundException("There is no picture of a certificate.")
    store = open_store(page.settings.evidence_url, page.settings.home)
    try:
        content = await store.get(file.rendition_sha256)
    except (EvidenceMissing, EvidenceDamaged, StoreUnavailable):
        raise NotFoundException("The file cannot be read from the evidence store just now.") from None
    name = f'attachment; filename="{course_id}.jpg"'
    return Response(content, media_type=file.rendition_media_type, headers=SANDBOX | {"content-disposition": name})


async def _filed(page: Page, course_id: UUID) -> tuple[Filed, Holder]:
    """A course that is not void, of somebody in sight of the viewer; else 404."""
    filed = page.found(await reading.course(page.session, page.organization_id, course_id))
    if filed.void_reason is not None:
        raise NotFoundException("This course was voided.")
    return filed, await therapist_holder(page, filed.therapist_id)


def _home(holder: Holder) -> str:
    return f"{holder.href}/education"


def _at_ledger(holder: Holder) -> Holder:
    """The same person, where a form about a course leads back to."""
    return replace(holder, href=_home(holder))


def _told(form: Form[Any], refusal: Refused) -> Form[Any]:
    """Each sentence to its field; a question gets its tick, what is no field of the form stands at the title."""
    form.refused(refusal)
    known = {*form.typed, "sure"} if isinstance(refusal, Unsure) else set(form.typed)
    for name in [each for each in form.errors if each not in known]:
        place = {"minutes": "length", "subjects": "length_1"}.get(name, "title")
        form.errors.setdefault(place, form.errors.pop(name))
    return form


def _around(found: Ledger, filed: Filed | None = None) -> dict[str, Any]:
    more = {"accept": ACCEPT, "hint": HINT, "display": DISPLAY, "filed": filed, "home": _home(found.holder)}
    return {"holder": found.holder} | choices(found.dues) | more


ROUTES: Final[list[Any]] = [new, add, correction, correct, voiding, void, certificate]
