"""What is asked of a clinic itself: all of it on its own page, in its people's verdicts from its first record on."""

from __future__ import annotations

from datetime import date as D
from uuid import UUID

from compliance.domain.assessment import assess, clearance
from compliance.domain.covers import Status
from compliance.domain.credentials import Credential, CredentialFile, Standing, StandingCode
from compliance.domain.of_clinics import asked_of_clinic, asked_there
from compliance.domain.periods import BEGINNING, FOREVER
from compliance.domain.requirements import Asked, Holder, Policy, Provision, Requirement, Verify
from tests.domain.files import asks, file_of, license_of, term

CODE = "establishment-license"
THERAPIST = file_of(license_of(term(D(2020, 1, 1), D(2029, 12, 31))))
DAY = D(2026, 6, 1)


def law(asked: Asked = Asked.YES, applies_on: D = BEGINNING) -> Requirement:
    wording = Provision(asked=asked, applies_on=applies_on, accepts=frozenset({CODE}), jurisdiction="us-fl")
    return Requirement(CODE, "Florida establishment license", (wording,), "us-fl", Holder.CLINIC)


def adopted(applies_on: D, ends_on: D = FOREVER) -> Policy:
    words = Provision(applies_on, ends_on, accepts=frozenset({CODE}), jurisdiction="us-fl", verify=Verify.ONCE_PER_TERM)
    return Policy(Requirement(CODE, "Florida establishment license", (words,), "us-fl", Holder.CLINIC))


def clinic(*held: Credential) -> CredentialFile:
    return CredentialFile(UUID(int=9), "", credentials=held)


def own(first: D, last: D, **more: object) -> Credential:
    return license_of(term(first, last), type=CODE, verified=False, **more)  # type: ignore[arg-type]


def cleared(kept: CredentialFile | None, day: D, *policies: Policy, asked: Requirement | None = None) -> bool:
    there = asked_there((asks(),), [asked or law()], policies, kept)
    return clearance(THERAPIST, there, day, clinic_file=kept).cleared


def test_a_clinic_without_any_record_lacks_its_license_and_stops_nobody() -> None:
    (found,) = assess(clinic(), asked_of_clinic([law()], ()), DAY)
    assert found.status is Status.MISSING
    assert cleared(None, DAY)
    assert cleared(clinic(), DAY)


def test_from_the_first_day_on_record_a_lapse_stops_practice_there() -> None:
    kept = clinic(own(D(2025, 1, 1), D(2026, 5, 31)))
    assert cleared(kept, D(2024, 12, 31))  # nothing is on record of that day
    assert cleared(kept, D(2026, 5, 31))
    assert not cleared(kept, DAY)
    verdict = clearance(THERAPIST, asked_there((asks(),), [law()], (), kept), D(2026, 5, 31), clinic_file=kept)
    assert (verdict.until, verdict.ends_with) == (D(2026, 5, 31), CODE)


def test_a_suspended_establishment_stops_practice_and_a_renewed_one_does_not() -> None:
    said = (Standing(StandingCode.SUSPENDED, D(2026, 3, 1)),)
    assert not cleared(clinic(own(D(2025, 1, 1), D(2027, 1, 1), standings=said)), DAY)
    assert cleared(clinic(own(D(2025, 1, 1), D(2026, 1, 1)), own(D(2026, 1, 2), D(2028, 1, 1))), DAY)


def test_another_states_license_is_no_record_of_this_clinic() -> None:
    kept = clinic(own(D(2025, 1, 1), D(2026, 5, 31), jurisdiction="us-tx"))
    assert cleared(kept, DAY)
    (found,) = assess(kept, asked_of_clinic([law()], ()), DAY)
    assert found.status is Status.MISSING


def test_the_law_counts_not_before_it_applies_and_not_where_it_is_not_known() -> None:
    kept = clinic(own(D(2020, 1, 1), D(2021, 1, 1)))
    later = law(applies_on=D(2026, 6, 2))
    assert cleared(kept, DAY, asked=later)
    assert not cleared(kept, D(2026, 6, 2), asked=later)
    assert cleared(kept, DAY, asked=law(Asked.UNKNOWN))


def test_an_organizations_own_policy_lets_silence_stop_practice_from_its_day() -> None:
    assert cleared(None, D(2026, 5, 31), adopted(DAY))
    stops = asked_there((asks(), adopted(DAY).requirement), [law()], [adopted(DAY)], None)
    assert not clearance(THERAPIST, stops, DAY).cleared


def test_before_between_and_after_an_adopted_policy_the_law_still_counts() -> None:
    kept, policy = clinic(own(D(2025, 1, 1), D(2026, 5, 31))), adopted(D(2026, 7, 1), D(2026, 7, 31))
    asked = asked_there((asks(), policy.requirement), [law()], [policy], kept)
    assert [each.code for each in asked] == ["license", CODE]
    spans = [(each.applies_on, each.ends_on, each.verify) for each in asked[1].provisions]
    assert spans == [
        (D(2025, 1, 1), D(2026, 6, 30), Verify.NO),
        (D(2026, 7, 1), D(2026, 7, 31), Verify.ONCE_PER_TERM),
        (D(2026, 8, 1), FOREVER, Verify.NO),
    ]


def test_what_an_organization_answered_is_asked_of_the_clinic() -> None:
    words = Provision(asked=Asked.YES, accepts=frozenset({CODE}))
    said = Policy(Requirement(CODE, "", (words,), "us-fl", Holder.CLINIC), answers=True)
    (found,) = assess(clinic(), asked_of_clinic([law(Asked.UNKNOWN)], [said]), DAY)
    assert found.status is Status.MISSING
    (open_,) = assess(clinic(), asked_of_clinic([law(Asked.UNKNOWN)], ()), DAY)
    assert open_.status is Status.UNKNOWN
