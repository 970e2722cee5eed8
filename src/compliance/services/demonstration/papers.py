"""A few papers for the demonstration: made here, plainly marked as such, and taken in as any upload is."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.engine import Database
from compliance.db.records import CredentialRow, EvidenceRow, TermRow, TherapistRow
from compliance.domain.months import end_in_words
from compliance.services import evidence
from compliance.services.keeping_files import keep
from compliance.services.trail import Act
from compliance.store import Store

MARK: Final = "DEMONSTRATION - NOT A REAL DOCUMENT"
KINDS: Final = (("massage-license", 4), ("amta-membership", 1), ("bctmb", 1))
"""Of which types how many get a paper; the last license gets a picture of one, as from a telephone."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on one: whose it is, what, and until when."""

    credential_id: UUID
    term_id: UUID
    file_name: str
    lines: tuple[str, ...]
    picture: bool = False


async def attach(database: Database, store: Store, *, act: Act) -> int:
    """Takes the papers in and links them; how many. None where the demonstration has files already."""
    async with database.read() as session:
        mine = EvidenceRow.organization_id == act.organization_id
        there = await session.scalar(select(func.count()).select_from(EvidenceRow).where(mine))
        papers = [] if there else await _papers(session, act.organization_id)
    with tempfile.TemporaryDirectory(prefix="papers-") as folder:
        files = [_keep(store, Path(folder) / str(each.credential_id), each) for each in papers]
        kept = list(zip(papers, await asyncio.gather(*files), strict=True))
    async with database.write.begin() as session:
        for paper, file in kept:
            await evidence.attach(
                session, act=act, evidence=file, credential_id=paper.credential_id, term_id=paper.term_id
            )
    return len(kept)


async def _keep(store: Store, path: Path, paper: Paper) -> evidence.NewEvidence:
    path.write_bytes(pdf(paper.lines))
    kept = await keep(store, path, name=f"{paper.file_name}.pdf")
    if not paper.picture or not kept.rendition_sha256:
        return kept
    path.write_bytes(await store.get(kept.rendition_sha256))
    return await keep(store, path, name=f"{paper.file_name}.jpg")


async def _papers(session: AsyncSession, organization_id: UUID) -> list[Paper]:
    """For the first holders of each kind, the paper of their last term."""
    found: list[Paper] = []
    held, term, who = CredentialRow, TermRow, TherapistRow
    for type_, count in KINDS:
        query = (
            select(held.id, held.number, held.jurisdiction, term.id, term.starts_on, term.ends_on)
            .add_columns(who.first_name, who.last_name)
            .join(term, (term.organization_id == held.organization_id) & (term.credential_id == held.id))
            .join(who, (who.organization_id == held.organization_id) & (who.id == held.therapist_id))
            .where(held.organization_id == organization_id, held.type == type_)
            .where(held.voided_seq.is_(None), term.voided_seq.is_(None))
            .order_by(held.recorded_seq, held.id, term.ends_on.desc())
        )
        last: dict[UUID, Paper] = {}
        for id_, number, place, term_id, starts_on, ends_on, first, family in await session.execute(query):
            title = load().types[type_].title
            days = f"{end_in_words(starts_on)} to {end_in_words(ends_on)}"
            where = load().jurisdictions[place].name if place else ""
            lines = (MARK, title, where, f"{first} {family}", f"Number {number}", days, MARK)
            last.setdefault(id_, Paper(id_, term_id, f"{title} {number}, demonstration", lines))
            if len(last) > count:
                break
        some = list(last.values())[:count]
        found += some
    pictured = [index for index, each in enumerate(found) if each.lines[1] == load().types["massage-license"].title]
    return [_as_picture(each) if index == pictured[-1] else each for index, each in enumerate(found)]


def _as_picture(paper: Paper) -> Paper:
    return Paper(paper.credential_id, paper.term_id, paper.file_name, paper.lines, picture=True)


# -- a page of text as PDF -----------------------------------------------------------------------------------------


def pdf(lines: Sequence[str]) -> bytes:
    """One page with a frame and these lines, in letters that every reader has: without marks that those lack, and with
    `?` for what is left."""
    shown = "\n".join(f"({_escaped(_plain(line))}) Tj T*" for line in lines if line)
    drawn = f"0.5 w 36 36 360 216 re S BT /F 15 Tf 22 TL 54 220 Td {shown} ET".encode("cp1252", "replace")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 432 288] /Contents 4 0 R "
        b"/Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out + end % (table, len(out)))


def _plain(line: str) -> str:
    """`Nguyen` for what the letters of that page cannot write as it is."""
    kept = (each if each.encode("cp1252", "ignore") else normalize("NFD", each)[0] for each in line)
    return "".join(kept)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
