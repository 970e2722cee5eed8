from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

import pytest

from compliance.crypto.ids import new_id, new_ids

NOW = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)


def test_an_id_is_a_version_7_uuid_that_carries_the_millisecond() -> None:
    made = new_id(NOW)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == int(NOW.timestamp() * 1000)


def test_ids_of_one_instant_sort_in_the_order_they_were_made_even_when_instants_mix() -> None:
    other = NOW + timedelta(days=1)
    ids = []
    for _ in range(2000):
        ids.append(new_id(NOW))
        new_id(other)
    assert ids == sorted(ids)
    assert len(set(ids)) == 2000
    assert [str(i) for i in ids] == sorted(str(i) for i in ids)


def test_ids_drawn_many_at_a_time_are_such_ids_too_and_never_the_same_twice() -> None:
    one, other = new_ids(NOW), new_ids(NOW)
    ids = [made for pair in islice(zip(one, other, strict=True), 500) for made in (*pair, new_id(NOW))]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1500
    assert {(made.version, made.int >> 80) for made in ids} == {(7, int(NOW.timestamp() * 1000))}
    assert len({made.int & 0xFFFFFFFF for made in ids}) > 1490  # the bits of each are drawn, not counted


def test_a_later_instant_gives_a_later_id() -> None:
    first = new_id(NOW + timedelta(milliseconds=1))
    assert new_id(NOW) < first


def test_the_same_instant_in_another_zone_is_the_same_millisecond() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert new_id(there).int >> 80 == new_id(NOW).int >> 80


@pytest.mark.parametrize("wrong", [NOW.replace(tzinfo=None), datetime(1969, 12, 31, tzinfo=UTC)])
def test_a_naive_or_ancient_instant_is_refused(wrong: datetime) -> None:
    with pytest.raises(ValueError, match="An id needs an instant"):
        new_id(wrong)
