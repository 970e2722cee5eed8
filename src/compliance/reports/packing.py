"""Packing a PDF: the many small objects of a tagged file go compressed into object streams.

Typst writes one object per table cell, uncompressed. Packed, a long report is four to five times smaller; nothing else
about it changes, and the same file in gives the same file out. Sign after packing. The shapes are those of ISO 32000-1,
7.5.4 (cross-reference table, as read), 7.5.7 (object streams) and 7.5.8 (cross-reference streams, as written).

It reads what Typst writes and refuses everything else: one table, generation 0, no encryption. pikepdf does this for
any PDF, at two to three times the time (docs/decisions/0040); the tests hold this against it.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Final

from compliance.reports.syllables import mended

_PER_STREAM: Final = 200
"""Objects in one object stream: enough for good compression, few enough for readers that unpack one at a time."""
_TRAILER: Final = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s+(\d+)\s+%%EOF\s*\Z", re.DOTALL)

_Place = tuple[int, int, int]
"""A line of the cross-reference: kind 1, offset, 0 for an object of its own; kind 2, stream, index for a packed one."""


def packed(pdf: bytes, *, marks: bool = False) -> bytes:
    """The same document with object streams, ending with a line feed. ValueError for a PDF of another shape.

    With `marks` its texts have signs that fonts may raise, and syllables are mended (`syllables.py`).
    """
    trailer = _TRAILER.search(pdf, max(0, len(pdf) - 2_000))
    if trailer is None:
        raise ValueError("the PDF has no plain trailer")
    begins = int(trailer[2])
    bodies = _bodies(pdf, _offsets(pdf[begins : trailer.start()]), begins)
    bodies = mended(bodies) if marks else bodies
    whole = {number: body for number, body in bodies.items() if body.endswith(b"endstream")}
    small = [(number, body) for number, body in bodies.items() if number not in whole]
    return _written(pdf[: pdf.index(b"\n", 9) + 1], whole, small, trailer[1])


def _offsets(table: bytes) -> dict[int, int]:
    """Where each object begins; free entries are left out."""
    head, _, entries = table.partition(b"\n")[2].partition(b"\n")
    first, count = map(int, head.split())
    lines = entries.split(b"\n")[:count]
    if first or len(lines) != count:
        raise ValueError("the PDF has another cross-reference than expected")
    return {number: int(line[:10]) for number, line in enumerate(lines) if line[17:18] == b"n"}


def _bodies(pdf: bytes, offsets: dict[int, int], end: int) -> dict[int, bytes]:
    """What stands between `obj` and `endobj`, by number, in the order of the numbers."""
    stops = dict(zip(sorted(offsets.values()), [*sorted(offsets.values())[1:], end], strict=True))
    return {number: _body(number, pdf[start : stops[start]]) for number, start in offsets.items()}


def _body(number: int, text: bytes) -> bytes:
    head, tail = b"%d 0 obj" % number, b"endobj"
    text = text.strip()
    if not (text.startswith(head) and text.endswith(tail)):
        raise ValueError(f"object {number} of the PDF is not where it should be")
    return text[len(head) : -len(tail)].strip()


def _written(head: bytes, whole: dict[int, bytes], small: list[tuple[int, bytes]], trailer: bytes) -> bytes:
    free = max([*whole, *(number for number, _ in small)]) + 1
    places: dict[int, _Place] = {0: (0, 0, 0xFFFF)}
    for at in range(0, len(small), _PER_STREAM):
        chunk = small[at : at + _PER_STREAM]
        places |= {number: (2, free, index) for index, (number, _) in enumerate(chunk)}
        whole[free] = _object_stream(chunk)
        free += 1
    out = [head]
    length = len(head)
    for number, body in whole.items():
        places[number] = (1, length, 0)
        out.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        length += len(out[-1])
    places[free] = (1, length, 0)
    out.append(b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (free, _cross_reference(places, trailer), length))
    return b"".join(out)


def _object_stream(chunk: list[tuple[int, bytes]]) -> bytes:
    index, at = [], 0
    for number, body in chunk:
        index.append(b"%d %d" % (number, at))
        at += len(body) + 1
    head = b" ".join(index) + b"\n"
    content = head + b"\n".join(body for _, body in chunk)
    return _stream(b"/Type/ObjStm/N %d/First %d" % (len(chunk), len(head)), content)


def _cross_reference(places: dict[int, _Place], trailer: bytes) -> bytes:
    """Every number up to the last has a line; numbers that nobody uses are free."""
    lines = b"".join(struct.pack(">BIH", *places.get(number, (0, 0, 0xFFFF))) for number in range(max(places) + 1))
    kept = re.sub(rb"/Size \d+", b"", trailer).strip()
    return _stream(b"/Type/XRef/W[1 4 2]/Size %d%b" % (max(places) + 1, kept), lines)


def _stream(entries: bytes, content: bytes) -> bytes:
    data = zlib.compress(content, 5)
    return b"<<%b/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (entries, len(data), data)
