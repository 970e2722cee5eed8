"""Terms: a renewal is a new one, never an overwritten date; a wrong one is corrected with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries.credentials import Held, HeldTerm
from compliance.db.queries.whose import whose
from compliance.domain.periods import FOREVER, day_after
from compliance.domain.renewal import RenewalFacts, disagrees
from compliance.rendering import day as spell
from compliance.services import credentials, evidence
from compliance.services.credentials import Renewal
from compliance.services.evidence import NewEvidence
from compliance.services.refusals import Refused, Unsure
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.forms import Form, asked, blank
from compliance.web.holders import Holder, held_credential, label, looking, verdict_flash
from compliance.web.kept_uploads import LONGEST_SEAL
from compliance.web.limits import RENEWAL_LIMIT
from compliance.web.page import Html, Page
from compliance.web.prediction import Prediction, of_next, rule_of
from compliance.web.uploading import ACCEPT, HINT, take

ARE_RIGHT = "Tick “The dates are right” if they are as printed, or correct them."


@dataclass(frozen=True)
class NewTerm:
    """The renewed credential's dates, and a scan of it."""

    ends_on: date = asked("the new expiry")
    starts_on: date | None = None
    file: UploadFile | None = None
    kept_file: str = asked("the file", default="", longest=LONGEST_SEAL)
    sure: bool = False
    deed: str = ""


@get("/credentials/{credential_id:uuid}/renew", opt=needs("credentials.write"))
async def renewal(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html:
    """The form, with the end that the rule expects."""
    held, holder = await held_credential(page, credential_id)
    last = held.last_term
    start = day_after(last.ends_on) if last and last.ends_on != FOREVER else None
    return page.show("credentials/renew.html", **_around(held, holder) | {"values": blank(NewTerm, starts_on=start)})


@post("/credentials/{credential_id:uuid}/renew", opt=needs("credentials.write"), request_max_body_size=RENEWAL_LIMIT)
async def renew(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html | Redirect:
    """A new term; back to whose credential it is, with the verdict as it is now."""
    form = await page.form(NewTerm)
    async with looking(page) as before:
        held, holder = await held_credential(before, credential_id)
    file = await take(page, form, "file")
    if form.typed["deed"]:
        return _taken(page, form, _around(held, holder))
    _question(form, held, holder)
    if form.value is None or form.errors:
        return page.again("credentials/renew.html", form, **_around(held, holder))
    try:
        await _renew(page, held, form.value, file)
    except Unsure as question:
        form.refused(question).refuse("sure", ARE_RIGHT)
        return page.again("credentials/renew.html", form, **_around(held, holder))
    except Refused as refusal:
        return page.again("credentials/renew.html", form.refused(refusal), **_around(held, holder))
    said = await verdict_flash(page, holder, f"{label(held)} renewed until {spell(form.value.ends_on)}.")
    if held.jurisdiction and holder.therapist_id:
        said = Flash(said.text, said.status, f"/credentials/{held.id}/verifications/new", "Check it at the board")
    return page.go(holder.href, said)


def _taken(page: Page, form: Form[NewTerm], around: dict[str, Any]) -> Html:
    """The form with all that is typed and the end as predicted; nothing is written."""
    page.refused = True
    found: Prediction | None = around["predicted"]
    taken = {"ends_on": found.ends_on} if found and found.ends_on else {}
    wrong = {name: said for name, said in form.errors.items() if name == "file"}
    return page.show("credentials/renew.html", **around | {"values": form.typed | taken, "errors": wrong})


async def _renew(page: Page, held: Held, given: NewTerm, file: NewEvidence | None) -> None:
    new = Renewal(held.id, given.ends_on, given.starts_on, sure=given.sure)
    term_id = await credentials.renew(page.session, act=page.act, renewal=new)
    if file:
        await evidence.attach(page.session, act=page.act, evidence=file, credential_id=held.id, term_id=term_id)


def _question(form: Form[NewTerm], held: Held, holder: Holder) -> None:
    """A day that the rule does not expect is asked about once."""
    type_ = load().types.get(held.type)
    rule = rule_of(type_, held.jurisdiction or "") if type_ else None
    if form.value is None or form.value.sure or rule is None:
        return
    predicted = of_next(held, holder)
    if predicted and form.value.ends_on == predicted.ends_on:
        return  # the page itself expects this day: the printed end of the last term counts, not the day of issue
    facts = RenewalFacts(held.first_issued_on, form.value.ends_on, holder.birth_date, held.number, holder.surname)
    asked_back = disagrees(rule.model, facts, form.value.ends_on)
    if asked_back:
        form.refuse("ends_on", asked_back).refuse("sure", ARE_RIGHT)


def _around(held: Held, holder: Holder) -> dict[str, Any]:
    return {
        "held": held,
        "holder": holder,
        "label": label(held),
        "predicted": of_next(held, holder),
        "accept": ACCEPT,
        "hint": HINT,
    }


# -- a wrong one ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RightDays:
    """The days as they are printed. Without a last day it does not end."""

    starts_on: date = asked("the first day")
    reason: str = asked("the reason", longest=500, lines=True)
    ends_on: date | None = None


@get("/terms/{term_id:uuid}/correct", opt=needs("credentials.write"))
async def correction(page: NamedDependency[Page], term_id: FromPath[UUID]) -> Html:
    """The form with the days on file."""
    held, holder, term = await _term(page, term_id)
    ends_on = None if term.ends_on == FOREVER else term.ends_on
    first = blank(RightDays, starts_on=term.starts_on, ends_on=ends_on)
    return page.show("credentials/correct_term.html", **_around(held, holder) | {"values": first, "term": term})


@post("/terms/{term_id:uuid}/correct", opt=needs("credentials.write"))
async def correct(page: NamedDependency[Page], term_id: FromPath[UUID]) -> Html | Redirect:
    """Void and new: its verification has to be made anew."""
    held, holder, term = await _term(page, term_id)
    form = await page.form(RightDays)
    around = _around(held, holder) | {"term": term}
    if form.value is None:
        return page.again("credentials/correct_term.html", form, **around)
    days: dict[str, Any] = {"starts_on": form.value.starts_on, "ends_on": form.value.ends_on or FOREVER}
    try:
        why = form.value.reason
        await credentials.correct_term(page.session, act=page.act, term_id=term_id, reason=why, **days)
    except Refused as refusal:
        return page.again("credentials/correct_term.html", form.refused(refusal), **around)
    return page.go(f"/credentials/{held.id}", await verdict_flash(page, holder, "The term is corrected."))


async def _term(page: Page, term_id: UUID) -> tuple[Held, Holder, HeldTerm]:
    found = page.found(await whose(page.session, page.organization_id, "terms", term_id))
    held, holder = await held_credential(page, page.found(found.credential_id))
    return held, holder, page.found(next((each for each in held.terms if each.id == term_id), None))


ROUTES = [renewal, renew, correction, correct]
