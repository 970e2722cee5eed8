"""The macros that pages are made of: whole, escaped, and each of them tried."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from jinja2.nodes import Macro

from compliance.domain.periods import FOREVER
from compliance.rendering import STATUSES, TEMPLATES, environment, status_word
from compliance.web.timeline import Bar, Entry, Looked, stretch
from tests.markup import outline

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 13, 10, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>\"{{7*7}}"
SAMPLES = {
    "today": TODAY,
    "now": NOW,
    "hostile": HOSTILE,
    "later": date(2027, 8, 31),
    "rows": [
        Bar(
            HOSTILE,
            HOSTILE,
            ((date(2019, 6, 14), FOREVER, "met"),),
            ((date(2018, 6, 14), date(2019, 6, 13), "lapsed"),),
            (Looked(date(2026, 3, 1), True, HOSTILE), Looked(date(2026, 4, 1), False, HOSTILE)),
            (Entry(date(2019, 6, 14), FOREVER, "met", HOSTILE), Entry(date(2026, 3, 1), None, "met", HOSTILE)),
        )
    ],
    "stretch": stretch(date(2026, 5, 5), TODAY, ""),
}

CALLS = {
    "marks.html": {
        "sprite": "{{ m.sprite() }}",
        "icon": "{{ m.icon('met') }}",
        "glyph": "{{ m.glyph('printer') }}",
        "status": "{{ m.status('blocked', hostile) }}",
        "verdict": "{% call m.verdict('met', hostile, hostile) %}Cleared.{% endcall %}",
        "legend": "{{ m.legend() }}",
    },
    "words.html": {
        "day": "{{ m.day(later, today) }}{{ m.day(FOREVER) }}{{ m.day(none) }}",
        "day_cell": "{{ m.day_cell(later, today) }}{{ m.day_cell(none, today) }}",
        "moment": "{{ m.moment(now, 'America/New_York') }}",
        "since": "{{ m.since(now, now, 'America/New_York') }}",
        "person": "{{ m.person('/t?a=1&b=2', hostile, hostile, 'ar') }}",
        "where": "{{ m.where([(hostile, '/therapists'), hostile]) }}",
    },
    "tables.html": {
        "column": "<table><tr>{{ m.column(hostile, 'number', '?sort=x', 'descending') }}</tr></table>",
        "table": "{% call m.table([hostile, m.column('Next', 'act')], hostile, hostile, true) %}<tr></tr>{% endcall %}",
        "cell": "{{ m.cell(hostile, 'short', 'Until') }}",
        "row_action": "{{ m.row_action('/x', 'Renew', hostile) }}",
        "filters": "{% call m.filters('/therapists') %}{{ hostile }}{% endcall %}",
        "filter_select": "{{ m.filter_select('clinic', 'Clinic', [('', 'All'), ('1', hostile)], '1') }}",
        "filter_day": "{{ m.filter_day('as_of', 'As of', today) }}",
        "filter_text": "{{ m.filter_text('q', 'Name', hostile) }}",
        "counts": "{{ m.counts([(hostile, 3, '?v=1', 'lapsed', true), ('All', 9, '?', none, false)], 'Verdict') }}",
    },
    "work.html": {
        "facts": "{{ m.facts([(3, hostile, '#a', 'lapsed'), ('6 min', 'since', '#b', 'met')]) }}",
        "work_item": "{% call m.work_item('missing', '/x', hostile, hostile, hostile, 'vi', 'Add') %}a{% endcall %}",
        "section": "{% call m.section('soon', hostile, hostile) %}a{% endcall %}",
        "line": "<ul>{{ m.line(hostile, hostile, hostile) }}</ul>",
        "terms": "{{ m.terms([(hostile, hostile)]) }}",
        "steps": "{{ m.steps([('a', hostile, true, [('b', '/b')]), ('c', 'd', false, [('e', '/e'), ('f', '/f')])]) }}",
        "empty": "{% call m.empty(hostile) %}<a href='/'>Begin</a>{% endcall %}",
        "way": "{% call m.way('camera', hostile, hostile, true) %}<form></form>{% endcall %}",
    },
    "fields.html": {
        "csrf": "{{ m.csrf(hostile) }}",
        "hidden": "{{ m.hidden('a', hostile) }}",
        "field": "{% call m.field('a', hostile, hostile, hostile) %}<input id='a'>{% endcall %}",
        "text": "{{ m.text('a', 'A', hostile, hostile, hostile, options=[hostile], maxlength=80) }}",
        "email": "{{ m.email('a', 'A', hostile) }}",
        "password": "{{ m.password('a', 'A') }}",
        "date": "{{ m.date('a', 'A', later, min=today) }}{{ m.date('b', 'B', hostile) }}",
        "select": "{{ m.select('a', 'A', [('1', hostile), ('G', [('2', 'Two')])], 2, empty='Choose') }}",
        "textarea": "{{ m.textarea('a', 'A', hostile) }}",
        "file": "{{ m.file('a', 'A', hostile, hostile, 'image/*', true) }}",
        "radios": "{{ m.radios('a', 'A', [('1', hostile), ('2', 'B', hostile)], '2', hostile, hostile) }}",
        "checkboxes": "{{ m.checkboxes('a', 'A', [('1', hostile)], ['1']) }}",
        "checkbox": "{{ m.checkbox('a', hostile, true, hostile) }}",
        "problems": "{{ m.problems({'a': hostile, 'b': 'Give a day.'}) }}{{ m.problems({}) }}",
        "entered": "{{ m.entered(hostile) }}",
        "button": "{{ m.button(hostile) }}{{ m.button('A', '/a', 'first', about=hostile, glyph='printer') }}",
        "submit": "{{ m.submit(hostile, '/back') }}",
        "post": "{{ m.post('/void', hostile, 'token', values={'why': hostile}) }}",
        "opener": "{{ m.opener('waive', hostile) }}",
        "dialog": "{% call m.dialog('waive', hostile, '/waive', 'token', note=hostile) %}a{% endcall %}",
    },
    "pictures.html": {
        "timeline": "{{ m.timeline(rows, stretch, '/t?a=1') }}",
        "bars": "{{ m.bars([(later, 30, '?a'), (today, 8, '?b')], hostile) }}",
        "months": "{{ m.months([(later, 30, '?a'), (today, 8, '?b')], 48) }}",
        "share": "{{ m.share(9, 10) }}{{ m.share(0, 0) }}",
        "meter": "{{ m.meter(9, 24, hostile) }}",
    },
    "notices.html": {
        "notice": "{{ m.notice(hostile, 'lapsed', (hostile, '/undo')) }}",
        "flash_notice": "{{ m.flash_notice(hostile) }}{{ m.flash_notice({'text': hostile, 'status': 'lapsed'}) }}",
        "asof_strip": "{{ m.asof_strip(later, today, '/therapists', [('clinic', hostile)]) }}",
        "progress": "{{ m.progress(hostile, 140, 312, '/tasks/1') }}",
    },
}
EVERY_CALL = [(file, name) for file, calls in CALLS.items() for name in calls]


def shown(file: str, name: str) -> str:
    source = '{% import "_components/' + file + '" as m %}' + CALLS[file][name]
    return environment().from_string(source).render(SAMPLES)


def test_every_status_of_the_contract_has_a_word_a_shape_and_a_color() -> None:
    sprite = shown("marks.html", "sprite")
    tokens = (TEMPLATES / "static" / "tokens.css").read_text()
    promised = ["met", "expiring", "unverified", "lapsed", "missing", "blocked", "waived", "not-asked", "unknown"]
    assert sorted(STATUSES) == sorted(promised)
    for status in promised:
        assert status_word(status)
        assert f'<symbol id="{status}"' in sprite
        assert f'[data-status="{status}"]' in tokens


def test_a_month_that_loses_many_is_marked() -> None:
    assert shown("pictures.html", "months").count('class="steep"') == 2


def test_every_macro_is_tried_here() -> None:
    written = {
        (path.name, macro.name)
        for path in (TEMPLATES / "_components").glob("*.html")
        for macro in environment().parse(path.read_text()).find_all(Macro)
        if not macro.name.startswith("_")
    }
    assert {call for call in written if call[0] in CALLS} == set(EVERY_CALL)


@pytest.mark.parametrize(("file", "name"), EVERY_CALL)
def test_a_macro_writes_whole_markup_that_a_strict_policy_lets_pass(file: str, name: str) -> None:
    read = outline(shown(file, name))
    assert read.faults == []
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))


@pytest.mark.parametrize(("file", "name"), EVERY_CALL)
def test_a_hostile_name_prints_as_just_that(file: str, name: str) -> None:
    markup = shown(file, name)
    assert "script" not in outline(markup).tags
    assert "49" not in markup
    if "hostile" in CALLS[file][name] or name == "coverage":
        assert "&lt;script&gt;" in markup


def test_an_error_stands_between_its_label_and_its_input_and_is_read_with_it() -> None:
    markup = (
        environment()
        .from_string(
            '{% import "_components/fields.html" as m %}{{ m.text("end", "End", "x", "As printed.", "Give a day.") }}'
        )
        .render()
    )
    order = [markup.index(part) for part in (">End<", "As printed.", "Give a day.", "<input")]
    assert order == sorted(order)
    assert 'aria-describedby="end-h end-e"' in markup
    assert 'value="x"' in markup


def test_a_password_is_never_sent_back() -> None:
    assert 'value=""' in shown("fields.html", "password")


def test_a_date_that_was_not_understood_is_kept_as_typed() -> None:
    markup = (
        environment()
        .from_string('{% import "_components/fields.html" as m %}{{ m.date("a", "A", "02/30/2027") }}')
        .render()
    )
    assert 'value="02/30/2027"' in markup
