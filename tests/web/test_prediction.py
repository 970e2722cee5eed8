"""What the catalog expects of a credential: offered with its source, filled in by a press, written by people alone."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from compliance.catalog import load
from compliance.web.holders import Holder
from compliance.web.prediction import issuer_meant, issuer_of, of_new
from tests.web import people
from tests.web.conftest import Site

TODAY = date(2026, 11, 23)
ANA = Holder("Ana Ruiz", "/therapists/1", UUID(int=1), birth_date=date(1990, 5, 12), surname="Ruiz")
LICENSE = load().types["massage-license"]


def day_of(jurisdiction: str, **typed: str) -> date | None:
    found = of_new(LICENSE, ANA, TODAY, {"jurisdiction": jurisdiction, **typed})
    assert found
    return found.ends_on


@pytest.mark.parametrize(
    ("typed", "ends_on"),
    [
        ({}, date(2027, 8, 31)),
        ({"issued_on": "10/04/2026"}, date(2027, 8, 31)),
        ({"issued_on": "Mar 3, 2011"}, date(2027, 8, 31)),
        ({"issued_on": "3/3/2011", "renewed_on": "9/1/2025"}, date(2027, 8, 31)),
        ({"issued_on": "not yet"}, date(2027, 8, 31)),
    ],
)
def test_the_term_that_runs_now_is_meant_and_not_the_first_one(typed: dict[str, str], ends_on: date) -> None:
    assert day_of("us-fl", **typed) == ends_on


def test_what_was_renewed_shortly_before_an_end_runs_to_the_next() -> None:
    typed = {"jurisdiction": "us-fl", "issued_on": "3/3/2011", "renewed_on": "8/20/2027"}
    found = of_new(LICENSE, ANA, date(2027, 8, 24), typed)
    assert found
    assert found.ends_on == date(2029, 8, 31)


def test_what_the_rule_goes_by_is_asked_for() -> None:
    anonymous = Holder("Kim Low", "/therapists/2", UUID(int=2))
    rules = [(place, of_new(LICENSE, anonymous, TODAY, {"jurisdiction": place})) for place in load().jurisdictions]
    asked = {place: found.question for place, found in rules if found and found.ends_on is None and not found.never}
    assert asked["us-tx"]
    assert all(asked.values()), "where no day is told, it is said what would tell it"
    assert day_of("us-tx", issued_on="10/04/2025") is not None


def test_the_issuer_is_told_by_type_and_place() -> None:
    law = load()
    assert issuer_of(LICENSE, "us-fl") == "Florida Board of Massage Therapy"
    assert issuer_of(law.types["bctmb"], "") == "National Certification Board for Therapeutic Massage & Bodywork"
    assert issuer_of(law.types["cpr"], "") == "", "several bodies grant it"
    assert issuer_of(law.types["local-permit"], "us-fl") == "", "a city's permit is not the board's"


def test_a_board_of_another_place_that_was_offered_first_gives_way() -> None:
    texas, florida = issuer_of(LICENSE, "us-tx"), issuer_of(LICENSE, "us-fl")
    assert issuer_meant(LICENSE, "us-tx", florida) == texas
    assert issuer_meant(LICENSE, "us-tx", "") == texas
    assert issuer_meant(LICENSE, "us-tx", "Somebody else") == "Somebody else"


async def test_a_press_fills_the_predicted_day_in_and_writes_nothing(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}/credentials/new?type=massage-license")
    assert 'value="Florida Board of Massage Therapy"' in browser.page
    values: dict[str, Any] = {"type": "massage-license", "jurisdiction": "us-fl", "number": "MA 7", "expires_on": ""}
    answer = await browser.send_form(f"/therapists/{id_}/credentials", values | {"deed": "take"})
    assert answer.status_code == 200
    assert re.search(r'name="expires_on"[^>]* value="Aug 31, 2027"', browser.page)
    assert 'value="MA 7"' in browser.page
    assert "Error:" not in browser.page
    await browser.get(f"/therapists/{id_}")
    assert "MA 7" not in browser.words


async def test_another_state_is_worked_out_anew_with_its_board(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}/credentials/new?type=massage-license")
    values: dict[str, Any] = {"type": "massage-license", "jurisdiction": "us-ga", "issued_on": "10/04/2025"}
    offered = {"issuing_authority": "Florida Board of Massage Therapy", "deed": "predict"}
    await browser.send_form(f"/therapists/{id_}/credentials", values | offered)
    assert "By the rule it ends Oct 31, 2028" in browser.words  # the end of the term that runs now
    assert 'name="issuing_authority" value="Georgia' in browser.page
    assert re.search(r'name="expires_on"[^>]* value=""', browser.page)
    await browser.get(f"/therapists/{id_}/credentials/new?type=massage-license&jurisdiction=us-ga&issued_on=x")
    assert "Georgia massage license" in browser.words


async def test_the_issuer_is_recorded_though_nobody_typed_it(site: Site) -> None:
    id_ = await people.therapist(site)
    browser = await site.sign_in("manager")
    await browser.get(f"/therapists/{id_}/credentials/new?type=massage-license")
    values = {"type": "massage-license", "jurisdiction": "us-fl", "number": "MA 8", "issued_on": "9/1/2025"}
    answer = await browser.send_form(f"/therapists/{id_}/credentials", values | {"expires_on": "8/31/2027"})
    assert answer.status_code == 303, browser.words
    await browser.get(answer.headers["location"])
    await people.open_credential(browser)
    assert "Issued by Florida Board of Massage Therapy" in browser.words


async def test_the_next_term_is_offered_with_its_source(site: Site) -> None:
    id_ = await people.therapist(site)
    held = await people.license_of(site, id_, starts_on=date(2023, 9, 1), ends_on=date(2025, 8, 31))
    browser = await site.sign_in("manager")
    form = f"/credentials/{held.id}/renew"
    await browser.get(form)
    assert re.search(r'name="ends_on"[^>]* value=""', browser.page)
    assert "The printed day counts." in browser.words
    answer = await browser.send_form(form, {"starts_on": "9/15/2025", "deed": "take"})
    assert answer.status_code == 200
    assert re.search(r'name="ends_on"[^>]* value="Aug 31, 2027"', browser.page)
    assert re.search(r'name="starts_on"[^>]* value="9/15/2025"', browser.page)
