"""Types, modalities, places and boards as people write them on rosters."""

from __future__ import annotations

import pytest

from compliance.catalog import load


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("LMT License", "massage-license"),
        ("lmt", "massage-license"),
        ("Massage Therapist License", "massage-license"),
        ("massage-licence", "massage-license"),
        ("Massage Therapist Licence", "massage-license"),
        ("establishment-licence", "establishment-license"),
        ("AMTA Member", "amta-membership"),
        ("AMTA", "amta-membership"),
        ("CPR/AED", "cpr"),
        ("BCTMB", "bctmb"),
        ("MBLEx", "mblex"),
        ("CMTPT", "cmtpt"),
        (" cnmt ", "cnmt"),
        ("NCTMB", None),
        ("Reiki Master", None),
        ("", None),
    ],
)
def test_a_credential_type_is_known_as_clinics_write_it(written: str, code: str | None) -> None:
    assert load().type_of(written) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Massage", "massage-therapy"),
        ("Trigger Point", "trigger-point-therapy"),
        ("trigger point therapy", "trigger-point-therapy"),
        ("Deep-Tissue", "deep-tissue-massage"),
        ("Reiki", None),
    ],
)
def test_a_modality_is_known_as_clinics_write_it(written: str, code: str | None) -> None:
    assert load().modality_of(written) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("FL", "us-fl"),
        ("Florida", "us-fl"),
        ("D.C.", "us-dc"),
        ("West Virginia", "us-wv"),
        ("N. Dak.", "us-nd"),
        ("US-FL", "us-fl"),
        ("us-ks-mission", "us-ks-mission"),
        ("ZZ", None),
    ],
)
def test_a_jurisdiction_is_known_as_clinics_write_it(written: str, code: str | None) -> None:
    assert load().jurisdiction_of(written) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("TDLR", "us-tx"),
        ("NSBMT", "us-nv"),
        ("IDFPR", "us-il"),
        ("Utah DOPL", "us-ut"),
        ("DOPL", None),
        ("Florida Board of Massage Therapy", "us-fl"),
        ("AMTA", None),
    ],
)
def test_an_issuing_board_tells_its_jurisdiction(written: str, code: str | None) -> None:
    assert load().board_of(written) == code
