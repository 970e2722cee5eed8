"""Review: what therapists sent in, the document beside the dates; accepted, sent back with a reason, or noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Response

from compliance.catalog import load
from compliance.db.queries import review as reading
from compliance.db.queries.actors import names_of
from compliance.db.queries.review import Submission
from compliance.domain.answers import Kind, State
from compliance.domain.periods import FOREVER
from compliance.domain.renewal import RenewalFacts, RenewalRule, disagrees, predict
from compliance.rendering import day as spell
from compliance.services import review
from compliance.services.refusals import Refused, Unsure
from compliance.services.review import Accepted
from compliance.store import EvidenceDamaged, EvidenceMissing, StoreUnavailable, open_store
from compliance.web.access import needs
from compliance.web.evidence import SANDBOX
from compliance.web.flash import Flash
from compliance.web.forms import Form, asked, blank
from compliance.web.holders import Holder, held_credential, label, verdict_flash
from compliance.web.labels import type_title
from compliance.web.page import Html, Page
from compliance.web.prediction import rule_of

RECENT: Final = timedelta(days=30)
ARE_RIGHT: Final = "Tick “The dates are right” if they are as printed, or correct them."


@dataclass(frozen=True)
class Dates:
    """The dates as the reviewer reads them on the document."""

    ends_on: date = asked("the last day, as printed")
    starts_on: date | None = None
    sure: bool = False


@dataclass(frozen=True)
class Back:
    """Why it is sent back: the therapist reads this."""

    reason: str = asked("the reason: the therapist reads it", lines=True, longest=500)


@dataclass(frozen=True)
class Noted:
    """A button; of an address that is said to be wrong, `right` says that it is right after all."""

    right: bool = False


@get("/renewals", opt=needs("submissions.read"))
async def queue(page: NamedDependency[Page]) -> Html:
    """What waits, the oldest first, and what was decided of late."""
    session, mine = page.session, page.organization_id
    decided = await reading.decided(session, mine, page.now - RECENT, page.clinic_ids)
    return page.show(
        "renewals/list.html",
        waiting=await reading.waiting(session, mine, page.clinic_ids),
        decided=decided,
        people=await names_of(session, [each.decided_by for each in decided]),
        zone=page.membership.time_zone,
        said=SAID,
        label=_label,
    )


def _label(sent: Submission) -> str:
    return f"{type_title(sent.type, sent.jurisdiction)} {sent.number}".strip()


SAID: Final = {
    Kind.RENEWAL: "Renewal",
    Kind.APPLIED: "Has applied",
    Kind.ACKNOWLEDGED: "Knows",
    Kind.NOT_RENEWING: "Is not renewing",
    Kind.NOT_ME: "Wrong address",
}


@get("/renewals/{submission_id:uuid}", opt=needs("submissions.read"))
async def show(page: NamedDependency[Page], submission_id: FromPath[UUID]) -> Html:
    """The document on the left, the dates on the right."""
    sent, around = await _around(page, submission_id)
    first = blank(Dates, ends_on=sent.ends_on, starts_on=sent.starts_on or "") | blank(Back)
    return page.show("renewals/show.html", **around | {"values": first})


async def _around(page: Page, submission_id: UUID) -> tuple[Submission, dict[str, Any]]:
    session, mine = page.session, page.organization_id
    sent = page.found(await reading.submission(session, mine, submission_id))
    held, holder = await held_credential(page, sent.credential_id)
    expected = _expected(sent, holder)
    return sent, {
        "sent": sent,
        "files": await reading.files_of(session, mine, submission_id),
        "held": held,
        "holder": holder,
        "label": label(held),
        "expected": expected,
        "waits": sent.state == State.WAITING,
        "decided_by": (await names_of(session, [sent.decided_by])).get(sent.decided_by, "") if sent.decided_by else "",
        "said": SAID[Kind(sent.kind)],
        "zone": page.membership.time_zone,
    }


def _rule(sent: Submission) -> RenewalRule | None:
    type_ = load().types.get(sent.type)
    return rule_of(type_, sent.jurisdiction or "") if type_ else None


def _expected(sent: Submission, holder: Holder) -> date | None:
    """When the next term would end by the rule."""
    rule = _rule(sent)
    if rule is None or sent.about_ends_on == FOREVER:
        return None
    return predict(rule, _facts(sent, holder, sent.about_ends_on)).next_expires_on


def _facts(sent: Submission, holder: Holder, ends_on: date) -> RenewalFacts:
    return RenewalFacts(None, ends_on, holder.birth_date, sent.number, holder.surname)


@get("/renewals/{submission_id:uuid}/files/{evidence_id:uuid}", opt=needs("submissions.read"))
async def picture(
    page: NamedDependency[Page], submission_id: FromPath[UUID], evidence_id: FromPath[UUID]
) -> Response[bytes]:
    """The rendition of one of its files; the original is never shown."""
    session, mine = page.session, page.organization_id
    sent = page.found(await reading.submission(session, mine, submission_id))
    await page.see_therapist(sent.therapist_id)
    files = await reading.files_of(session, mine, submission_id)
    file = page.found(next((each for each in files if each.evidence_id == evidence_id), None))
    if file.rendition_sha256 is None:
        raise NotFoundException("There is no picture of this file.")
    try:
        content = await open_store(page.settings.evidence_url, page.settings.home).get(file.rendition_sha256)
    except (EvidenceMissing, EvidenceDamaged, StoreUnavailable):
        raise NotFoundException("The file cannot be read from the evidence store just now.") from None
    name = f'attachment; filename="{evidence_id}.jpg"'
    return Response(content, media_type=file.rendition_media_type, headers=SANDBOX | {"content-disposition": name})


# -- deciding ------------------------------------------------------------------------------------------------------


@post("/renewals/{submission_id:uuid}/accept", opt=needs("submissions.write"))
async def accept(page: NamedDependency[Page], submission_id: FromPath[UUID]) -> Html | Redirect:
    """A new term; on to what waits next, with the verdict as it is now."""
    sent, around = await _around(page, submission_id)
    form = await page.form(Dates)
    _question(form, sent, around["holder"], around["expected"])
    if form.value is None or form.errors:
        return _again(page, form, around)
    given = Accepted(sent.id, form.value.ends_on, form.value.starts_on, form.value.sure)
    try:
        await review.accept(page.session, act=page.act, mail=page.mail, accepted=given)
    except Unsure as question:
        return _again(page, form.refused(question).refuse("sure", ARE_RIGHT), around)
    except Refused as refusal:
        return _again(page, form.refused(refusal), around)
    said = f"{around['label']} of {sent.name} is renewed until {spell(given.ends_on)}."
    flash = await verdict_flash(page, around["holder"], said)
    if sent.jurisdiction:
        look = f"/credentials/{sent.credential_id}/verifications/new"
        flash = Flash(flash.text, flash.status, look, "Check it at the board")
    return page.go("/renewals", flash)


def _question(form: Form[Dates], sent: Submission, holder: Holder, expected: date | None) -> None:
    """A day that the rule does not expect is asked about once."""
    rule = _rule(sent)
    if form.value is None or form.value.sure or rule is None or form.value.ends_on == expected:
        return
    asked_back = disagrees(rule.model, _facts(sent, holder, form.value.ends_on), form.value.ends_on)
    if asked_back is None and expected is not None:
        asked_back = f"By the rule the next term ends {spell(expected)}. Is {spell(form.value.ends_on)} read right?"
    if asked_back:
        form.refuse("ends_on", asked_back).refuse("sure", ARE_RIGHT)


def _again(page: Page, form: Form[Any], around: dict[str, Any]) -> Html:
    form.typed = blank(Dates, ends_on=around["sent"].ends_on) | blank(Back) | form.typed
    return page.again("renewals/show.html", form, **around)


@post("/renewals/{submission_id:uuid}/send-back", opt=needs("submissions.write"))
async def send_back(page: NamedDependency[Page], submission_id: FromPath[UUID]) -> Html | Redirect:
    """Not good enough, and why."""
    sent, around = await _around(page, submission_id)
    form = await page.form(Back)
    if form.value is None:
        return _again(page, form, around)
    why: dict[str, Any] = {"submission_id": sent.id, "reason": form.value.reason}
    try:
        told = await review.send_back(page.session, act=page.act, mail=page.mail, **why)
    except Refused as refusal:
        return _again(page, form.refused(refusal), around)
    if told:
        return page.go("/renewals", f"Sent back. {sent.name} gets a mail with your reason and the link.")
    said = f"Sent back. No mail can reach {sent.name}: tell them yourself."
    return page.go("/renewals", Flash(said, "unverified", f"/therapists/{sent.therapist_id}/change", "Add address"))


@post("/renewals/{submission_id:uuid}/note", opt=needs("submissions.write"))
async def note(page: NamedDependency[Page], submission_id: FromPath[UUID]) -> Html | Redirect:
    """Seen; nothing to do now."""
    sent, around = await _around(page, submission_id)
    form = await page.form(Noted)
    right = bool(form.value and form.value.right)
    try:
        await review.note(page.session, act=page.act, submission_id=sent.id, address_is_right=right)
    except Refused as refusal:
        return _again(page, form.refused(refusal), around)
    if sent.kind != Kind.NOT_ME:
        return page.go("/renewals", f"Noted: {sent.name} {SAID[Kind(sent.kind)].lower()}.")
    return page.go("/renewals", "Mail goes to this address again." if right else "No mail goes to this address.")


ROUTES = [queue, show, picture, accept, send_back, note]
