"""Headers are found by what people call them, in any case; what is unclear is told and never guessed."""

from __future__ import annotations

import pytest

from compliance.sources.columns import FIELDS, columns_of, field_of, header_problem, remarks_on

MESSY = (
    "First Name;Surname;E-mail;Mobile;NPI #;DOB;Location;Services;Start Date;End Date;Type of Credential;State;"
    "Issued By;Lic #;Issue Date;Expiration Date;Board Status;Last Verified;Verified By;Verified Where;Remarks;Locker"
)


OWN = ("clinic_license_number", "clinic_license_issued_on", "clinic_license_expires_on")
ABSENT = ("renewed_on", "therapist_notes", "therapist_id", "verification_method", *OWN)


def test_every_header_of_the_messy_sample_is_known_but_the_locker() -> None:
    fields = [each.field for each in columns_of(MESSY.split(";"))]
    assert fields == [*(f for f in FIELDS if f not in ABSENT), ""]


@pytest.mark.parametrize("header", ["License #", "License Number", "Lic No", "LIC. NO.", "licence number", "number"])
def test_a_license_number_has_many_names(header: str) -> None:
    assert field_of(header) == "number"


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Facility License #", OWN[0]),
        ("Establishment License", OWN[0]),
        ("Establishment License Issue Date", OWN[1]),
        ("Clinic License Expiration Date", OWN[2]),
        ("Facility", "clinic"),
        ("License #", "number"),
    ],
)
def test_a_clinics_own_license_has_columns_beside_the_therapists(header: str, field: str) -> None:
    assert field_of(header) == field


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_known_by_its_own_name_however_it_is_written(field: str) -> None:
    assert field_of(field) == field_of(field.upper()) == field_of(field.replace("_", " ").title()) == field


def test_a_detail_has_a_column_of_its_own() -> None:
    assert field_of("detail_per_occurrence") == field_of("Detail: Per Occurrence") == "detail_per_occurrence"


def test_two_columns_of_one_meaning_are_refused_by_both_names() -> None:
    problem = header_problem(columns_of(["Last Name", "Surname"])) or ""
    assert "'Last Name'" in problem
    assert "'Surname'" in problem


def test_a_file_without_headers_or_last_names_is_refused() -> None:
    assert "no header that is known" in (header_problem(columns_of(["Maria", "Alvarez"])) or "")
    assert "No column is called last_name" in (header_problem(columns_of(["Email", "Clinic"])) or "")


def test_columns_that_nobody_knows_are_reported() -> None:
    assert remarks_on(columns_of(["Last Name", "Locker", "Shirt"])) == (
        "The columns “Locker”, “Shirt” are not the roster's; they are kept as notes.",
    )
