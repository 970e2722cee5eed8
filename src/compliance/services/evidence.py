"""Evidence: what a proof is, and what it is a proof of. Its bytes were inspected and stored at the edge before."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import CredentialRow, EvidenceLinkRow, EvidenceRow, TermRow, VerificationRow
from compliance.services import consequences, rows, trail
from compliance.services.refusals import Checks, need_reason, refuse
from compliance.services.trail import Act, Entry

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A stored file: the original's name, kind, media type, hash and size; the rendition's hash once there is one."""

    name: str
    kind: str
    media_type: str
    sha256: str
    size: int
    pages: int | None = None
    rendition_sha256: str | None = None
    rendition_media_type: str | None = None


async def attach(
    session: AsyncSession,
    *,
    act: Act,
    evidence: NewEvidence,
    credential_id: UUID,
    term_id: UUID | None = None,
    verification_id: UUID | None = None,
) -> UUID:
    """Records a stored file as a proof of a credential, or of one term or verification of it; the file's id."""
    held = await _proved(session, act, credential_id, term_id, verification_id)
    checks = Checks()
    check_file(checks, evidence)
    checks.done()
    id_, link_id = new_id(act.now), new_id(act.now)
    name = plain_name(evidence.name)
    told: rows.Values = {
        "evidence": id_, "file_name": name, "media_type": evidence.media_type, "sha256": evidence.sha256,
        "size": evidence.size, "term": term_id, "verification": verification_id,
    }  # fmt: skip
    entry = Entry("evidence.attached", f"credential:{held.id}", held.therapist_id, new=told)
    seq = await trail.record(session, act=act, entry=entry)
    await rows.add(session, act, EvidenceRow, [file_row(act, evidence, id_, seq)])
    await _link(session, act, link_id, seq, id_, credential_id, term_id, verification_id)
    await consequences.follow_credentials(session, act=act, credentials=[held])
    return id_


def check_file(checks: Checks, evidence: NewEvidence, index: int = 0) -> None:
    """Notes what cannot be true of a stored file."""
    for field in ("sha256", "rendition_sha256"):
        value = getattr(evidence, field)
        if value is not None and not _HASH.fullmatch(value):
            checks.refuse(field, f"{value!r} is no SHA-256: 64 digits from 0 to f are.", index)
    if evidence.size <= 0:
        checks.refuse("file", f"The file {plain_name(evidence.name)} is empty.", index)


def file_row(act: Act, evidence: NewEvidence, id_: UUID, seq: int) -> rows.Values:
    """The row of a stored file, recorded at that place in the trail by whoever acts."""
    marks: rows.Values = {"name": plain_name(evidence.name), "id": id_, "recorded_seq": seq}
    return asdict(evidence) | marks | {"uploaded_by": act.actor, "uploaded_at": act.now}


async def link(
    session: AsyncSession,
    *,
    act: Act,
    evidence_id: UUID,
    credential_id: UUID,
    term_id: UUID | None = None,
    verification_id: UUID | None = None,
) -> UUID:
    """Says that a file on record proves this too; the link's id. Raises Unknown and Refused."""
    held = await _proved(session, act, credential_id, term_id, verification_id)
    await rows.load_current(session, act, EvidenceRow, [evidence_id], "evidence")
    id_ = new_id(act.now)
    new: rows.Values = {"evidence": evidence_id, "term": term_id, "verification": verification_id}
    entry = Entry("evidence.linked", f"credential:{held.id}", held.therapist_id, new=new)
    seq = await trail.record(session, act=act, entry=entry)
    await _link(session, act, id_, seq, evidence_id, credential_id, term_id, verification_id)
    await consequences.follow_credentials(session, act=act, credentials=[held])
    return id_


async def unlink(session: AsyncSession, *, act: Act, link_id: UUID, reason: str) -> None:
    """Says that a file does not prove this. The file stays. Raises Unknown, and Refused without a reason."""
    need_reason(reason, "the file is no proof of this")
    row = (await rows.load_current(session, act, EvidenceLinkRow, [link_id], "link"))[link_id]
    held = (await rows.load(session, act, CredentialRow, [row.credential_id], "credential"))[row.credential_id]
    old: rows.Values = {"evidence": row.evidence_id}
    entry = Entry("evidence.unlinked", f"credential:{held.id}", held.therapist_id, old, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await rows.void(session, act, EvidenceLinkRow, {link_id: seq}, reason)
    await consequences.follow_credentials(session, act=act, credentials=[held])


async def _proved(
    session: AsyncSession, act: Act, credential_id: UUID, term_id: UUID | None, verification_id: UUID | None
) -> CredentialRow:
    """The credential that is proved; term and verification must be its own."""
    held = (await rows.load_current(session, act, CredentialRow, [credential_id], "credential"))[credential_id]
    if term_id:
        term = (await rows.load_current(session, act, TermRow, [term_id], "term"))[term_id]
        if term.credential_id != credential_id:
            raise refuse("term_id", "The term belongs to another credential.")
    if verification_id:
        found = await rows.load_current(session, act, VerificationRow, [verification_id], "verification")
        if found[verification_id].credential_id != credential_id:
            raise refuse("verification_id", "The verification belongs to another credential.")
    return held


async def _link(
    session: AsyncSession,
    act: Act,
    id_: UUID,
    seq: int,
    evidence_id: UUID,
    credential_id: UUID,
    term_id: UUID | None,
    verification_id: UUID | None,
) -> None:
    row: rows.Values = {
        "id": id_,
        "recorded_seq": seq,
        "evidence_id": evidence_id,
        "credential_id": credential_id,
        "term_id": term_id,
        "verification_id": verification_id,
    }
    await rows.add(session, act, EvidenceLinkRow, [row])


def plain_name(name: str) -> str:
    """The last part of a file's name, without characters that end lines or fake another order of letters."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(each for each in last if each.isprintable())
    return kept.strip()[:120] or "file"
