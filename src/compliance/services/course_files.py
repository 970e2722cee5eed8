"""Courses from a file: read, judged as a whole, and only then recorded. A row that is on file already changes nothing.

CSV as for rosters: comma, semicolon or tab; columns in any order, by name or by what people call them. Nothing is
recorded unless every row is good.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries.course_owners import Owners, owners
from compliance.domain.hours import Form
from compliance.domain.matching import fold, fold_email, fold_number
from compliance.services import course_checks, education
from compliance.services.education import NewCourse
from compliance.services.refusals import Checks
from compliance.services.trail import Act
from compliance.sources import csv_file
from compliance.sources.dates import NoDate, parse_date
from compliance.sources.rows import Unreadable

MOST: Final = 20_000
"""Rows of one file."""

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "therapist_id": (),
    "email": ("e-mail", "e-mail address", "email address", "participant email"),
    "first_name": ("first", "given name"),
    "last_name": ("last", "surname", "family name"),
    "license_number": ("license #", "license no", "lic no", "lic #", "number"),
    "title": ("course", "course title", "course name"),
    "completed_on": ("completed", "completion date", "date completed", "date of completion", "date"),
    "minutes": ("length in minutes",),
    "hours": ("ces", "ce hours", "contact hours", "credit hours"),
    "minutes_per_hour": ("minutes an hour",),
    "form": ("delivery", "how taken", "type", "format"),
    "subjects": ("subject",),
    "provider": ("provider name", "sponsor"),
    "provider_number": ("provider #", "approval number", "provider approval number", "ap number"),
    "course_number": ("course #", "course approval number"),
    "approved_from": ("approval from",),
    "approved_until": ("approval until", "approval expires"),
}
FORMS: Final = {
    "live": Form.LIVE, "in person": Form.LIVE, "classroom": Form.LIVE, "hands-on": Form.LIVE,
    "webinar": Form.WEBINAR, "live webinar": Form.WEBINAR,
    "self-study": Form.SELF_STUDY, "self study": Form.SELF_STUDY, "home study": Form.SELF_STUDY,
    "recorded webinar": Form.SELF_STUDY,
}  # fmt: skip
_LENGTH: Final = re.compile(r"\d{1,5}(\.\d{1,2})?")


@dataclass(frozen=True, slots=True)
class Line:
    """What is wrong in a line of the file: the column, what stands there, and a sentence with the remedy."""

    line: int
    field: str
    value: str
    problem: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The courses to record, how many are on file already, what is refused, and the columns that nobody reads."""

    courses: tuple[NewCourse, ...]
    unchanged: int
    refused: tuple[Line, ...]
    unread: tuple[str, ...] = ()


async def judge(session: AsyncSession, *, act: Act, path: Path) -> Judged:
    """Everything that the file says, held against the records. Raises Unreadable for what is no such file."""
    columns, rows = _table(path)
    people = await _people(session, act, [row for _line, row in rows])
    found: list[tuple[int, NewCourse]] = []
    refused: list[Line] = []
    for line, row in rows:
        course, problems = _course(line, row, people, act)
        refused += problems
        if course is not None and not problems:
            found.append((line, course))
    new = await education.unfiled(session, act=act, courses=[course for _line, course in found])
    return Judged(tuple(new), len(found) - len(new), tuple(refused), tuple(columns))


# -- reading -------------------------------------------------------------------------------------------------------


