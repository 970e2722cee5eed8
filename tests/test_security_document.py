"""docs/security.md names tests: each of them is there, and every chapter of the standard has its lines."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", DOCUMENT)))


def test_every_test_that_the_document_names_is_there() -> None:
    assert len(NAMED) > 80
    for file, name in NAMED:
        path = ROOT / file
        assert path.is_file(), file
        text = path.read_text("utf-8")
        assert "def test_" in text, file
        assert not name or re.search(rf"def {name}\b", text), f"{file}::{name}"


def test_no_rule_stands_in_two_places_or_without_an_answer() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", DOCUMENT, re.MULTILINE)
    rules = [rule for row, _ in rows for rule in re.findall(r"\b\d+\.\d+(?:\.\d+)?\b", row)]
    assert len(rules) > 120
    assert all(len(answer) > 10 for row, answer in rows if re.match(r"\d", row))
    whole = [rule for row, _ in rows for rule in re.findall(r"\b\d+\.\d+\.\d+\b", row)]
    assert len(whole) == len(set(whole))
    assert {rule.split(".")[0] for rule in rules} == {str(chapter) for chapter in range(1, 17)}


def test_every_document_and_decision_that_it_names_is_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", DOCUMENT):
        assert (ROOT / "docs" / target).exists(), target
