"""A report with every section, and a question with every limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from compliance.domain.audit_report import (
    AuditReport,
    ChangeLine,
    CourseLine,
    EducationLine,
    FieldChange,
    Question,
    Sample,
    SentLine,
    Span,
)
from tests.reports.sample_reports import AS_OF, KNOWN_AT, NAMES, harbor, therapist

HARD = (
    *NAMES,
    *("Jean-Luc d’Aubigné de la Tour", "O'Brien-Smith Jr.", "Null", "Ö", "Σοφία Παπαδοπούλου", "Ольга Щукина"),
    *("מרים כהן", "Nguyễn Thị Phương Thảo-Ly", "=SUM(A1)", "山田 花子", "Wolfeschlegelsteinhausenbergerdorff"),
    *("สมชาย ศรีสุวรรณ", "आशा शर्मा क्षत्रिय", "សុខា ចាន់ថា ស្រី", "முருகன் சுப்பிரமணியன்", "శ్రీనివాస్ లక్ష్మి", "সুভাষ চৌধুরী"),
    *("ศูนย์นวดแผนไทยเพื่อสุขภาพและความงาม", "क्‍ष अ‌आ ि A्", "സ ක ಕ મ"),
)
"""Twenty-nine names: scripts, marks and joiners, some of them astray, letters without a font, hyphens and apostrophes,
one letter, a formula, words that fit no column."""

EDUCATION = EducationLine(
    therapist="Sofia Papadopoulou",
    credential="Massage license MA 90000",
    state="short",
    said="18 of 24 hours; 2 of ethics missing; until Aug 31, 2027",
    starts_on=date(2025, 9, 1),
    ends_on=date(2027, 8, 31),
    citation="Fla. Admin. Code 64B7-28.009",
    courses=(
        CourseLine("Ethics of touch", date(2026, 3, 14), "Bodywork Institute", 120, 120, "", "ethics.pdf", "7" * 64),
        CourseLine("Stretching at home", date(2026, 5, 2), "Web School", 600, 240, "At most 4 hours online count."),
    ),
)


def whole() -> AuditReport:
    """Every section, and a question with every limit."""
    question = Question(
        "Tampa",
        AS_OF,
        KNOWN_AT,
        Span(date(2026, 1, 1), date(2026, 12, 31)),
        clinics=("Tampa",),
        therapists=HARD,
        modalities=("Massage therapy", "Trigger point therapy"),
        sample=Sample(20, 1842, 143),
    )
    change = ChangeLine(
        datetime(2026, 11, 3, 9, 5, tzinfo=UTC),
        "Dana Whitfield",
        "credential corrected, Dana O’Neill",
        "number: MA 1; issued on: Mar 1, 2025",
        "number: MA 90005; issued on: Sep 1, 2025",
        "Misread",
        (FieldChange("number", "MA 1", "MA 90005"), FieldChange("issued on", "Mar 1, 2025", "Sep 1, 2025")),
    )
    returned = SentLine(
        datetime(2026, 11, 15, 14, 0, tzinfo=UTC),
        "therapist3@harbor.example",
        "Massage license MA 90003",
        "bounced",
        "returned: 550 no such user",
    )
    given = harbor()
    others = (therapist(number, name) for number, name in enumerate(HARD) if number >= len(NAMES))
    return replace(
        given,
        therapists=(*given.therapists, *others),
        question=question,
        education=(EDUCATION,),
        sent=(*(given.sent or ()), returned),
        changes=(*(given.changes or ()), change),
    )
