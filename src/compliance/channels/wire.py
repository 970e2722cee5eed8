"""Headers and bodies of a mail as they go over the wire.

The standard library's `email.message` takes a good millisecond to write one mail, a third of all that it takes to send
it. What is plain (letters, digits and spaces that fit on one line) is therefore written as it stands; everything else
goes the library's way, which knows how to quote, encode and fold.
"""

from __future__ import annotations

import binascii
import re
from email.headerregistry import Address
from email.policy import SMTP
from functools import lru_cache
from typing import Any, Final

_LONGEST_NAME: Final = 100
_LONGEST_SUBJECT: Final = 200
_LINE: Final = 78
_POLICY: Final = SMTP.clone(cte_type="7bit")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9'-]+( [A-Za-z0-9'-]+)*")  # atoms of RFC 5322 that need no quotes
_PLAIN_ADDRESS: Final = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9.-]+")
_PLAIN_TEXT: Final = re.compile(r"[A-Za-z0-9,.:;()'/&+-]+( [A-Za-z0-9,.:;()'/&+-]+)*")  # and no encoded word: =?...?=


@lru_cache(maxsize=1024)
def mailbox(header: str, name: str, address: str) -> str:
    """A header with one person and one address, such as `To`; `address` was checked to be one."""
    shown = _one_line(name, _LONGEST_NAME)
    line = f"{header}: {shown} <{address}>"
    if len(line) <= _LINE and _PLAIN_NAME.fullmatch(shown) and _PLAIN_ADDRESS.fullmatch(address):
        return f"{line}\r\n"
    return _by_the_library(header, Address(shown, addr_spec=address))


def unstructured(header: str, text: str) -> str:
    """A header with words, such as `Subject`."""
    shown = _one_line(text, _LONGEST_SUBJECT)
    line = f"{header}: {shown}"
    plain = len(line) <= _LINE and _PLAIN_TEXT.fullmatch(shown)
    return f"{line}\r\n" if plain else _by_the_library(header, shown)


def quoted_printable(text: str) -> bytes:
    """A body in 7 bit and short lines, none of which could be taken for a boundary."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return binascii.b2a_qp(lines.encode(), istext=True).replace(b"\n", b"\r\n")


def _by_the_library(header: str, value: Any) -> str:
    folded: str = _POLICY.fold(*_POLICY.header_store_parse(header, value))
    return folded


def _one_line(text: str, longest: int) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:longest].rstrip()
