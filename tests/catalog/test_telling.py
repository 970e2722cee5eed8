"""What pages and docs say of a place: everything that its file says, and what it does not."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.catalog import load
from compliance.catalog.rule_words import IN_WORDS, education_words, model_words
from compliance.catalog.telling import NOT_KNOWN, Line, asked, overview, sections
from compliance.domain.deadlines import DayBefore
from compliance.domain.periods import FOREVER
from compliance.domain.renewal import MODELS
from scripts.jurisdictions import DOCUMENT, document

TODAY = date(2026, 11, 22)


def told(code: str, on: date = TODAY) -> dict[str, Line]:
    law = load()
    return {line.what: line for part in sections(law, law.jurisdictions[code], on) for line in part.lines}


def test_the_document_is_as_the_catalog_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(load()), "run `make jurisdictions`"


def test_the_document_names_every_place_every_source_and_every_open_question() -> None:
    text = document(load())
    for place in load().jurisdictions.values():
        assert f"\n## {place.name}\n" in text
        for source in place.sources:
            assert source.text in text
            assert f"({source.confidence.value.replace('-', ' ')}, {source.as_of})" in text
        for each in (*place.open_questions, *place.notes, *(said for one in place.conflicts for said in one.says)):
            assert each in text


def test_every_shape_of_rule_has_words() -> None:
    assert set(IN_WORDS) == set(MODELS)
    for wordings in load().rules.values():
        assert all(model_words(each.model) for each in wordings)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("us-fl", "Ends on August 31 of odd years, every 2 years"),
        ("us-in", "Ends on May 15 of 2021, 2025 and so on, every 4 years"),
        ("us-ms", "Ends on the second May 31 after its issue, every 2 years"),
        ("us-ma", "Ends on day 28 of the holder's birth month, every year"),
        ("us-mt", "Ends on August 31; how long a term is, is not known"),
    ],
)
def test_a_rule_reads_as_people_say_it(code: str, words: str) -> None:
    rule = load().renewal(code, "massage-license")
    assert rule is not None
    assert model_words(rule.model) == words


def test_what_is_not_known_is_said_so_and_has_no_source() -> None:
    florida = told("us-fl")
    for what in ("Renewal opens", "Insurance", "CPR", "Display of the license"):
        assert florida[what].says == (NOT_KNOWN,)
        assert florida[what].citation is None
    assert florida["Practice while a renewal is pending"].says == (NOT_KNOWN,)
    assert florida["Practice after the end"].says == ("No practice.",)
    assert told("us-me")["Continuing education"].says == (NOT_KNOWN,)


def test_where_the_state_regulates_nobody_nothing_is_missed() -> None:
    assert set(told("us-mn")) == {"Massage license"}


def test_what_is_known_is_told_with_its_source() -> None:
    carolina = told("us-nc")
    assert carolina["Renewal opens"].says == ("August 1 before the end.",)
    assert carolina["Apply by"].says == ("November 1 before the end.",)
    assert all(line.citation for line in carolina.values() if line.says != (NOT_KNOWN,))


def test_a_conflict_is_told_with_all_its_sides() -> None:
    assert len(told("us-ma")["Whether continuing education is asked"].says) == 3


def test_earlier_and_later_wordings_are_told_with_their_days() -> None:
    assert "24 hours in 2 years." in told("us-il")["Massage license, until Dec 31, 2023"].says
    assert "25 hours in 2 years." in told("us-il", date(2023, 6, 1))["Massage license, from Jan 1, 2024"].says
    assert "School" not in told("us-co", date(2024, 6, 30))
    assert told("us-co", date(2024, 7, 1))["School"].dated


def test_continuing_education_is_told_whole() -> None:
    rule = load().renewal("us-mi", "massage-license")
    assert rule is not None
    assert rule.continuing_education is not None
    assert education_words(rule.continuing_education, {})[:-3] == (
        "18 hours in 3 years.",
        "At least 2 hours: ethics.",
        "At least 1 hour: pain and symptom management.",
        "At least 3 hours: implicit bias, on top of the hours.",
        "At least a course, however long: human trafficking, once in a career.",
        "At most 12 hours on one day: online.",
        "First renewal: None asked for the first license of one year.",
    )


def test_a_certification_that_stands_in_place_of_hours_is_told() -> None:
    asked = told("us-va")["Continuing education"].says
    assert "NCBTMB Board Certification stands in place of the hours." in asked


def test_a_place_is_told_in_one_row() -> None:
    law = load()
    row = overview(law, law.jurisdictions["us-ny"], TODAY)
    assert (row.regulated, row.education) == ("License", "36 hours in 3 years.")
    assert overview(law, law.jurisdictions["us-ks"], TODAY).term == ""


def test_what_verdicts_are_made_from_is_told_as_well() -> None:
    law = load()
    lines = asked(law, law.jurisdictions["us-or"], FOREVER).lines
    assert [(line.what, line.says[0]) for line in lines] == [
        ("Massage license", "Asked."),
        ("Current CPR card", "Asked."),
    ]


def test_a_day_before_the_end_is_told_in_exactly_one_way() -> None:
    end = date(2028, 3, 31)
    assert DayBefore(days=30).of(end) == date(2028, 3, 1)
    assert DayBefore(months=1).of(end) == date(2028, 2, 1)
    assert DayBefore(month=12, day=1).of(end) == date(2027, 12, 1)
    assert DayBefore(days=90).of(FOREVER) == FOREVER
    for wrong in ({}, {"days": 1, "months": 1}, {"month": 5}):
        with pytest.raises(ValueError, match="say `days`"):
            DayBefore(**wrong)
