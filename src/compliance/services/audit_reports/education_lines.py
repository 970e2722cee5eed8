"""Continuing education in a report: what each credential's renewal asks, and the courses that count towards it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from compliance.catalog import Catalog
from compliance.db.queries.education import Filed
from compliance.domain.audit_report import CourseLine, EducationLine
from compliance.domain.balance import Balance
from compliance.domain.credentials import Credential, CredentialFile
from compliance.domain.ledger import Course
from compliance.services.balances import Due, dues


def education_lines(
    catalog: Catalog, file: CredentialFile, name: str, filed: Sequence[Filed], as_of: date
) -> tuple[EducationLine, ...]:
    """One line for each credential whose renewal asks for hours or may do so; what ends first stands first."""
    known = {each.course.id: each for each in filed}
    return tuple(_line(catalog, name, due, known) for due in dues(file, [each.course for each in filed], as_of))


def _line(catalog: Catalog, name: str, due: Due, filed: dict[UUID, Filed]) -> EducationLine:
    found = due.balance
    return EducationLine(
        therapist=name,
        credential=_title(catalog, due.credential),
        state=found.state.value,
        said=due.sentence,
        starts_on=found.window.starts_on if found.window else None,
        ends_on=found.until,
        citation=found.rule.citation.text,
        courses=tuple(_courses(found, filed)),
    )


def _title(catalog: Catalog, held: Credential) -> str:
    kind = catalog.types.get(held.type)
    return " ".join(part for part in (kind.title if kind else held.type, held.number) if part)


def _courses(found: Balance, filed: dict[UUID, Filed]) -> Iterator[CourseLine]:
    """The courses of the window, and those before it that count, the oldest first."""
    for each in sorted(found.judged, key=lambda judged: (judged.course.completed_on, judged.course.title)):
        if each.counted or _inside(found, each.course):
            kept = filed[each.course.id].certificate
            yield CourseLine(
                title=each.course.title,
                completed_on=each.course.completed_on,
                provider=each.course.provider,
                minutes=each.course.minutes,
                counts=each.counted,
                why_not=" ".join(each.reasons),
                certificate=kept.name if kept else "",
                sha256=kept.sha256 if kept else "",
            )


def _inside(found: Balance, course: Course) -> bool:
    return found.window is not None and found.window.holds(course.completed_on)
