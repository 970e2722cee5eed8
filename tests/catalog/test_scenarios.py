"""Holds the catalog to the tables in tests/scenarios, which a compliance officer can read and extend."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from compliance.catalog import load
from compliance.domain.assessment import clearance
from compliance.domain.credentials import Credential, CredentialFile, Standing, StandingCode, Term, Waiver
from compliance.domain.of_clinics import asked_there
from compliance.domain.periods import FOREVER
from compliance.domain.renewal import MODELS, RenewalFacts, predict
from compliance.domain.requirements import Asked, Citation, Holder, Policy, Provision, Requirement, Verify
from compliance.domain.terms import term_start

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.toml"))
FACTS = [each.name for each in fields(RenewalFacts)]
KEYS = {
    "renewal": {"says", "type", *FACTS, "next_expires_on", "window_opens_on", "apply_by_on", "questioned"}
    | {"notes", "on", "hours"},
    "term": {"says", "type", "issued_on", "renewed_on", "expires_on", "birth_date", "starts_on", "inferred"},
    "asked": {"says", "modality", "on", "requirements", "license", "verified"},
    "clinic": {"says", "on", "held", "held_in", "suspended_on", "waived", "answered", "status"},
}
Row = dict[str, Any]


def rows(kind: str) -> list[Any]:
    """Each row of one kind with the place of its file, named by what it says."""
    found = []
    for path in SCENARIOS:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        place = table.get("jurisdiction")
        found += [pytest.param(place, row, id=f"{path.stem}: {row['says']}") for row in table.get(kind, ())]
    return found


@pytest.mark.parametrize(("place", "row"), rows("renewal"))
def test_the_next_expiry_is_as_the_table_says(place: str | None, row: Row) -> None:
    rule = load().renewal(place, row["type"], row.get("on", FOREVER))
    assert rule is not None
    answer = predict(rule, RenewalFacts(**{key: row[key] for key in FACTS if key in row}))
    assert answer.next_expires_on == row.get("next_expires_on")
    assert answer.window_opens_on == row.get("window_opens_on")
    assert answer.apply_by_on == row.get("apply_by_on")
    assert bool(answer.question) == row.get("questioned", False)
    assert any(row.get("notes", "") in note for note in (*answer.notes, ""))
    if "hours" in row:
        assert answer.continuing_education is not None
        assert answer.continuing_education.hours == row["hours"]


@pytest.mark.parametrize(("place", "row"), rows("term"))
def test_the_term_starts_as_the_table_says(place: str | None, row: Row) -> None:
    catalog = load()
    rule = catalog.renewal(place, row["type"])
    given = (row.get(key) for key in ("issued_on", "renewed_on", "expires_on", "birth_date"))
    found = term_start(catalog.types[row["type"]], rule.model if rule else None, *given)
    assert (found.starts_on, found.inferred) == (row["starts_on"], row.get("inferred", False))


@pytest.mark.parametrize(("place", "row"), rows("asked"))
def test_a_modality_asks_what_the_table_says(place: str, row: Row) -> None:
    wordings = {each.code: each.provision_on(row.get("on", FOREVER)) for each in load().asked(row["modality"], place)}
    asked = {code: each for code, each in wordings.items() if each is not None}
    assert list(asked) == row["requirements"]
    assert asked["license"].asked.value == row["license"]
    looked_up = [code for code, each in asked.items() if each.verify is Verify.ONCE_PER_TERM and each.asked == "yes"]
    assert looked_up == row["verified"]


@pytest.mark.parametrize(("place", "row"), rows("clinic"))
def test_everybody_at_a_clinic_stands_as_the_table_says_of_the_clinic_itself(place: str, row: Row) -> None:
    """`status` is that of the finding which joins their verdicts; "" where nothing joins them."""
    asked = asked_there((), load().asked_of_clinic(place), answered(place, row))
    verdict = clearance(CredentialFile(HOLDER, ""), asked, row["on"], clinic_file=clinic_of(place, row))
    found = [each.status.value for each in verdict.findings]
    assert found == ([row["status"]] if row["status"] else [])
    assert verdict.cleared == (row["status"] in ("", "met", "expiring", "waived", "not-asked"))


HOLDER = UUID(int=1)


def clinic_of(place: str, row: Row) -> CredentialFile:
    """What the clinic of a row holds: `held` from a day to a day, and what it is excepted from."""
    said = [Standing(StandingCode.SUSPENDED, row["suspended_on"])] if "suspended_on" in row else []
    own = Credential(
        UUID(int=2), "establishment-license", row.get("held_in", place), number="MM 1", standings=tuple(said),
        terms=tuple(Term(UUID(int=3), *days) for days in [row["held"]] if days) if "held" in row else (),
    )  # fmt: skip
    waived = [Waiver(UUID(int=4), own.type, *row["waived"], "exempt", "the owner")] if "waived" in row else []
    return CredentialFile(HOLDER, "", credentials=(own,) if "held" in row else (), waivers=tuple(waived))


def answered(place: str, row: Row) -> list[Policy]:
    """What the organization has found out of a row's place."""
    if "answered" not in row:
        return []
    said = Provision(asked=Asked(row["answered"]), citation=Citation("a call to the board"))
    code = "establishment-license"
    return [Policy(Requirement(code, "", (said,), place, Holder.CLINIC), answers=True)]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_table_names_its_source_and_no_key_that_nobody_reads(path: Path) -> None:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assert table["source"]
    assert set(table) <= {"jurisdiction", "source", *KEYS}
    for kind, allowed in KEYS.items():
        for row in table.get(kind, ()):
            assert set(row) <= allowed, row["says"]


def test_every_jurisdiction_has_a_table() -> None:
    assert {path.stem for path in SCENARIOS} >= set(load().jurisdictions)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_has_three_rows_at_least(model: str) -> None:
    rules = (load().renewal(each.values[0], each.values[1]["type"]) for each in rows("renewal"))
    assert sum(rule is not None and rule.model.name == model for rule in rules) >= 3
