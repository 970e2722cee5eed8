"""The summary of a form that came back: every sentence with its field's label, in the page's order, leading there."""

from __future__ import annotations

from typing import Any

import pytest

from compliance.rendering import environment
from compliance.web.summary import Problems, labels_of
from tests.web import people
from tests.web.conftest import Site
from tests.web.summaries import faults_of

FORM = """{% import "_components/fields.html" as form %}<title>Error: x</title>{{ form.problems(errors) }}
{{ form.text("number", "Number", error=errors.get("number")) }}
{{ form.date("ends_on", "Last day <b>", error=errors.get("ends_on")) }}
{{ form.radios("result", "What does it show?", [("a", "One"), ("b", "Two")], error=errors.get("result")) }}
{{ form.checkboxes("kinds", "Kinds", [("a", "One")], error=errors.get("kinds")) }}
{{ form.checkbox("sure", "The dates are right", error=errors.get("sure")) }}"""


def drawn(errors: dict[str, str]) -> tuple[str, Problems]:
    """The form twice, as pages draw it."""
    template = environment().from_string(FORM)
    problems = Problems(errors, template.render(errors=errors))
    return template.render(errors=problems), problems


def test_a_sentence_has_the_label_of_its_field_unless_it_names_it() -> None:
    said = {
        "ends_on": "“x” cannot be read.",
        "number": "Give the number.",
        "result": "Choose one.",
        "sure": "Say so.",
    }
    _page, problems = drawn(said)
    assert [each.sentence for each in problems.summary] == [
        "Give the number.",
        "Last day <b>: “x” cannot be read.",
        "What does it show? Choose one.",
        "Say so.",
    ]
    assert problems["ends_on"] == "“x” cannot be read."


def test_every_kind_of_field_is_led_to_and_is_marked() -> None:
    page, _problems = drawn(dict.fromkeys(("number", "ends_on", "result", "kinds", "sure"), "Wrong."))
    assert faults_of(page) == []
    assert "5 things to correct" in page


def test_what_the_page_has_no_field_for_is_said_without_a_link() -> None:
    page, problems = drawn({"gone": "It was decided already."})
    assert [each.target for each in problems.summary] == [""]
    assert "<li>It was decided already.</li>" in page
    assert "to correct" not in page
    assert faults_of(page) == ["1 of the summary's lines lead nowhere"]


@pytest.mark.parametrize(
    ("mark", "fault"),
    [
        (" autofocus", "the summary has no autofocus"),
        (' tabindex="-1"', "the summary has no tabindex"),
        (' role="alert"', "the summary has no role"),
        (' aria-invalid="true"', "#number is not marked as invalid"),
        (' id="number-e"', "#number is described by #number-e, which is nowhere"),
        (' id="number"', "#number is nowhere"),
        (' aria-describedby="number-e"', "#number has no sentence of its own"),
        ("Error: ", "the title does not begin with “Error:”"),
    ],
)
def test_a_page_without_one_of_these_is_told_from_a_whole_one(mark: str, fault: str) -> None:
    page, _problems = drawn({"number": "Wrong."})
    assert mark in page
    assert faults_of(page.replace(mark, "", 1)) == [fault]


def test_words_of_a_label_are_text() -> None:
    box = '<label><input type="checkbox" id="c" name="c">C<small>x</small></label>'
    markup = f'<label for="a">A &amp; <b>B</b></label>{box}'
    assert labels_of(markup) == {"a": "A & B"}


async def test_a_tick_is_kept_while_something_else_is_wrong(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}/credentials/new?type=massage-license")
    values: dict[str, Any] = {"type": "massage-license", "number": "MA 1", "issued_on": "x", "sure": "yes"}
    answer = await browser.send_form(f"/therapists/{id_}/credentials", values | {"expires_on": "07/31/2027"})
    assert answer.status_code == 422
    assert 'value="yes" checked>The dates are right, as printed' in browser.page
    assert "1 thing to correct Issued on: “x” cannot be read as a day" in browser.words
