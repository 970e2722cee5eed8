"""A balance in words: "18 of 24 hours; 2 of ethics missing; until Aug 31, 2027", and line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from compliance.domain.balance import Balance, Part, State
from compliance.domain.counting import USUAL_MINUTES
from compliance.domain.hours import Form
from compliance.domain.ledger import Course
from compliance.domain.months import in_words

TAKEN: Final[Mapping[Form, str]] = {
    Form.LIVE: "In person",
    Form.WEBINAR: "Live webinar",
    Form.SELF_STUDY: "Self-study",
}
SHOWN: Final = 2
"""How many kinds of hours a sentence names when more than three are missing; the lines name all."""


class AskedLine(NamedTuple):
    """One thing that is asked: what, how much there is of it, how much is missing ("" for nothing)."""

    what: str
    there: str
    missing: str


def hours(minutes: int, per_hour: int | None, *, up: bool = False) -> str:
    """Minutes in hours of the rule, with one digit behind the point where it is needed; what is there rounds down."""
    length = per_hour or USUAL_MINUTES
    tenths = -(-minutes * 10 // length) if up else minutes * 10 // length
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def sentence(found: Balance) -> str:
    """The answer first, then what is missing of each minimum, then the last day."""
    parts = [_answer(found)]
    if found.state is State.SHORT or (found.state is State.UNKNOWN and found.window):
        missing = [_missing(each, found.rule.minutes_per_hour) for each in found.parts if each.missing]
        more = len(missing) - SHOWN
        parts += missing if more <= 1 else [*missing[:SHOWN], f"{more} more kinds missing"]
    if found.until:
        parts.append(f"until {in_words(found.until)}")
    return "; ".join(parts)


def _answer(found: Balance) -> str:
    length = found.rule.minutes_per_hour
    if found.state is State.NOT_ASKED:
        return found.because or "No hours are asked"
    if found.state is State.REPLACED:
        return f"{found.because} stands in place of the hours"
    if found.window is None:
        asked = "How many hours are asked" if found.asked is None else f"{hours(found.asked, length)} hours"
        return f"{asked}{' and' if found.asked is None else ' are asked;'} by which day is not known here"
    there = hours(found.counted, length)
    if found.asked is None:
        return f"{there} {'hour' if there == '1' else 'hours'} on file; how many are asked is not known here"
    return f"{there} of {hours(found.asked, length)} hours"


def _missing(part: Part, length: int | None) -> str:
    what = part.minimum.what
    return f"{hours(part.missing, length, up=True)} of {what} missing" if part.asked else f"a course in {what} missing"


def asked_lines(found: Balance) -> list[AskedLine]:
    """All hours first, then every minimum; nothing where no hours are asked or nobody knows in which days."""
    if found.window is None or found.state in (State.NOT_ASKED, State.REPLACED):
        return []
    per_hour = found.rule.minutes_per_hour
    asked = "how many is not known" if found.asked is None else hours(found.asked, per_hour)
    left = max(0, (found.asked or 0) - found.counted)
    whole = AskedLine("Hours in all", f"{hours(found.counted, per_hour)} of {asked}", _left(left, per_hour))
    return [whole, *(_line(each, per_hour) for each in found.parts)]


def _line(part: Part, per_hour: int | None) -> AskedLine:
    minimum, what = part.minimum, part.minimum.what
    also = ", beside the hours" if minimum.beside else ""
    often = ", once" if minimum.once else f", every {minimum.every_years} years" if minimum.every_years else ""
    title = f"{what[:1].upper()}{what[1:]}{also}{often}"
    if not part.asked:
        return AskedLine(title, "no course" if part.missing else "a course", "a course" if part.missing else "")
    there = f"{hours(part.counted, per_hour)} of {hours(part.asked, per_hour)}"
    return AskedLine(title, there, _left(part.missing, per_hour))


def _left(minutes: int, per_hour: int | None) -> str:
    return hours(minutes, per_hour, up=True) if minutes else ""


def notes(found: Balance, titles: Mapping[str, str]) -> list[str]:
    """What counts only so far, what came over, and what is asked beside hours. `titles` of credential types by code."""
    rule, per_hour = found.rule, found.rule.minutes_per_hour
    said = [f"At most {each.words} count." for each in rule.most]
    said += ["Only courses with an approval number count."] if rule.approved_only else []
    said += [f"{hours(found.carried, per_hour)} hours came over from the window before."] if found.carried else []
    said += [f"An hour has {per_hour} minutes."] if per_hour else []
    said += [f"{titles.get(each, each)} stands in place of the hours." for each in rule.instead]
    said += [f"Also asked: {each}." for each in rule.besides]
    said += [f"Reported to {rule.reported_to}."] if rule.reported_to else []
    return said + ([f"Keep certificates for {rule.keep_years} years."] if rule.keep_years else [])


def length(minutes: int) -> str:
    """`3 h 20 min`, as taught."""
    whole, rest = divmod(minutes, 60)
    return " ".join(([f"{whole} h"] if whole else []) + ([f"{rest} min"] if rest else []))


def subjects(course: Course) -> str:
    """`ethics 2 h, self-care 1 h`."""
    return ", ".join(f"{name} {length(minutes)}" for name, minutes in course.subjects.items())


def source(course: Course) -> str:
    """Who gave it, with approval numbers: `Hands On School, provider 451-12`."""
    numbers = [("provider", course.provider_number), ("course", course.course_number)]
    return ", ".join([course.provider] * bool(course.provider) + [f"{what} {no}" for what, no in numbers if no])
