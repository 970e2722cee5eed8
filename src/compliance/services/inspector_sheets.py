"""The inspector sheet of a clinic: roster, numbers, expiries, copies of the licenses, who left. It reads only what is
stored here, and works without the internet.

Verdicts come from the audit report of that day, so that both say the same. Copies are renditions, drawn anew from the
originals, which stay in the evidence store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import leavers as reading
from compliance.db.queries.evidence import Proof, proofs
from compliance.domain.audit_report import AuditReport, CredentialRecord, ModalityVerdict, Provenance, TherapistRecord
from compliance.domain.inspector_sheet import Copy, InspectorSheet, Leaver, Practice, SheetLicense, SheetPerson
from compliance.rendering import day, plural
from compliance.reports import render_inspector_sheet
from compliance.services import audit_reports
from compliance.services.audit_reports import Asked
from compliance.services.audit_reports.issuing import file_name
from compliance.services.audit_reports.lines import LICENSES, title_of
from compliance.services.refusals import refuse
from compliance.store import EvidenceDamaged, EvidenceMissing, Store

LEFT_WITHIN: Final = timedelta(days=90)
MOST_PEOPLE: Final = 500
MOST_COPIES: Final = 200
"""A page each, and about a megabyte; of the others the sheet says that they are not enclosed."""

UNREADABLE: Final = "The copy cannot be read from the evidence store: {why}. The license stands on record all the same."


@dataclass(frozen=True, slots=True)
class Wanted:
    """A copy that is to be in the sheet: whose, of what, and the file."""

    whose: str
    title: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Draft:
    """What was read for a sheet, before any copy is looked for."""

    sheet: InspectorSheet
    wanted: tuple[Wanted, ...]
    clinic_id: UUID
    place: Provenance

    @property
    def file_name(self) -> str:
        """`inspector-tampa-2026-11-23.pdf`."""
        return file_name(self.sheet.clinic, self.sheet.as_of, "pdf").replace("audit-", "inspector-", 1)


async def gather(session: AsyncSession, *, organization_id: UUID, clinic_id: UUID, as_of: date, now: datetime) -> Draft:
    """Reads the roster; the session can be closed then. Raises Unknown, and Refused for more than MOST_PEOPLE."""
    report = await audit_reports.build(session, organization_id=organization_id, asked=Asked(clinic_id, as_of, now))
    if len(report.therapists) > MOST_PEOPLE:
        many = plural(len(report.therapists), "person works", "people work")
        instead = "Make an audit report with its evidence packet."
        raise refuse("clinic", f"{many} here, and a sheet holds {MOST_PEOPLE}. {instead}")
    licenses = [(whose, each) for whose, held in _held(report) for each in held]
    files = await proofs(session, organization_id, [UUID(each.id) for _whose, each in licenses])
    chosen = {each.id: _copies_of(each, files) for _whose, each in licenses}
    wanted = [Wanted(whose, title_of(each), file) for whose, each in licenses for file in chosen[each.id]]
    gone = await _leavers(session, organization_id, clinic_id, as_of)
    sheet = _sheet(report, chosen, gone, wanted[MOST_COPIES:])
    return Draft(sheet, tuple(wanted[:MOST_COPIES]), clinic_id, report.provenance)


async def finish(draft: Draft, store: Store, *, paper: str = "us-letter", added_fonts: Path | None = None) -> bytes:
    """The unsigned PDF, with the copies that the store gives and a sentence in place of the others.

    Raises RenderFailed and StoreUnavailable.
    """
    copies = [await _copy(each, store) for each in draft.wanted]
    sheet = replace(draft.sheet, copies=tuple(copies))
    return await render_inspector_sheet(sheet, paper=paper, added_fonts=added_fonts)


def _held(report: AuditReport) -> Iterator[tuple[str, list[CredentialRecord]]]:
    """The licenses in the order in which they are printed: the clinic's own, then each person's."""
    yield report.clinic.name, list(report.clinic.establishment_licenses)
    for each in report.therapists:
        yield each.name, _licenses(each)


def _licenses(person: TherapistRecord) -> list[CredentialRecord]:
    return [each for each in person.credentials if each.type in LICENSES]


def _copies_of(held: CredentialRecord, files: Sequence[Proof]) -> list[Proof]:
    """The newest copy of the license itself; only if there is none, what somebody saw at the board. One file each."""
    mine = [each for each in files if str(each.credential_id) == held.id]
    own = [each for each in mine if each.verification_id is None]
    return (own or mine)[-1:]


async def _leavers(session: AsyncSession, organization_id: UUID, clinic_id: UUID, as_of: date) -> tuple[Leaver, ...]:
    found = await reading.left(session, organization_id, clinic_id, as_of - LEFT_WITHIN, as_of)
    numbers = await reading.numbers(session, organization_id, [each.therapist_id for each in found], LICENSES)
    return tuple(Leaver(each.name, each.last_day, numbers.get(each.therapist_id, ())) for each in found)


def _sheet(
    report: AuditReport, chosen: dict[str, list[Proof]], gone: tuple[Leaver, ...], beyond: Sequence[Wanted]
) -> InspectorSheet:
    clinic, place = report.clinic, report.provenance
    return InspectorSheet(
        organization=report.organization,
        clinic=clinic.name,
        place=clinic.jurisdiction_title,
        address=clinic.address,
        time_zone=clinic.time_zone,
        as_of=report.question.as_of,
        known_at=report.question.known_at,
        own=tuple(_license(each, chosen) for each in clinic.establishment_licenses),
        people=tuple(_person(each, chosen) for each in report.therapists),
        leavers=gone,
        copies=(),
        left_out=tuple(_left_out(beyond)),
        made_from=(
            ("Records up to", f"entry {place.recorded_seq:,} of the history"),
            ("Program version", place.program_version),
        ),
    )


def _left_out(beyond: Sequence[Wanted]) -> Iterator[str]:
    if beyond:
        many = plural(len(beyond), "copy is", "copies are")
        yield f"{many} on file and not enclosed, from {beyond[0].whose} on: ask for the evidence packet."


def _person(person: TherapistRecord, chosen: dict[str, list[Proof]]) -> SheetPerson:
    licenses = tuple(_license(each, chosen) for each in _licenses(person))
    return SheetPerson(person.name, person.former_names, licenses, tuple(map(_practice, person.modalities)))


def _practice(verdict: ModalityVerdict) -> Practice:
    against = [each for each in verdict.findings if not each.clears]
    return Practice(verdict.title, verdict.cleared, ", ".join(f"{each.title}: {each.status}" for each in against))


def _license(held: CredentialRecord, chosen: dict[str, list[Proof]]) -> SheetLicense:
    looks = [each for each in held.verifications if each.result == "confirmed"]
    last = f"{day(looks[-1].on)}, {looks[-1].source}" if looks else ""
    return SheetLicense(
        title=title_of(held).removesuffix(held.number).strip(),
        number=held.number,
        until=max((each.ends_on for each in held.terms), default=None),
        standing=held.standing,
        verified=last,
        copies=len(chosen.get(held.id, ())),
    )


async def _copy(wanted: Wanted, store: Store) -> Copy:
    """One page. What cannot be read is a page, too: nothing is left out in silence."""
    file = wanted.proof
    about = (wanted.whose, wanted.title, file.name, file.sha256, file.pages)
    if file.rendition_sha256 is None:
        return Copy(*about, None, UNREADABLE.format(why="no picture was drawn of it"))
    try:
        return Copy(*about, await store.get(file.rendition_sha256))
    except EvidenceMissing:
        return Copy(*about, None, UNREADABLE.format(why="it is not there"))
    except EvidenceDamaged:
        return Copy(*about, None, UNREADABLE.format(why="it was altered or damaged"))
