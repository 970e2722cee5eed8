"""A file of treatments: four columns are read, and nothing about patients is ever taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.sources import treatments
from compliance.sources.rows import Unreadable

HEAD = "Therapist;Service Date;Service;Location"


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_four_columns_are_found_by_their_usual_heads_in_any_order(tmp_path: Path) -> None:
    text = (
        "Clinic,Duration,Modality,Provider Name,Date\nTampa,60,Massage,Ana Ruiz,2026-03-01\n,,,,\nTampa,30,Massage,Bo\n"
    )
    found = treatments.read(written(tmp_path, text, "utf-8-sig"))
    assert found.unread == ("Duration",)
    assert found.lines == (
        (2, "Ana Ruiz", "2026-03-01", "Massage", "Tampa"), (4, "Bo", "", "Massage", "Tampa"),
    )  # fmt: skip
    assert treatments.again(treatments.kept(found.lines)) == list(found.lines)
    assert b"60" not in treatments.kept(found.lines)


@pytest.mark.parametrize(
    "head",
    [
        "Patient", "Patient Name", "patient_id", "PatientID", "Client", "client name", "Guest", "MRN", "Chart #", "DOB",
        "Birth date", "Diagnosis", "ICD-10", "SSN", "Phone", "Email", "Name", "SOAP notes", "Chief complaint",
        "Insurance", "Customer", "Home Address", "Age", "Reason for visit", "Medications",
    ],
)  # fmt: skip
def test_a_column_about_patients_refuses_the_file(tmp_path: Path, head: str) -> None:
    path = written(tmp_path, f"{HEAD};{head}\nAna;2026-03-01;Massage;Tampa;Secret\n")
    with pytest.raises(Unreadable) as refused:
        treatments.read(path)
    assert f"“{head}” looks like data about patients" in str(refused.value)
    assert "Secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("therapist,day,clinic\nAna,2026-03-01,Tampa\n", "lacks the column 'modality'"),
        ("therapist,day,date,modality,clinic\n", "Two columns are the day"),
        ("therapist,day,modality,clinic\n", "no line below it"),
        ("", "is empty"),
    ],
)
def test_what_is_lacking_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        treatments.read(written(tmp_path, text))


def test_a_file_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(treatments, "MOST_LINES", 2)
    with pytest.raises(Unreadable, match="more than 2 lines"):
        treatments.read(written(tmp_path, HEAD + "\n" + "Ana;2026-03-01;Massage;Tampa\n" * 3))
