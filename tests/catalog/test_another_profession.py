"""Another profession comes in as data: Florida's acupuncturists, in a catalog of the tests' own, beside massage."""

from __future__ import annotations

import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from compliance.catalog import Catalog, CatalogError, load
from compliance.catalog.loader import read_catalog
from compliance.domain.assessment import clearance
from compliance.domain.renewal import RenewalFacts, predict
from tests.domain.files import file_of, license_of, term

FRAGMENTS = Path(__file__).parent / "elsewhere" / "acupuncture"
DAY = date(2026, 11, 22)


def catalog_in(folder: Path) -> Path:
    """The shipped catalog, with what the fragments add to its files."""
    shutil.copytree(str(files("compliance.catalog")), folder, ignore=shutil.ignore_patterns("*.py*"))
    for fragment in FRAGMENTS.iterdir():
        place = folder / fragment.name
        into = place if place.exists() else folder / "jurisdictions" / fragment.name
        into.write_text(into.read_text(encoding="utf-8") + fragment.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return read_catalog(catalog_in(tmp_path_factory.mktemp("law") / "catalog"))


def test_each_profession_is_asked_for_its_own_license_and_for_no_other(law: Catalog) -> None:
    assert [each.code for each in law.asked("acupuncture", "us-fl")] == ["acupuncture-license"]
    for modality, place in load().requirements:
        assert law.asked(modality, place) == load().asked(modality, place)


def test_where_nothing_is_said_of_the_profession_its_own_question_is_asked(law: Catalog) -> None:
    (asked,) = law.asked("acupuncture", "us-al")  # which asks massage therapists for insurance
    assert (asked.code, asked.provisions[-1].asked) == ("acupuncture-license", "unknown")
    assert asked.provisions[-1].question == "Does this place license acupuncturists, or does it not?"


def test_its_licenses_clear_its_people_alone(law: Catalog) -> None:
    held = file_of(license_of(term(date(2026, 3, 1), date(2028, 2, 28)), type="acupuncture-license"))
    assert clearance(held, law.asked("acupuncture", "us-fl"), DAY).until == date(2028, 2, 28)
    assert not clearance(held, law.asked("massage-therapy", "us-fl"), DAY).cleared


def test_its_renewal_is_predicted_and_its_spellings_are_known(law: Catalog) -> None:
    rule = law.renewal("us-fl", "acupuncture-license")
    assert rule is not None
    assert predict(rule, RenewalFacts(expires_on=date(2026, 2, 28))).next_expires_on == date(2028, 2, 28)
    assert (law.type_of("Licensed Acupuncturist"), law.modality_of("acupuncture")) == (
        "acupuncture-license",
        "acupuncture",
    )


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ('license = "acupuncture-license"', 'license = "license"', "no license of the profession"),
        ('license = "acupuncture-license"', 'license = "nothing"', "is not known"),
        ('profession = "acupuncture"', 'profession = "surgery"', "is not known"),
    ],
)
def test_a_profession_that_does_not_fit_together_is_refused(tmp_path: Path, good: str, bad: str, says: str) -> None:
    folder = catalog_in(tmp_path / "catalog")
    file = folder / "modalities.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(good, bad), encoding="utf-8")
    with pytest.raises(CatalogError, match=says):
        read_catalog(folder)
