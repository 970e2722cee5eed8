"""What the shipped catalog promises: the contract's codes, a source for every figure, spellings as people write."""

from __future__ import annotations

from datetime import date
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from compliance.catalog import CatalogError, load
from compliance.domain.credential_types import DEFAULT_LADDER, Ladder
from compliance.domain.requirements import Asked, Citation, Holder, Provision, Verify, with_policies

CONTRACT_TYPES = {
    *("massage-license", "establishment-license", "mblex", "ncetm", "ncetmb", "nesl", "state-massage-exam"),
    *("endorsement", "grandfathered", "jurisprudence-exam", "amta-membership", "abmp-membership", "bctmb", "cmtpt"),
    *("cnmt", "cpr", "bls", "liability-insurance", "background-check", "fingerprint-card", "hipaa-training", "npi"),
    *("massage-registration", "state-certification", "local-permit", "temporary-permit", "compact-privilege"),
}
CONTRACT_MODALITIES = (
    *("massage-therapy", "trigger-point-therapy", "deep-tissue-massage", "neuromuscular-therapy"),
    *("medical-massage", "sports-massage", "hot-stone-massage"),
)
STATES = {
    "us-ak", "us-al", "us-ar", "us-az", "us-ca", "us-co", "us-ct", "us-dc", "us-de", "us-fl", "us-ga", "us-hi", "us-ia",
    "us-id", "us-il", "us-in", "us-ks", "us-ky", "us-la", "us-ma", "us-md", "us-me", "us-mi", "us-mn", "us-mo", "us-ms",
    "us-mt", "us-nc", "us-nd", "us-ne", "us-nh", "us-nj", "us-nm", "us-nv", "us-ny", "us-oh", "us-ok", "us-or", "us-pa",
    "us-pr", "us-ri", "us-sc", "us-sd", "us-tn", "us-tx", "us-ut", "us-va", "us-vt", "us-wa", "us-wi", "us-wv", "us-wy",
}  # fmt: skip
"""The fifty states, the District of Columbia and Puerto Rico."""
PLACES = (*sorted(STATES), "us-ks-mission")
EVERYTHING_ASKED = [pytest.param(*pair, id=" in ".join(pair)) for pair in product(CONTRACT_MODALITIES, PLACES)]


def test_the_codes_are_those_of_the_contract() -> None:
    catalog = load()
    assert set(catalog.types) == CONTRACT_TYPES
    assert set(catalog.modalities) == set(CONTRACT_MODALITIES)
    assert set(catalog.jurisdictions) == set(PLACES)
    assert len(STATES) == 50 + 2


@pytest.mark.parametrize(("modality", "place"), EVERYTHING_ASKED)
def test_every_wording_names_source_day_and_confidence(modality: str, place: str) -> None:
    for requirement in load().asked(modality, place):
        assert requirement.provisions
        for provision in requirement.provisions:
            assert_cited(provision.citation)


def test_every_rule_of_renewal_and_every_figure_of_education_names_source_and_day() -> None:
    for rules in load().rules.values():
        for rule in rules:
            assert_cited(rule.citation)
            if rule.continuing_education:
                assert_cited(rule.continuing_education.citation)
            if rule.window_days_before is not None:
                assert rule.window_citation is not None


def test_what_is_known_of_a_place_names_its_source() -> None:
    for place in load().jurisdictions.values():
        assert place.sources
        for each in (place.exams, place.after_expiry, *place.conflicts):
            if each is not None:
                assert_cited(each.citation)


def test_examinations_and_alternatives_are_credential_types() -> None:
    catalog = load()
    named = {code for each in catalog.jurisdictions.values() if each.exams for code in each.exams.honored}
    named |= {code for each in catalog.jurisdictions.values() if each.exams for code in each.exams.besides}
    educations = (each.continuing_education for rules in catalog.rules.values() for each in rules)
    named |= {code for each in educations if each for code in each.instead}
    assert named <= set(catalog.types)
    assert named >= {"mblex", "state-massage-exam", "jurisprudence-exam", "bctmb"}


def test_a_remembered_look_up_address_is_marked_unsure() -> None:
    for place in load().jurisdictions.values():
        if place.board and place.board.lookup_url:
            assert place.board.lookup_source
            assert "remembered" not in place.board.lookup_source or place.board.lookup_confidence == "unsure"


def test_clinics_and_boards_are_in_time_zones_that_exist() -> None:
    for place in load().jurisdictions.values():
        for zone in (*place.time_zones, *((place.board.time_zone,) if place.board else ())):
            assert ZoneInfo(zone).key == zone
    asked_which = {code for code, place in load().jurisdictions.items() if len(place.time_zones) > 1}
    assert asked_which == {
        *("us-ak", "us-fl", "us-id", "us-in", "us-ks", "us-ky", "us-mi", "us-nd", "us-ne", "us-or", "us-sd", "us-tn"),
        "us-tx",
    }


