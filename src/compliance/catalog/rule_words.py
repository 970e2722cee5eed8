"""Rules of renewal and of continuing education in words, the same on pages, on the command line and in the docs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from compliance.domain.deadlines import DayBefore
from compliance.domain.hours import ContinuingEducation, Maximum, Minimum
from compliance.domain.months import FULL_MONTHS, in_words
from compliance.domain.renewal import (
    DayAfterIssue,
    FixedDate,
    FixedDateUnknownTerm,
    NumberParity,
    RenewalModel,
    SurnameInitial,
)

ORDINALS: Final = ("", "first", "second", "third", "fourth")
IN_WORDS: Final[Mapping[str, Callable[..., str]]] = {
    "fixed-date": lambda model: _fixed_date(model),
    "fixed-date-unknown-term": lambda model: f"Ends on {_day(model)}; how long a term is, is not known",
    "number-parity": lambda model: f"Ends on {_day(model)} of odd or even years, as the license number is odd or even",
    "surname-initial": lambda model: "Ends with a month that the first letter of the surname tells",
    "birthday": lambda model: "Ends on the holder's birthday",
    "birth-month-day": lambda model: f"Ends on day {model.day} of the holder's birth month",
    "birth-month-end": lambda model: "Ends with the month of the holder's birthday",
    "issue-anniversary": lambda model: "Ends on the anniversary of its issue",
    "issue-month-end": lambda model: "Ends with the month of its issue",
    "first-of-month-after-issue": lambda model: "Counted from the first of the month after its issue",
    "day-after-issue": lambda model: f"Ends on the {ORDINALS[model.years]} {_day(model)} after its issue",
    "as-printed": lambda model: "Ends on the day that is printed on it",
    "registration-period": lambda model: "Is registered anew for each period",
    "none": lambda model: "Does not end",
}
"""How each shape of rule reads."""


def model_words(model: RenewalModel) -> str:
    """`Ends on August 31 of odd years, every 2 years`."""
    words = [IN_WORDS[model.name](model)]
    if getattr(model, "parity", None) == "birth-year":
        words.append("in odd or even years as the birth year is")
    if model.years and not isinstance(model, FixedDateUnknownTerm):
        words.append("every year" if model.years == 1 else f"every {model.years} years")
    return ", ".join(words)


def surname_words(model: SurnameInitial) -> tuple[str, ...]:
    """Which letters end when: `A to B: July of odd years`."""
    return tuple(
        f"{first if first == last else f'{first} to {last}'}: {FULL_MONTHS[month - 1]} of {parity} years"
        for first, last, month, parity in model.groups
    )


def day_before_words(day: DayBefore) -> str:
    """`90 days before the end`, `May 1 before the end`."""
    if day.days is not None:
        return f"{day.days} days before the end"
    if day.months is not None:
        month = "the month" if day.months == 1 else f"{day.months} months"
        return f"the first day of {month} before that of the end"
    return f"{FULL_MONTHS[(day.month or 1) - 1]} {day.day} before the end"


def education_words(rule: ContinuingEducation, titles: Mapping[str, str]) -> tuple[str, ...]:
    """What the rule asks, sentence by sentence; a question last, if something has to be found out.

    `titles` of credential types by code, for those that stand in place of hours.
    """
    instead = (f"{titles.get(each, each)} stands in place of the hours." for each in rule.instead)
    limits = (*map(_least, rule.least), *map(_most, rule.most), *instead)
    return (*_amount(rule), *limits, *_exceptions(rule), *_around(rule))


def _fixed_date(model: FixedDate) -> str:
    of = f" of {model.parity} years" if model.parity else ""
    first = model.cycle_year
    cycle = f" of {first}, {first + model.years} and so on" if first else ""
    return f"Ends on {_day(model)}{of}{cycle}"


def _day(model: FixedDate | FixedDateUnknownTerm | NumberParity | DayAfterIssue) -> str:
    return f"{FULL_MONTHS[model.month - 1]} {model.day}"


def _hours(hours: float) -> str:
    return "1 hour" if hours == 1 else f"{hours:g} hours"


def _amount(rule: ContinuingEducation) -> Iterator[str]:
    if rule.hours == 0 and not rule.least:
        yield "None is asked."
        return
    within = f" in {'a year' if rule.window_years == 1 else f'{rule.window_years} years'}" if rule.window_years else ""
    yield f"{_hours(rule.hours)}{within}." if rule.hours is not None else f"The number of hours{within} is not known."
    if rule.minutes_per_hour:
        yield f"An hour has {rule.minutes_per_hour} minutes."
    if rule.window_anchor:
        every = f"every {rule.window_years} years" if rule.window_years else "again and again"
        yield f"Counted in windows that end on {in_words(rule.window_anchor)} and {every} before and after."
    if rule.opens and rule.closes:
        opens, closes = rule.opens, rule.closes
        before = f", {opens.years_before} years before the end," if opens.years_before else ""
        yield (
            f"Counted from {FULL_MONTHS[opens.month - 1]} {opens.day}{before} "
            f"to {FULL_MONTHS[closes.month - 1]} {closes.day} of the year of the end."
        )


def _least(minimum: Minimum) -> str:
    beside = ", on top of the hours" if minimum.beside else ""
    how_often = ", once in a career" if minimum.once else ""
    if minimum.every_years:
        how_often = f", once in {minimum.every_years} years"
    later = ", not at the first renewal" if minimum.from_renewal > 1 else ""
    what = f"{_hours(minimum.hours)}: {minimum.what}" if minimum.hours else f"a course, however long: {minimum.what}"
    return f"At least {what}{beside}{how_often}{later}."


def _most(maximum: Maximum) -> str:
    return f"At most {_hours(maximum.hours)}{' on one day' if maximum.per_day else ''}: {maximum.what}."


def _exceptions(rule: ContinuingEducation) -> Iterator[str]:
    for tier in rule.tier:
        yield f"{_hours(tier.hours)} for whoever was first licensed {tier.from_years} years ago or more."
    if rule.first_renewal:
        yield f"First renewal: {rule.first_renewal}"
    if rule.carry_over == 0:
        yield "No hours are carried over."
    elif rule.carry_over is not None:
        part = "" if rule.carry_over_percent == 100 else f", {rule.carry_over_percent} percent of what is over"
        yield f"At most {_hours(rule.carry_over)} are carried over{part}."


def _around(rule: ContinuingEducation) -> Iterator[str]:
    if rule.approved_only:
        yield "Only courses with an approval count."
    if rule.not_counted:
        yield f"Does not count: {', '.join(rule.not_counted)}."
    for each in rule.besides:
        yield f"{each[0].upper()}{each[1:]}."
    if rule.keep_years:
        yield f"Certificates are kept for {rule.keep_years} years."
    if rule.reported_to:
        yield f"Reported to {rule.reported_to}."
    if rule.question:
        yield f"To find out: {rule.question}"
