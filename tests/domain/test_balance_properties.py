"""What holds of every rule and every ledger: nothing twice, order does not matter, a further course never hurts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.domain.balance import Balance, Facts, State, balance
from compliance.domain.balance_words import sentence
from compliance.domain.hours import ContinuingEducation, First, Form, Maximum, Minimum, Tier, Which, YearDay
from compliance.domain.ledger import Course
from compliance.domain.months import add_years
from compliance.domain.periods import Period
from compliance.domain.requirements import Citation

SUBJECTS = ("ethics", "laws and rules", "self-care", "cpr")
ONLINE = (Form.WEBINAR, Form.SELF_STUDY)
START, END = date(2025, 9, 1), date(2027, 8, 31)
LATER = date(2040, 1, 1)
half_hours = st.integers(0, 16).map(lambda each: each * 30)


@st.composite
def courses(draw: st.DrawFn) -> list[Course]:
    """Up to eight courses around two windows."""
    found = []
    for number in range(draw(st.integers(0, 8))):
        subjects = draw(st.dictionaries(st.sampled_from(SUBJECTS), half_hours, max_size=2))
        minutes = sum(subjects.values()) + draw(half_hours) + 30
        day = START + timedelta(days=draw(st.integers(-900, 900)))
        form = draw(st.sampled_from(list(Form)))
        approved = draw(st.sampled_from(["", "451"]))
        found.append(Course(UUID(int=number), "C", day, minutes, form, subjects, provider_number=approved))
    return found


minima = st.lists(
    st.one_of(
        st.builds(
            lambda subject, asked: Minimum(subject, asked, Which((subject,))),
            st.sampled_from(SUBJECTS),
            st.integers(0, 4),
        ),
        st.just(Minimum("live", 4, Which(forms=(Form.LIVE,)))),
        st.just(Minimum("ethics or laws", 3, Which(("ethics", "laws and rules")))),
        st.just(Minimum("bias", 1, Which(("cpr",)), beside=True)),
        st.just(Minimum("once", 0, Which(("cpr",)), once=True)),
        st.just(Minimum("six years", 1, Which(("laws and rules",)), every_years=6)),
    ),
    max_size=3,
    unique_by=lambda each: each.what,
)
limits = st.lists(
    st.sampled_from(
        [
            Maximum("online", 5, Which(forms=ONLINE)),
            Maximum("online a day", 3, Which(forms=ONLINE), per_day=True),
            Maximum("self-care", 2, Which(("self-care",))),
        ]
    ),
    max_size=3,
    unique=True,
)
rules = st.builds(
    ContinuingEducation,
    st.just(Citation("a rule")),
    hours=st.none() | st.integers(0, 24),
    window_years=st.sampled_from([1, 2, 4]),
    minutes_per_hour=st.sampled_from([None, 50, 60]),
    carry_over=st.sampled_from([None, 0, 6]),
    carry_over_percent=st.sampled_from([50, 100]),
    minimum=minima.map(tuple),
    maximum=limits.map(tuple),
    opens=st.none(),
    approved_only=st.booleans(),
    not_counted=st.sampled_from([(), ("cpr",)]),
    first=st.sampled_from([(), (First(0),), (First(6, 12),)]),
    tier=st.sampled_from([(), (Tier(10, 2),)]),
)
overlapping = rules.map(lambda each: replace(each, opens=YearDay(6, 1, 2), closes=YearDay(8, 31)))
any_rule = rules | overlapping
facts = st.sampled_from([date(2010, 1, 1), date(2026, 2, 1), None]).map(lambda day: Facts(Period(START, END), day))


def asked(rule: ContinuingEducation, ledger: Sequence[Course], known: Facts) -> Balance:
    return balance(rule, ledger, known, LATER)


@given(any_rule, courses(), facts)
@settings(max_examples=300, deadline=None)
def test_no_minute_is_counted_twice(rule: ContinuingEducation, ledger: list[Course], known: Facts) -> None:
    found = asked(rule, ledger, known)
    assert sum(each.counted for each in found.judged) + found.carried == found.counted
    assert all(0 <= each.counted <= each.course.minutes for each in found.judged)
    assert all(each.counted == each.course.minutes or each.reasons for each in found.judged)
    assert found.counted <= sum(each.minutes for each in ledger)


@given(rules.filter(lambda each: each.window_years == 2) | overlapping, courses())
@settings(max_examples=300, deadline=None)
def test_two_windows_one_after_the_other_never_use_a_minute_twice(
    rule: ContinuingEducation, ledger: list[Course]
) -> None:
    rule = replace(rule, tier=(), first=())
    now = asked(rule, ledger, Facts(Period(START, END), date(2010, 1, 1)))
    term = Period(add_years(START, -2), add_years(END, -2))
    earlier = asked(rule, ledger, Facts(term, date(2010, 1, 1)))
    needed = min(earlier.counted, earlier.asked or 0)
    assert needed + now.counted <= sum(each.minutes for each in ledger) + earlier.carried


@given(any_rule, courses(), facts, st.randoms())
@settings(max_examples=200, deadline=None)
def test_the_order_of_the_courses_does_not_matter(
    rule: ContinuingEducation, ledger: list[Course], known: Facts, chance: Random
) -> None:
    shuffled = chance.sample(ledger, len(ledger))
    first, second = asked(rule, ledger, known), asked(rule, shuffled, known)
    assert sentence(first) == sentence(second)
    assert {each.course.id: each for each in first.judged} == {each.course.id: each for each in second.judged}


@given(any_rule, courses(), facts)
@settings(max_examples=400, deadline=None)
def test_a_further_course_never_makes_it_worse(rule: ContinuingEducation, ledger: list[Course], known: Facts) -> None:
    for course in ledger:
        without = asked(rule, [each for each in ledger if each is not course], known)
        whole = asked(rule, ledger, known)
        assert whole.counted >= without.counted
        assert whole.missing <= without.missing
        assert (without.state is not State.MET) or whole.state is State.MET


def test_an_earlier_course_takes_no_place_under_a_limit_from_one_that_the_next_window_has_too() -> None:
    rule = ContinuingEducation(
        Citation("a rule"), hours=1, maximum=(Maximum("online", 5, Which(forms=ONLINE)),),
        opens=YearDay(6, 1, 2), closes=YearDay(8, 31),
    )  # fmt: skip
    took = ((date(2025, 8, 31), 180), (date(2025, 8, 31), 120), (date(2025, 5, 31), 90))
    ledger = [Course(UUID(int=n), "C", day, minutes, Form.WEBINAR, {}) for n, (day, minutes) in enumerate(took)]
    known = Facts(Period(START, END), date(2010, 1, 1))
    assert [asked(rule, each, known).counted for each in (ledger[:2], ledger)] == [240, 240]


def most(rule: ContinuingEducation, ledger: Sequence[Course]) -> int:
    """The most minutes that can count, by trying all: each whole half hour of each course in or out."""
    parts = [
        (course, subject, minutes // 30)
        for course in ledger
        for subject, minutes in [*course.subjects.items(), ("", course.minutes - sum(course.subjects.values()))]
        if minutes
    ]
    best = 0
    for chosen in product(*(range(count + 1) for _course, _subject, count in parts)):
        if all(_fits(limit, parts, chosen) for limit in rule.most):
            best = max(best, sum(chosen))
    return best * 30


def _fits(limit: Maximum, parts: list[tuple[Course, str, int]], chosen: tuple[int, ...]) -> bool:
    used: dict[date | None, int] = {}
    for (course, subject, _count), taken in zip(parts, chosen, strict=True):
        if (not limit.which.subjects or subject in limit.which.subjects) and (
            not limit.which.forms or course.form in limit.which.forms
        ):
            day = course.completed_on if limit.per_day else None
            used[day] = used.get(day, 0) + taken
    return all(each * 30 <= limit.hours * 60 for each in used.values())


small = st.lists(
    st.builds(
        lambda form, subject, count, day: (form, subject, count, day),
        st.sampled_from(list(Form)),
        st.sampled_from(["", "self-care"]),
        st.integers(1, 3),
        st.integers(0, 1),
    ),
    max_size=4,
)


@given(small, limits)
@settings(max_examples=300, deadline=None)
def test_under_limits_as_much_counts_as_can(given_: list[tuple[Form, str, int, int]], most_: list[Maximum]) -> None:
    tight = tuple(replace(each, hours=each.hours / 2) for each in most_)
    rule = ContinuingEducation(
        Citation("a rule"), hours=24, window_years=2, minutes_per_hour=60, carry_over=0, maximum=tight
    )
    ledger = [
        Course(
            UUID(int=i), "C", START + timedelta(days=day), count * 30, form, {subject: count * 30} if subject else {}
        )
        for i, (form, subject, count, day) in enumerate(given_)
    ]
    assert asked(rule, ledger, Facts(Period(START, END), date(2010, 1, 1))).counted == most(rule, ledger)