def test_unknown_law_lets_nobody_practice_after_expiry() -> None:
    for place in PLACES:
        license = load().asked("massage-therapy", place)[0]
        assert all(each.practice_while == frozenset() for each in license.provisions)


def test_asked_twice_the_same_objects_come_back() -> None:
    catalog = load()
    assert catalog.asked("massage-therapy", "us-fl") is catalog.asked("massage-therapy", "us-fl")
    assert catalog.asked("massage-therapy", "us-fl")[0] is catalog.asked("trigger-point-therapy", "us-fl")[0]
    exam = {id(catalog.asked("trigger-point-therapy", place)[-3]) for place in PLACES}
    assert len(exam) == 1


def test_a_license_must_be_of_the_place_and_an_examination_may_be_from_anywhere() -> None:
    license, exam, *_ = load().asked("trigger-point-therapy", "us-tx")
    assert (license.jurisdiction, license.provisions[0].jurisdiction) == ("us-tx", "us-tx")
    assert (exam.jurisdiction, exam.provisions[0].jurisdiction) == (None, None)


def test_the_heart_of_it_accepts_what_the_policy_says() -> None:
    asked = {each.code: each.provisions[0].accepts for each in load().asked("trigger-point-therapy", "us-fl")}
    assert asked == {
        "license": {"massage-license"},
        "licensing-exam": {
            *("mblex", "ncetm", "ncetmb", "nesl", "state-massage-exam", "endorsement", "grandfathered"),
        },
        "certification": {"bctmb", "cmtpt", "cnmt"},
        "membership": {"amta-membership"},
    }


def test_the_rules_of_a_city_come_after_those_of_its_state() -> None:
    assert load().chain("us-ks-mission") == ("us-ks", "us-ks-mission")
    assert [(each.code, each.jurisdiction) for each in load().asked("massage-therapy", "us-ks-mission")] == [
        ("license", "us-ks"),
        ("local-permit", "us-ks-mission"),
    ]


def test_an_organization_that_accepts_abmp_widens_the_membership() -> None:
    asked = load().asked("trigger-point-therapy", "us-fl")
    widened = with_policies(asked, [load().offers["abmp-membership"]])
    assert [each.code for each in widened] == [each.code for each in asked]
    assert accepted(widened[-1].provisions) == {"amta-membership", "abmp-membership"}


@pytest.mark.parametrize("code", ["liability-insurance", "cpr", "background-check", "hipaa-training"])
def test_an_organization_can_ask_for_more(code: str) -> None:
    asked = with_policies(load().asked("massage-therapy", "us-fl"), [load().offers[code]])
    assert [each.code for each in asked] == ["license", code]


def test_an_offered_certificate_of_a_state_concerns_that_state_alone() -> None:
    offer = load().offers["state-certification-us-ca"]
    assert offer.concerns("massage-therapy", load().chain("us-ca"))
    assert not offer.concerns("massage-therapy", load().chain("us-fl"))


def test_a_look_at_an_establishment_license_is_offered_where_the_law_leaves_it_at_the_paper() -> None:
    offer = load().offers["establishment-license-us-fl"]
    requirement = offer.requirement
    assert (requirement.holder, requirement.jurisdiction, offer.tightens) == (Holder.CLINIC, "us-fl", True)
    assert [each.verify for each in requirement.provisions] == [Verify.ONCE_PER_TERM]
    assert [
        each for each in ("establishment-license-us-ut", "establishment-license-us-vt") if each in load().offers
    ] == []
    assert load().types["establishment-license"].holder is Holder.CLINIC


def test_an_establishment_license_is_asked_of_the_clinic_where_the_law_asks_one() -> None:
    (florida,), (vermont,), (georgia,) = (load().asked_of_clinic(each) for each in ("us-fl", "us-vt", "us-ga"))
    assert (florida.holder, florida.code) == (Holder.CLINIC, "establishment-license")
    assert [each.provisions[-1].asked for each in (florida, vermont, georgia)] == ["yes", "no", "unknown"]
    assert georgia.provisions[-1].question.startswith("Does this place license or register massage establishments")
    asked_of_people = (each for found in load().requirements.values() for each in found)
    assert all(each.holder is Holder.THERAPIST for each in asked_of_people)


def test_a_state_that_leaves_massage_to_its_cities_asks_nothing_of_clinics_and_its_city_does() -> None:
    assert load().asked_of_clinic("us-ks") == ()
    assert [each.jurisdiction for each in load().asked_of_clinic("us-ks-mission")] == ["us-ks-mission"]


def test_north_carolina_licenses_establishments_since_july_2021() -> None:
    (asked,) = load().asked_of_clinic("us-nc")
    assert asked.provision_on(date(2021, 6, 30)) is None
    assert asked.provisions[0].applies_on == date(2021, 7, 1)


