"""What is asked of a clinic itself, on its own page and in the verdict of everybody who works there."""

from __future__ import annotations

from datetime import date as D
from uuid import UUID

from compliance.domain.assessment import Clearance, assess, clearance
from compliance.domain.covers import Status
from compliance.domain.credentials import Credential, CredentialFile, Standing, StandingCode, Waiver
from compliance.domain.of_clinics import asked_of_clinic, asked_there
from compliance.domain.periods import BEGINNING, FOREVER
from compliance.domain.requirements import Asked, Holder, Policy, Provision, Requirement, Verify
from tests.domain.files import asks, file_of, license_of, term

CODE = "establishment-license"
THERAPIST = file_of(license_of(term(D(2020, 1, 1), D(2029, 12, 31))))
DAY = D(2026, 6, 1)


def law(asked: Asked = Asked.YES, applies_on: D = BEGINNING, *, silent: bool = False) -> Requirement:
    wording = Provision(asked=asked, applies_on=applies_on, accepts=frozenset({CODE}), jurisdiction="us-fl")
    return Requirement(CODE, "Florida establishment license", (wording,), "us-fl", Holder.CLINIC, silent)


def adopted(applies_on: D, ends_on: D = FOREVER) -> Policy:
    words = Provision(applies_on, ends_on, accepts=frozenset({CODE}), jurisdiction="us-fl", verify=Verify.ONCE_PER_TERM)
    return Policy(Requirement(CODE, "Florida establishment license", (words,), "us-fl", Holder.CLINIC))


def clinic(*held: Credential) -> CredentialFile:
    return CredentialFile(UUID(int=9), "", credentials=held)


def own(first: D, last: D, **more: object) -> Credential:
    return license_of(term(first, last), type=CODE, verified=False, **more)  # type: ignore[arg-type]


def waived(first: D, last: D) -> CredentialFile:
    waiver = Waiver(UUID(int=3), CODE, first, last, "A physician's office", "O. Hart")
    return CredentialFile(UUID(int=9), "", waivers=(waiver,))


def answer(yes: bool) -> Policy:
    words = Provision(asked=Asked.YES if yes else Asked.NO, accepts=frozenset({CODE}))
    return Policy(Requirement(CODE, "", (words,), "us-fl", Holder.CLINIC), answers=True)


def verdict(kept: CredentialFile | None, day: D, *policies: Policy, asked: Requirement | None = None) -> Clearance:
    there = asked_there((asks(),), [asked or law()], policies)
    return clearance(THERAPIST, there, day, clinic_id=UUID(int=9), clinic_file=kept)


def cleared(kept: CredentialFile | None, day: D, *policies: Policy, asked: Requirement | None = None) -> bool:
    return verdict(kept, day, *policies, asked=asked).cleared


def test_nobody_is_cleared_at_a_clinic_that_lacks_its_license() -> None:
    (found,) = assess(clinic(), asked_of_clinic([law()], ()), DAY)
    assert found.status is Status.MISSING
    for kept in (None, clinic()):
        no = verdict(kept, DAY)
        assert (no.cleared, no.deciding and no.deciding.requirement) == (False, CODE)


def test_its_people_are_cleared_from_its_first_day_to_its_last() -> None:
    kept = clinic(own(D(2025, 1, 1), D(2026, 5, 31)))
    assert not cleared(kept, D(2024, 12, 31))
    assert cleared(kept, D(2026, 5, 31))
    assert not cleared(kept, DAY)
    last = verdict(kept, D(2026, 5, 31))
    assert (last.until, last.ends_with) == (D(2026, 5, 31), CODE)
    assert verdict(kept, D(2024, 12, 31)).cleared_from == D(2025, 1, 1)


def test_a_suspended_establishment_stops_practice_and_a_renewed_one_does_not() -> None:
    said = (Standing(StandingCode.SUSPENDED, D(2026, 3, 1)),)
    assert not cleared(clinic(own(D(2025, 1, 1), D(2027, 1, 1), standings=said)), DAY)
    assert cleared(clinic(own(D(2025, 1, 1), D(2026, 1, 1)), own(D(2026, 1, 2), D(2028, 1, 1))), DAY)


def test_another_states_license_is_no_license_of_this_clinic() -> None:
    assert not cleared(clinic(own(D(2025, 1, 1), D(2027, 5, 31), jurisdiction="us-tx")), DAY)


def test_a_clinic_that_is_excepted_clears_its_people_as_long_as_that_holds() -> None:
    kept = waived(D(2026, 1, 1), D(2026, 6, 30))
    yes = verdict(kept, DAY)
    found = next(each for each in yes.findings if each.requirement == CODE)
    assert (yes.cleared, yes.until, found.status) == (True, D(2026, 6, 30), Status.WAIVED)
    assert "O. Hart" in found.reason
    assert not cleared(kept, D(2026, 7, 1))
    assert cleared(kept, DAY, asked=law(Asked.UNKNOWN))


def test_the_law_counts_not_before_it_applies() -> None:
    later = law(applies_on=D(2026, 6, 2))
    assert cleared(None, DAY, asked=later)
    assert not cleared(None, D(2026, 6, 2), asked=later)


def test_what_is_not_known_clears_nobody_until_somebody_answers() -> None:
    no = verdict(None, DAY, asked=law(Asked.UNKNOWN))
    assert (no.cleared, no.deciding and no.deciding.status) == (False, Status.UNKNOWN)
    assert cleared(None, DAY, answer(False), asked=law(Asked.UNKNOWN))
    assert not cleared(None, DAY, answer(True), asked=law(Asked.UNKNOWN))


def test_where_no_file_speaks_of_clinics_nothing_joins_until_somebody_answers() -> None:
    silent = law(Asked.UNKNOWN, silent=True)
    (open_,) = assess(clinic(), asked_of_clinic([silent], ()), DAY)
    assert open_.status is Status.UNKNOWN
    assert [each.requirement for each in verdict(None, DAY, asked=silent).findings] == ["license"]
    assert cleared(None, DAY, answer(False), asked=silent)
    assert not cleared(None, DAY, answer(True), asked=silent)


def test_before_between_and_after_an_adopted_policy_the_law_still_counts() -> None:
    policy = adopted(D(2026, 7, 1), D(2026, 7, 31))
    asked = asked_there((asks(), policy.requirement), [law()], [policy])
    assert [each.code for each in asked] == ["license", CODE]
    spans = [(each.applies_on, each.ends_on, each.verify) for each in asked[1].provisions]
    assert spans == [
        (BEGINNING, D(2026, 6, 30), Verify.NO),
        (D(2026, 7, 1), D(2026, 7, 31), Verify.ONCE_PER_TERM),
        (D(2026, 8, 1), FOREVER, Verify.NO),
    ]


def test_a_stricter_look_that_is_adopted_makes_the_paper_wait_for_it() -> None:
    kept = clinic(own(D(2025, 1, 1), D(2027, 5, 31)))
    stricter = Policy(adopted(DAY).requirement, tightens=True)
    assert cleared(kept, D(2026, 5, 31), stricter)
    no = verdict(kept, DAY, stricter)
    assert (no.deciding and no.deciding.status) is Status.UNVERIFIED


def test_what_an_organization_answered_is_asked_of_the_clinic() -> None:
    (found,) = assess(clinic(), asked_of_clinic([law(Asked.UNKNOWN)], [answer(True)]), DAY)
    assert found.status is Status.MISSING
    (open_,) = assess(clinic(), asked_of_clinic([law(Asked.UNKNOWN)], ()), DAY)
    assert open_.status is Status.UNKNOWN
