"""A day is read as people write it; what is none is refused with a sentence."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.web.days import Unreadable, read_day

FIRST = date(2027, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-01", "2027/3/1", "3/1/27", "03/01/2027", "3-1-2027", "3.1.27", "3 1 2027", "Mar 1 2027",
        "mar. 1, 2027", "March 1, 2027", "1 March 2027", "1 mar 27", "1st of March 2027", "March 1st, 2027",
        "01-MAR-2027", " Mar  1 2027",
    ],
)  # fmt: skip
def test_one_day_is_read_from_all_the_ways_in_which_people_write_it(text: str) -> None:
    assert read_day(text) == FIRST


@pytest.mark.parametrize(("text", "year"), [("9/1/69", 2069), ("9/1/71", 1971), ("Sept 1 1999", 1999)])
def test_two_figures_are_a_year_of_somebodys_life(text: str, year: int) -> None:
    assert read_day(text) == date(year, 9, 1)


@pytest.mark.parametrize(
    "text", ["", "soon", "3/1", "2027", "March 2027", "31/31/31", "Febtober 3 2027", "1/2/3/4", "٣/١/٢٧x"]
)
def test_what_is_no_day_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(Unreadable, match="give one like Aug 31, 2027"):
        read_day(text)


def test_a_day_before_the_month_is_told_of_its_order() -> None:
    with pytest.raises(Unreadable, match="the month comes first"):
        read_day("31/8/2027")


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_every_day_comes_back_from_each_way_of_writing_it(day: date) -> None:
    written = [
        day.isoformat(),
        f"{day:%m/%d/%Y}",
        f"{day:%m/%d/%y}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day:%d %b %Y}",
    ]
    assert {read_day(each) for each in written} == {day}