def _table(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The headers that nobody reads, and each row by field with its line."""
    cells = csv_file.read(path).rows
    _line, header = next(cells, (1, []))
    fields = [_field(each) for each in header]
    missing = [each for each in ("title", "completed_on", "form") if each not in fields]
    if "minutes" not in fields and "hours" not in fields:
        missing.append("minutes or hours")
    if missing or not {"therapist_id", "email", "license_number", "last_name"} & set(fields):
        whose = missing or ["email, license_number or last_name"]
        raise Unreadable(f"The first line has no column {whose[0]}. Columns are {', '.join(ALIASES)}.")
    rows: list[tuple[int, dict[str, str]]] = []
    for line, row in cells:
        if len(rows) == MOST:
            raise Unreadable(f"The file has more than {MOST:,} rows. Split it.")
        if len(row) != len(fields):
            raise Unreadable(f"Line {line} has {len(row)} cells; the first line has {len(fields)} columns.")
        rows.append((line, {field: cell for field, cell in zip(fields, row, strict=True) if field}))
    return [each for each, field in zip(header, fields, strict=True) if not field], rows


def _field(header: str) -> str:
    word = fold(header).replace("_", " ")
    named = (name for name, others in ALIASES.items() if word in (name.replace("_", " "), *others))
    return next(named, "")


# -- judging -------------------------------------------------------------------------------------------------------


async def _people(session: AsyncSession, act: Act, rows: Sequence[Mapping[str, str]]) -> Owners:
    return await owners(
        session,
        act.organization_id,
        emails={fold_email(row["email"]) for row in rows if row.get("email")},
        numbers={fold_number(row["license_number"]) for row in rows if row.get("license_number")},
        names={_name(row) for row in rows if row.get("last_name")},
        ids={found for row in rows if (found := _id(row.get("therapist_id", "")))},
    )


def _course(line: int, row: Mapping[str, str], people: Owners, act: Act) -> tuple[NewCourse | None, list[Line]]:
    """The course of a row, and all that is wrong with it."""
    wrong: dict[str, str] = {}
    whose = _whose(row, people, wrong)
    days = {name: _day(row, name, wrong) for name in ("completed_on", "approved_from", "approved_until")}
    minutes = _minutes(row, wrong)
    form = FORMS.get(fold(row.get("form", "")))
    if form is None:
        wrong["form"] = f"Say how it was taken: {', '.join(dict.fromkeys(each.value for each in FORMS.values()))}."
    subjects = _subjects(row, wrong)
    if wrong or whose is None or form is None or days["completed_on"] is None:
        return None, [Line(line, field, row.get(field, ""), said) for field, said in wrong.items()]
    words: dict[str, Any] = {
        each: row.get(each, "") for each in ("title", "provider", "provider_number", "course_number")
    }
    words |= {each: days[each] for each in ("approved_from", "approved_until")}
    course = NewCourse(whose, completed_on=days["completed_on"], minutes=minutes, form=form, subjects=subjects, **words)
    checks = Checks()
    course_checks.check(checks, act, course)
    return course, [Line(line, each.field, row.get(each.field, ""), each.sentence) for each in checks.problems]


def _whose(row: Mapping[str, str], people: Owners, wrong: dict[str, str]) -> UUID | None:
    """By id, else by e-mail address, else by license number, else by name; two people of one name are asked about."""
    ways = (
        ("therapist_id", people.ids, _id(row.get("therapist_id", ""))),
        ("email", people.emails, fold_email(row.get("email", ""))),
        ("license_number", people.numbers, fold_number(row.get("license_number", ""))),
        ("last_name", people.names, _name(row)),
    )
    field, found = next(((way, known.get(key, set())) for way, known, key in ways if row.get(way)), ("email", set()))
    if len(found) == 1:
        return next(iter(found))
    given = row.get(field, "")
    wrong[field] = f"“{given}” may be any of {len(found)} therapists; give an e-mail address or an id." if found else (
        f"No therapist here has “{given}”." if given else "Say whose course it is."
    )  # fmt: skip
    return None


def _name(row: Mapping[str, str]) -> str:
    return fold(f"{row.get('last_name', '')} {row.get('first_name', '')}".strip())


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(row: Mapping[str, str], field: str, wrong: dict[str, str]) -> date | None:
    text = row.get(field, "")
    if not text and field == "completed_on":
        wrong[field] = "Give the day on which it was completed."
    try:
        return parse_date(text) if text else None
    except NoDate as problem:
        wrong[field] = str(problem)
        return None


def _minutes(row: Mapping[str, str], wrong: dict[str, str]) -> int:
    """Minutes as taught; hours are of sixty unless `minutes_per_hour` says otherwise."""
    field = "minutes" if row.get("minutes") else "hours"
    text, each = row.get(field, ""), row.get("minutes_per_hour") or "60"
    if not _LENGTH.fullmatch(text):
        wrong[field] = f"“{text}” is no length; give a number like 3 or 1.5." if text else "Say how long it was."
    elif each not in ("50", "60"):
        wrong["minutes_per_hour"] = f"“{each}” is no length of an hour; 50 and 60 are."
    else:
        return round(Fraction(text) * (int(each) if field == "hours" else 1))
    return 0


def _subjects(row: Mapping[str, str], wrong: dict[str, str]) -> dict[str, int]:
    """`ethics=120; medical errors=60`, in minutes."""
    found: dict[str, int] = defaultdict(int)
    for part in filter(None, (each.strip() for each in re.split(r"[;|]", row.get("subjects", "")))):
        word, _, minutes = part.rpartition("=")
        if not word.strip() or not minutes.strip().isascii() or not minutes.strip().isdigit():
            wrong["subjects"] = f"“{part}” is no subject with its minutes; write it like ethics=120."
        else:
            found[" ".join(word.split()).lower()] += int(minutes)
    return dict(found)
