"""Audit reports: made once for a question, kept under it, and recognized again by their hash.

A report's content is a function of the question, the records up to a place in the trail, the catalog and the program.
For a PDF also of the fonts that the installation adds. Asked again, the kept file is served; a newer program or
catalog, or other fonts, make a new one that says which it supersedes.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.crypto.certificates import SigningSettings
from compliance.crypto.checkpoints import TrailKey
from compliance.crypto.hashes import canonical_json, instant_text, sha256_hex
from compliance.db.engine import Database
from compliance.db.queries import audit_reports as kept
from compliance.db.queries import report_facts
from compliance.db.queries.audit_reports import IssuedReport
from compliance.domain.audit_report import AuditReport
from compliance.domain.matching import fold
from compliance.reports import FORMATS, PAPERS, fonts_mark
from compliance.services import logos
from compliance.services.audit_reports import building, frame, making
from compliance.services.audit_reports.asking import MOST_SAMPLED, Asked, AskedSample
from compliance.services.audit_reports.frame import Around, program_version
from compliance.services.audit_reports.making import Made
from compliance.services.audit_reports.recording import ToRecord, record_issue
from compliance.services.refusals import Checks, Problem, Unknown, refuse
from compliance.services.rows import Values, take_turn
from compliance.services.trail import Act
from compliance.store import Store

__all__ = ["SHAPES", "Asked", "AskedSample", "Issued", "build", "content", "issue"]

SHAPES = tuple(FORMATS)
READ_ONLY = frozenset({"clinic", "trail_head"})
"""What a row of an issued report says of its question beside the question itself."""

AT_ONCE = 2
"""Renders at the same time in one process: each takes a core and a child process."""

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Issued:
    """An issued file with its bytes. `made` is False when it had been made before."""

    report_id: UUID
    content: bytes
    sha256: str
    size: int
    format: str
    media_type: str
    file_name: str
    made: bool
    supersedes_id: UUID | None


@dataclass(frozen=True, slots=True)
class Print:
    """How a file is printed: the paper, and the fingerprint of the fonts that are added to the program's."""

    paper: str
    fonts: str = ""

    def plain(self) -> Values:
        """As the question's row keeps it; without added fonts it reads as before there could be any."""
        return {"paper": self.paper, **({"fonts": self.fonts} if self.fonts else {})}


@dataclass(frozen=True, slots=True)
class _Draft:
    """A report that is not yet issued, with what its row will say."""

    report: AuditReport
    question: Values
    question_hash: str
    reference: UUID
    logo: str
    supersedes_id: UUID | None


async def issue(
    database: Database,
    store: Store,
    *,
    act: Act,
    asked: Asked,
    format: str,
    signing: SigningSettings,
    paper: str = "us-letter",
    added_fonts: Path | None = None,
) -> Issued:
    """The file that answers a question: the kept one, or a new one. Reads, closes, renders, signs, then writes.

    Raises Unknown, Refused, reports.RenderFailed, and the store's errors.
    """
    _check(act, asked, format, paper)
    fonts = await fonts_mark(added_fonts) if format == making.SIGNED else ""
    async with database.read.begin() as session:
        found = await _drafted(session, act, asked, format, Print(paper, fonts), signing)
    if isinstance(found, IssuedReport):
        return await _served(store, found)
    report = replace(found.report, logo=await logos.printed(store, found.logo))
    async with _turn():
        made = await making.made(database, signing, act.organization_id, report, format, paper, act.now, added_fonts)
    await store.put(made.content, made.sha256)
    async with database.write.begin() as session:
        others = await _keep(session, act, found, format, made)
        row = others or await kept.issued_for(session, act.organization_id, found.question_hash, format)
    if row is None:
        raise RuntimeError(f"The report {made.sha256} is not there right after it was written.")
    return await _served(store, row) if others else _issued(row, made.content, made=True)


def _check(act: Act, asked: Asked, format: str, paper: str) -> None:
    checks = Checks()
    if asked.known_at.tzinfo is None:
        checks.refuse("known_at", f"{asked.known_at.isoformat()} has no time zone. Write it like 2026-11-23T08:10:00Z.")
    elif asked.known_at > act.effective:
        checks.refuse("known_at", f"{asked.known_at.isoformat()} lies ahead. Nobody knows yet what will be on record.")
    if format not in FORMATS:
        checks.refuse("format", f"{format!r} is no format of this report. Allowed are {', '.join(FORMATS)}.")
    if paper not in PAPERS:
        checks.refuse("paper", f"{paper!r} is no paper size. Allowed are {', '.join(PAPERS)}.")
    unknown = sorted(set(asked.modalities) - set(load().modalities))
    if unknown:
        checks.refuse("modalities", f"{unknown[0]!r} is no modality. Allowed are {', '.join(load().modalities)}.")
    if asked.sample and not 1 <= asked.sample.size <= MOST_SAMPLED:
        checks.refuse("sample", f"{asked.sample.size:,} people cannot be drawn. Give 1 to {MOST_SAMPLED:,}.")
    checks.done()


def _turn() -> asyncio.Semaphore:
    """The queue for renders in this event loop."""
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))


