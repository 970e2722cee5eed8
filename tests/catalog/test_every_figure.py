"""Walks the files of all jurisdictions: no figure without source and day, no guess that is not called one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest

from compliance.catalog import load
from compliance.catalog.values import Topic
from compliance.domain.requirements import Confidence

FILES = {
    file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
    for file in (files("compliance.catalog") / "jurisdictions").iterdir()
    if file.name.endswith(".toml")
}
EACH = pytest.mark.parametrize("code", sorted(FILES))
UNCITED = {"board", "sources", "title", "name", "code", "aliases", "parent", "regulation", "time_zones"}
WORDS = {"notes", "open_questions"}
DAY = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-([0-2]\d|3[01]))?)?|undated")
Table = dict[str, Any]


def tables(file: Table) -> Iterator[tuple[str, Table]]:
    """Each table that holds figures, with its name; those of continuing education lie within those of renewal."""
    for name, value in file.items():
        for table in value if isinstance(value, list) else [value]:
            if name not in UNCITED | WORDS:
                yield name, table
                if "continuing_education" in table:
                    yield "continuing_education", table["continuing_education"]


@EACH
def test_every_table_with_a_figure_names_its_source(code: str) -> None:
    found = list(tables(FILES[code]))
    assert found
    for name, table in found:
        assert table.get("source") in FILES[code]["sources"], name
        if {"window_days_before", "opens"} & set(table) and name == "renewal":
            assert table["window_source"] in FILES[code]["sources"]


@EACH
def test_every_source_says_on_which_day_it_was_read_and_is_used(code: str) -> None:
    used = {table["source"] for _, table in tables(FILES[code])}
    used |= {table["window_source"] for _, table in tables(FILES[code]) if "window_source" in table}
    for key, source in FILES[code]["sources"].items():
        assert DAY.fullmatch(source["as_of"]), key
        assert key in used, key
        assert source.get("url", "https:").startswith(("https:", "http:")), key


@EACH
def test_what_is_only_remembered_is_called_unsure_and_what_is_undated_is_not_the_rule_itself(code: str) -> None:
    for source in FILES[code]["sources"].values():
        if "memory" in source["text"]:
            assert source["confidence"] == "unsure"
        if source["as_of"] == "undated":
            assert source["confidence"] != "primary"
        assert source["confidence"] != "answered"  # a word for what organizations find out


@EACH
def test_what_is_asked_of_everybody_was_read_in_the_rule_or_on_the_boards_page(code: str) -> None:
    """Insurance, CPR and the like stop practice where they lapse, so hearsay is told and not judged by. Licenses are
    asked on what there is, for nobody may guess that none is; each says how sure it is."""
    for table in FILES[code].get("asked", ()):
        sure = FILES[code]["sources"][table["source"]]["confidence"]
        if table["requirement"] not in ("license", "registration", "local-permit", "establishment-license"):
            assert sure in ("primary", "board-page"), table


@EACH
def test_each_place_says_how_it_regulates_and_what_is_not_known(code: str) -> None:
    place = load().jurisdictions[code]
    assert place.open_questions
    assert place.regulation == "local" or place.board
    assert load().renewed_in(code)
    if place.regulation == "license":
        assert load().asked("massage-therapy", code)[0].provisions[-1].asked == "yes"


@EACH
def test_no_sentence_of_a_place_is_left_hanging(code: str) -> None:
    place = load().jurisdictions[code]
    for each in (*place.notes, *(duty.says for duty in place.duties)):
        assert each.endswith((".", "!")), each
    assert all(each.endswith(("?", ".")) for each in place.open_questions)
    assert all(len(each.says) >= 2 for each in place.conflicts)


def test_what_was_remembered_of_school_is_asked_and_not_said() -> None:
    for place in load().jurisdictions.values():
        for duty in place.duties:
            unsure = duty.citation.confidence is Confidence.UNSURE
            assert not unsure or duty.asked == "unknown", (place.code, duty.topic)


def test_topics_are_all_in_use() -> None:
    assert {duty.topic for place in load().jurisdictions.values() for duty in place.duties} == set(Topic)


def test_figures_that_changed_are_kept_with_their_days() -> None:
    dated = {place for (place, _), wordings in load().rules.items() if len(wordings) > 1}
    assert dated == {"us-hi", "us-ia", "us-il", "us-in", "us-wa"}
    for wordings in load().rules.values():
        for earlier, later in pairwise(wordings):
            assert earlier.ends_on < later.applies_on
