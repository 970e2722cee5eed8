"""What a payload can make of each format: elements, formulas, lines, scripts, headers. Each of these finds it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Final, cast

import pikepdf
import pypdfium2

PRODUCT: Final = "62616533"
"""7919 times 7907: where it stands in any output, a template was carried out."""
STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
"""What makes a formula of a cell."""


class _Elements(HTMLParser):
    """Finds elements and attributes that only a payload could have made."""

    def __init__(self) -> None:
        super().__init__()
        self.evil: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        events = [name for name in given if name.startswith("on")]
        leads = (given.get("href") or given.get("src") or given.get("action") or "").strip().lower()
        if (
            tag == "zq-evil"
            or events
            or leads.startswith(("javascript:", "data:text", "http://zq", "https://zq", "//zq"))
        ):
            self.evil.append(f"<{tag} {given}>"[:120])
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.evil.append(f"<{tag} {given}>"[:120])


def faults_of_page(page: str) -> list[str]:
    """What a payload made of an HTML page."""
    reader = _Elements()
    reader.feed(page)
    return reader.evil + ([f"a template was carried out: {PRODUCT}"] if PRODUCT in page else [])


def faults_of_csv(text: str) -> list[str]:
    """Cells that a spreadsheet would take for formulas."""
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=_delimiter(text)))
    return [f"a cell is {cell[:40]!r}" for row in rows for cell in row if _formula(cell)]


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return ";" if head.count(";") > head.count(",") else ","


def _formula(cell: str) -> bool:
    return cell.startswith(STARTS) and not re.fullmatch(r"[-+]?[\d.,]+%?", cell)


def faults_of_workbook(content: bytes) -> list[str]:
    """Formulas, links and relations that lead out."""
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            part = archive.read(name).decode("utf-8", "replace")
            if name.startswith("xl/worksheets/") and re.search(r"<f[ >]", part):
                found.append(f"{name} has a formula")
            if name.endswith(".rels") and 'TargetMode="External"' in part and "zq" in part:
                found.append(f"{name} leads out")
            if PRODUCT in part:
                found.append(f"{name}: a template was carried out")
    return found


def faults_of_calendar(text: str) -> list[str]:
    """Lines that no calendar of ours has."""
    unfolded = re.sub(r"\r\n[ \t]", "", text)
    lines = unfolded.split("\r\n")
    bad = [f"a line is {line[:60]!r}" for line in lines if re.match(r"(?i)x-zq|begin:valarm|bcc|attendee", line)]
    return bad + [f"a bare line end in {line[:60]!r}" for line in lines if "\n" in line or "\r" in line]


def faults_of_document(content: bytes) -> list[str]:
    """Scripts and links that lead to the attacker, and templates that were carried out, in a PDF."""
    found: list[str] = []
    with pikepdf.open(io.BytesIO(content)) as document:
        for thing in document.objects:
            found += _acting(thing, 0)
    document = pypdfium2.PdfDocument(content)
    text = "\n".join(document[number].get_textpage().get_text_bounded() for number in range(len(document)))
    document.close()
    found += [f"a template was carried out: {PRODUCT}"] if PRODUCT in text else []
    return found + (["a file of the machine"] if "root:x:0" in text else [])


def _acting(thing: object, depth: int) -> list[str]:
    """Scripts, programs and links to the attacker in this object and what lies directly in it."""
    found: list[str] = []
    parts: list[object] = list(thing) if isinstance(thing, pikepdf.Array) else []
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        parts = list(thing.values())
        if "/JS" in thing or str(thing.get("/S", "")) in ("/JavaScript", "/Launch"):
            found.append("a script or a program")
        if "zq" in str(thing.get("/URI", "")):
            found.append(f"a link to {thing.get('/URI')}")
    for part in parts if depth < 40 else []:
        if isinstance(part, pikepdf.Object) and not part.is_indirect:
            found += _acting(part, depth + 1)
    return found


def faults_of_mail(raw: bytes) -> list[str]:
    """Headers, addresses and parts that the attacker wrote."""
    message = cast(EmailMessage, message_from_bytes(raw, policy=default))
    found = [f"header {name}" for name in message if name.lower().startswith("x-zq") or name.lower() == "bcc"]
    to = message["To"]
    found += [f"{len(to.addresses)} addresses in To"] if to is None or len(to.addresses) != 1 else []
    for part in message.walk():
        if part.get_content_type() == "text/html":
            found += [each for each in faults_of_page(part.get_content()) if "zq" in each or "carried" in each]
        if part.get_content_maintype() not in ("text", "multipart"):
            found.append(f"a part {part.get_content_type()}")
    return found
