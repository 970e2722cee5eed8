"""An inspector sheet as it is handed out: printed, signed, and on record by its hash, so that anybody can check it.

The file itself is not kept: its copies are in the evidence store, and it is made anew with each click.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from compliance.crypto.certificates import SigningSettings
from compliance.crypto.hashes import canonical_json, instant_text, sha256_hex
from compliance.db.engine import Database
from compliance.db.queries.audit_reports import SHEET
from compliance.reports import fonts_mark
from compliance.services import inspector_sheets
from compliance.services.audit_reports.issuing import Print, reference_of
from compliance.services.audit_reports.making import signed
from compliance.services.audit_reports.recording import ToRecord, record_issue
from compliance.services.inspector_sheets import Draft
from compliance.services.rows import Values, take_turn
from compliance.services.trail import Act
from compliance.store import Store

REASON: Final = "Inspector sheet, unchanged since it was issued"
FORMAT: Final = "pdf"


async def issue(
    database: Database,
    store: Store,
    *,
    act: Act,
    draft: Draft,
    signing: SigningSettings,
    paper: str = "us-letter",
    added_fonts: Path | None = None,
) -> bytes:
    """The signed PDF, written down as issued. Raises RenderFailed, StoreUnavailable, and Refused where it cannot be
    signed."""
    question = _question(draft, Print(paper, await fonts_mark(added_fonts)))
    question_hash = sha256_hex(canonical_json(question))
    reference = reference_of(act.organization_id, question_hash, FORMAT)
    made_from = (*draft.sheet.made_from, ("Check it at", signing.link(f"verify/{reference}")))
    printed = replace(draft, sheet=replace(draft.sheet, made_from=made_from))
    content = await inspector_sheets.finish(printed, store, paper=paper, added_fonts=added_fonts)
    known_at = draft.sheet.known_at
    made = await signed(database, signing, act.organization_id, content, known_at, act.now, reason=REASON)
    async with database.write.begin() as session:
        await take_turn(session, act)
        said = ToRecord(SHEET, FORMAT, question, question_hash, draft.place.recorded_seq, reference)
        await record_issue(session, act, said, made)
    return made.content


def _question(draft: Draft, print_: Print) -> Values:
    """What it is about and what it was made from, as the row keeps it."""
    sheet, place = draft.sheet, draft.place
    return {
        "kind": SHEET,
        "clinic_id": str(draft.clinic_id),
        "clinic": sheet.clinic,
        "as_of": sheet.as_of.isoformat(),
        "known_at": instant_text(sheet.known_at),
        "period": None,
        "program_version": place.program_version,
        "catalog_fingerprint": place.catalog_fingerprint,
        "trail_head": place.trail_head,
    } | print_.plain()
