"""The built-in mailbox: messages that were kept because no mail server is named, read back from the outbox."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Response

from compliance.db.queries import outbox as reading
from compliance.db.queries.accounts import memberships_of, person_by_email
from compliance.db.queries.outbox import Message
from compliance.services.mailing import LINKS
from compliance.web.access import needs
from compliance.web.page import Html, Page
from compliance.web.security import POLICY
from compliance.web.styleguide import in_development

READ: Final = needs("outbox.read")
ROWS: Final = 50
FRAMING: Final = {"content-security-policy": f"{POLICY}; frame-src 'self'"}
"""The page of one message may hold a frame from here, which the policy of the other pages does not allow."""

_STYLES: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_RENEWAL: Final = re.compile(r"(/renew/)[A-Za-z0-9_-]{20,}")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]+")


@get("/mailbox", opt=READ)
async def mailbox(page: NamedDependency[Page]) -> Html:
    """The kept messages, latest first."""
    before = _id(page.request.query_params.get("before", ""))
    session, mine = page.session, page.organization_id
    found = await reading.messages(session, mine, state="kept", before=before, limit=ROWS + 1)
    return page.show(
        "mailbox/list.html",
        messages=found[:ROWS],
        older=found[ROWS - 1].id if len(found) > ROWS else None,
        first=before is None,
        previews=page.membership.demonstration or in_development(page.settings),
        mail_leaves=bool(page.settings.smtp_url) and not page.membership.demonstration,
        zone=page.membership.time_zone,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@get("/mailbox/{message_id:uuid}", opt=READ)
async def one_message(page: NamedDependency[Page], message_id: FromPath[UUID]) -> Html:
    """One message as its reader would see it, in a frame that can do nothing."""
    message = await seen(page, message_id)
    secret = await is_secret(page, message)
    shown = page.show(
        "mailbox/message.html",
        message=message,
        secret=secret,
        links=[] if secret else links_in(message.text, page.settings.public_url),
        zone=page.membership.time_zone,
    )
    shown.headers.update(FRAMING)
    return shown


async def seen(page: Page, message_id: UUID) -> Message:
    """The message, or 404. The link in a reminder acts for its therapist: whoever reads along does not get it, but
    where the message never left, and may be handed over by somebody who may answer for it anyway."""
    message = page.found(await reading.message(page.session, page.organization_id, message_id))
    if page.membership.demonstration or (message.state == "kept" and page.may("credentials.write")):
        return message
    return replace(message, text=without_power(message.text), html=without_power(message.html))


def without_power(text: str) -> str:
    """The words of a message without the tokens of links to answer by."""
    return _RENEWAL.sub(r"\1...", text)


async def is_secret(page: Page, message: Message) -> bool:
    """Whether its words let their reader in: those are for its reader alone. In a demonstration they are shown, but
    never those for somebody whom they would let in elsewhere too."""
    if message.kind not in LINKS:
        return False
    person = await person_by_email(page.session, message.recipient_address)
    theirs = await memberships_of(page.session, person.id, now=page.now) if person else []
    return not page.membership.demonstration or not all(each.demonstration for each in theirs)


def links_in(text: str, public_url: str) -> list[str]:
    """Addresses of ours in a message, without the dot or bracket that follows them: the frame lets nobody follow."""
    found = (each.rstrip(".,;:)]") for each in _ADDRESS.findall(text))
    return list(dict.fromkeys(each for each in found if each.startswith(f"{public_url}/")))


@get("/mailbox/{message_id:uuid}/letter", opt=READ)
async def letter(page: NamedDependency[Page], message_id: FromPath[UUID]) -> Response[str]:
    """The HTML part alone, with a policy that lets in nothing but its own style."""
    message = await seen(page, message_id)
    if await is_secret(page, message):
        raise NotFoundException
    headers = {"content-security-policy": policy_of(message.html), "x-frame-options": "SAMEORIGIN"}
    return Response(message.html, media_type="text/html", headers=headers)


def policy_of(html: str) -> str:
    """No script, no picture, no connection, no form; styles by their hash."""
    hashes = (base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in _STYLES.findall(html))
    styles = " ".join(f"'sha256-{each}'" for each in hashes) or "'none'"
    closed = "default-src 'none'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'; sandbox"
    return f"{closed}; style-src {styles}"


ROUTES: Final[list[Any]] = [mailbox, one_message, letter]
