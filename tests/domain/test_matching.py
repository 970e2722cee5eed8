"""Folding, check digits, and who a roster entry may be."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from compliance.domain.matching import (
    Directory,
    Known,
    Sought,
    email_problem,
    fold,
    fold_name,
    fold_number,
    npi_problem,
)

ANA, BEN = UUID(int=1), UUID(int=2)
BORN = date(1980, 2, 29)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("  José   Núñez ", "jose nunez"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("Nguyễn Thị Hường", "nguyen thi huong"),
        ("Straße", "strasse"),
        ("O’Brien", "o'brien"),
        ("Anne‑Marie", "anne-marie"),
        ("山田\u3000花子", "山田 花子"),
        ("Æsop", "aesop"),
        ("℡", "tel"),
        ("", ""),
    ],
)
def test_names_fold_to_what_people_type(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(some.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold_number(fold_number(text)) == fold_number(text)


def test_lists_sort_by_the_last_name() -> None:
    assert fold_name("María", "de la Cruz") == "de la cruz maria"


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("MA 80000", "MA80000"),
        ("ma-0080000", "MA80000"),
        ("0012345", "12345"),
        ("LMT.00-12", "LMT12"),
        ("000", "0"),
        ("100", "100"),
        ("", ""),
    ],
)
def test_a_number_is_the_same_however_it_is_written(typed: str, folded: str) -> None:
    assert fold_number(typed) == folded


def test_an_npi_with_a_fitting_check_digit_passes() -> None:
    assert npi_problem("1234567893") is None


@pytest.mark.parametrize(
    "npi", ["1234567890", "3234567893", "123456789", "12345678931", "12345b7893", "", "１２３４５６７８９３"]
)
def test_any_other_npi_is_named_with_what_is_allowed(npi: str) -> None:
    assert "is not an NPI" in str(npi_problem(npi))


@given(some.integers(0, 9), some.integers(0, 8))
def test_one_mistyped_digit_of_an_npi_is_always_noticed(digit: int, place: int) -> None:
    right = "1234567893"
    wrong = right[:place] + str(digit) + right[place + 1 :]
    assert (npi_problem(wrong) is None) == (wrong == right)


@pytest.mark.parametrize("email", ["ana@example.org", "ana+x@mail.example.org", "josé@example.org"])
def test_addresses_that_may_exist_pass(email: str) -> None:
    assert email_problem(email) is None


@pytest.mark.parametrize(
    "email", ["not an address", "@example.org", "ana@", "ana@host", "a@b@c.org", "a b@c.org", "ana@x..org"]
)
def test_addresses_that_cannot_exist_are_named(email: str) -> None:
    assert repr(email) in str(email_problem(email))


def known() -> Directory:
    ana = Known(ANA, frozenset({"ana@x.org"}), frozenset({"ruiz ana", "lee ana"}), BORN, frozenset({("us-fl", "MA1")}))
    ben = Known(BEN, frozenset({"ben@x.org"}), frozenset({"lee ana"}), BORN, frozenset({("us-fl", "MA2")}))
    return Directory.of([ana, ben])


def test_an_address_decides_before_anything_else() -> None:
    sought = Sought("ben@x.org", "ruiz ana", BORN, frozenset({("us-fl", "MA1")}))
    assert known().find(sought) == {BEN}


def test_a_license_decides_where_the_address_is_new() -> None:
    assert known().find(Sought("new@x.org", "someone else", None, frozenset({("us-fl", "MA1")}))) == {ANA}


def test_a_former_name_with_the_birth_date_still_matches() -> None:
    assert known().find(Sought(name="ruiz ana", birth_date=BORN)) == {ANA}


def test_a_name_without_a_birth_date_is_nobody() -> None:
    assert known().find(Sought(name="ruiz ana")) == frozenset()


def test_two_hits_are_for_a_person_to_tell_apart() -> None:
    assert known().find(Sought(name="lee ana", birth_date=BORN)) == {ANA, BEN}
