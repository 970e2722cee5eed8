"""What the board said: who looked where, on which day, what was found, with the page seen as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.catalog import load
from compliance.db.queries.clinics import board_addresses
from compliance.db.queries.credentials import Held
from compliance.domain.credentials import Result, StandingCode
from compliance.domain.methods import METHODS
from compliance.domain.months import in_words
from compliance.domain.periods import FOREVER, ONE_DAY
from compliance.services import clinics, evidence, verifications
from compliance.services.evidence import NewEvidence
from compliance.services.refusals import Refused
from compliance.services.verifications import NewVerification
from compliance.web.access import needs
from compliance.web.flash import Flash
from compliance.web.forms import Form, asked, blank
from compliance.web.holders import Holder, held_credential, label, looking, verdict_flash
from compliance.web.kept_uploads import LONGEST_SEAL
from compliance.web.labels import place
from compliance.web.limits import RENEWAL_LIMIT
from compliance.web.page import Html, Page
from compliance.web.uploading import ACCEPT, HINT, take

RESULTS: Final = (
    ("confirmed", "Confirmed", "Name, number and dates are those on file. Only this proves the term."),
    ("differs", "Something differs", "Write below what. It waits for a decision and changes nothing by itself."),
    ("not-found", "Not found", "Recorded as “not found”, never as “unlicensed”; it waits for a decision."),
    ("could-not-check", "Could not check", "The site was down, or no look was possible."),
)
STANDINGS: Final = tuple(
    (each.value, each.value.replace("-", " ").capitalize()) for each in StandingCode if each is not StandingCode.UNKNOWN
)


@dataclass(frozen=True)
class Look:
    """One look at the primary source."""

    result: str = asked("what the source shows")
    verified_on: date = asked("the day of the look")
    verified_by: str = asked("who looked", longest=120)
    source: str = asked("where it was looked up", longest=200)
    term_id: UUID | None = None
    standing: str = ""
    note: str = asked("a note", default="", longest=2000, lines=True)
    method: str = asked("how it was looked up", default="")
    file: UploadFile | None = None
    kept_file: str = asked("the file", default="", longest=LONGEST_SEAL)
    url: str = asked("the look-up address", default="", longest=500)
    save: str = ""


@get("/credentials/{credential_id:uuid}/verifications/new", opt=needs("verifications.write"))
async def new(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html:
    """The form, with the board's look-up beside it."""
    held, holder = await held_credential(page, credential_id)
    around = await _around(page, held, holder)
    board = around["board"]
    first = blank(
        Look,
        verified_on=page.today,
        verified_by=page.viewer.name,
        source=f"{board.name}, license look-up" if board else "",
        term_id=_likely_term(held, page.today),
    )
    return page.show("verifications/new.html", **around | {"values": first})


@post(
    "/credentials/{credential_id:uuid}/verifications",
    opt=needs("verifications.write"),
    request_max_body_size=RENEWAL_LIMIT,
)
async def record(page: NamedDependency[Page], credential_id: FromPath[UUID]) -> Html | Redirect:
    """Back to whose credential it is, with the verdict as it is now; or the same page, where the address is saved."""
    form = await page.form(Look)
    async with looking(page) as before:
        held, holder = await held_credential(before, credential_id)
        around = await _around(before, held, holder)
    may_save = page.may("credentials.write") and held.jurisdiction  # else the page has no such field
    if may_save and form.typed["save"]:
        return await _with_address(page, form, held, holder)
    _check(page, form)
    file = await take(page, form, "file")
    if form.value is None or form.errors:
        return page.again("verifications/new.html", form, **around)
    try:
        if may_save and form.value.url:
            await _save_address(page, held, form.value.url)
        await _record(page, credential_id, form.value, file)
    except Refused as refusal:
        return page.again("verifications/new.html", form.refused(refusal), **around)
    return page.go(holder.href, await verdict_flash(page, holder, f"Recorded what was found: {_said(form.value)}."))


