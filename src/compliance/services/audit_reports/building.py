"""An audit report from the records: who could work at a clinic on a day, and in a period, by what was known when.

Everything is read at one place in the trail, so that the same question finds the same answer later.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import actors, report_facts
from compliance.db.queries.education import Filed, ledgers
from compliance.db.queries.files import credential_files, merged_at
from compliance.db.queries.report_facts import Span as Named
from compliance.domain.assessment import Covers, covers_of
from compliance.domain.audit_report import (
    AuditReport,
    ChangeLine,
    EducationLine,
    Lapse,
    ModalityVerdict,
    OpenQuestion,
    Provenance,
    Question,
    Sample,
    SentLine,
    TherapistRecord,
    WaiverLine,
)
from compliance.domain.covers import CLEAR, Cover, Status, clipped
from compliance.domain.credentials import CredentialFile
from compliance.domain.periods import Period, clip
from compliance.domain.reasons import reason
from compliance.domain.requirements import Provision, Requirement
from compliance.services import assessments
from compliance.services.audit_reports.clinic_lines import clinic_record, waivers_of_clinics
from compliance.services.audit_reports.education_lines import education_lines
from compliance.services.audit_reports.frame import Around, instants, program_version
from compliance.services.audit_reports.lines import (
    change_line,
    credential_records,
    former_names,
    license_numbers,
    modality_verdict,
    name_on,
    place_name,
    sent_line,
)
from compliance.services.long_work import long_work

CHUNK = 100  # people whose files are read at once; between two of them other pages have their turn


async def write(
    session: AsyncSession, around: Around, supersedes: str | None = None, *, checkpoint: str = "", verify_at: str = ""
) -> AuditReport:
    """The whole report; the last two are what it says of itself when it is issued."""
    asked, place, catalog = around.asked, around.place, around.frame.catalog.fingerprint
    found = await _asked_about(session, around)
    ids = asked.sample.drawn(found, place.hash) if asked.sample else found
    with long_work():
        people = [each async for each in _people(session, around, ids)]
    people.sort(key=lambda each: (each.record.name.casefold(), each.record.email))
    whose = {each.file.therapist_id: each.record.name for each in people}
    return AuditReport(
        question=_printed(around, len(found), [each.record.name for each in people]),
        organization=around.organization,
        clinic=clinic_record(around),
        provenance=Provenance(place.seq, place.hash, catalog, program_version(), supersedes, checkpoint, verify_at),
        therapists=tuple(each.record for each in people),
        lapses=None if asked.period is None else tuple(each for person in people for each in person.lapses),
        waivers=(*waivers_of_clinics(around), *(each for person in people for each in _waivers(around, person))),
        unknowns=_unknowns(around, people),
        sent=await _sent(session, around, whose),
        changes=await _changes(session, around, whose),
        education=tuple(each for person in people for each in person.education),
    )


async def _asked_about(session: AsyncSession, around: Around) -> list[UUID]:
    """Everybody whom the question is about, before a sample is drawn."""
    asked, days = around.asked, around.asked.days
    mine = (around.organization_id, None, days.starts_on, days.ends_on, around.place.seq)
    ids = await report_facts.staff(session, *mine, clinic_ids=asked.clinics, modalities=asked.modalities)
    if not asked.therapist_ids:
        return ids
    merged = await merged_at(session, around.organization_id, around.place.seq)
    wanted = {merged.get(each, each) for each in asked.therapist_ids}
    return [each for each in ids if each in wanted]


def _printed(around: Around, of: int, names: list[str]) -> Question:
    """The question as it is printed."""
    asked, known = around.asked, around.frame.catalog.modalities
    drawn = asked.sample
    head = around.place.hash
    return Question(
        clinic=around.named,
        as_of=asked.as_of,
        known_at=asked.known_at,
        period=asked.period,
        clinics=tuple(each.name for each in around.here) if asked.clinics else (),
        therapists=tuple(names) if asked.therapist_ids else (),
        modalities=tuple(known[each].title if each in known else each for each in asked.modalities),
        sample=Sample(drawn.size, drawn.seed_at(head), of, drawn.seed is None) if drawn else None,
    )


# -- therapists ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Person:
    file: CredentialFile
    record: TherapistRecord
    lapses: tuple[Lapse, ...]
    education: tuple[EducationLine, ...]


async def _people(session: AsyncSession, around: Around, ids: list[UUID]) -> AsyncIterator[_Person]:
    for start in range(0, len(ids), CHUNK):
        part, mine = ids[start : start + CHUNK], (around.organization_id, ids[start : start + CHUNK], around.place.seq)
        files = await credential_files(session, mine[0], part, known_seq=around.place.seq)
        names, addresses = await report_facts.names(session, *mine), await report_facts.addresses(session, *mine)
        courses = await ledgers(session, mine[0], part, known_seq=around.place.seq)
        for id_, file in files.items():
            spans = (names.get(id_, []), addresses.get(id_, []))
            yield _person(around, file, *spans, courses.get(id_, []))
            await asyncio.sleep(0)


def _person(
    around: Around, file: CredentialFile, names: list[Named], addresses: list[Named], courses: list[Filed]
) -> _Person:
    as_of, frame = around.asked.as_of, around.frame
    name = name_on(names, as_of) or file.name
    places = _places(around, file)
    verdicts = [_verdict(around, file, *place) for place in places]
    record = TherapistRecord(
        name=name,
        email=name_on(addresses, as_of),
        former_names=former_names(names, as_of),
        license_numbers=license_numbers(file.credentials),
        modalities=tuple(verdicts),
        credentials=credential_records(frame.catalog, file.credentials, as_of),
    )
    education = education_lines(frame.catalog, file, name, courses, as_of)
    return _Person(file, record, tuple(_lapses(around, file, name, places)), education)


def _verdict(around: Around, file: CredentialFile, clinic_id: UUID, modality: str, title: str) -> ModalityVerdict:
    """One verdict; its findings point at what the therapist or the clinic holds."""
    as_of, frame = around.asked.as_of, around.frame
    own = frame.clinic_files.get(clinic_id)
    mine = frozenset(each.id for each in (*file.credentials, *(own.credentials if own else ())))
    asked = {each.code: each for each in frame.asked_at(modality, clinic_id)}

    def wording(code: str) -> Provision | None:
        return asked[code].provision_on(as_of) if code in asked else None

    clearance = assessments.verdict(frame, file, clinic_id, modality, as_of)
    return modality_verdict(modality, title, clearance, mine, wording)


def _places(around: Around, file: CredentialFile) -> list[tuple[UUID, str, str]]:
    """Clinic, modality and its words, for what the therapist was assigned to on the days of the question."""
    found: dict[tuple[UUID, str], str] = {}
    for each in sorted(file.assignments, key=lambda one: one.starts_on):
        if around.asked.here(each.clinic_id) and clip([each.period], around.asked.days):
            for code in each.modalities:
                if around.asked.modalities and code not in around.asked.modalities:
                    continue
                title = around.frame.catalog.modalities[code].title if code in around.frame.catalog.modalities else code
                where = "" if around.asked.clinic_id else f", {around.clinics[each.clinic_id].name}"
                found[each.clinic_id, code] = f"{title}{where}"
    return [(*key, title) for key, title in found.items()]


# -- lapses, waivers, open questions -------------------------------------------------------------------------------


def _lapses(
    around: Around, file: CredentialFile, name: str, places: Iterable[tuple[UUID, str, str]]
) -> Iterator[Lapse]:
    period = around.asked.period
    if period is None:
        return
    for clinic_id, modality, title in places:
        asked = around.frame.asked_at(modality, clinic_id)
        worked = clip(assessments.worked(file, clinic_id, modality), Period(period.starts_on, period.ends_on))
        covers = covers_of(file, asked, clinic_id=clinic_id, clinic_file=around.frame.clinic_files.get(clinic_id))
        for requirement in asked:
            for cover in _gaps(covers[requirement.code], worked):
                why = reason(cover, cover.status, requirement.provision_on(cover.starts_on))
                yield Lapse(name, title, requirement.title, cover.starts_on, cover.ends_on, why)


def _gaps(covers: Covers, worked: Iterable[Period]) -> Iterator[Cover]:
    for within in worked:
        for each in covers:
            if each.status not in CLEAR and each.ends_on >= within.starts_on and each.starts_on <= within.ends_on:
                yield clipped(each, within.starts_on, within.ends_on)


def _waivers(around: Around, person: _Person) -> Iterator[WaiverLine]:
    days, here = around.asked.days, around.asked.clinics
    titles = {f.requirement: f.title for m in person.record.modalities for f in m.findings}
    for each in sorted(person.file.waivers, key=lambda waiver: waiver.starts_on):
        touches = each.starts_on <= days.ends_on and each.ends_on >= days.starts_on
        if touches and (not here or each.clinic_id is None or each.clinic_id in here):
            title = titles.get(each.requirement, each.requirement)
            yield WaiverLine(person.record.name, title, each.reason, each.granted_by, each.starts_on, each.ends_on)


def _unknowns(around: Around, people: Iterable[_Person]) -> tuple[OpenQuestion, ...]:
    """What the catalog does not answer for these people, with the board that would."""
    found: dict[OpenQuestion, None] = {}
    catalog = around.frame.catalog
    places = dict.fromkeys(place[:2] for person in people for place in _places(around, person.file))
    for clinic_id, modality in places:
        place = around.frame.clinics[clinic_id]
        for each in around.frame.asked_at(modality, clinic_id):
            question = _question(each, around.asked.as_of)
            if question is not None:
                board = catalog.jurisdictions[each.jurisdiction or place].board
                ask = board.name if board else f"the authorities of {place_name(catalog, place)}"
                found[OpenQuestion(each.title, question, ask)] = None
    return tuple(found)


def _question(requirement: Requirement, as_of: date) -> str | None:
    provision = requirement.provision_on(as_of)
    asks = provision is not None and provision.asked.value == Status.UNKNOWN.value
    return provision.question if provision and asks else None


# -- what happened in the period -----------------------------------------------------------------------------------


async def _sent(session: AsyncSession, around: Around, whose: dict[UUID, str]) -> tuple[SentLine, ...] | None:
    span = instants(around)
    if span is None:
        return None
    only = set(whose) if around.asked.limited else None
    return tuple(sent_line(each) for each in await report_facts.sent(session, around.organization_id, only, *span))


async def _changes(session: AsyncSession, around: Around, whose: dict[UUID, str]) -> tuple[ChangeLine, ...] | None:
    span = instants(around)
    if span is None:
        return None
    found = await report_facts.changes(
        session,
        around.organization_id,
        since=span[0],
        until=span[1],
        last_seq=around.place.seq,
        therapist_ids=set(whose) if around.asked.limited else None,
        clinic_ids=around.asked.clinics,
    )
    people = await actors.people(session, (each.actor for each in found))
    return tuple(change_line(each, people, whose) for each in found)
