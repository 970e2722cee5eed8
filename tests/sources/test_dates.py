"""A date on a roster is ISO 8601 or MM/DD/YYYY, month first; anything else is refused with a remedy, never guessed."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.sources.dates import NoDate, parse_date


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-08-31", date(2027, 8, 31)),
        ("08/31/2027", date(2027, 8, 31)),
        ("8/1/2027", date(2027, 8, 1)),
        ("03/04/2027", date(2027, 3, 4)),
        ("02/29/2028", date(2028, 2, 29)),
    ],
)
def test_a_date_is_read_month_first(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("31/02/2027", "has the month 31"),
        ("31/12/2027", "If December 31, 2027 is meant, write 2027-12-31"),
        ("2027-13-01", "has the month 13"),
        ("02/30/2027", "February 2027 has 28 days"),
        ("2027-02-29", "February 2027 has 28 days"),
        ("08/31/27", "year with four digits"),
        ("8.31.27", "year with four digits"),
        ("31.08.2027", "is not a date"),
        ("46265", "Format the column as dates"),
        ("04/05/1980 or so", "is not a date"),
        ("0202-01-01", "has the year 202"),
        ("9999-12-31", "Leave the cell blank if it never ends"),
        ("n/a", "Leave the cell blank if it is not known"),
        ("2027-08-31T00:00:00", "is not a date"),
    ],
)
def test_anything_else_is_refused_with_what_was_given_and_a_remedy(text: str, says: str) -> None:
    with pytest.raises(NoDate) as refused:
        parse_date(text)
    assert says in str(refused.value)
    assert text in str(refused.value)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_both_spellings_of_a_day_are_the_same_day(day: date) -> None:
    assert parse_date(day.isoformat()) == parse_date(f"{day:%m/%d/%Y}") == day


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    with suppress(NoDate):
        assert isinstance(parse_date(text), date)