async def _with_address(page: Page, form: Form[Look], held: Held, holder: Holder) -> Html:
    """The same page with all that was typed: with the address, or with what is wrong with it."""
    form.errors = {name: problem for name, problem in form.errors.items() if name == "url"}
    await take(page, form, "file")
    if not form.errors:
        try:
            await _save_address(page, held, form.read["url"])
        except Refused as refusal:
            form.refused(refusal)
    around = await _around(page, held, holder)
    if form.errors:
        return page.again("verifications/new.html", form, **around)
    said = Flash("The look-up address is saved for everybody here.")
    return page.show("verifications/new.html", values=form.typed | {"url": ""}, flash=said, **around)


async def _save_address(page: Page, held: Held, url: str) -> None:
    """Keeps an address that the catalog does not know, or does not know surely. Raises Refused."""
    here = held.jurisdiction or ""
    await clinics.save_board_address(page.session, act=page.act, jurisdiction=here, url=url)


def _said(look: Look) -> str:
    return next(title for value, title, _small in RESULTS if value == look.result).lower()


async def _record(page: Page, credential_id: UUID, look: Look, file: NewEvidence | None) -> None:
    said = NewVerification(
        credential_id,
        Result(look.result),
        look.verified_on,
        look.verified_by,
        look.source,
        look.term_id,
        StandingCode(look.standing) if look.standing else None,
        look.note,
        look.method,
    )
    id_ = await verifications.record(page.session, act=page.act, verification=said)
    if file:
        about: dict[str, Any] = {"credential_id": credential_id, "term_id": look.term_id, "verification_id": id_}
        await evidence.attach(page.session, act=page.act, evidence=file, **about)


def _check(page: Page, form: Form[Look]) -> None:
    """What can be said before anything is asked of the database, of every field that could be read."""
    given = form.read
    if given.get("result", "confirmed") not in {value for value, *_ in RESULTS}:
        form.refuse("result", "Choose one of the four.")
    if given.get("method") and given["method"] not in METHODS:
        form.refuse("method", "Choose one of the list.")
    if given.get("standing") and given["standing"] not in {value for value, _ in STANDINGS}:
        form.refuse("standing", "Choose one of the list.")
    day = given.get("verified_on", page.today)
    if day > page.today:
        when = "tomorrow" if day - page.today == ONE_DAY else "still to come"
        form.refuse("verified_on", f"{in_words(day)} is {when}. Give today, {in_words(page.today)}, or an earlier day.")
    if given.get("result") in ("differs", "not-found") and not given.get("note", "."):
        form.refuse("note", "Write what differs, or what was searched for, so that somebody can decide.")


def _likely_term(held: Held, day: date) -> UUID | str:
    """The term that holds the day, else the one that begins next, else the last."""
    likely = [each for each in held.terms if each.ends_on >= day] or list(held.terms[-1:])
    return likely[0].id if likely else ""


async def _around(page: Page, held: Held, holder: Holder) -> dict[str, Any]:
    saved = await board_addresses(page.session, page.organization_id)
    law = load()
    here = law.jurisdictions.get(held.jurisdiction or "")
    board = here.board if here else None
    issuer = law.types[held.type].authority_of(held.issuing_authority) if held.type in law.types else None
    own = saved.get(held.jurisdiction or "")
    address = own or (board.lookup_url if board else "") or (issuer.url if issuer else "")
    return {
        "held": held,
        "holder": holder,
        "label": label(held),
        "board": board or issuer,
        "board_place": place(held.jurisdiction),
        "address": address,
        "unsure": bool(board and not own and board.lookup_confidence == "unsure"),
        "terms": [(str(each.id), _span(each.starts_on, each.ends_on)) for each in reversed(held.terms)],
        "results": RESULTS,
        "methods": list(METHODS.items()),
        "standings": STANDINGS,
        "accept": ACCEPT,
        "hint": HINT,
    }


def _span(start: date, end: date) -> str:
    return f"{in_words(start)}, does not end" if end == FOREVER else f"{in_words(start)} to {in_words(end)}"


ROUTES = [new, record]
