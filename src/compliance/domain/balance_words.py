"""A balance as a sentence: "18 of 24 hours; 2 of ethics missing; until Aug 31, 2027"."""

from __future__ import annotations

from compliance.domain.balance import Balance, Part, State
from compliance.domain.counting import USUAL_MINUTES
from compliance.domain.months import in_words


def hours(minutes: int, per_hour: int | None, *, up: bool = False) -> str:
    """Minutes in hours of the rule, with one digit behind the point where it is needed; what is there rounds down."""
    length = per_hour or USUAL_MINUTES
    tenths = -(-minutes * 10 // length) if up else minutes * 10 // length
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def sentence(found: Balance) -> str:
    """The answer first, then what is missing of each minimum, then the last day."""
    parts = [_answer(found)]
    if found.state is State.SHORT or (found.state is State.UNKNOWN and found.window):
        parts += [_missing(each, found.rule.minutes_per_hour) for each in found.parts if each.missing]
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
