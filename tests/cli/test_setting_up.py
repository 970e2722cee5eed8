"""Organizations, clinics, people and the demonstration from the command line; what REF may be."""

from __future__ import annotations

from uuid import UUID

from tests.cli.conftest import CommandLine


def test_an_organization_a_clinic_and_a_person_are_set_up_from_a_script(compliance: CommandLine) -> None:
    organization = compliance.says("organization", "add", "Harbor Massage", "--time-zone", "America/Chicago").strip()
    clinic = compliance.json("clinic", "add", "Reno", "--organization", organization, "--jurisdiction", "Nevada")
    link = compliance.says(
        "user", "add", "dana@example.org", "--organization", "harbor massage", "--role", "manager", "--clinic", "reno"
    )
    assert compliance.json("organization", "list") == [
        {"id": organization, "name": "Harbor Massage", "demonstration": False}
    ]
    assert compliance.json("clinic", "list") == [clinic]
    assert UUID(clinic["id"]).version == 7
    assert link.startswith("http://127.0.0.1:8000/set-password/")
    told = compliance("user", "link", "dana@example.org")
    assert "COMPLIANCE_PUBLIC_URL" in told.stderr
    assert "COMPLIANCE_PUBLIC_URL" not in told.stdout


def test_a_clinics_own_license_is_recorded_once_renewed_and_waived_from_a_script(compliance: CommandLine) -> None:
    compliance.says("organization", "add", "Harbor Massage")
    zone = ("--jurisdiction", "us-fl", "--time-zone", "America/New_York")
    compliance.says("clinic", "add", "Tampa", "--organization", "Harbor Massage", *zone)
    given = ("clinic", "license", "add", "tampa", "--number", "MM 1", "--issued-on", "2025-09-01", "--expires-on")
    assert compliance.json(*given, "2027-08-31")["outcome"] == "created"
    assert compliance.json(*given, "08/31/2027") == {"outcome": "unchanged", "changes": [], "questions": []}
    assert compliance.json(*given, "2029-08-31")["outcome"] != "unchanged"
    assert "before it began" in compliance.refuses(*given, "2024-08-31")
    assert "Give the number" in compliance.refuses("clinic", "license", "add", "Tampa")
    assert "No clinic" in compliance.refuses("clinic", "license", "add", "Tampo", "--number", "MM 1")
    waive = ("clinic", "license", "waive", "Tampa", "--reason", "A school", "--granted-by", "O. Hart", "--ends-on")
    assert UUID(compliance.says(*waive, "2029-12-31").strip()).version == 7
    assert "last day" in compliance.refuses(*waive, "9999-12-31")


def test_a_forgotten_password_has_its_way_where_no_mail_can_be_sent(compliance: CommandLine) -> None:
    compliance.says("organization", "add", "Harbor Massage")
    first = compliance.says("user", "add", "dana@example.org", "--organization", "Harbor Massage", "--role", "owner")
    link = compliance.says("user", "link", "Dana@Example.org")
    assert link.startswith("http://127.0.0.1:8000/set-password/")
    assert link != first
    assert "Nobody signs in with 'nobody@example.org' here" in compliance.refuses("user", "link", "nobody@example.org")


def test_british_spellings_are_taken(compliance: CommandLine) -> None:
    compliance.says("organisation", "add", "Harbour Massage")
    compliance.says("clinic", "add", "Reno", "--organisation", "Harbour Massage", "--jurisdiction", "us-nv")
    found = compliance.json("renewal", "us-fl", "--type", "massage-licence", "--expires", "2027-08-31")
    assert found["next_expires_on"] == "2029-08-31"


def test_wrong_values_are_refused_with_what_is_allowed(compliance: CommandLine) -> None:
    compliance.says("organization", "add", "Harbor Massage")
    here = ("--organization", "Harbor Massage")
    wrong = {
        ("organization", "add", "HARBOR  massage"): "exists already",
        ("organization", "add", "Other", "--time-zone", "Mars/Olympus"): "no time zone",
        ("clinic", "add", "Tampa", *here, "--jurisdiction", "us-zz"): "us-fl (Florida)",
        ("clinic", "add", "Tampa", *here, "--jurisdiction", "us-fl"): "America/New_York, America/Chicago",
        ("clinic", "add", "Tampa", "--organization", "Harbr", "--jurisdiction", "us-nv"): "There are: Harbor Massage",
        ("clinic", "add", "Reno", *here, "--jurisdiction", "us-nv", "--opened-on", "31/12/2020"): "month first",
        ("user", "add", "dana", *here, "--role", "owner"): "is no e-mail address",
        ("user", "add", "dana@example.org", *here, "--role", "king"): "'king' is not one of",
        ("user", "add", "dana@example.org", *here, "--role", "manager", "--clinic", "Reno"): "No clinic",
    }
    for words, says in wrong.items():
        assert says in compliance.refuses(*words), words


def test_somebody_who_has_a_role_is_not_added_twice(compliance: CommandLine) -> None:
    compliance.says("organization", "add", "Harbor Massage")
    words = ("user", "add", "dana@example.org", "--organization", "Harbor Massage", "--role", "owner")
    compliance.says(*words)
    assert "change the role instead" in compliance.refuses(*words)


def test_the_demonstration_is_loaded_once_and_again_when_told(nowhere: CommandLine) -> None:
    assert "42 therapists at 4 clinics" in nowhere.says("demo")
    first = nowhere.json("organization", "list")
    assert "loaded already" in nowhere.says("demo")
    assert nowhere.json("organization", "list") == first
    nowhere.says("demo", "--reset")
    assert nowhere.json("organization", "list") != first


def test_the_demonstration_can_be_taken_away_and_that_twice(nowhere: CommandLine) -> None:
    nowhere.says("demo")
    assert "taken away" in nowhere.says("demo", "--drop")
    assert "No demonstration is loaded." in nowhere.says("demo", "--drop")
    assert "choose one of them" in nowhere.refuses("demo", "--drop", "--reset")


def test_a_reset_is_refused_for_what_is_no_demonstration(demonstration: CommandLine) -> None:
    demonstration.says("organization", "add", "Harbor Massage")
    before = demonstration.json("organization", "list")
    said = demonstration.refuses("demo", "--reset", "--organization", "Harbor Massage")
    assert said == "Harbor Massage is no demonstration. Nothing was dropped.\n"
    assert demonstration.json("organization", "list") == before


def test_an_ambiguous_name_is_refused_with_its_candidates(compliance: CommandLine) -> None:
    for name in ("East", "West"):
        compliance.says("organization", "add", name)
        compliance.says("clinic", "add", "Reno", "--organization", name, "--jurisdiction", "us-nv")
    asked = ("report", "audit", "--clinic", "Reno", "--format", "csv", "--output", str(compliance.folder / "r.csv"))
    said = compliance.refuses(*asked)
    ids = [
        each["id"] for name in ("East", "West") for each in compliance.json("clinic", "list", "--organization", name)
    ]
    assert all(id_ in said for id_ in ids)
    assert "(East)" in said
    compliance.says(*asked, "--organization", "West")
    assert "say which with --organization: East, West" in compliance.refuses("reminders", "list")
