"""What was issued, on record: the row, its mark by the hash of its bytes, and the entry in the trail."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.queries.audit_reports import ISSUED_AS
from compliance.db.records import ReportFingerprintRow, ReportRow
from compliance.services import trail
from compliance.services.audit_reports.making import Made
from compliance.services.rows import Values, table
from compliance.services.trail import Act, Entry


@dataclass(frozen=True, slots=True)
class ToRecord:
    """What a row says of an issued file. `kind` is one of `ISSUED_AS`; `reference` is what is printed on the file."""

    kind: str
    format: str
    question: Values
    question_hash: str
    recorded_seq: int
    reference: UUID
    supersedes_id: UUID | None = None


async def record_issue(session: AsyncSession, act: Act, given: ToRecord, made: Made) -> UUID:
    """Writes it down; the id of the row."""
    id_ = new_id(act.now)
    facts: Values = {
        "format": given.format,
        "sha256": made.sha256,
        "unsigned_sha256": made.unsigned_sha256,
        "signed_by": made.signed_by,
        "size": len(made.content),
        "question": given.question,
    }
    action, noun = ISSUED_AS[given.kind]
    await trail.record(session, act=act, entry=Entry(action, f"{noun}:{id_}", new=facts))
    row = facts | {
        "organization_id": act.organization_id,
        "id": id_,
        "kind": given.kind,
        "question_hash": given.question_hash,
        "recorded_seq": given.recorded_seq,
        "supersedes_id": given.supersedes_id,
        "made_by": act.actor,
        "made_at": act.now,
    }
    mark: Values = {"sha256": made.sha256, "organization_id": act.organization_id, "report_id": id_}
    mark |= {"format": given.format, "issued_at": act.now, "reference": given.reference}
    await session.execute(insert(table(ReportRow)), [row])
    await session.execute(insert(table(ReportFingerprintRow)), [mark])
    return id_
