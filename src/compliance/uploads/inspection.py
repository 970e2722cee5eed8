"""Is an uploaded piece of evidence what its name says, is it harmless, and what may be shown of it?"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from compliance.uploads.kinds import HEAD, KIND_OF_SUFFIX, MEDIA_TYPES, TITLES, Kind, begins_as, what_it_is
from compliance.uploads.names import suffix_of
from compliance.uploads.refusals import LARGEST_FILE, Refused, knows, refusal

LONGEST_LOOK = 30.0
"""Seconds after which a child is ended."""

_SOURCES = Path(__file__).parent.parent.parent
_CHILD = [sys.executable, "-P", "-s", "-m", "compliance.uploads.child"]

# Two at a time per process: a child may take up to a gigabyte.
_children = ThreadPoolExecutor(max_workers=2, thread_name_prefix="inspection")


class InspectionFailed(RuntimeError):
    """The inspection itself is broken (a library is missing, say); it says nothing of the file."""


@dataclass(frozen=True)
class Inspection:
    """A file that may be taken.

    `sha256` and `size` are of the original; `pages` is 1 for a picture. `rendition` is what a browser may be
    shown: a JPEG drawn anew, without metadata, of a picture or of a document's first pages.
    """

    kind: Kind
    media_type: str
    sha256: str
    size: int
    pages: int
    rendition: bytes = field(repr=False)
    rendition_media_type: str
    rendition_sha256: str


async def inspect(path: Path, *, declared_name: str, longest_look: float = LONGEST_LOOK) -> Inspection:
    """Looks into the file. Its ending, its first bytes and its content must agree.

    Raises Refused with sentences for the sender, InspectionFailed when no look was possible.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_children, _inspect, path, declared_name, longest_look)


def _inspect(path: Path, declared_name: str, longest_look: float) -> Inspection:
    # Unbuffered: the child reads on from the very place where this process left the file.
    with path.open("rb", buffering=0) as stream:
        kind = _claimed_kind(stream, declared_name)
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
        stream.seek(0)
        pages, rendition = _look_inside(stream, kind, declared_name, longest_look)
    return Inspection(
        kind=kind,
        media_type=MEDIA_TYPES[kind],
        sha256=sha256,
        size=size,
        pages=pages,
        rendition=rendition,
        rendition_media_type="image/jpeg",
        rendition_sha256=hashlib.sha256(rendition).hexdigest(),
    )


def _claimed_kind(stream: BinaryIO, declared_name: str) -> Kind:
    """What name and first bytes agree on; the stream stands at its beginning before and after."""
    size = os.fstat(stream.fileno()).st_size
    head = stream.read(HEAD)
    stream.seek(0)
    suffix = suffix_of(declared_name)
    kind = KIND_OF_SUFFIX.get(suffix)
    if size == 0:
        raise refusal(declared_name, "empty")
    if size > LARGEST_FILE:
        raise refusal(declared_name, "too-large", f"{size / 1024 / 1024:.1f}")
    if what_it_is(head) == "an HEIC photo":
        raise refusal(declared_name, "heic")
    if kind is None:
        raise refusal(declared_name, "suffix", f"a {suffix} file" if suffix else "a file without an ending")
    if not begins_as(kind, head):
        raise refusal(declared_name, "head", f"{TITLES[kind]} but is {what_it_is(head)}")
    return kind


def _look_inside(stream: BinaryIO, kind: Kind, declared_name: str, longest_look: float) -> tuple[int, bytes]:
    """Pages and rendition, as the child sees them."""
    # The answer goes to a file, not a pipe: the child's limit on file size then bounds it.
    with tempfile.TemporaryFile() as answer:
        try:
            status = subprocess.run(
                [*_CHILD, kind],
                stdin=stream,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                timeout=longest_look,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired as error:
            raise refusal(declared_name, "slow") from error
        answer.seek(0)
        verdict, rendition = answer.readline(), answer.read()
    if status < 0:
        raise refusal(declared_name, "slow")
    if status > 0:
        raise InspectionFailed(f"The inspection of uploads ended with status {status}.")
    return _read_verdict(verdict, declared_name), rendition


def _read_verdict(verdict: bytes, declared_name: str) -> int:
    said = json.loads(verdict)
    if "pages" in said:
        return int(said["pages"])
    raise _refusal_as_said(said, declared_name)


def _refusal_as_said(said: dict[str, str], declared_name: str) -> Refused:
    reason = said.get("refused", "")
    return refusal(declared_name, reason if knows(reason) else "broken", said.get("found", "")[:80])


def _environment() -> dict[str, str]:
    # Nothing else: the child that reads a stranger's file has no business with the service's secrets.
    return {"PYTHONPATH": str(_SOURCES), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
