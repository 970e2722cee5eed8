"""Credentials: one on its own page, and a new one, type first and then the fields that fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries import trail
from compliance.db.queries.credentials import Held
from compliance.db.queries.files import credential_files
from compliance.domain.credential_types import CredentialType
from compliance.domain.requirements import Holder as HeldBy
from compliance.services import credentials, evidence
from compliance.services.evidence import NewEvidence
from compliance.services.refusals import Refused
from compliance.web.access import needs
from compliance.web.credential_form import Given, credential_of, facts_around, placed, shape_of
from compliance.web.flash import Flash
from compliance.web.forms import Form, blank
from compliance.web.history import told
from compliance.web.holders import (
    Holder,
    clinic_holder,
    held_credential,
    label,
    looking,
    therapist_holder,
    verdict_flash,
)
from compliance.web.labels import in_sentence, type_title
from compliance.web.limits import RENEWAL_LIMIT
from compliance.web.page import Html, Page
from compliance.web.prediction import TAKE, Prediction, issuer_meant, issuer_of, of_new
from compliance.web.sights import sight_of
from compliance.web.therapist_view import places
from compliance.web.uploading import ACCEPT, HINT, take
from compliance.web.verifications import STANDINGS

TOLD_BY: Final = ("jurisdiction", "number", "issued_on", "renewed_on")
"""What a prediction goes by; the address of the form may bring it."""
CARDS: Final = frozenset(
    {"cpr", "bls", "liability-insurance", "background-check", "fingerprint-card", "hipaa-training", "npi"}
)
KINDS: Final = ("Licenses and permits", "Examinations", "Certifications and memberships", "Cards, insurance and checks")


@get("/credentials/{credential_id:uuid}", opt=needs("therapists.read"))
async def show(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html:
    """One credential with everything that hangs on it, and what was done to it."""
    held, holder = await held_credential(page, credential_id)
    type_ = load().types.get(held.type)
    entries = await trail.of_subject(page.session, page.organization_id, f"credential:{held.id}", limit=30)
    return page.show(
        "credentials/show.html",
        held=held,
        holder=holder,
        label=label(held),
        type=type_,
        details=_details(held, type_),
        standing=held.standing_on(page.today),
        history=[told(each, {}, {}) for each in entries],
        zone=page.membership.time_zone,
    )


def _details(held: Held, type_: CredentialType | None) -> list[tuple[str, str]]:
    """The details of the type with what is on file."""
    titles = {each.name: (each.title, each.unit) for each in (type_.details if type_ else ())}
    known = [(titles.get(name, (name, "")), value) for name, value in held.details.items()]
    return [(title, _worded(value, unit)) for (title, unit), value in known]


def _worded(value: object, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,} {unit}".strip() if isinstance(value, int) else str(value)


# -- a new one -----------------------------------------------------------------------------------------------------


@get("/therapists/{therapist_id:uuid}/credentials/new", opt=needs("credentials.write"))
async def new_of_therapist(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html:
    """The types to choose from, or the form of one."""
    return await _new(page, await therapist_holder(page, therapist_id))


@get("/clinics/{clinic_id:uuid}/credentials/new", opt=needs("credentials.write"))
async def new_of_clinic(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html:
    """The same for what a clinic holds itself."""
    return await _new(page, await clinic_holder(page, clinic_id))


@post(
    "/therapists/{therapist_id:uuid}/credentials", opt=needs("credentials.write"), request_max_body_size=RENEWAL_LIMIT
)
async def add_to_therapist(page: NamedDependency[Page], therapist_id: FromPath[UUID]) -> Html | Redirect:
    """Back to the therapist, with the verdict as it is now."""
    async with looking(page) as before:
        return await _add(page, before, await therapist_holder(before, therapist_id))


@post("/clinics/{clinic_id:uuid}/credentials", opt=needs("credentials.write"), request_max_body_size=RENEWAL_LIMIT)
async def add_to_clinic(page: NamedDependency[Page], clinic_id: FromPath[UUID]) -> Html | Redirect:
    """The same for a clinic."""
    async with looking(page) as before:
        return await _add(page, before, await clinic_holder(before, clinic_id))


async def _new(page: Page, holder: Holder) -> Html:
    given = page.request.query_params
    type_ = load().types.get(given.get("type", ""))
    if type_ is None:
        return page.show("credentials/types.html", **await _types(page, holder, given.get("requirement", "")))
    place = given.get("jurisdiction", "") or (await _usual_place(page, holder) if type_.jurisdiction_bound else "")
    typed = {name: given.get(name, "") for name in TOLD_BY}
    first = blank(shape_of(type_.code), type=type_.code, **typed | {"jurisdiction": place})
    first["issuing_authority"] = issuer_of(type_, place)
    return page.show("credentials/new.html", **_around(page, holder, type_, first) | {"values": first})


async def _add(page: Page, before: Page, holder: Holder) -> Html | Redirect:
    type_ = page.found(load().types.get(str((await page.request.form()).get("type", ""))))
    form = await page.form(shape_of(type_.code))
    around = _around(before, holder, type_, form.typed)
    file = await take(page, form, "file")
    if form.typed["deed"]:
        return _predicted(page, form, around)
    credential = credential_of(form, holder, page.today)
    if credential is None or form.errors:
        return page.again("credentials/new.html", form, **around)
    try:
        added = await credentials.add(page.session, act=page.act, credential=credential)
        await _attach(page, file, added)
    except Refused as refusal:
        form.errors |= placed(refusal.fields)
        return page.again("credentials/new.html", form, **around)
    said = await verdict_flash(page, holder, f"{type_title(type_.code, credential.jurisdiction)} recorded.")
    if type_.jurisdiction_bound and holder.therapist_id:
        said = Flash(said.text, said.status, f"/credentials/{added.id}/verifications/new", "Check it at the board")
    return page.go(holder.href, said)


def _predicted(page: Page, form: Form[Given], around: dict[str, Any]) -> Html:
    """The form with all that is typed, nothing written: the end worked out, and filled in if it is taken."""
    page.refused = True
    found: Prediction | None = around["predicted"]
    issuer = issuer_meant(around["type"], form.typed["jurisdiction"], form.typed["issuing_authority"])
    taken = {"expires_on": found.ends_on} if found and found.ends_on and form.typed["deed"] == TAKE else {}
    values = form.typed | {"issuing_authority": issuer} | taken
    wrong = {name: said for name, said in form.errors.items() if name == "file"}
    return page.show("credentials/new.html", **around | {"values": values, "errors": wrong})


async def _attach(page: Page, file: NewEvidence | None, added: credentials.Added) -> None:
    if file:
        about: dict[str, Any] = {"credential_id": added.id, "term_id": added.term_id}
        await evidence.attach(page.session, act=page.act, evidence=file, **about)


def _around(page: Page, holder: Holder, type_: CredentialType, typed: Mapping[str, Any]) -> dict[str, Any]:
    law, place = load(), str(typed.get("jurisdiction", ""))
    return {
        "holder": holder,
        "type": type_,
        "title": in_sentence(type_title(type_.code, place if place in law.jurisdictions else None)),
        "predicted": of_new(type_, holder, page.today, typed),
        "issuer": issuer_of(type_, place),
        "standings": STANDINGS,
        "accept": ACCEPT,
        "hint": HINT,
    } | facts_around(type_)


async def _usual_place(page: Page, holder: Holder) -> str:
    """Where the holder works: most licenses are of that state."""
    if holder.jurisdiction or holder.therapist_id is None:
        return holder.jurisdiction or ""
    files = await credential_files(page.session, page.organization_id, [holder.therapist_id])
    sight, _at = await sight_of(page)
    mine = [each.clinic_id for file in files.values() for each in file.assignments if each.clinic_id in sight.places]
    return sight.places[mine[-1]].jurisdiction if mine else ""


async def _types(page: Page, holder: Holder, requirement: str) -> dict[str, Any]:
    """What is asked and not held stands first, or what one requirement takes; then everything, by kind."""
    law, kind = load(), HeldBy.THERAPIST if holder.therapist_id else HeldBy.CLINIC
    wanted, title = await _wanted(page, holder, requirement)
    groups: dict[str, list[CredentialType]] = {}
    for each in law.types.values():
        if each.holder is kind and each.code not in wanted:
            groups.setdefault(_kind(each), []).append(each)
    return {
        "holder": holder,
        "wanted": [law.types[each] for each in wanted if each in law.types],
        "wanted_title": title,
        "groups": [(each, groups[each]) for each in KINDS if each in groups],
    }


def _kind(type_: CredentialType) -> str:
    if type_.jurisdiction_bound and type_.expires:
        return KINDS[0]
    if not type_.expires and type_.code not in CARDS:
        return KINDS[1]
    return KINDS[3] if type_.code in CARDS else KINDS[2]


async def _wanted(page: Page, holder: Holder, requirement: str) -> tuple[list[str], str]:
    """The types that one requirement takes, else those of all that is missing."""
    if holder.therapist_id is None:
        return [], ""
    files = await credential_files(page.session, page.organization_id, [holder.therapist_id])
    sight, _at = await sight_of(page)
    found = [one for file in files.values() for one in places(sight.frame, file, sight.places, sight.days)]
    asked = [(each, place.day) for place in found for each in place.asked]
    if requirement:
        title = next((each.title for each, _day in asked if each.code == requirement), "")
        return _accepted((each, day) for each, day in asked if each.code == requirement), f"Counts as: {title}"
    open_ = {finding.requirement for place in found for finding in place.findings if finding.status == "missing"}
    return _accepted((each, day) for each, day in asked if each.code in open_), "Asked, and not on file"


def _accepted(asked: Iterable[Any]) -> list[str]:
    provisions = [requirement.provision_on(day) for requirement, day in asked]
    codes = [code for each in provisions if each for code in sorted(each.accepts)]
    return list(dict.fromkeys(codes))


ROUTES = [show, new_of_therapist, new_of_clinic, add_to_therapist, add_to_clinic]