def test_every_duty_that_a_credential_meets_is_asked_or_offered_there() -> None:
    law = load()
    for place in law.jurisdictions.values():
        asked = {each.code for each in (*law.asked("massage-therapy", place.code), *law.asked_of_clinic(place.code))}
        for duty in place.duties:
            code = {"insurance": "liability-insurance"}.get(duty.topic, duty.topic.value)
            if duty.asked != "yes" or code not in law.types:
                continue
            judged = code in asked or (code == "background-check" and "fingerprint-card" in asked)
            offered = law.offers.get(f"{code}-{place.code}")
            assert judged or (offered and offered.jurisdictions == {place.code}), (place.code, code)


def test_what_is_offered_of_a_duty_rests_on_its_source() -> None:
    (wording,) = load().offers["liability-insurance-us-ct"].requirement.provisions
    (duty,) = (each for each in load().jurisdictions["us-ct"].duties if each.topic == "insurance")
    assert wording.citation == duty.citation
    assert "liability-insurance-us-in" not in load().offers  # asked there already


def test_the_two_issuers_of_cmtpt_are_told_apart() -> None:
    cmtpt = load().types["cmtpt"]
    assert cmtpt.authority_asked
    board, school = cmtpt.authority_of("CBMTPT"), cmtpt.authority_of("Myopain Seminars")
    assert board is not None
    assert school is not None
    assert board != school
    assert cmtpt.authority_of("somebody") is None


def test_what_expires_climbs_the_default_ladder_and_what_does_not_climbs_none() -> None:
    for each in load().types.values():
        assert each.ladder == (DEFAULT_LADDER if each.expires else Ladder())


def test_the_longest_terms_let_usual_cards_start_on_their_issue() -> None:
    types = load().types
    assert (types["massage-license"].longest_months, types["amta-membership"].longest_months) == (48, 14)
    assert all((each.longest_months or 0) >= (each.usual_months or 0) for each in types.values() if has_both(each))


def test_what_is_bound_to_a_place_is_what_a_board_or_a_city_grants() -> None:
    assert {code for code, each in load().types.items() if each.jurisdiction_bound} == {
        *("massage-license", "massage-registration", "state-certification", "local-permit", "temporary-permit"),
        *("compact-privilege", "establishment-license", "state-massage-exam", "endorsement", "grandfathered"),
        "jurisprudence-exam",
    }


def test_continuing_education_is_known_where_a_source_says_so_and_asked_where_none_does() -> None:
    florida, nevada = load().renewal("us-fl", "massage-license"), load().renewal("us-nv", "massage-license")
    assert florida is not None
    assert nevada is not None
    assert florida.continuing_education is not None
    assert nevada.continuing_education is not None
    assert (florida.continuing_education.hours, florida.continuing_education.minima["ethics"]) == (24, 2)
    assert nevada.continuing_education.hours is None
    assert "How many hours" in nevada.continuing_education.question


def test_what_is_renewed_in_a_place_begins_with_what_ends() -> None:
    catalog = load()
    assert catalog.renewed_in("us-fl") == ("massage-license",)
    assert catalog.renewed_in("us-ny") == ("massage-registration", "massage-license")
    assert catalog.renewed_in("us-ca") == ("state-certification", "massage-license")
    assert catalog.renewed_in("us-ks") == ("massage-license",)
    assert catalog.renewed_in("us-ks-mission") == ("local-permit", "massage-license", "establishment-license")


def test_a_city_is_ruled_by_its_state_where_it_is_silent() -> None:
    assert load().renewal("us-ks-mission", "massage-license") is load().renewal("us-ks", "massage-license")


def test_a_rule_for_everybody_stands_in_where_a_place_has_none() -> None:
    assert load().renewal("us-fl", "bctmb") is load().renewal(None, "bctmb")
    assert load().renewal("us-fl", "abmp-membership") is None


@pytest.mark.parametrize(
    ("ask", "given"),
    [
        (lambda: load().asked("reiki", "us-fl"), "reiki"),
        (lambda: load().asked("massage-therapy", "us-zz"), "us-zz"),
        (lambda: load().renewal("us-fl", "reiki-master"), "reiki-master"),
        (lambda: load().chain("zz"), "zz"),
    ],
)
def test_an_unknown_code_is_refused_with_what_is_allowed(ask, given: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CatalogError, match=f"“{given}” is not known; there are .*"):
        ask()


def test_the_fingerprint_is_a_sha256() -> None:
    assert len(bytes.fromhex(load().fingerprint)) == 32


def assert_cited(citation: Citation) -> None:
    assert citation.text
    assert citation.as_of
    assert citation.confidence


def accepted(provisions: tuple[Provision, ...]) -> frozenset[str]:
    return frozenset().union(*(each.accepts for each in provisions if each.asked is Asked.YES))


def has_both(each) -> bool:  # type: ignore[no-untyped-def]
    return each.longest_months is not None and each.usual_months is not None
