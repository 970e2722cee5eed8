"""Is this file a report that was issued here, and is it unchanged? Anybody may ask, with the file or with its hash.

A file whose bytes are on record is held against the trail, where its issue is told: who changes a row of the database
must have changed the chain as well. A file whose bytes are not is asked for its signature.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.hashes import chain_hash, sha256_hex
from compliance.crypto.offline import cms, signed_pdf
from compliance.crypto.offline.signed_pdf import Found, inspect
from compliance.db.queries import audit_reports as kept
from compliance.db.records import TrailEntryRow, TrailHeadRow
from compliance.domain.audit_report import Span
from compliance.services import certificates

OF_OURS: Final = (b'"provenance"', b"therapist,email,", b"xl/workbook.xml")
"""What a JSON file, a CSV file and a workbook of ours hold somewhere at their beginning or end."""


class Answer(StrEnum):
    """What can be said of a file."""

    UNCHANGED = "unchanged"
    DISPUTED = "disputed"
    CHANGED = "changed"
    NOT_ON_RECORD = "not-on-record"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"
    NO_REPORT = "no-report"


@dataclass(frozen=True, slots=True)
class Verified:
    """What anybody who holds an issued file may know: that it is unchanged, whose it is and what it answers."""

    report_id: UUID
    organization_id: UUID
    organization: str
    format: str
    sha256: str
    clinic: str
    as_of: date
    known_at: datetime
    period: Span | None
    recorded_seq: int
    issued_at: datetime
    superseded: bool
    signed_by: str | None
    time_zone: str
    whole: bool
    kind: str = kept.KIND

    @property
    def noun(self) -> str:
        """What the file is, in words."""
        return "Inspector sheet" if self.kind == kept.SHEET else "Audit report"

    @property
    def about(self) -> str:
        """The clinic or clinics; of a whole organization that it is about all of them."""
        return f"{self.clinic}, all clinics" if self.whole else self.clinic


@dataclass(frozen=True, slots=True)
class Signer:
    """The certificate that a file was signed with. `ours`: it is one of this installation."""

    subject: str
    fingerprint: str
    not_after: datetime
    expired: bool
    ours: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer for one file. `problem`: what its signature does not hold by, in a few words."""

    answer: Answer
    sha256: str
    report: Verified | None = None
    signer: Signer | None = None
    problem: str = ""


async def check(session: AsyncSession, *, content: bytes, now: datetime) -> Checked:
    """The answer for a file. A signature takes some hundredths of a second of a core."""
    sha256 = sha256_hex(content)
    found = await asyncio.to_thread(inspect, content)
    known = await check_digest(session, sha256=sha256, now=now)
    if known.report is not None:
        return known if _as_recorded(known, found) else _disputed(known)
    signer = await _signer(session, found.certificate, now) if found.certificate else None
    return Checked(_answer(found, signer, content), sha256, None, signer, found.problem)


async def check_digest(session: AsyncSession, *, sha256: str, now: datetime) -> Checked:
    """The answer for a file of which only the hash is known."""
    sha256 = sha256.strip().lower()
    report = await verify(session, sha256=sha256)
    if report is None:
        return Checked(Answer.UNKNOWN, sha256)
    key = await certificates.by_fingerprint(session, report.signed_by) if report.signed_by else None
    signer = None
    if key:
        own = key.certificate
        signer = Signer(own.subject, own.fingerprint, own.not_after, own.not_after < now, ours=True)
    checked = Checked(Answer.UNCHANGED, sha256, report, signer)
    return checked if await _told_in_the_trail(session, report) else _disputed(checked)


def _disputed(known: Checked) -> Checked:
    return Checked(Answer.DISPUTED, known.sha256, known.report, known.signer)


def _as_recorded(known: Checked, found: Found) -> bool:
    """Whether a file whose hash is on record has the signature that is on record."""
    expected = known.report.signed_by if known.report else None
    if expected is None:
        return True
    return (
        found.state == signed_pdf.INTACT
        and found.certificate is not None
        and (found.certificate.fingerprint == expected)
    )


async def _signer(session: AsyncSession, own: cms.Certificate, now: datetime) -> Signer:
    ours = await certificates.by_fingerprint(session, own.fingerprint) is not None
    return Signer(own.subject, own.fingerprint, own.not_after, own.not_after < now, ours)


def _answer(found: Found, signer: Signer | None, content: bytes) -> Answer:
    """Of a file that is not on record."""
    if found.state == signed_pdf.NO_PDF:
        ends = content[:4096] + content[-4096:]
        return Answer.UNKNOWN if any(mark in ends for mark in OF_OURS) else Answer.NO_REPORT
    if found.state in (signed_pdf.CHANGED, signed_pdf.ADDED):
        return Answer.CHANGED
    if found.state == signed_pdf.INTACT and signer:
        return Answer.NOT_ON_RECORD if signer.ours else Answer.ELSEWHERE
    return Answer.UNKNOWN


async def _told_in_the_trail(session: AsyncSession, report: Verified) -> bool:
    """Whether the trail says that this file was issued with this hash, in an entry that its chain holds."""
    row, (action, noun) = TrailEntryRow, kept.ISSUED_AS[report.kind]
    mine = (row.organization_id == report.organization_id, row.subject == f"{noun}:{report.report_id}")
    query = select(row.seq, row.prev, row.hash, row.body).where(*mine, row.action == action)
    entry = (await session.execute(query)).one_or_none()
    if entry is None or json.loads(entry.body)["new"].get("sha256") != report.sha256:
        return False
    link = chain_hash(report.organization_id, entry.seq, entry.prev, entry.body.encode())
    return {entry.hash, await _followed_by(session, report.organization_id, entry.seq)} == {link}


async def _followed_by(session: AsyncSession, organization_id: UUID, seq: int) -> bytes | None:
    """The hash of an entry as whatever comes after it names it."""
    row, head = TrailEntryRow, TrailHeadRow
    after = select(row.prev).where(row.organization_id == organization_id, row.seq == seq + 1)
    last = select(head.hash).where(head.organization_id == organization_id, head.seq == seq)
    return await session.scalar(after) or await session.scalar(last)


async def verify(session: AsyncSession, *, sha256: str) -> Verified | None:
    """Whether a file with this hash was issued here; None: not in exactly these bytes. Anybody may ask."""
    return _verified(await kept.by_hash(session, sha256.strip().lower()))


async def verify_id(session: AsyncSession, *, report_id: UUID) -> Verified | None:
    """The same by the report's id."""
    return _verified(await kept.by_report(session, report_id))


def _verified(found: kept.Fingerprint | None) -> Verified | None:
    if found is None:
        return None
    report = found.report
    return Verified(
        report_id=report.id,
        organization_id=found.organization_id,
        organization=found.organization,
        format=report.format,
        sha256=report.sha256,
        clinic=report.clinic,
        as_of=report.as_of,
        known_at=report.known_at,
        period=report.period,
        recorded_seq=report.recorded_seq,
        issued_at=report.made_at,
        superseded=found.superseded,
        signed_by=report.signed_by,
        time_zone=found.time_zone,
        whole=not report.clinic_ids,
        kind=report.kind,
    )
