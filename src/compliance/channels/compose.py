"""A mail as bytes (RFC 5322): the same letter always gives the same bytes, so that a message sent again after
a crash is the same message.

Names and subjects come from people. They cannot add a header or a recipient: control characters become
spaces (`wire`), and the one recipient is one checked address. The tests read the result back with the library's parser.
"""

from __future__ import annotations

import hashlib
import html as markup
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from compliance.channels.outcome import is_address
from compliance.channels.wire import mailbox, quoted_printable, unstructured

_KIND = 'Content-Type: multipart/alternative;\r\n boundary="{}"\r\n'
_PART = 'Content-Type: text/{}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
_PLAIN, _HTML = (_PART.format(kind).encode() for kind in ("plain", "html"))
_MESSAGE_ID = re.compile(r"<[0-9a-z]+@[A-Za-z0-9.-]+>")
_UNSUBSCRIBE = re.compile(r"(https?://|mailto:)[!-;=?-~]+")


class CannotCompose(ValueError):
    """The letter cannot become a mail. Its text is a sentence."""


@dataclass(frozen=True)
class Letter:
    """What a mail says and who gets it. Addresses are bare (`ana@example.com`), `at` is an aware instant.

    `organization` is the sender's name as the reader sees it. It and `postal_address` stand at the foot of
    both parts wherever the given text does not have them. `list_unsubscribe` is an https or mailto address.
    """

    sender: str
    organization: str
    postal_address: str
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    message_id: str
    at: datetime
    reply_to: str | None = None
    reply_to_name: str = ""
    list_unsubscribe: str | None = None


def compose(letter: Letter) -> bytes:
    """The whole mail, lines ending in CRLF, 7 bit. Raises CannotCompose for an address, Message-ID or instant
    that cannot stand in a header."""
    _check(letter)
    boundary = "=_" + hashlib.sha256(letter.message_id.encode()).hexdigest()[:40]
    head = [*_headers(letter), "MIME-Version: 1.0\r\n", _KIND.format(boundary)]
    between = f"\r\n--{boundary}\r\n".encode()
    return b"".join(
        [
            *(line.encode("ascii") for line in head),
            *(between, _PLAIN, quoted_printable(_text_part(letter))),
            *(between, _HTML, quoted_printable(_html_part(letter))),
            f"\r\n--{boundary}--\r\n".encode(),
        ]
    )


def message_id_for(keys: list[str], domain: str) -> str:
    """The Message-ID of the mail that carries the reminders with these keys, in whatever order they come."""
    if not keys or not is_address(f"x@{domain}"):
        raise CannotCompose(f"A Message-ID needs a key and a domain, not {len(keys)} keys and {domain!r}.")
    digest = hashlib.sha256()
    for key in sorted(set(keys)):
        data = key.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return f"<{digest.hexdigest()[:40]}@{domain}>"


def mail_address(text: str) -> str:
    """An address as a person wrote it, ready for an envelope: trimmed, its domain in ASCII (IDNA).

    Raises CannotCompose with a sentence when that is not one plain address.
    """
    local, _, domain = text.strip().rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        address = ""
    if not is_address(address):
        raise CannotCompose(f"{text.strip()[:100]!r} is not one e-mail address such as name@example.com.")
    return address


def _check(letter: Letter) -> None:
    for address in (letter.sender, letter.recipient, letter.reply_to):
        if address is not None and not is_address(address):
            raise CannotCompose(f"{address!r} is not one e-mail address such as name@example.com.")
    if not _MESSAGE_ID.fullmatch(letter.message_id):
        raise CannotCompose(f"{letter.message_id!r} is not a Message-ID.")
    if letter.list_unsubscribe is not None and not _UNSUBSCRIBE.fullmatch(letter.list_unsubscribe):
        raise CannotCompose(f"{letter.list_unsubscribe!r} is not an address to unsubscribe at.")
    if letter.at.tzinfo is None:
        raise CannotCompose(f"The instant {letter.at.isoformat()} has no time zone.")


def _headers(letter: Letter) -> Iterator[str]:
    yield f"Date: {format_datetime(letter.at.astimezone(UTC))}\r\n"
    yield mailbox("From", letter.organization, letter.sender)
    yield mailbox("To", letter.recipient_name, letter.recipient)
    if letter.reply_to:
        yield mailbox("Reply-To", letter.reply_to_name, letter.reply_to)
    yield unstructured("Subject", letter.subject)
    yield f"Message-ID: {letter.message_id}\r\n"  # one long word each, and on one line: folded, nobody could read them
    yield "Auto-Submitted: auto-generated\r\n"
    if letter.list_unsubscribe:
        yield f"List-Unsubscribe: <{letter.list_unsubscribe}>\r\n"
        if letter.list_unsubscribe.startswith("https:"):  # RFC 8058: over TLS alone
            yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def _text_part(letter: Letter) -> str:
    text = _encodable(letter.text).rstrip() + "\n"
    foot = _unsaid([part for part in _foot(letter) if part not in text], lambda: text)
    return text + "".join(f"\n{part}" for part in ["-- ", *foot] if foot) + ("\n" if foot else "")


def _html_part(letter: Letter) -> str:
    html = _encodable(letter.html).rstrip() + "\n"
    missing = [part for part in _foot(letter) if markup.escape(part) not in html]
    foot = [markup.escape(part) for part in _unsaid(missing, lambda: markup.unescape(re.sub(r"<[^>]*>", " ", html)))]
    if not foot:
        return html
    before, end, after = html.rpartition("</body>")
    paragraph = "<p>" + "<br>".join(foot).replace("\n", "<br>") + "</p>\n"
    return before + paragraph + end + after if end else html + paragraph


def _unsaid(parts: list[str], body: Callable[[], str]) -> list[str]:
    """Those that the body does not say with other spaces and commas either; nearly always there are none to ask of."""
    if not parts:
        return []
    seen = _squeezed(body())
    return [part for part in parts if _squeezed(part) not in seen]


def _foot(letter: Letter) -> list[str]:
    parts = (_encodable(letter.organization).strip(), _encodable(letter.postal_address).strip())
    return [part for part in parts if part]


def _squeezed(text: str) -> str:
    return re.sub(r"[\s,]+", " ", text)


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()
