"""The packet as a ZIP file, made piece by piece while it goes out: one original at a time is in memory.

The bytes are a function of the plan and of what the store gives: made twice, they are the same. What the store does not
give, or not as it was put there, is left out of the folders and said in the manifest, which therefore comes last.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from compliance.crypto.hashes import instant_text, sha256_hex
from compliance.domain.audit_report import NOT_LEGAL_ADVICE, Span
from compliance.rendering import render
from compliance.services.evidence_packets.listing import Piece, Plan
from compliance.store import EvidenceDamaged, EvidenceMissing, Store

MEDIA_TYPE: Final = "application/zip"
SUMS: Final = "SHA256SUMS"
MANIFEST: Final = "manifest.json"
README: Final = "README.txt"
HERE, MISSING, DAMAGED = "in the packet", "missing", "damaged"
WHOLE: Final = f"the file {SUMS}, which names the SHA-256 of every file but itself, {MANIFEST} and {README}"
_STEP: Final = 1 << 20


@dataclass(slots=True)
class Told:
    """What became of each piece, by its place; filled while the packet is made."""

    states: dict[str, str] = field(default_factory=dict)
    whole: str = ""

    @property
    def problems(self) -> list[str]:
        """The places of those that are not in the packet."""
        return [path for path, state in self.states.items() if state != HERE]


async def pieces(plan: Plan, store: Store, told: Told | None = None) -> AsyncIterator[bytes]:
    """The ZIP file, about a megabyte at a time. Raises StoreUnavailable, and EvidenceMissing or EvidenceDamaged for the
    report itself, without which there is no packet."""
    told = told or Told()
    out = _Out(plan.known_at)
    for each in out.file(plan.report_name, await store.get(plan.report_sha256)):
        yield each
    for piece in plan.pieces:
        content = await _read(store, piece, told)
        if content is not None:
            for each in out.file(piece.path, content):
                yield each
    for name, content in _said(plan, told, out.sums):
        for each in out.file(name, content):
            yield each
    yield out.end()


async def _read(store: Store, piece: Piece, told: Told) -> bytes | None:
    try:
        content = await store.get(piece.sha256)
    except EvidenceMissing:
        told.states[piece.path] = MISSING
    except EvidenceDamaged:
        told.states[piece.path] = DAMAGED
    else:
        told.states[piece.path] = HERE
        return content
    return None


def _said(plan: Plan, told: Told, sums: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """What a packet says of itself. The hash of the whole is that of the list of all hashes."""
    listed = "".join(f"{digest}  {path}\n" for digest, path in sums).encode()
    told.whole = sha256_hex(listed)
    yield SUMS, listed
    yield MANIFEST, json.dumps(manifest(plan, told), indent=2, ensure_ascii=False).encode() + b"\n"
    problems = [piece for piece in plan.pieces if told.states[piece.path] != HERE]
    yield README, render("reports/packet.txt", plan=plan, told=told, problems=problems, here=HERE).encode()


def manifest(plan: Plan, told: Told) -> dict[str, Any]:
    """What is in the packet and what is not, for a machine."""
    return {
        "kind": "evidence-packet",
        "organization": plan.organization,
        "about": plan.about,
        "as_of": plan.as_of.isoformat(),
        "known_at": instant_text(plan.known_at),
        "period": _period(plan.period),
        "recorded_seq": plan.recorded_seq,
        "report": {
            "id": str(plan.report_id), "path": plan.report_name, "sha256": plan.report_sha256, "size": plan.report_size,
        },
        "evidence": [
            {
                "folder": holder.folder,
                "name": holder.name,
                "email": holder.email or None,
                "pieces": [_piece(each, told.states) for each in holder.pieces],
            }
            for holder in plan.holders
        ],
        "pieces": len(plan.pieces),
        "not_in_the_packet": told.problems,
        "whole": {"sha256": told.whole, "of": WHOLE},
        "notice": NOT_LEGAL_ADVICE,
    }  # fmt: skip


def _period(period: Span | None) -> dict[str, str] | None:
    return {"starts_on": period.starts_on.isoformat(), "ends_on": period.ends_on.isoformat()} if period else None


def _piece(piece: Piece, states: Mapping[str, str]) -> dict[str, Any]:
    return {
        "path": piece.path,
        "original_name": piece.name,
        "sha256": piece.sha256,
        "size": piece.size,
        "media_type": piece.media_type,
        "proves": list(piece.proves),
        "state": states[piece.path],
    }


class _Drain(io.RawIOBase):
    """What was written since it was last emptied: a file that nobody can seek in, so that it can go out at once."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.written.append(bytes(data))
        return len(data)

    def empty(self) -> bytes:
        taken, self.written = b"".join(self.written), []
        return taken


class _Out:
    """The archive being written. Nothing is compressed: scans and photos are so already."""

    def __init__(self, at: datetime) -> None:
        local = at.astimezone(UTC)
        self._dated = (max(local.year, 1980), local.month, local.day, local.hour, local.minute, local.second)
        self._drain = _Drain()
        self._zip = zipfile.ZipFile(self._drain, "w", zipfile.ZIP_STORED)
        self.sums: list[tuple[str, str]] = []

    def file(self, name: str, content: bytes) -> Iterator[bytes]:
        """One file, a megabyte at a time."""
        self.sums.append((sha256_hex(content), name))
        entry = zipfile.ZipInfo(name, self._dated)
        entry.external_attr = 0o644 << 16
        entry.create_system = 3  # the same on every machine
        with self._zip.open(entry, "w") as into:
            for start in range(0, len(content), _STEP):
                into.write(memoryview(content)[start : start + _STEP])
                yield self._drain.empty()
        yield self._drain.empty()

    def end(self) -> bytes:
        """The archive's list of its files."""
        self._zip.close()
        return self._drain.empty()
