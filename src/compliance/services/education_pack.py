"""The pack that a board's audit asks for: ledger and certificates of one cycle in one ZIP file. Reads only.

What is in it is a function of the records, the day and the instant asked. Certificates are renditions, drawn anew; the
manifest names the hash of each file in the pack and of each original, which stays in the evidence store. The bodies of
certificates are read one after the other while the file goes out.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.hashes import instant_text, sha256_hex
from compliance.db.queries.education import Filed, ledgers
from compliance.db.queries.files import credential_files
from compliance.db.queries.organizations import organization
from compliance.db.queries.trail import head
from compliance.domain.balance import Balance
from compliance.domain.counting import speaks_of
from compliance.domain.credentials import Credential, CredentialFile, Term
from compliance.domain.ledger import Course
from compliance.domain.ledger_report import LedgerReport
from compliance.domain.months import add_years
from compliance.reports import ledger_csv, render_ledger
from compliance.services.balances import Due, courses_of, due_for, held_on, term_on
from compliance.services.education_pack_words import Kept, Whose, file_name, ledger_report, manifest_of, slug
from compliance.services.refusals import Problem, Unknown, refuse
from compliance.store import Store

MEDIA_TYPE: Final = "application/zip"
UNREADABLE: Final = "The certificate of “{title}” cannot be read from the evidence store, so the pack would lack it."


@dataclass(frozen=True, slots=True)
class Draft:
    """What was read for a pack, before anything is rendered or looked for in the store."""

    file_name: str
    report: LedgerReport
    manifest: dict[str, Any]
    certificates: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that can be sent: the ledger is printed, and the certificates are known to be in the store."""

    draft: Draft
    pdf: bytes


@dataclass(frozen=True, slots=True)
class AskedPack:
    """Of which credential's cycle: the one of a term, or (None) of the term that the day lies in."""

    therapist_id: UUID
    credential_id: UUID
    as_of: date
    term_id: UUID | None = None


async def gather(session: AsyncSession, *, organization_id: UUID, asked: AskedPack, now: datetime) -> Draft:
    """Reads what a pack holds; the session can be closed then. Raises Unknown, and Refused where no hours belong."""
    who, day = asked.therapist_id, asked.as_of
    files = await credential_files(session, organization_id, [who])
    if who not in files:
        raise Unknown(Problem("therapist_id", f"No therapist has the id {who}."))
    filed = (await ledgers(session, organization_id, [who]))[who]
    due = _due(files[who], courses_of(filed), asked)
    place, chain = await head(session, organization_id)
    here = await organization(session, organization_id)
    whose = Whose(here.name if here else "", files[who].name, who)
    mine = [each for each in filed if _belongs(due.balance, each.course)]
    kept = _named(mine)
    made = {"recorded_seq": place, "trail_head": chain, "known_at": instant_text(now)}
    manifest = manifest_of(whose, due, mine, kept, day, made)
    return Draft(file_name(whose, due), ledger_report(whose, due, mine, kept, day, now), manifest, tuple(kept))


async def finish(draft: Draft, store: Store, *, added_fonts: Path | None = None) -> Pack:
    """Prints the ledger and sees that every certificate is there. Raises Refused for one that is not, RenderFailed."""
    for each in draft.certificates:
        if not await store.exists(each.rendition):
            raise refuse("certificate", UNREADABLE.format(title=each.filed.course.title))
    return Pack(draft, await render_ledger(draft.report, added_fonts=added_fonts))


def _due(file: CredentialFile, courses: Sequence[Course], asked: AskedPack) -> Due:
    credential = next((each for each in file.credentials if each.id == asked.credential_id), None)
    if credential is None:
        raise Unknown(Problem("credential_id", f"No credential of this therapist has the id {asked.credential_id}."))
    term = _term(credential, asked.term_id, asked.as_of)
    day = min(asked.as_of, term.ends_on) if term else asked.as_of
    until = (
        day if asked.term_id else asked.as_of
    )  # of an earlier term the windows apart from terms are those of its end
    due = due_for(credential, term, held_on(file, day), courses, until)
    if due is None or due.balance.window is None:
        raise refuse("credential_id", "Nobody knows here in which days hours count for this credential, if any do.")
    return due


def _term(credential: Credential, term_id: UUID | None, as_of: date) -> Term | None:
    if term_id is None:
        return term_on(credential, as_of)
    found = next((each for each in credential.terms if each.id == term_id), None)
    if found is None:
        raise Unknown(Problem("term_id", f"No term of this credential has the id {term_id}."))
    return found


def _belongs(balance: Balance, course: Course) -> bool:
    """Whether a course is of the cycle: completed in its days, carried into them, or of a kind that lasts for more."""
    window, rule = balance.window, balance.rule
    if window is None:
        return False
    before = add_years(window.starts_on, -(rule.window_years or 0)) if balance.carried else window.starts_on
    if before <= course.completed_on <= window.ends_on:
        return True
    lasting = [each.which for each in rule.least if each.once or each.every_years]
    kinds = [*course.subjects, ""]
    return any(speaks_of(each, course.form, kind, course.approved) for each in lasting for kind in kinds)


def _named(filed: Sequence[Filed]) -> list[Kept]:
    """Certificates with names that no two share and every system takes."""
    found = []
    for number, each in enumerate(sorted(filed, key=lambda one: (one.course.completed_on, one.course.id)), 1):
        file = each.certificate
        if file and file.rendition_sha256:
            ending = {"image/jpeg": "jpg", "image/png": "png"}.get(file.rendition_media_type or "", "bin")
            found.append(
                Kept(f"certificates/{number:03}-{slug(each.course.title)}.{ending}", file.rendition_sha256, each)
            )
    return found


# -- the file --------------------------------------------------------------------------------------------------------


class _Drain(io.RawIOBase):
    """What was written since it was last emptied: a ZIP file that nobody can seek in, so that it can go out at once."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def empty(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


async def pieces(pack: Pack, store: Store) -> AsyncIterator[bytes]:
    """The ZIP file, piece by piece; one certificate is in memory at a time. The same pack gives the same bytes."""
    drain = _Drain()
    listed: list[dict[str, Any]] = []
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_STORED) as out:
        for name, content in (("ledger.pdf", pack.pdf), ("ledger.csv", ledger_csv(pack.draft.report))):
            listed.append(_put(out, pack, name, content))
            yield drain.empty()
        for each in pack.draft.certificates:
            listed.append(_put(out, pack, each.name, await store.get(each.rendition)))
            yield drain.empty()
        told = json.dumps(pack.draft.manifest | {"files": listed}, indent=2, ensure_ascii=False, default=str)
        _put(out, pack, "manifest.json", told.encode() + b"\n")
    yield drain.empty()


def _put(out: zipfile.ZipFile, pack: Pack, name: str, content: bytes) -> dict[str, Any]:
    at = pack.draft.report.known_at
    entry = zipfile.ZipInfo(name, (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second))
    entry.external_attr = 0o644 << 16
    out.writestr(entry, content)
    return {"name": name, "sha256": sha256_hex(content), "size": len(content)}