async def build(
    session: AsyncSession, *, organization_id: UUID, asked: Asked, supersedes: str | None = None
) -> AuditReport:
    """The report as a value, for showing it on a page. Raises Unknown and Refused."""
    around = await _around(session, organization_id, asked)
    return await building.write(session, around, supersedes)


async def _around(session: AsyncSession, organization_id: UUID, asked: Asked) -> Around:
    """The records at that instant: an instant that was asked before keeps the place that it was given then.

    For whoever began before and commits after has an entry of an earlier instant, and this report's own entry has the
    same one.
    """
    place = await kept.place_of(session, organization_id, instant_text(asked.known_at))
    place = place or await report_facts.place_at(session, organization_id, asked.known_at)
    if place is None:
        raise refuse("known_at", f"Nothing was on record yet at {asked.known_at.isoformat(timespec='seconds')}.")
    return await frame.look_around(session, organization_id, asked, place)


async def _drafted(
    session: AsyncSession, act: Act, asked: Asked, format: str, print_: Print, signing: SigningSettings
) -> IssuedReport | _Draft:
    """The kept file, or what a new one will hold."""
    around = await _around(session, act.organization_id, asked)
    question = _question(around, print_)
    question_hash = sha256_hex(canonical_json({key: question[key] for key in question if key not in READ_ONLY}))
    found = await kept.issued_for(session, act.organization_id, question_hash, format)
    if found is not None:
        return found
    earlier = await _earlier(session, act, around, format, print_.paper)
    reference = reference_of(act.organization_id, question_hash, format)
    report = await building.write(
        session,
        around,
        earlier.sha256 if earlier else None,
        checkpoint=_checkpoint(around, signing),
        verify_at=signing.link(f"verify/{reference}"),
    )
    return _Draft(report, question, question_hash, reference, around.logo, earlier.id if earlier else None)


def _checkpoint(around: Around, signing: SigningSettings) -> str:
    """The trail as it was for this report, signed: the same for the same place."""
    place = around.place
    key = TrailKey(signing.secret)
    return key.checkpoint(around.organization_id, place.seq, bytes.fromhex(place.hash)).note


def reference_of(organization_id: UUID, question_hash: str, format: str) -> UUID:
    """What is printed on a report, before its bytes are there: of its question alone (a UUID of version 8)."""
    whose = canonical_json([organization_id, question_hash, format])
    digest = int.from_bytes(hashlib.sha256(whose).digest()[:16], "big")
    fixed = 0xF << 76 | 0b11 << 62
    return UUID(int=digest & ~fixed | 0x8 << 76 | 0b10 << 62)


def _question(around: Around, print_: Print) -> Values:
    """The question and what answers it, as the row keeps them."""
    return (around.asked.plain() | print_.plain()) | {
        "clinic": around.named,
        "program_version": program_version(),
        "catalog_fingerprint": around.frame.catalog.fingerprint,
        "trail_head": around.place.hash,
    }


async def _earlier(session: AsyncSession, act: Act, around: Around, format: str, paper: str) -> IssuedReport | None:
    """The newest file that answered the same question by an older program or catalog, or with other fonts."""
    asked = around.asked
    found = await kept.issued_at(session, act.organization_id, instant_text(asked.known_at), format)
    return next((each for each in found if (each.asked, each.paper) == (asked.plain(), paper)), None)


async def _keep(session: AsyncSession, act: Act, draft: _Draft, format: str, made: Made) -> IssuedReport | None:
    """Writes the row, unless somebody else asked the same meanwhile: then theirs is the kept one and comes back."""
    await take_turn(session, act)
    found = await kept.issued_for(session, act.organization_id, draft.question_hash, format)
    if found is not None:
        return found
    said = ToRecord(
        kind=kept.KIND,
        format=format,
        question=draft.question,
        question_hash=draft.question_hash,
        recorded_seq=draft.report.provenance.recorded_seq,
        reference=draft.reference,
        supersedes_id=draft.supersedes_id,
    )
    await record_issue(session, act, said, made)
    return None


async def content(session: AsyncSession, store: Store, *, organization_id: UUID, report_id: UUID) -> Issued:
    """A kept file again. Raises Unknown, and the store's errors."""
    found = await kept.issued_one(session, organization_id, report_id)
    if found is None:
        raise Unknown(Problem("report_id", f"No report has the id {report_id}."))
    return await _served(store, found)


async def _served(store: Store, row: IssuedReport) -> Issued:
    return _issued(row, await store.get(row.sha256), made=False)


def _issued(row: IssuedReport, content: bytes, *, made: bool) -> Issued:
    return Issued(
        report_id=row.id,
        content=content,
        sha256=row.sha256,
        size=row.size,
        format=row.format,
        media_type=FORMATS[row.format].media_type,
        file_name=file_name(row.clinic, row.as_of, row.format),
        made=made,
        supersedes_id=row.supersedes_id,
    )


def file_name(clinic: str, as_of: date, format: str) -> str:
    """`audit-tampa-2026-11-23.pdf`: plain letters, whatever the clinic is called."""
    plain = "".join(each if each.isascii() and each.isalnum() else "-" for each in fold(clinic))
    place = "-".join(part for part in plain.split("-") if part) or "clinic"
    return f"audit-{place[:60]}-{as_of.isoformat()}.{FORMATS[format].extension}"
