"""Asked for class by class, exactly the spans of a day are found, each once."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Date, Integer, MetaData, Table, create_engine, insert, select, union_all

from compliance.db.reach import FAR, REACHES, beginning, holding, reach
from compliance.domain.periods import FOREVER

TODAY = date(2026, 11, 22)
SPANS = Table("spans", MetaData(), Column("reach", Integer), Column("starts_on", Date), Column("ends_on", Date))
LENGTHS = st.one_of(st.integers(1, 3000), st.sampled_from([1, *REACHES, *(each + 1 for each in REACHES)]), st.none())
MEMORY = create_engine("sqlite://")


@st.composite
def spans(draw: st.DrawFn) -> tuple[date, date]:
    start = TODAY + timedelta(days=draw(st.integers(-3000, 100)))
    length = draw(LENGTHS)
    return start, start + timedelta(days=length - 1) if length else FOREVER


@given(st.lists(spans(), max_size=30), st.integers(-40, 40))
def test_the_ranges_of_a_day_find_what_holds_and_what_begins(given_spans: list[tuple[date, date]], away: int) -> None:
    day, row = TODAY + timedelta(days=away), SPANS.c
    last = day + timedelta(days=30)
    with MEMORY.connect() as connection:
        SPANS.metadata.create_all(connection)
        rows = [{"reach": reach(start, end), "starts_on": start, "ends_on": end} for start, end in given_spans]
        if rows:
            connection.execute(insert(SPANS), rows)
        asked = union_all(*(select(row.starts_on, row.ends_on).where(*each) for each in holding(row, day)))
        now = sorted(tuple(each) for each in connection.execute(asked))
        soon = union_all(*(select(row.starts_on, row.ends_on).where(*each) for each in beginning(row, day, last)))
        ahead = sorted(tuple(each) for each in connection.execute(soon))
    assert now == sorted(each for each in given_spans if each[0] <= day <= each[1])
    assert ahead == sorted(each for each in given_spans if day < each[0] <= last)


def test_a_length_is_kept_with_the_least_class_that_it_fits_into() -> None:
    found = [reach(TODAY, TODAY + timedelta(days=days - 1)) for days in (1, 32, 33, 256, 257, 2048, 2049)]
    assert found == [32, 32, 256, 256, 2048, 2048, FAR]
    assert reach(TODAY, FOREVER) == FAR


def test_the_first_days_of_the_calendar_can_be_asked_for() -> None:
    assert len(holding(SPANS.c, date.min)) == len(REACHES) + 1
