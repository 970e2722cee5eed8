"""Another country comes in as data: Ontario's registered massage therapists, in a catalog of the tests' own."""

from __future__ import annotations

import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from compliance.catalog import Catalog, load
from compliance.catalog.loader import read_catalog
from compliance.catalog.telling import sections
from compliance.domain.renewal import RenewalFacts, predict

ONTARIO = Path(__file__).parent / "elsewhere" / "ca-on.toml"


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The shipped catalog with one file more."""
    folder = tmp_path_factory.mktemp("law") / "catalog"
    shutil.copytree(str(files("compliance.catalog")), folder, ignore=shutil.ignore_patterns("*.py*"))
    shutil.copy(ONTARIO, folder / "jurisdictions")
    return read_catalog(folder)


def test_one_file_adds_a_country(law: Catalog) -> None:
    assert set(law.jurisdictions) - set(load().jurisdictions) == {"ca-on"}
    assert law.jurisdiction_of("Ontario") == "ca-on"
    assert law.board_of("CMTO") == "ca-on"


def test_registration_and_insurance_are_asked_there_and_no_license(law: Catalog) -> None:
    asked = {each.code: each.provisions[-1] for each in law.asked("massage-therapy", "ca-on")}
    assert {code: each.asked.value for code, each in asked.items()} == {
        "license": "no",
        "registration": "yes",
        "liability-insurance": "yes",
    }
    assert asked["registration"].jurisdiction == "ca-on"


def test_trigger_point_therapy_asks_for_its_certificate_there_as_well(law: Catalog) -> None:
    asked = [each.code for each in law.asked("trigger-point-therapy", "ca-on")]
    assert asked == ["license", "registration", "liability-insurance", "licensing-exam", "certification", "membership"]


def test_a_certificate_of_the_calendar_year_is_due_in_november(law: Catalog) -> None:
    rule = law.renewal("ca-on", "massage-registration")
    assert rule is not None
    found = predict(rule, RenewalFacts(expires_on=date(2026, 12, 31)))
    assert (found.next_expires_on, found.apply_by_on) == (date(2027, 12, 31), date(2026, 11, 1))
    assert predict(rule, RenewalFacts(expires_on=date(2026, 6, 30))).question


def test_its_law_is_told_like_any_other(law: Catalog) -> None:
    told = {
        line.what: line.says
        for part in sections(law, law.jurisdictions["ca-on"], date(2026, 11, 22))
        for line in part.lines
    }
    assert told["Apply by"] == ("November 1 before the end.",)
    assert told["Display of the license"] == ("Not known.",)
