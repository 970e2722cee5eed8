"""The words of the pages, where things stand in their pictures, and the frame around them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError

from compliance.domain.periods import FOREVER
from compliance.rendering import (
    STATUSES,
    TEMPLATES,
    ago,
    along,
    breadth,
    day,
    day_time,
    distance,
    environment,
    host,
    in_both,
    may_practice,
    number,
    plural,
    render,
    spoken_spans,
    static,
)
from tests.markup import outline

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 13, 10, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>\"{{7*7}}"
VIEWER = SimpleNamespace(name=HOSTILE, organization_name="Harbor Clinics", role="manager", decisions_count=4)
# -- days ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (date(2027, 8, 31), "Aug 31, 2027"),
        (date(2024, 2, 29), "Feb 29, 2024"),
        (date(2027, 1, 2), "Jan 2, 2027"),
        (FOREVER, "does not end"),
    ],
)
def test_a_day_is_written_month_first_and_never_in_numerals_alone(value: date, said: str) -> None:
    assert day(value) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (-1, "yesterday"),
        (2, "in 2 days"),
        (-23, "23 days ago"),
        (90, "in 90 days"),
        (91, "in 3 months"),
        (281, "in 9 months"),
        (730, "in 24 months"),
        (731, "in 2 years"),
        (-3653, "10 years ago"),
    ],
)
def test_a_distance_is_exact_while_every_day_counts_and_rounder_later(days: int, said: str) -> None:
    assert distance(TODAY + timedelta(days=days), TODAY) == said


def test_a_distance_over_a_leap_day_counts_it() -> None:
    assert distance(date(2028, 3, 1), date(2028, 2, 28)) == "in 2 days"
    assert distance(date(2027, 3, 1), date(2027, 2, 28)) == "tomorrow"


def test_the_open_end_has_no_distance() -> None:
    assert distance(FOREVER, TODAY) == ""


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (datetime(2026, 11, 23, 13, 10, tzinfo=UTC), "Nov 23, 2026, 8:10 AM"),
        (datetime(2026, 11, 24, 4, 59, tzinfo=UTC), "Nov 23, 2026, 11:59 PM"),
        (datetime(2026, 11, 24, 5, 0, tzinfo=UTC), "Nov 24, 2026, 12:00 AM"),
        (datetime(2026, 7, 1, 16, 5, tzinfo=UTC), "Jul 1, 2026, 12:05 PM"),
    ],
)
def test_a_moment_is_told_by_the_clinics_own_clock(instant: datetime, said: str) -> None:
    assert day_time(instant, "America/New_York") == said


def test_a_moment_for_readers_elsewhere_is_told_by_both_clocks_unless_they_are_one() -> None:
    instant = datetime(2026, 11, 24, 4, 59, tzinfo=UTC)
    both = "Nov 23, 2026, 11:59 PM America/New_York (Nov 24, 2026, 4:59 AM UTC)"
    assert in_both(instant, "America/New_York") == both
    assert in_both(instant, "UTC") == "Nov 24, 2026, 4:59 AM UTC"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        day_time(datetime(2026, 11, 23, 8, 10), UTC)  # noqa: DTZ001 the naive instant is the point


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (59, "just now"),
        (360, "6 min ago"),
        (3600, "1 hour ago"),
        (47 * 3600, "47 hours ago"),
        (72 * 3600, "3 days ago"),
    ],
)
def test_how_long_ago_something_ran_is_said_in_the_unit_that_matters(seconds: int, said: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == said


def test_amounts_are_grouped_and_agree_with_their_noun() -> None:
    assert [plural(0, "day"), plural(1, "day"), plural(20_000, "therapist")] == ["0 days", "1 day", "20,000 therapists"]
    assert plural(3, "entry", "entries") == "3 entries"
    assert [number(7.5), number(12.0), number(1234567)] == ["7.5", "12", "1,234,567"]


# -- statuses ------------------------------------------------------------------------------------------------------


def test_only_what_clears_may_practice() -> None:
    assert [status for status in STATUSES if may_practice(status)] == ["met", "expiring", "waived", "not-asked"]


def test_an_unheard_of_status_fails_rather_than_looking_harmless() -> None:
    with pytest.raises(ValueError, match="'probation' is not a status"):
        may_practice("probation")
    with pytest.raises(ValueError, match="'probation' is not a status"):
        environment().from_string('{{ status_word("probation") }}').render()


# -- pictures ------------------------------------------------------------------------------------------------------


def test_a_place_on_the_line_stays_on_the_line() -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    assert along(date(2020, 1, 1), first, last) == 0
    assert along(FOREVER, first, last) == 100
    assert along(first, first, first) == 0


def test_a_lapse_of_one_day_can_be_seen() -> None:
    first, last = date(2020, 1, 1), date(2029, 12, 31)
    assert breadth(TODAY, TODAY, first, last) == 0.4


def test_a_bar_without_end_reaches_the_edge_and_no_farther() -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    start = date(2026, 7, 1)
    assert 99 < along(start, first, last) + breadth(start, FOREVER, first, last) <= 100


def test_a_link_says_where_it_leads() -> None:
    assert host("https://mqa-internet.doh.state.fl.us/MQASearchServices/Home") == "mqa-internet.doh.state.fl.us"


def test_a_row_of_bars_says_in_words_what_it_shows_in_the_order_of_time() -> None:
    spans = [(date(2024, 10, 1), date(2024, 10, 19), "lapsed"), (date(2023, 10, 1), date(2024, 9, 30), "met")]
    assert spoken_spans(spans) == "Met from Oct 1, 2023 to Sep 30, 2024; Lapsed from Oct 1, 2024 to Oct 19, 2024"
    assert spoken_spans([(date(2019, 6, 14), FOREVER, "met")]) == "Met since Jun 14, 2019, does not end"
    assert spoken_spans([]) == "Nothing on file"


# -- the environment ---------------------------------------------------------------------------------------------


def test_plain_text_mail_is_not_escaped_and_pages_are() -> None:
    autoescape = environment().autoescape
    assert callable(autoescape)
    assert [autoescape(name) for name in ("a/subject.txt", "a/body.html", "a/badge.svg", "feed.xml", None)] == [
        False,
        True,
        True,
        True,
        True,
    ]


# -- the frame -----------------------------------------------------------------------------------------------------


def page(**values: object) -> str:
    given: dict[str, object] = {
        "viewer": VIEWER, "today": TODAY, "csrf_token": "t0ken", "path": "/", "flash": None, "as_of": None,
    }  # fmt: skip
    return environment().from_string('{% extends "layout.html" %}').render(given | values)


def test_the_frame_is_whole_and_has_its_landmarks() -> None:
    read = outline(page(flash="Recorded.", as_of=date(2027, 3, 1)))
    assert read.faults == []
    assert len(read.ids) == len(set(read.ids))
    assert [read.tags.count(tag) for tag in ("header", "nav", "main", "footer", "script")] == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/", "Today"),
        ("/therapists", "Therapists"),
        ("/therapists/1/credentials", "Therapists"),
        ("/clinics", "Clinics"),
    ],
)
def test_the_menu_marks_where_one_is(path: str, here: str) -> None:
    assert re.findall(r'aria-current="page">([^<]+)<', page(path=path)) == [here]


def test_signing_out_is_a_form_with_its_token() -> None:
    assert re.search(r'method="post" action="/sign-out"><input type="hidden" name="csrf_token" value="t0ken">', page())


def test_another_day_than_today_is_said_on_top_and_today_is_not() -> None:
    assert 'class="asof"' not in page(as_of=TODAY)
    assert "Mar 1, 2027</time></b>, in 3 months." in page(as_of=date(2027, 3, 1))


def test_a_signed_out_page_has_no_menu() -> None:
    markup = page(viewer=None)
    assert "<nav" not in markup
    assert "/sign-out" not in markup


@pytest.mark.parametrize("code", [400, 403, 404, 413, 500, 503])
def test_an_error_page_needs_nothing_to_be_whole(code: int) -> None:
    markup = render(f"errors/{code}.html")
    assert f"Error {code}" in markup
    assert outline(markup).faults == []
    assert outline(markup).tags.count("h1") == 1


def test_a_path_that_was_not_found_prints_as_just_that() -> None:
    assert "<code>/&lt;script&gt;</code>" in render("errors/404.html", path="/<script>")


def test_a_value_nobody_gave_fails_loudly() -> None:
    with pytest.raises(UndefinedError, match="'therapist' is undefined"):
        environment().from_string("{{ therapist.name }}").render()


def test_every_template_compiles() -> None:
    names = environment().list_templates(extensions=["html", "txt"])
    assert "layout.html" in names
    for name in names:
        environment().get_template(name)


def test_a_static_files_address_changes_with_its_content() -> None:
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{10}", static("app.css"))
    assert static("app.css") != static("tokens.css").replace("tokens", "app")


def test_pages_speak_american_english() -> None:
    texts = [path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".css", ".js", ".txt"}]
    british = re.compile(r"\blicence|practis(e|ing)|organis|colour|favourit|\bcentre\b", re.IGNORECASE)
    assert [path.name for path in texts if british.search(path.read_text())] == []
