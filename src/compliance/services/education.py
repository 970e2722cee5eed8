"""The ledger of continuing education: courses are recorded, corrected and voided; a rule never changes what they were.

A correction voids the course and appends another one that names it. Hours say nothing about clearance, so nothing else
follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import CourseRow, EvidenceRow
from compliance.domain.hours import Form
from compliance.domain.matching import fold
from compliance.services import course_checks, rows, trail
from compliance.services.evidence import NewEvidence, file_row, plain_name
from compliance.services.refusals import Checks, need_reason
from compliance.services.trail import Act, Entry


@dataclass(frozen=True, slots=True)
class NewCourse:
    """One completed course: minutes as taught, and how many of them were of which subject.

    The certificate is a file that was just stored, or one on record by its id. `sure`: it is not the one that looks
    the same.
    """

    therapist_id: UUID
    title: str
    completed_on: date
    minutes: int
    form: Form
    subjects: Mapping[str, int] = field(default_factory=dict)
    provider: str = ""
    provider_number: str = ""
    course_number: str = ""
    approved_from: date | None = None
    approved_until: date | None = None
    certificate: NewEvidence | None = None
    evidence_id: UUID | None = None
    certificate_shows: tuple[str, ...] = ()
    sure: bool = False


@dataclass(frozen=True, slots=True)
class CourseCorrection:
    """A course as it really was, and why it had been written down otherwise. Its therapist stays."""

    course_id: UUID
    course: NewCourse
    reason: str


async def record(session: AsyncSession, *, act: Act, course: NewCourse) -> UUID:
    """One course; its id."""
    return (await record_many(session, act=act, courses=[course]))[0]


async def record_many(session: AsyncSession, *, act: Act, courses: Sequence[NewCourse]) -> list[UUID]:
    """Courses; their ids in the same order. Raises Unknown, Refused, and Unsure for one that is on file already."""
    plain = [_plain(each) for each in courses]
    await rows.take_turn(session, act)
    await rows.load_therapists(session, act, (each.therapist_id for each in plain))
    files = await _files(session, act, plain)
    known = await _known(session, act, plain)
    checks = Checks()
    for index, each in enumerate(plain):
        course_checks.check(checks, act, each, index)
        if not each.sure:
            checks.ask("sure", known.question(each), index)
        known.add(each)
    checks.done()
    made = [_Made(new_id(act.now), each, new_id(act.now) if each.certificate else each.evidence_id) for each in plain]
    entries = [Entry("course.recorded", f"course:{e.id}", e.course.therapist_id, new=_told(e, files)) for e in made]
    seqs = await trail.record_all(session, act=act, entries=entries)
    await _append(session, act, made, seqs, [None] * len(made))
    return [each.id for each in made]


async def unfiled(session: AsyncSession, *, act: Act, courses: Sequence[NewCourse]) -> list[NewCourse]:
    """Those of the courses that are neither on file already nor said twice; nothing is written."""
    plain = [_plain(each) for each in courses]
    known, found = await _known(session, act, plain), []
    for each in plain:
        if known.question(each) is None:
            found.append(each)
            known.add(each)
    return found


async def correct(session: AsyncSession, *, act: Act, correction: CourseCorrection) -> UUID:
    """One course; the id of what takes its place."""
    return (await correct_many(session, act=act, corrections=[correction]))[0]


async def correct_many(session: AsyncSession, *, act: Act, corrections: Sequence[CourseCorrection]) -> list[UUID]:
    """Voids courses and appends what they really were, with the certificates they had unless another one is given.

    Raises Unknown, and Refused without a reason or for what cannot be true.
    """
    for each in corrections:
        need_reason(each.reason, "the course was written down otherwise")
    await rows.take_turn(session, act)
    old = await rows.load_current(session, act, CourseRow, (each.course_id for each in corrections), "course")
    plain = [_plain(_instead(each.course, old[each.course_id])) for each in corrections]
    files = await _files(session, act, plain)
    checks = Checks()
    for index, (each, given) in enumerate(zip(corrections, plain, strict=True)):
        if [other.course_id for other in corrections].count(each.course_id) > 1:
            checks.refuse("course_id", "A course can be corrected once in a list.", index)
        course_checks.check(checks, act, given, index)
    checks.done()
    made = [_Made(new_id(act.now), each, new_id(act.now) if each.certificate else each.evidence_id) for each in plain]
    entries = [
        _corrected(each, old[correction.course_id], correction.reason, files)
        for each, correction in zip(made, corrections, strict=True)
    ]
    seqs = await trail.record_all(session, act=act, entries=entries)
    for reason, places in _by_reason(corrections, seqs).items():
        await rows.void(session, act, CourseRow, places, reason)
    await _append(session, act, made, seqs, [each.course_id for each in corrections])
    return [each.id for each in made]


async def void(session: AsyncSession, *, act: Act, course_id: UUID, reason: str) -> None:
    """One course."""
    await void_many(session, act=act, course_ids=[course_id], reason=reason)


async def void_many(session: AsyncSession, *, act: Act, course_ids: Sequence[UUID], reason: str) -> int:
    """Courses count as never recorded; how many. Raises Unknown, and Refused without a reason."""
    need_reason(reason, "the course is void")
    await rows.take_turn(session, act)
    found = await rows.load_current(session, act, CourseRow, course_ids, "course")
    entries = [
        Entry("course.voided", f"course:{each.id}", each.therapist_id, _facts(each), why=reason.strip())
        for each in found.values()
    ]
    seqs = await trail.record_all(session, act=act, entries=entries)
    await rows.void(session, act, CourseRow, dict(zip(found, seqs, strict=True)), reason.strip())
    return len(found)


# -- the rows --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Made:
    id: UUID
    course: NewCourse
    evidence_id: UUID | None


def _plain(course: NewCourse) -> NewCourse:
    """The same without needless spaces; subjects by the words that rules use."""
    subjects: dict[str, int] = {}
    for name, minutes in course.subjects.items():
        word = " ".join(name.split()).lower()
        subjects[word] = subjects.get(word, 0) + minutes
    words = {each: getattr(course, each).strip() for each in ("title", "provider", "provider_number", "course_number")}
    return replace(course, subjects=subjects, **words)


def _instead(course: NewCourse, old: CourseRow) -> NewCourse:
    """The correction, of the same person, with the certificate on record unless it brings one."""
    kept = course.evidence_id or (None if course.certificate else old.evidence_id)
    return replace(course, therapist_id=old.therapist_id, evidence_id=kept)


async def _files(session: AsyncSession, act: Act, courses: Sequence[NewCourse]) -> dict[UUID, EvidenceRow]:
    """The files on record that are named as certificates. Raises Unknown."""
    ids = [each.evidence_id for each in courses if each.evidence_id]
    return await rows.load_current(session, act, EvidenceRow, ids, "evidence") if ids else {}


@dataclass(slots=True)
class _Known:
    """What is on file already, or earlier in the same list."""

    seen: set[tuple[UUID, str, date]]

    def question(self, course: NewCourse) -> str | None:
        if _same(course.therapist_id, course.title, course.completed_on) not in self.seen:
            return None
        return f"“{course.title}” of that day is on file already. Say that this is another course, or leave it out."

    def add(self, course: NewCourse) -> None:
        self.seen.add(_same(course.therapist_id, course.title, course.completed_on))


def _same(therapist_id: UUID, title: str, completed_on: date) -> tuple[UUID, str, date]:
    return therapist_id, fold(title), completed_on


async def _known(session: AsyncSession, act: Act, courses: Sequence[NewCourse]) -> _Known:
    seen: set[tuple[UUID, str, date]] = set()
    for chunk in rows.chunks(each.therapist_id for each in courses):
        mine = (CourseRow.organization_id == act.organization_id, CourseRow.therapist_id.in_(chunk))
        columns = (CourseRow.therapist_id, CourseRow.title, CourseRow.completed_on)
        found = await session.execute(select(*columns).where(*mine, CourseRow.voided_seq.is_(None)))
        seen |= {_same(*each) for each in found}
    return _Known(seen)


async def _append(
    session: AsyncSession, act: Act, made: Sequence[_Made], seqs: Sequence[int], replaced: Sequence[UUID | None]
) -> None:
    files = [
        file_row(act, each.course.certificate, each.evidence_id, seq)
        for each, seq in zip(made, seqs, strict=True)
        if each.course.certificate and each.evidence_id
    ]
    await rows.add(session, act, EvidenceRow, files)
    await rows.add(
        session,
        act,
        CourseRow,
        [
            _values(each) | {"id": each.id, "recorded_seq": seq, "replaces_id": old}
            for each, seq, old in zip(made, seqs, replaced, strict=True)
        ],
    )


FACTS = (
    *("title", "provider", "provider_number", "course_number", "approved_from", "approved_until", "completed_on"),
    *("minutes", "form", "subjects"),
)
EMPTY: Final[tuple[object, ...]] = ("", {}, None)


def _values(made: _Made) -> rows.Values:
    course = made.course
    return {
        "therapist_id": course.therapist_id,
        "evidence_id": made.evidence_id,
        "certificate_shows": course.certificate_shows,
        **{name: getattr(course, name) for name in FACTS},
        "form": course.form.value,
        "subjects": dict(course.subjects),
    }


def _facts(row: CourseRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FACTS if getattr(row, name) not in EMPTY}


def _told(made: _Made, files: Mapping[UUID, EvidenceRow]) -> rows.Values:
    """What the trail keeps of a course; its file by name and hash."""
    values = {name: value for name, value in _values(made).items() if name in FACTS and value not in EMPTY}
    if made.course.certificate:
        new = made.course.certificate
        return values | {"evidence": made.evidence_id, "file_name": plain_name(new.name), "sha256": new.sha256}
    if made.evidence_id:
        file = files[made.evidence_id]
        return values | {"evidence": file.id, "file_name": file.name, "sha256": file.sha256}
    return values


def _corrected(made: _Made, old: CourseRow, reason: str, files: Mapping[UUID, EvidenceRow]) -> Entry:
    """Of the facts only those that are others now; the file if it is another."""
    was, told = _facts(old), _told(made, files)
    now = {name: told.get(name, "") for name in FACTS if told.get(name) != was.get(name)}
    if made.evidence_id != old.evidence_id:
        now |= {name: told[name] for name in ("evidence", "file_name", "sha256") if name in told}
    before = {name: was.get(name, "") for name in now if name in FACTS}
    return Entry(
        "course.corrected", f"course:{made.id}", old.therapist_id, before, now | {"replaces": old.id}, reason.strip()
    )


def _by_reason(corrections: Sequence[CourseCorrection], seqs: Sequence[int]) -> dict[str, dict[UUID, int]]:
    """The places in the trail of what is voided; rows with one reason are voided together."""
    found: dict[str, dict[UUID, int]] = {}
    for each, seq in zip(corrections, seqs, strict=True):
        found.setdefault(each.reason.strip(), {})[each.course_id] = seq
    return found
