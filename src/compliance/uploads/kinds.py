"""What a file is, by its ending and by its first bytes."""

from __future__ import annotations

from typing import Literal

Kind = Literal["pdf", "png", "jpeg"]

KIND_OF_SUFFIX: dict[str, Kind] = {".pdf": "pdf", ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}
MEDIA_TYPES: dict[Kind, str] = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}
TITLES: dict[Kind, str] = {"pdf": "PDF", "png": "PNG", "jpeg": "JPEG"}

HEAD = 512
"""How many of the first bytes `what_it_is` wants to see."""

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"\xff\xfe", "UTF-16 text"),
)
_TITLES_OF_KINDS: dict[Kind, str] = {"pdf": "a PDF", "png": "a PNG picture", "jpeg": "a JPEG picture"}


def begins_as(kind: Kind, head: bytes) -> bool:
    """Are these the first bytes of such a file? They must be the very first: nothing may stand before them."""
    return what_it_is(head) == _TITLES_OF_KINDS[kind]


def what_it_is(head: bytes) -> str:
    """A guess in words for the person who sent it: `a PDF`, `an HEIC photo`, `a web page`, `something else`."""
    for beginning, title in _BEGINNINGS:
        if head.startswith(beginning):
            return title
    if head[4:8] == b"ftyp":
        return "an HEIC photo" if head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc") else "a video"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a WebP picture"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text):
        return "an SVG drawing"
    return "a web page" if text.startswith((b"<!doctype html", b"<html", b"<script")) else "something else"
