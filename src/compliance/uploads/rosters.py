"""Is a roster what its name says, and safe to unpack? By the standard library, before any reader sees it."""

from __future__ import annotations

import codecs
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Literal

from compliance.uploads.kinds import HEAD, what_it_is
from compliance.uploads.names import clean_name, suffix_of
from compliance.uploads.refusals import Refused

RosterKind = Literal["csv", "xlsx"]

LARGEST_ROSTER = 20 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
_MOST_PARTS = 2000
_CHUNK = 1 << 18

_KIND_OF_SUFFIX: dict[str, RosterKind] = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx"}
_ALLOWED = "Allowed are CSV files in UTF-8 and XLSX workbooks of up to 20 MB."

_REASONS = {
    "empty": ("is empty", "Choose the file again."),
    "too-large": ("is too large", "Split the roster and import the parts."),
    "suffix": ("is {found}", "Save the roster as CSV or XLSX and upload that."),
    "head": ("is named as {found}", "Save the roster as CSV or XLSX and upload that."),
    "encoding": ("is not in UTF-8 (line {found})", "Save it as “CSV UTF-8” and upload that."),
    "broken": ("cannot be read as a workbook", "Open it in your spreadsheet program, save it again and upload that."),
    "encrypted": ("is protected by a password", "Save it without a password and upload that."),
    "active": ("contains macros", "Save it as a workbook without macros (XLSX) and upload that."),
    "bomb": ("unpacks to more than 200 MB", "Save only the roster's rows as a new workbook."),
}


def roster_kind(path: Path, *, declared_name: str) -> RosterKind:
    """`csv` or `xlsx`: what the name and the content agree on. It blocks; call it in a thread or a child.

    A CSV is then UTF-8 without zero bytes; a workbook has its parts, no macros, and unpacks, by count and not
    by what it declares, to at most 200 MB. Raises Refused with sentences for the sender.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        kind = _claimed_kind(declared_name, head, path.stat().st_size)
        stream.seek(0)
        if kind == "csv":
            _must_be_text(stream, declared_name)
        else:
            _must_be_workbook(stream, declared_name)
    return kind


def _claimed_kind(declared_name: str, head: bytes, size: int) -> RosterKind:
    suffix = suffix_of(declared_name)
    kind = _KIND_OF_SUFFIX.get(suffix)
    zipped = head.startswith(b"PK\x03\x04")
    if not head:
        raise _refusal(declared_name, "empty")
    if size > LARGEST_ROSTER:
        raise _refusal(declared_name, "too-large")
    if kind is None:
        raise _refusal(declared_name, "suffix", f"a {suffix} file" if suffix else "a file without an ending")
    if what_it_is(head) == "an old Office document" and kind == "xlsx":
        raise _refusal(declared_name, "encrypted")  # a protected workbook is packed like an old one
    if zipped != (kind == "xlsx") or (kind == "csv" and what_it_is(head) not in ("something else", "UTF-16 text")):
        raise _refusal(declared_name, "head", f"{kind.upper()} but is {what_it_is(head)}")
    return kind


def _must_be_text(stream: BinaryIO, declared_name: str) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    while True:
        chunk = stream.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise _refusal(declared_name, "encoding", str(lines + chunk[: error.start].count(b"\n"))) from error
        if "\0" in text:
            raise _refusal(declared_name, "encoding", str(lines + text.partition("\0")[0].count("\n")))
        if not chunk:
            return
        lines += text.count("\n")


def _must_be_workbook(stream: BinaryIO, declared_name: str) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
        _check_parts(parts, declared_name)
        _count_unpacked(stream, parts, declared_name)
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise _refusal(declared_name, "broken") from error


def _check_parts(parts: list[zipfile.ZipInfo], declared_name: str) -> None:
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise _refusal(declared_name, "encrypted")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _refusal(declared_name, "active")
    if len(names) != len(parts) or not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise _refusal(declared_name, "broken")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise _refusal(declared_name, "bomb")


def _count_unpacked(stream: BinaryIO, parts: list[zipfile.ZipInfo], declared_name: str) -> None:
    """The declared sizes may lie, and readers differ in what they believe. So every part is unpacked and
    counted.
    """
    left = LARGEST_UNPACKED
    for part in parts:
        left -= _unpacked_size(stream, part, left)
        if left < 0:
            raise _refusal(declared_name, "bomb")


def _unpacked_size(stream: BinaryIO, part: zipfile.ZipInfo, most: int) -> int:
    """Bytes that this part unpacks to; counting ends soon after `most`."""
    stream.seek(part.header_offset)
    signature, name_length, extra_length = struct.unpack("<4s22xHH", stream.read(30))
    if signature != b"PK\x03\x04" or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    stream.seek(name_length + extra_length, 1)
    if part.compress_type == zipfile.ZIP_STORED:
        return part.compress_size
    return _inflated_size(stream, part.compress_size, most)


def _inflated_size(stream: BinaryIO, packed: int, most: int) -> int:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    while packed > 0 and not inflater.eof and size <= most:
        data = stream.read(min(_CHUNK, packed))
        if not data:
            raise EOFError
        packed -= len(data)
        while data and size <= most:
            size += len(inflater.decompress(data, _CHUNK))
            data = inflater.unconsumed_tail
    return size


def _refusal(declared_name: str, reason: str, found: str = "") -> Refused:
    given, remedy = _REASONS[reason]
    return Refused(f"“{clean_name(declared_name)}” {given.format(found=found)}. {_ALLOWED} {remedy}", reason)
