"""What stands in a pack for a board: the ledger as it is printed, and the manifest that a machine reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from compliance import catalog
from compliance.db.queries.education import Filed
from compliance.domain.audit_report import NOT_LEGAL_ADVICE
from compliance.domain.balance import Balance, Judged
from compliance.domain.balance_words import TAKEN, asked_lines, hours, length, notes, source, subjects
from compliance.domain.credentials import Credential
from compliance.domain.ledger_report import LedgerCourse, LedgerReport
from compliance.domain.matching import fold
from compliance.domain.months import in_words
from compliance.domain.periods import FOREVER
from compliance.services.audit_reports.frame import program_version
from compliance.services.balances import Due


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose pack it is."""

    organization: str
    therapist: str
    therapist_id: UUID


@dataclass(frozen=True, slots=True)
class Kept:
    """A certificate in the pack: its name there, the rendition's hash, and the course that it is of."""

    name: str
    rendition: str
    filed: Filed


def ledger_report(
    whose: Whose, due: Due, filed: Sequence[Filed], kept: Sequence[Kept], as_of: date, now: datetime
) -> LedgerReport:
    """The ledger as it is printed."""
    rule, found = due.balance.rule, due.balance
    titles = {code: each.title for code, each in catalog.load().types.items()}
    judged = {each.course.id: each for each in found.judged}
    names = {each.filed.course.id: each.name for each in kept}
    return LedgerReport(
        organization=whose.organization,
        therapist=whose.therapist,
        answer=due.sentence,
        facts=tuple(_facts(whose, due)),
        asked=tuple((each.what, each.there, each.missing) for each in asked_lines(found)),
        notes=tuple(notes(found, titles)),
        questions=found.questions,
        courses=tuple(_course(found, each, judged[each.course.id], names.get(each.course.id, "")) for each in filed),
        made_from=(
            ("Rule", rule.citation.text),
            ("Read", ", ".join(each for each in (rule.citation.as_of, rule.citation.confidence.value) if each)),
            ("Catalog of law", catalog.load().fingerprint),
            ("Program version", program_version()),
        ),
        as_of=as_of,
        known_at=now,
    )


def _facts(whose: Whose, due: Due) -> list[tuple[str, str]]:
    window = due.balance.window
    days = f"{in_words(window.starts_on)} to {in_words(window.ends_on)}" if window else ""
    facts = [("Therapist", whose.therapist), ("Credential", title_of(due.credential)), ("Courses completed", days)]
    if due.term:
        last = "no end" if due.term.ends_on == FOREVER else in_words(due.term.ends_on)
        facts.append(("Term", f"{in_words(due.term.starts_on)} to {last}"))
    return [*facts, ("Kept by", whose.organization)]


def title_of(credential: Credential) -> str:
    """`Florida massage license MA 92644`."""
    known = catalog.load()
    type_ = known.types.get(credential.type)
    title, place = type_.title if type_ else credential.type, known.jurisdictions.get(credential.jurisdiction or "")
    name = f"{place.name} {title[:1].lower()}{title[1:]}" if place else title
    return f"{name} {credential.number}".strip()


def _course(found: Balance, filed: Filed, judged: Judged, name: str) -> LedgerCourse:
    course, counted = filed.course, hours(judged.counted, found.rule.minutes_per_hour)
    return LedgerCourse(
        title=course.title,
        source=source(course),
        completed_on=course.completed_on,
        length=length(course.minutes),
        taken=TAKEN[course.form],
        subjects=subjects(course),
        counts=f"{counted} {'hour' if counted == '1' else 'hours'}",
        reasons=" ".join(judged.reasons),
        file=name,
        sha256=filed.certificate.sha256 if filed.certificate and name else "",
    )


def manifest_of(
    whose: Whose,
    due: Due,
    filed: Sequence[Filed],
    kept: Sequence[Kept],
    as_of: date,
    made: dict[str, Any],
) -> dict[str, Any]:
    """The same for a machine, without the files, whose hashes are known once they are written."""
    found, window, held = due.balance, due.balance.window, due.credential
    names = {each.filed.course.id: each for each in kept}
    judged = {each.course.id: each for each in found.judged}
    return {
        "kind": "continuing-education-pack",
        "organization": whose.organization,
        "therapist": {"id": whose.therapist_id, "name": whose.therapist},
        "credential": {
            "id": held.id, "type": held.type, "jurisdiction": held.jurisdiction, "number": held.number,
            "term": {"starts_on": due.term.starts_on, "ends_on": due.term.ends_on} if due.term else None,
        },
        "window": {"starts_on": window.starts_on, "ends_on": window.ends_on} if window else None,
        "as_of": as_of,
        **made,
        "answer": due.sentence,
        "state": found.state.value,
        "asked_minutes": found.asked,
        "counted_minutes": found.counted,
        "carried_minutes": found.carried,
        "questions": found.questions,
        "rule": found.rule.as_json(),
        "catalog_fingerprint": catalog.load().fingerprint,
        "program_version": program_version(),
        "courses": [_entry(each, judged[each.course.id], names.get(each.course.id)) for each in filed],
        "notice": NOT_LEGAL_ADVICE,
    }  # fmt: skip


def _entry(filed: Filed, judged: Judged, kept: Kept | None) -> dict[str, Any]:
    course, file = filed.course, filed.certificate
    original = (
        {"name": file.name, "media_type": file.media_type, "sha256": file.sha256, "size": file.size} if file else None
    )
    return {
        "id": course.id, "title": course.title, "completed_on": course.completed_on, "minutes": course.minutes,
        "form": course.form.value, "subjects": course.subjects, "provider": course.provider,
        "provider_number": course.provider_number, "course_number": course.course_number,
        "approved_from": course.approved_from, "approved_until": course.approved_until,
        "counted_minutes": judged.counted, "reasons": judged.reasons,
        "certificate": kept.name if kept else None, "original": original,
        "certificate_lacks": course.certificate_lacks() if file else None,
    }  # fmt: skip


def file_name(whose: Whose, due: Due) -> str:
    """`education-sofia-ray-us-fl-2027-08-31.zip`."""
    held, until = due.credential, due.balance.until
    parts = ("education", slug(whose.therapist), held.jurisdiction or held.type, until.isoformat() if until else "")
    return "-".join(part for part in parts if part) + ".zip"


def slug(title: str) -> str:
    """A name that every system takes for a file."""
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in fold(title))
    return "-".join(part for part in plain.split("-") if part)[:60] or "course"
