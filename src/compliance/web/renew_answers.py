"""What may be answered by a reminder's link: a renewal, a receipt, a word, or "this is not me"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from litestar import post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from compliance.domain.answers import Kind
from compliance.services import submissions
from compliance.services.submissions import Sent
from compliance.web.access import PUBLIC
from compliance.web.forms import asked
from compliance.web.fresh_sign_in import mail_link
from compliance.web.holders import looking
from compliance.web.kept_uploads import LONGEST_SEAL
from compliance.web.limits import RENEWAL_LIMIT
from compliance.web.page import Html, Page
from compliance.web.renew import FILES, Answer, Answering, answer, quiet
from compliance.web.renew_view import asked_back, predicted

IS_RIGHT: Final = "Tick “It is what is printed”, or correct the day."
FULL: Final = f"At most {submissions.MOST_FILES} files can be sent with this link, and they were. Reply to the mail."


@dataclass(frozen=True)
class Renewed:
    """The new one: a picture of it, and its days. Files that were taken before are kept in the form."""

    ends_on: date | None = asked("the new last day, as printed", default=None)
    starts_on: date | None = None
    file: UploadFile | None = None
    second: UploadFile | None = None
    kept_file: str = asked("the file", default="", longest=LONGEST_SEAL)
    kept_second: str = asked("the file", default="", longest=LONGEST_SEAL)
    sure: bool = False
    deed: str = ""
    remark: str = asked("your remark", default="", lines=True, longest=1000)


@dataclass(frozen=True)
class Applied:
    """Applied, with the receipt or without."""

    applied_on: date = asked("the day on which you applied")
    receipt: UploadFile | None = None
    kept_receipt: str = asked("the receipt", default="", longest=LONGEST_SEAL)
    applied_remark: str = asked("your remark", default="", lines=True, longest=1000)


@dataclass(frozen=True)
class Known:
    """Read, and what follows."""

    answer: str = asked("one of the two", longest=20)
    note: str = asked("your note", default="", lines=True, longest=1000)


@dataclass(frozen=True)
class Pressed:
    """A button; nothing is asked."""


async def _room_for_files(answering: Answering) -> bool:
    """Whether the cycle may still send files, before any is looked into."""
    async with looking(answering.page) as before:
        count, size = await submissions.used(before.session, answering.link)
    return count < submissions.MOST_FILES and size < submissions.MOST_BYTES


@post("/renew/{token:str}/renewal", opt=PUBLIC, request_max_body_size=RENEWAL_LIMIT)
async def renewal(page: NamedDependency[Page], token: FromPath[str]) -> Html | Redirect:
    """The new one, as a photo or a PDF."""
    return await answer(page, token, "renewal", Renewed, _renewal)


async def _renewal(answering: Answering) -> Answer:
    form = answering.form
    if not await _room_for_files(answering):
        form.refuse("file", FULL)
        return await answering.again()
    await answering.take("file", "second")
    if form.typed["deed"]:
        return await _filled_in(answering)
    given = form.value
    _question(answering, given)
    if given is None or form.errors:
        return await answering.again()
    files = tuple({each.sha256: each for each in answering.kept.values()}.values())
    sent = Sent(Kind.RENEWAL, given.starts_on, given.ends_on, note=given.remark, files=files)
    return answering.thanks("Thank you. It is sent.") if await answering.send(sent) else await answering.again()


async def _filled_in(answering: Answering) -> Answer:
    """The form with all that it brought and the day as predicted; nothing is sent."""
    found, form = predicted(answering.here), answering.form
    form.typed |= {"ends_on": found.ends_on} if found else {}
    form.errors = {name: said for name, said in form.errors.items() if name in FILES}
    answering.status = 200
    return await answering.again()


def _question(answering: Answering, given: Renewed | None) -> None:
    """A day that the rule does not expect is asked about once; one that renews nothing is refused by the service."""
    if given is None or given.sure or given.ends_on is None or given.ends_on <= answering.link.about_ends_on:
        return
    asked_about = asked_back(answering.here, given.ends_on)
    if asked_about:
        answering.form.refuse("ends_on", asked_about).refuse("sure", IS_RIGHT)


@post("/renew/{token:str}/applied", opt=PUBLIC, request_max_body_size=RENEWAL_LIMIT)
async def applied(page: NamedDependency[Page], token: FromPath[str]) -> Html | Redirect:
    """Applied at the board; the receipt if there is one."""
    return await answer(page, token, "applied", Applied, _applied)


async def _applied(answering: Answering) -> Answer:
    form = answering.form
    if form.read.get("receipt") and not await _room_for_files(answering):
        form.refuse("receipt", FULL)
        return await answering.again()
    await answering.take("receipt")
    if form.value is None or form.errors:
        return await answering.again()
    files = tuple(answering.kept.values())
    sent = Sent(Kind.APPLIED, applied_on=form.value.applied_on, note=form.value.applied_remark, files=files)
    if await answering.send(sent):
        return answering.thanks("Thank you. Send a photo with this link once you have the new one.")
    if "file" in form.errors:
        form.errors["receipt"] = form.errors.pop("file")
    return await answering.again()


@post("/renew/{token:str}/known", opt=PUBLIC)
async def known(page: NamedDependency[Page], token: FromPath[str]) -> Html | Redirect:
    """Read: they will see to it, or they are not renewing."""
    return await answer(page, token, "known", Known, _known)


async def _known(answering: Answering) -> Answer:
    form = answering.form
    if form.value and form.value.answer not in (Kind.ACKNOWLEDGED, Kind.NOT_RENEWING):
        form.refuse("answer", "Choose one of the two.")
    if form.value is None or form.errors:
        return await answering.again()
    kind = Kind(form.value.answer)
    if not await answering.send(Sent(kind, note=form.value.note)):
        return await answering.again()
    return answering.thanks("Thank you for telling us." if kind is Kind.NOT_RENEWING else "Thank you. Noted.")


@post("/renew/{token:str}/not-me", opt=PUBLIC)
async def not_me(page: NamedDependency[Page], token: FromPath[str]) -> Html | Redirect:
    """The reader is somebody else: the link ends here."""
    return await answer(page, token, "not-me", Pressed, _not_me)


async def _not_me(answering: Answering) -> Answer:
    page = answering.page
    await submissions.say_not_me(page.session, act=answering.act, link=answering.link)
    return quiet(page.show("renew/not_me.html", viewer=None, sender=answering.sender))


# -- to see more ---------------------------------------------------------------------------------------------------


@post("/renew/{token:str}/sign-in", opt=PUBLIC)
async def mail_sign_in(page: NamedDependency[Page], token: FromPath[str]) -> Html | Redirect:
    """A fresh link to sign in with, mailed to where the therapist signs in, good in this browser alone."""
    return await answer(page, token, "sign-in", Pressed, _mail_sign_in)


async def _mail_sign_in(answering: Answering) -> Answer:
    return answering.thanks(await mail_link(answering))


ROUTES = [renewal, applied, known, not_me, mail_sign_in]
