"""Forms: what is typed becomes a typed value, or one sentence beside its field with everything kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import ClientException

from compliance.services.refusals import Problem, Refused
from compliance.web.forms import Form, asked, blank, decode


@dataclass(frozen=True)
class Sample:
    """One field of each kind."""

    number: str = asked("the license number", longest=10)
    expires_on: date | None = asked("the expiry", default=None)
    hours: int = asked("hours", default=0)
    clinic_id: UUID | None = asked("a clinic", default=None)
    sure: bool = False
    modalities: tuple[str, ...] = ()
    notes: str = asked("notes", default="", lines=True)
    scan: UploadFile | None = None


def read(**given: Any) -> Form[Sample]:
    pairs = [(name, each) for name, value in given.items() for each in (value if isinstance(value, list) else [value])]
    return decode(Sample, FormMultiDict([("csrf_token", "x"), *pairs]))


def test_what_is_typed_becomes_typed() -> None:
    scan = UploadFile(content_type="application/pdf", filename="a.pdf", file_data=b"%PDF")
    clinic = UUID(int=5)
    form = read(
        number=" MA 1 ", expires_on="2027-08-31", hours="24", clinic_id=str(clinic), sure="yes",
        modalities=["deep-tissue-massage", "massage-therapy"], notes="one\r\ntwo", scan=scan,
    )  # fmt: skip
    modalities = ("deep-tissue-massage", "massage-therapy")
    assert form.value == Sample("MA 1", date(2027, 8, 31), 24, clinic, True, modalities, "one\ntwo", scan)
    assert form.errors == {}


def test_what_is_left_out_is_its_default() -> None:
    scan = UploadFile(content_type="application/octet-stream", filename="", file_data=b"")
    assert read(number="MA1", expires_on="", hours=" ", scan=scan).value == Sample("MA1")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"number": ""}, "Give the license number."),
        ({"number": "x" * 11}, "This has 11 characters; give at most 10."),
        ({"number": "a\x00b"}, "characters that cannot be shown"),
        ({"number": "a\nb"}, "characters that cannot be shown"),
        ({"expires_on": "31/12/2026"}, "There is no day “31/12/2026”; the month comes first; give one like Aug 31"),
        ({"expires_on": "2027-02-29"}, "There is no day"),
        ({"expires_on": "20270831"}, "cannot be read as a day"),
        ({"expires_on": "2027-W01-1"}, "cannot be read as a day"),
        ({"hours": "2.5"}, "“2.5” is no whole number"),
        ({"hours": "9" * 30}, "is no whole number"),
        ({"hours": "٣"}, "is no whole number"),
        ({"clinic_id": "tampa"}, "Choose one of the list."),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field_and_kept(given: dict[str, str], said: str) -> None:
    form = read(**({"number": "MA1"} | given))
    name, typed = next(iter(given.items()))
    assert form.value is None
    assert list(form.errors) == [name]
    assert said in form.errors[name]
    assert form.typed[name] == typed


def test_american_and_iso_days_are_one() -> None:
    assert read(number="1", expires_on="8/31/2027").value == read(number="1", expires_on="2027-08-31").value


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert set(read(number="", hours="x", expires_on="x").errors) == {"number", "hours", "expires_on"}


def test_what_can_be_read_is_there_though_something_else_cannot() -> None:
    form = read(number="MA1", hours="x", expires_on="8/31/2027")
    assert form.value is None
    assert "hours" not in form.read
    assert (form.read["number"], form.read["expires_on"]) == ("MA1", date(2027, 8, 31))


def test_a_field_that_the_form_does_not_have_is_refused() -> None:
    with pytest.raises(ClientException, match="no field 'role'"):
        read(number="1", role="owner")


def test_of_a_field_that_comes_twice_one_counts() -> None:
    form = read(number=["MA1", "MA2"])
    assert (form.value and form.value.number, form.typed["number"]) == ("MA2", "MA2")


def test_a_file_where_text_is_asked_is_no_text() -> None:
    form = read(number=UploadFile(content_type="text/plain", filename="a.txt", file_data=b"MA1"))
    assert form.errors == {"number": "A file was sent; give the license number as text."}


def test_what_a_service_refuses_stands_beside_its_field() -> None:
    form = read(number="1").refused(Refused(Problem("number", "Taken."), Problem("number", "Again.")))
    assert form.errors == {"number": "Taken."}


def test_a_form_that_nobody_filled_in_has_all_its_values() -> None:
    values = blank(Sample, number="MA1")
    assert values["number"] == "MA1"
    assert (values["expires_on"], values["modalities"], values["scan"]) == ("", (), "")
