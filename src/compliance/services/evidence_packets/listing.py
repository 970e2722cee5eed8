"""What is in a packet, before anything is read from the evidence store: the report, and by person every file that it
names, with its place in the packet. The same report, the same plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import packets as reading
from compliance.db.queries.audit_reports import IssuedReport
from compliance.db.queries.education import Filed, ledgers
from compliance.db.queries.packets import File
from compliance.domain.audit_report import AuditReport, CredentialRecord, Span
from compliance.services import audit_reports
from compliance.services.audit_reports.asking import Asked, asked_from
from compliance.services.audit_reports.issuing import file_name
from compliance.services.audit_reports.lines import title_of
from compliance.services.evidence_packets.folders import Folder

PEOPLE: Final = "people"
CLINIC: Final = "clinic"
COURSES: Final = "Continuing education"


@dataclass(frozen=True, slots=True)
class Piece:
    """One original. `path` is its place in the packet, `name` what it was called, `proves` what it is a proof of."""

    path: str
    name: str
    sha256: str
    media_type: str
    size: int
    proves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """A person, or (`folder` is "clinic") the clinic, with all that is kept as evidence about them."""

    folder: str
    name: str
    email: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole packet. `report_name` is the report's own place in it."""

    organization: str
    about: str
    as_of: date
    known_at: datetime
    period: Span | None
    recorded_seq: int
    report_id: UUID
    report_name: str
    report_sha256: str
    report_size: int
    holders: tuple[Holder, ...]

    @property
    def pieces(self) -> list[Piece]:
        """Every piece in the packet's order."""
        return [piece for holder in self.holders for piece in holder.pieces]

    @property
    def file_name(self) -> str:
        """`evidence-tampa-2026-11-23.zip`."""
        stem = self.report_name.rpartition(".")[0].removeprefix("audit-")
        return f"evidence-{stem}.zip"


@dataclass(slots=True)
class _Kept:
    """One file of a holder, and what it was found under."""

    folder: str
    name: str
    sha256: str
    proves: list[str] = field(default_factory=list)


async def gather(session: AsyncSession, *, organization_id: UUID, report: IssuedReport) -> Plan:
    """The plan of the packet of an issued report. Raises what building the report raises."""
    built = await audit_reports.build(session, organization_id=organization_id, asked=_asked(report))
    found = await _of_people(session, organization_id, built, report.recorded_seq)
    own = _of_credentials(built.clinic.establishment_licenses)
    if own:
        found.append((CLINIC, built.clinic.name, "", [*own.values()]))
    files = await reading.files(session, organization_id, [each.sha256 for one in found for each in one[3]])
    holders = tuple(Holder(*one[:3], tuple(_placed(one[0], one[3], files))) for one in found)
    return Plan(
        built.organization, report.clinic, report.as_of, report.known_at, report.period, report.recorded_seq,
        report.id, file_name(report.clinic, report.as_of, report.format), report.sha256, report.size, holders,
    )  # fmt: skip


async def _of_people(
    session: AsyncSession, organization_id: UUID, built: AuditReport, seq: int
) -> list[tuple[str, str, str, list[_Kept]]]:
    """Folder, name, address and files of each person who has any: proofs of credentials, certificates of courses."""
    held = [UUID(each.id) for person in built.therapists for each in person.credentials]
    whose = await reading.holders(session, organization_id, held)
    filed = await ledgers(session, organization_id, sorted(set(whose.values())), known_seq=seq)
    folders, found = Folder(), []
    for person in built.therapists:
        mine = _of_credentials(person.credentials)
        ids = [UUID(each.id) for each in person.credentials]
        for record in dict.fromkeys(whose[each] for each in ids if each in whose):
            _add_courses(mine, filed[record])
        if mine:
            folder = f"{PEOPLE}/{folders.name(person.name, 'nameless')}"
            found.append((folder, person.name, person.email, [*mine.values()]))
    return found


def _add_courses(found: dict[str, _Kept], courses: Sequence[Filed]) -> None:
    for each in reversed(courses):  # the oldest first
        if each.certificate:
            _keep(found, COURSES, each.certificate.name, each.certificate.sha256, each.course.title)


def _asked(report: IssuedReport) -> Asked:
    return asked_from(report.asked)


def _of_credentials(held: Iterable[CredentialRecord]) -> dict[str, _Kept]:
    """By hash: a file that proves several things is there once, under the first of them."""
    found: dict[str, _Kept] = {}
    for each in held:
        words = title_of(each)
        for file in each.evidence:
            _keep(found, words, file.name, file.sha256, words)
    return found


def _keep(found: dict[str, _Kept], folder: str, name: str, sha256: str, proves: str) -> None:
    one = found.setdefault(sha256, _Kept(folder, name, sha256))
    if proves not in one.proves:
        one.proves.append(proves)


def _placed(root: str, kept: Sequence[_Kept], files: dict[str, File]) -> Iterable[Piece]:
    names, inside, named = Folder(), {}, {}
    for each in kept:
        if each.folder not in named:
            named[each.folder] = names.name(each.folder, "credential")
            inside[each.folder] = Folder()
        path = f"{root}/{named[each.folder]}/{inside[each.folder].name(each.name)}"
        about = files.get(each.sha256, File("application/octet-stream", 0))
        yield Piece(path, each.name, each.sha256, about.media_type, about.size, tuple(each.proves))
