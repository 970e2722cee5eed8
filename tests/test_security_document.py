"""docs/security.md names tests: each of them is there, and every chapter of the standard has its lines."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")
SOURCE = ROOT / "tests" / "data" / "asvs-5.0.0.csv"
WHOLE = r"\d+\.\d+\.\d+"
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", DOCUMENT)))


def test_every_test_that_the_document_names_is_there() -> None:
    assert len(NAMED) > 80
    for file, name in NAMED:
        path = ROOT / file
        assert path.is_file(), file
        text = path.read_text("utf-8")
        assert "def test_" in text, file
        assert not name or re.search(rf"def {name}\b", text), f"{file}::{name}"


def rows() -> list[tuple[str, str]]:
    """What stands in the tables of the standard: rules, and by what they are held."""
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", DOCUMENT, re.MULTILINE)
    return [(rule, answer) for rule, answer in found if re.match(WHOLE, rule)]


def rules(text: str) -> list[str]:
    """`1.2.1, 1.2.6 to 1.2.8`, each rule by itself."""
    named: list[str] = []
    for first, last in re.findall(rf"({WHOLE})(?: to ({WHOLE}))?", text):
        section, begin = first.rsplit(".", 1)
        assert not last or last.rsplit(".", 1)[0] == section, text
        end = last.rsplit(".", 1)[1] if last else begin
        named += [f"{section}.{number}" for number in range(int(begin), int(end) + 1)]
    return named


def test_each_rule_of_levels_1_and_2_stands_in_the_document_once() -> None:
    lines = [each for each in SOURCE.read_text("utf-8").splitlines() if not each.startswith("#")]
    asked = [each.split(",")[0] for each in lines[1:]]
    assert (len(asked), sum(each.endswith(",1") for each in lines[1:])) == (253, 70), "as released"
    told = [rule for row, _ in rows() if "level 3" not in row for rule in rules(row)]
    assert sorted(told) == sorted(asked)


def test_each_rule_has_a_test_a_setting_or_a_written_exception() -> None:
    assert len(rows()) > 100
    for row, answer in rows():
        absent = re.match(r"Not applicable: |No |There (is|are) no ", answer)
        assert absent or re.search(r"`|\]\(|Exception", answer), row
    beyond = {rule for row, _ in rows() if "level 3" in row for rule in rules(row)}
    assert not beyond & {each.split(",")[0] for each in SOURCE.read_text("utf-8").splitlines()}


def test_every_document_and_decision_that_it_names_is_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", DOCUMENT):
        assert (ROOT / "docs" / target).exists(), target
