"""A fresh link to sign in with, for whoever came by a reminder's link: ten minutes, once, in the browser that asked, or
in another one with the code that this one shows."""

from __future__ import annotations

import secrets

from litestar.datastructures import Cookie

from compliance.services import links, links_elsewhere, mailing, sign_in
from compliance.settings import Settings
from compliance.web.holders import looking
from compliance.web.page import Page
from compliance.web.renew import Answering
from compliance.web.renew_view import account_of

NO_ACCOUNT = "You have no account here. This page is all that you need."
MAILED = (
    "A sign-in link is on its way to you. Open it in this browser within 10 minutes. "
    "Anywhere else you will be asked for this code: {} {}."
)


def cookie_name(settings: Settings) -> str:
    """What the browser that asked is known by."""
    return "__Host-asked" if settings.https else "asked"


def _cookie(settings: Settings, value: str) -> Cookie:
    seconds = round(links.FORGOTTEN.total_seconds())
    return Cookie(
        key=cookie_name(settings), value=value, max_age=seconds, path="/", secure=settings.https, httponly=True,
        samesite="lax",
    )  # fmt: skip


def asking_browser(page: Page) -> str:
    """The browser's own part of a link that it asked for; empty where it asked for none."""
    return page.request.cookies.get(cookie_name(page.settings), "")


async def mail_link(answering: Answering) -> str:
    """Mails it to where the therapist signs in; the sentence to say."""
    page = answering.page
    async with looking(page) as before:
        account = await account_of(before.session, answering.link)
    if account is None:
        return NO_ACCOUNT
    limits = sign_in.mail_limits(account.email, page.address)
    async with page.database.write.begin() as session:
        admitted = await sign_in.count_attempt(session, limits=limits, now=page.now)
    if not admitted:
        return "Several sign-in links were asked for already. Look into your mail, or try again in an hour."
    browser = secrets.token_urlsafe(32)
    token, code = await links_elsewhere.make_link(
        page.session, person_id=account.person_id, organization_id=answering.link.organization_id, now=page.now,
        browser=browser,
    )  # fmt: skip
    await mailing.send_link(
        page.session, act=answering.act, mail=page.mail, kind="sign-in-link", address=account.email,
        name=account.name, link=page.mail.link(f"sign-in/{token}"), expires_at=page.now + links.FORGOTTEN,
    )  # fmt: skip
    page.set_cookie(_cookie(page.settings, browser))
    return MAILED.format(code[:3], code[3:])
