"""The balance of a ledger against a rule, shape by shape, and what has to hold of every rule and every ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from compliance.domain.balance import NO_CARRY, NO_LENGTH, Facts, State, balance
from compliance.domain.balance_words import asked_lines, hours, sentence
from compliance.domain.hours import Form, Maximum, Minimum, Which, YearDay
from compliance.domain.ledger import Course
from compliance.domain.periods import Period
from tests.domain.ledgers import DAY, FACTS, LONG_AGO, RULE, TERM, course, rule


def test_the_answer_is_a_sentence() -> None:
    asked = rule(minima={"ethics": 3})
    found = balance(asked, [course(1, 17 * 60), course(2, 60, ethics=60)], FACTS, DAY)
    assert sentence(found) == "18 of 24 hours; 2 of ethics missing; until Aug 31, 2027"
    assert found.state is State.SHORT
    assert found.missing == 6 * 60


def test_a_sentence_names_two_of_many_kinds_and_the_lines_all_of_them() -> None:
    asked = rule(minima={"ethics": 2, "laws and rules": 2, "medical errors": 2, "human trafficking": 1})
    found = balance(asked, [], FACTS, DAY)
    assert sentence(found) == (
        "0 of 24 hours; 2 of ethics missing; 2 of laws and rules missing; 2 more kinds missing; until Aug 31, 2027"
    )
    assert [each.what for each in asked_lines(found)][1:] == [each.capitalize() for each in asked.minima]


def test_hours_can_be_there_and_a_subject_still_be_missing() -> None:
    found = balance(rule(minima={"ethics": 3}), [course(1, 24 * 60)], FACTS, DAY)
    assert (found.state, found.missing) == (State.SHORT, 180)
    assert balance(rule(minima={"ethics": 3}), [course(1, 24 * 60, ethics=180)], FACTS, DAY).state is State.MET


def test_an_hour_of_fifty_minutes_makes_more_hours_of_the_same_course() -> None:
    six = [course(1, 300)]
    assert sentence(balance(rule(minutes_per_hour=50), six, FACTS, DAY)).startswith("6 of 24 hours")
    unknown = balance(rule(minutes_per_hour=None), six, FACTS, DAY)
    assert sentence(unknown).startswith("5 of 24 hours")
    assert NO_LENGTH in unknown.questions
    assert NO_LENGTH not in balance(RULE, six, FACTS, DAY).questions


@pytest.mark.parametrize(
    ("minutes", "length", "words"), [(90, 60, "1.5"), (59, 60, "0.9"), (1000, 50, "20"), (0, 60, "0"), (100, 60, "1.6")]
)
def test_hours_on_file_are_never_rounded_up(minutes: int, length: int, words: str) -> None:
    assert hours(minutes, length) == words


def test_what_is_missing_is_never_rounded_down() -> None:
    assert hours(61, 60, up=True) == "1.1"


@pytest.mark.parametrize(
    ("on", "counts"),
    [
        (date(2025, 8, 31), False),
        (date(2025, 9, 1), True),
        (date(2027, 6, 1), True),
        (date(2027, 6, 2), False),
    ],
)
def test_a_course_counts_from_the_windows_first_day_to_the_day_asked(on: date, counts: bool) -> None:
    found = balance(RULE, [course(1, 60, on)], FACTS, DAY)
    assert (found.counted == 60) is counts
    assert bool(found.judged[0].reasons) is not counts


def test_hours_over_more_years_than_a_term_are_counted_back_from_its_end_and_the_cycle_is_asked() -> None:
    """Connecticut: 24 hours in four years, renewal every second."""
    found = balance(rule(window_years=4), [course(1, 600, date(2023, 9, 1))], Facts(TERM, LONG_AGO, term_years=2), DAY)
    assert found.window == (date(2023, 9, 1), date(2027, 8, 31))
    assert found.counted == 600
    assert any("Ask for your cycle" in each for each in found.questions)
    assert not balance(RULE, [], Facts(TERM, LONG_AGO, term_years=2), DAY).questions


def test_a_cycle_that_the_board_told_is_kept_whatever_the_terms_do() -> None:
    """Connecticut again: of somebody whose four years end in 2025, 2029 and so on."""
    told = Facts(TERM, LONG_AGO, term_years=2, cycle_ends_on=date(2021, 8, 31))
    found = balance(
        rule(window_years=4), [course(1, 600, date(2025, 8, 31)), course(2, 60, date(2025, 9, 1))], told, DAY
    )
    assert found.window == (date(2025, 9, 1), date(2029, 8, 31))
    assert found.counted == 60
    assert not any("Ask for your cycle" in each for each in found.questions)
    same = Facts(TERM, LONG_AGO, term_years=2, cycle_ends_on=date(2021, 8, 31))
    assert balance(RULE, [], same, DAY).window == (TERM.starts_on, TERM.ends_on)  # where terms and hours run together


def test_a_window_of_calendar_years_goes_its_own_way() -> None:
    """Tennessee: two calendar years ending in even ones, whenever the license ends."""
    asked = rule(window_anchor=date(2004, 12, 31))
    assert balance(asked, [], FACTS, date(2026, 12, 31)).window == (date(2025, 1, 1), date(2026, 12, 31))
    assert balance(asked, [], FACTS, date(2027, 1, 1)).window == (date(2027, 1, 1), date(2028, 12, 31))
    assert balance(asked, [], FACTS, date(2001, 1, 1)).window == (date(2001, 1, 1), date(2002, 12, 31))


def test_a_window_from_the_first_issue_needs_that_day() -> None:
    """AMTA: 48 hours in four years of membership."""
    asked = rule(hours=48, window_years=4, window_from_issue=True)
    found = balance(asked, [], Facts(TERM, date(2022, 7, 15)), DAY)
    assert found.window == (date(2026, 7, 15), date(2030, 7, 14))
    unknown = balance(asked, [], Facts(TERM), DAY)
    assert (unknown.state, unknown.window, unknown.missing) == (State.UNKNOWN, None, 0)
    assert sentence(unknown) == "48 hours are asked; by which day is not known here"


def test_days_that_two_windows_share_are_not_counted_in_both() -> None:
    """North Carolina: from August 1 of the renewal year before to November 1 of this one."""
    asked = rule(hours=10, opens=YearDay(8, 1, 2), closes=YearDay(11, 1))
    term, earlier = Period(date(2026, 1, 1), date(2027, 12, 31)), Period(date(2024, 1, 1), date(2025, 12, 31))
    file = [course(1, 480, date(2025, 3, 1)), course(2, 300, date(2025, 9, 1)), course(3, 60, date(2026, 1, 5))]
    first = balance(asked, file, Facts(earlier, LONG_AGO), date(2027, 12, 31))
    second = balance(asked, file, Facts(term, LONG_AGO), date(2027, 12, 31))
    assert second.window == (date(2025, 8, 1), date(2027, 11, 1))
    assert first.counted == 780
    assert second.counted == 60 + 180  # three hours were over
    assert second.judged[1].counted == 0
    assert "window before" in second.judged[1].reasons[0]


def test_at_most_so_much_online_counts() -> None:
    asked = rule(maxima={"online": 12})
    file = [course(1, 600, form=Form.WEBINAR), course(2, 600, form=Form.SELF_STUDY), course(3, 60)]
    found = balance(asked, file, FACTS, DAY)
    assert found.counted == 13 * 60
    assert [each.counted for each in found.judged] == [600, 120, 60]
    assert found.judged[1].reasons == ("Over the limit of 12 hours (online).",)


def test_at_most_so_much_a_day_counts() -> None:
    """Michigan: twelve hours online a day."""
    online = Which(forms=(Form.WEBINAR, Form.SELF_STUDY))
    asked = rule(maximum=(Maximum("online on one day", 12, online, per_day=True),))
    file = [course(1, 600, form=Form.WEBINAR), course(2, 600, form=Form.WEBINAR)]
    assert balance(asked, file, FACTS, DAY).counted == 720
    other_day = [file[0], course(2, 600, date(2026, 3, 2), Form.WEBINAR)]
    assert balance(asked, other_day, FACTS, DAY).counted == 1200


def test_what_is_under_two_limits_gives_way_to_what_is_under_one() -> None:
    asked = rule(maxima={"online": 4, "self-care": 4})
    both = course(1, 240, form=Form.WEBINAR, self_care=240)
    both = Course(both.id, both.title, both.completed_on, 240, Form.WEBINAR, {"self-care": 240})
    live = Course(UUID(int=2), "Live", both.completed_on, 240, Form.LIVE, {"self-care": 240})
    assert balance(asked, [both, live, course(3, 240, form=Form.WEBINAR)], FACTS, DAY).counted == 480


def test_two_subjects_cannot_both_be_met_by_the_same_room_under_a_limit() -> None:
    asked = rule(hours=24, minima={"ethics": 2, "laws": 2}, maxima={"online": 3})
    file = [
        course(1, 22 * 60),
        course(2, 120, form=Form.WEBINAR, ethics=120),
        course(3, 120, form=Form.WEBINAR, laws=120),
    ]
    found = balance(asked, file, FACTS, DAY)
    assert found.state is State.SHORT
    assert found.missing == 60


def test_an_approval_is_judged_on_the_day_of_the_course() -> None:
    """NCBTMB approves a provider for three years: before and after, its number proves nothing."""
    asked, days = rule(approved_only=True), {"approved_from": date(2023, 7, 1), "approved_until": date(2026, 6, 30)}
    held = [
        replace(course(number, 60, on, approved=True), **days)
        for number, on in enumerate((date(2026, 6, 30), date(2026, 7, 1)), 1)
    ]
    found = balance(asked, held, FACTS, DAY)
    assert [each.counted for each in sorted(found.judged, key=lambda one: one.course.id.int)] == [60, 0]
    assert any("did not hold on the day" in reason for each in found.judged for reason in each.reasons)
    early = replace(course(3, 60, date(2023, 6, 30), approved=True), **days)
    assert not early.approved
    assert replace(early, completed_on=date(2023, 7, 1)).approved


def test_only_courses_with_an_approval_number_count_where_the_rule_says_so() -> None:
    asked = rule(approved_only=True)
    found = balance(asked, [course(1, 60), course(2, 60, approved=True)], FACTS, DAY)
    assert found.counted == 60
    assert "approval number" in found.judged[0].reasons[0]


def test_a_subject_that_never_counts_does_not() -> None:
    found = balance(rule(not_counted=("CPR",)), [course(1, 300, cpr=240)], FACTS, DAY)
    assert found.counted == 60
    assert found.judged[0].reasons == ("The subject cpr does not count here.",)


def test_what_is_asked_beside_the_hours_is_no_part_of_them() -> None:
    """Michigan: an hour of implicit bias a year on top."""
    asked = rule(hours=2, minimum=(Minimum("implicit bias", 3, Which(("implicit bias",)), beside=True),))
    found = balance(asked, [course(1, 120), course(2, 120, implicit_bias=120)], FACTS, DAY)
    assert (found.counted, found.state, found.missing) == (120, State.SHORT, 60)
    assert sentence(found) == "2 of 2 hours; 1 of implicit bias missing; until Aug 31, 2027"


def test_a_subject_is_met_by_any_of_those_that_its_words_name_however_they_are_written() -> None:
    """Maryland: three hours of ethics or jurisprudence."""
    asked = rule(hours=0, minima={"Ethics, management or jurisprudence": 3, "laws and rules": 1})
    file = [course(1, 60, ethics=60), course(2, 60, jurisprudence=60), course(3, 60, management=60)]
    found = balance(asked, file, FACTS, DAY)
    assert [each.missing for each in found.parts] == [0, 60]


def test_a_course_once_in_a_career_is_found_in_any_window() -> None:
    asked = rule(hours=1, minimum=(Minimum("pain management", 0, Which(("pain management",)), once=True),))
    old = course(1, 60, date(2012, 1, 1), pain_management=60)
    assert balance(asked, [old, course(2, 60)], FACTS, DAY).state is State.MET
    found = balance(asked, [course(2, 60)], FACTS, DAY)
    assert sentence(found) == "1 of 1 hours; a course in pain management missing; until Aug 31, 2027"


def test_a_course_every_six_years_lasts_six_years() -> None:
    """Alaska: bloodborne pathogens."""
    minimum = Minimum("bloodborne pathogens", 4, Which(("bloodborne pathogens",)), every_years=6)
    asked = rule(hours=0, minimum=(minimum,))
    for on, state in ((date(2021, 8, 31), State.SHORT), (date(2021, 9, 1), State.MET)):
        assert balance(asked, [course(1, 240, on, bloodborne_pathogens=240)], FACTS, DAY).state is state


def test_hours_over_are_kept_as_far_as_the_rule_keeps_them() -> None:
    before, now = date(2024, 1, 1), date(2026, 1, 1)
    file = [course(1, 30 * 60, before), course(2, 60, now)]
    for kept, percent, hours_there in ((0, 100, 1), (4, 100, 5), (18, 100, 7), (8, 50, 4)):
        found = balance(rule(carry_over=kept, carry_over_percent=percent), file, FACTS, DAY)
        assert found.counted == hours_there * 60
    unknown = balance(rule(carry_over=None), file, FACTS, DAY)
    assert unknown.counted == 60
    assert NO_CARRY in unknown.questions


def test_nothing_is_carried_from_a_window_that_was_not_full() -> None:
    assert balance(rule(carry_over=18), [course(1, 23 * 60, date(2024, 1, 1))], FACTS, DAY).counted == 0
