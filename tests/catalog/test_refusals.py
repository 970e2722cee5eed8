"""What the loader refuses in a folder of files: each test spoils one thing in a copy of the shipped catalog."""

from __future__ import annotations

import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from compliance.catalog import CatalogError, load
from compliance.catalog.loader import read_catalog
from compliance.domain.requirements import Asked

FLORIDA = "jurisdictions/us-fl.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(str(files("compliance.catalog")), tmp_path / "catalog", ignore=shutil.ignore_patterns("*.py*"))
    return tmp_path / "catalog"


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        (FLORIDA, "[board]", "[board]\nfax = 1", "us-fl.toml: unknown key `fax` in `board`."),
        (FLORIDA, "[board]", "colour = 1\n[board]", "us-fl.toml: unknown key `colour` in the file."),
        (FLORIDA, "[[asked]]", "[[asked]]\nfee = 1", r"us-fl.toml: unknown key `fee` in `asked\[0\]`."),
        (
            "credential_types.toml",
            "[[type]]",
            "[[type]]\nsize = 1",
            r"credential_types.toml: unknown key `size` in `type\[0\]`.",
        ),
        ("modalities.toml", "[[modality]]", "[[modality]]\nsize = 1", "modalities.toml: unknown key `size`"),
        ("policies.toml", "[[offer]]", "[[offer]]\nsize = 1", "policies.toml: unknown key `size`"),
        (FLORIDA, 'confidence = "primary"', 'confidence = "sure"', "us-fl.toml: Invalid enum value 'sure' in"),
        (FLORIDA, 'as_of = "2024-09"', "", "us-fl.toml: Object missing required field `as_of` in"),
        (FLORIDA, 'asked = "yes"\nsource = "renewal"', 'asked = "yes"', "us-fl.toml: .* required field `source` in"),
        (FLORIDA, 'source = "renewal"', 'source = "hearsay"', "us-fl.toml: source “hearsay” is not written"),
        (FLORIDA, 'requirement = "license"', 'requirement = "hat"', "us-fl.toml: requirement “hat” is not known"),
        (FLORIDA, 'type = "massage-license"', 'type = "hat"', "us-fl.toml: credential type “hat” is not known"),
        (
            FLORIDA,
            '"fixed-date"',
            '"whenever"',
            "us-fl.toml: renewal shape “whenever” is not known; there are as-printed",
        ),
        (FLORIDA, "month = 8", "moon = 8", "us-fl.toml: figure of fixed-date “moon” is not known"),
        (FLORIDA, "month = 8, ", "", "us-fl.toml, fixed-date: Object missing required field `month`"),
        (FLORIDA, 'code = "us-fl"', 'code = "us-fx"', "us-fl.toml: its code is us-fx; file and code must agree"),
        (FLORIDA, '"Fla."', '"Texas"', "“Texas” is written for both us-fl and us-tx"),
        ("jurisdictions/us-ks-mission.toml", 'parent = "us-ks"', 'parent = "us-zz"', "parent “us-zz” is not known"),
        ("jurisdictions/us-ks-mission.toml", "local-permit", "license", "license is already said by a parent"),
        ("jurisdictions/us-ks.toml", "regulation =", 'parent = "us-ks-mission"\nregulation =', "within itself"),
        ("policies.toml", '"bctmb"', '"bcbc"', "policies.toml: credential type “bcbc” is not known"),
        (FLORIDA, "code = ", "code : ", "us-fl.toml is not a TOML file"),
    ],
)
def test_what_is_not_understood_is_refused_by_file_and_key(
    folder: Path, name: str, old: str, new: str, complaint: str
) -> None:
    change(folder, name, old, new)
    with pytest.raises(CatalogError, match=complaint):
        read_catalog(folder)


def test_the_fingerprint_follows_the_content_and_not_the_layout(folder: Path) -> None:
    assert read_catalog(folder).fingerprint == load().fingerprint
    change(folder, FLORIDA, "[board]", "# a remark\n\n[board]")
    assert read_catalog(folder).fingerprint == load().fingerprint
    change(folder, FLORIDA, "day = 31", "day = 30")
    assert read_catalog(folder).fingerprint != load().fingerprint


CHANGED_LAW = """
[[asked]]
requirement = "license"
asked = "no"
applies_on = 2027-01-01
source = "no-law"
"""


def test_a_change_in_the_law_is_one_appended_wording_from_its_day_on(folder: Path) -> None:
    with (folder / "jurisdictions/us-ks.toml").open("a", encoding="utf-8") as file:
        file.write(CHANGED_LAW.replace('"no"', '"yes"'))
    license = read_catalog(folder).asked("massage-therapy", "us-ks")[0]
    before, after = license.provision_on(date(2026, 12, 31)), license.provision_on(date(2027, 1, 1))
    assert before is not None
    assert after is not None
    assert (before.asked, after.asked) == (Asked.NO, Asked.YES)


def test_two_wordings_for_one_day_are_refused(folder: Path) -> None:
    with (folder / FLORIDA).open("a", encoding="utf-8") as file:
        file.write(CHANGED_LAW.replace("no-law", "renewal").replace("applies_on = 2027-01-01", ""))
    with pytest.raises(CatalogError, match="two wordings of license hold on"):
        read_catalog(folder)


def test_a_place_that_is_silent_on_the_license_is_unknown_and_asks(folder: Path) -> None:
    change(folder, "jurisdictions/us-ks.toml", CHANGED_LAW.replace("applies_on = 2027-01-01\n", "").lstrip(), "")
    license = read_catalog(folder).asked("massage-therapy", "us-ks")[0].provisions[0]
    assert license.asked is Asked.UNKNOWN
    assert license.question.endswith("?")
