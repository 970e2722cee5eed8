"""Questions asked from scripts: verdicts, reports, renewals, reminders, the trail. The exit status is the answer."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import clock
from compliance.db.records import TherapistRow, TrailEntryRow
from compliance.jobs import JOBS
from tests.cli.conftest import CommandLine

TRIGGER = ("--modality", "trigger-point-therapy", "--clinic", "Tampa")
ANA = ("check", "--therapist", "Ana Ruiz", *TRIGGER)


def test_who_is_cleared_gets_a_yes_with_its_end_and_every_reason(demonstration: CommandLine) -> None:
    said = demonstration.says(*ANA)
    found = demonstration.json(*ANA)
    assert said.startswith("Yes. Ana Ruiz is cleared for trigger point therapy at Tampa on ")
    asked = [each["requirement"] for each in found["findings"]]
    assert found["cleared"] is True
    assert asked == [*("license", "licensing-exam", "certification", "membership"), "establishment-license"]
    assert found["ends_with"] in {each["requirement"] for each in found["findings"]}
    for each in found["findings"]:
        assert each.keys() >= {"requirement", "status", "reason", "citation", "credential", "until"}
        assert each["reason"] in said
        assert each["citation"] in said
        assert each["citation"]


@pytest.mark.parametrize(
    ("therapist", "status"),
    [("Dana O'Neill", "blocked"), ("anh.nguyen@demonstration.example", "unverified"), ("Adeyemi, Grace", "missing")],
)
def test_who_is_not_cleared_gets_a_no_with_the_status_that_decides(
    demonstration: CommandLine, therapist: str, status: str
) -> None:
    words = ("check", "--therapist", therapist, *TRIGGER)
    found = demonstration.json(*words, status=1)
    assert (found["cleared"], found["until"]) == (False, None)
    assert status in {each["status"] for each in found["findings"]}
    assert demonstration.says(*words, status=1).startswith("No. ")


def test_a_verdict_without_end_is_null_for_scripts(demonstration: CommandLine) -> None:
    words = ("check", "--therapist", "Joel Ramirez", "--modality", "massage-therapy", "--clinic", "Wichita")
    assert demonstration.json(*words)["until"] is None
    assert demonstration.says(*words).splitlines()[0].endswith("without end.")


def test_hiring_asks_as_if_they_worked_there(demonstration: CommandLine) -> None:
    words = ("check", "--therapist", "Ana Ruiz", "--modality", "massage-therapy", "--clinic", "Wichita")
    assert demonstration.json(*words, status=1)["findings"][0]["requirement"] == "assignment"
    assert demonstration.json(*words, "--hypothetical")["cleared"] is True


def test_the_day_may_be_any(demonstration: CommandLine) -> None:
    assert demonstration.json(*ANA, "--on", "2099-01-01", status=1)["cleared"] is False
    assert "month first" in demonstration.refuses(*ANA, "--on", "31/12/2026")
    assert "month first" in demonstration.refuses(*ANA, "--on", "2026-02-30")


def test_who_or_what_is_not_known_is_wrong_usage_and_not_a_no(demonstration: CommandLine) -> None:
    known = {"--therapist": "Ana Ruiz", "--modality": "trigger point", "--clinic": "Tampa"}
    for option, wrong, says in (
        ("--therapist", "Nobody", "No therapist has the id, address or name 'Nobody'"),
        ("--modality", "reiki", "trigger-point-therapy"),
        ("--clinic", "Miami", "There are: Austin, Reno, Tampa, Wichita"),
    ):
        words = [word for pair in (known | {option: wrong}).items() for word in pair]
        assert says in demonstration.refuses("check", *words)


def test_one_name_of_two_people_is_never_guessed(demonstration: CommandLine) -> None:
    async def same_name(session: AsyncSession) -> None:
        bell = update(TherapistRow).where(TherapistRow.last_name == "Bell")
        await session.execute(bell.values(first_name="Ana", last_name="Ruiz", folded_name="ruiz ana"))

    demonstration.inside(same_name)
    said = demonstration.refuses(*ANA)
    assert "ana.ruiz@demonstration.example" in said
    assert "marcus.bell@demonstration.example" in said


# -- reports -------------------------------------------------------------------------------------------------------


def audit(clinic: str, output: Path, *more: str) -> tuple[str, ...]:
    return ("report", "audit", "--clinic", clinic, "--output", str(output), "--format", output.suffix[1:], *more)


def test_a_report_is_written_recognized_and_the_same_when_asked_again(demonstration: CommandLine) -> None:
    now = clock.now().isoformat()
    first, second = demonstration.folder / "a.json", demonstration.folder / "b.json"
    sha256 = demonstration.says(*audit("Tampa", first, "--known-at", now)).strip()
    demonstration.says(*audit("Tampa", second, "--known-at", now))
    assert first.read_bytes() == second.read_bytes()
    found = demonstration.json("report", "verify", str(first))
    assert (found["issued_here"], found["clinic"]) == (True, "Tampa")
    assert sha256 in demonstration.says("report", "verify", str(second))
    report = json.loads(first.read_bytes())
    assert report["summary"]["therapists"] == len(report["therapists"]) > 5


def test_a_report_may_be_asked_of_several_clinics_and_of_a_sample(demonstration: CommandLine) -> None:
    file = demonstration.folder / "some.json"
    words = audit("Tampa", file, "--clinic", "Austin", "--modality", "massage-therapy", "--sample", "3")
    demonstration.says(*words, "--seed", "7")
    question = json.loads(file.read_bytes())["question"]
    assert question["clinics"] == ["Austin", "Tampa"]
    assert (question["sample"]["size"], question["sample"]["seed"]) == (3, 7)
    assert json.loads(demonstration.says("report", "schema"))["title"] == "Audit report"


def test_a_seed_without_a_sample_and_an_unknown_modality_are_refused_by_name(demonstration: CommandLine) -> None:
    file = demonstration.folder / "none.json"
    assert "say with --sample how many" in demonstration.refuses(*audit("Tampa", file, "--seed", "7"))
    assert "'juggling' is not known" in demonstration.refuses(*audit("Tampa", file, "--modality", "juggling"))


def test_a_changed_report_is_none_of_ours(demonstration: CommandLine) -> None:
    file = demonstration.folder / "a.csv"
    demonstration.says(*audit("Tampa", file))
    file.write_bytes(file.read_bytes().replace(b"Ana Ruiz", b"Ana Ruix"))
    assert demonstration.says("report", "verify", str(file), status=1).startswith("No. ")
    assert demonstration.json("report", "verify", str(file), status=1)["issued_here"] is False
    assert "cannot be read" in demonstration.refuses("report", "verify", str(demonstration.folder / "none.pdf"))


def test_a_pdf_of_the_whole_organization_can_be_had(demonstration: CommandLine) -> None:
    file = demonstration.folder / "all.pdf"
    demonstration.says("report", "audit", "--output", str(file), "--format", "pdf")
    assert file.read_bytes().startswith(b"%PDF-")


def test_what_a_report_cannot_be_about_is_refused(demonstration: CommandLine) -> None:
    out = demonstration.folder / "x.csv"
    ahead = (clock.now() + timedelta(days=2)).isoformat()
    assert "lies ahead" in demonstration.refuses(*audit("Tampa", out, "--known-at", ahead))
    assert "Nothing was on record" in demonstration.refuses(*audit("Tampa", out, "--known-at", "2001-01-01T00:00:00Z"))
    assert "with an offset" in demonstration.refuses(*audit("Tampa", out, "--known-at", "2026-11-22T10:00:00"))
    assert "ends before it begins" in demonstration.refuses(*audit("Tampa", out, "--period", "2026-02-01..2026-01-01"))
    assert "is not one of" in demonstration.refuses(*audit("Tampa", demonstration.folder / "x.docx"))
    assert "cannot be written" in demonstration.refuses(*audit("Tampa", Path("/proc/none/x.csv")))
    assert not out.exists()


# -- renewal, reminders, trail -------------------------------------------------------------------------------------


def renewal(nowhere: CommandLine, *words: str) -> Any:
    return nowhere.json("renewal", *words)


def test_a_renewal_is_predicted_without_any_database(nowhere: CommandLine) -> None:
    found = renewal(nowhere, "Florida", "--expires", "08/31/2027")
    assert (found["next_expires_on"], found["model"]) == ("2029-08-31", "fixed-date")
    assert found["continuing_education"]["hours"] == 24
    assert found.keys() >= {"window_opens_on", "citation", "confidence", "notes"}
    assert "Expires next   Aug 31, 2029" in nowhere.says("renewal", "us-fl", "--expires", "2027-08-31")
    assert renewal(nowhere, "us-ks-mission", "--expires", "2027-06-30")["next_expires_on"] == "2028-06-30"


def test_what_the_rule_needs_is_asked_and_what_it_lacks_is_said(nowhere: CommandLine) -> None:
    assert renewal(nowhere, "us-tx")["question"]
    wanting = renewal(nowhere, "us-va")
    assert (wanting["next_expires_on"], wanting["notes"][0]) == (
        None, "What is the birth date? The rule counts from it. Give --birth DATE.",
    )  # fmt: skip
    assert "Give --birth DATE." in nowhere.says("renewal", "us-va")
    assert "Give --birth" not in nowhere.says("renewal", "us-va", "--birth", "1988-02-29")
    assert "Known are: " in nowhere.refuses("renewal", "us-zz")
    assert "no renewal rule" in nowhere.refuses("renewal", "us-fl", "--type", "background-check")
    assert "nothing to renew" in nowhere.says("renewal", "us-ks")
    assert "is not known" in nowhere.refuses("renewal", "us-fl", "--type", "reiki")
    assert "no time zone" in nowhere.refuses("renewal", "us-fl", "--time-zone", "Mars")


def test_a_deadline_before_the_end_and_the_day_on_which_renewal_opens_are_told(nowhere: CommandLine) -> None:
    found = renewal(nowhere, "North Carolina", "--expires", "2026-12-31")
    assert (found["window_opens_on"], found["apply_by_on"]) == ("2026-08-01", "2026-11-01")
    assert "Apply by       Nov 1, 2026" in nowhere.says("renewal", "us-nc", "--expires", "2026-12-31")


def test_the_surname_counts_where_the_rule_goes_by_it(nowhere: CommandLine) -> None:
    assert "Which surname" in renewal(nowhere, "us-oh")["question"]
    found = renewal(nowhere, "us-oh", "--expires", "2026-01-31", "--surname", "Smith")
    assert (found["next_expires_on"], found["confidence"]) == ("2028-01-31", "unsure")
    assert "was not used" in nowhere("renewal", "us-nj", "--surname", "Smith").stderr


def test_what_the_sources_do_not_agree_on_is_asked_and_not_predicted(nowhere: CommandLine) -> None:
    found = renewal(nowhere, "us-mt", "--expires", "2026-08-31")
    assert found["next_expires_on"] is None
    assert "How many years" in found["question"]


def test_where_the_license_stands_what_ends_beside_it_is_answered(nowhere: CommandLine) -> None:
    found = renewal(nowhere, "us-ny", "--expires", "2026-12-31")
    assert (found["next_expires_on"], found["model"]) == ("2029-12-31", "registration-period")
    assert found["continuing_education"]["hours"] == 36
    assert renewal(nowhere, "us-ny", "--type", "massage-licence")["model"] == "none"
    assert renewal(nowhere, "us-ca", "--issued", "2025-03-01")["confidence"] == "unsure"


def test_going_live_shows_what_would_go_out_and_asks(compliance: CommandLine) -> None:
    compliance.says("organization", "add", "Harbor Massage")
    words = ("reminders", "start", "--organization", "Harbor Massage")
    assert compliance(*words, input="n\n").exit_code == 1
    assert "Reminders are on" in compliance.says(*words, "--yes")
    assert "have been on since" in compliance.refuses(*words)


def test_reminders_are_listed_and_explained(demonstration: CommandLine) -> None:
    demonstration.says("run", "plan-reminders")
    coming = demonstration.json("reminders", "list", "--upcoming", "60")
    assert coming
    assert all(date.fromisoformat(each["on"]) for each in coming)
    number = demonstration.json("check", "--therapist", "Elena Petrova", "--modality", "massage-therapy",
                                "--clinic", "Reno")["findings"][0]["credential"]  # fmt: skip
    told = demonstration.json("reminders", "why", number)
    assert told["therapist"] == "Elena Petrova"
    assert {each["state"] for each in told["reminders"]} & {"queued", "upcoming", "planned"}
    assert "Elena Petrova" in demonstration.says("reminders", "why", number)
    assert "No credential has" in demonstration.refuses("reminders", "why", "XX 1")


def test_a_job_runs_once_and_says_what_it_did(demonstration: CommandLine) -> None:
    first = json.loads(demonstration.says("run", "plan-reminders", "--at", "2027-03-01T15:00:00+00:00"))
    again = demonstration.json("run", "plan-reminders", "--at", "2027-03-01T15:00:00+00:00")
    assert (first["job"], first["at"]) == ("plan-reminders", "2027-03-01T15:00:00+00:00")
    assert first["done"]["queued"] > 0
    assert again["done"]["queued"] == 0
    assert "there are plan-reminders, deliver-outbox" in demonstration.refuses("run", "sweep")
    assert "with an offset" in demonstration.refuses("run", "plan-reminders", "--at", "tomorrow")


def test_the_trail_holds_until_somebody_changes_an_entry(demonstration: CommandLine) -> None:
    assert demonstration.says("trail", "verify").count(" entries hold.") == 2

    async def tamper(session: AsyncSession) -> None:
        entry = update(TrailEntryRow).where(TrailEntryRow.seq == 7)
        await session.execute(entry.values(actor="user:somebody-else"))

    demonstration.inside(tamper)
    assert "entry 7 does not hold" in demonstration.says("trail", "verify", status=1)
    broken = [each for each in demonstration.json("trail", "verify", status=1) if not each["holds"]]
    assert [each["broken"]["seq"] for each in broken] == [7]


def test_the_doctor_names_what_is_wrong_and_is_content_when_nothing_is(demonstration: CommandLine) -> None:
    said = demonstration.says("doctor", status=1)
    assert "WRONG  plan-reminders" in said
    assert "ok     secret key" in said
    for job in JOBS:
        demonstration.says("run", job)
    said = demonstration.says("doctor")
    assert "WRONG" not in said
    assert "no letters of Burmese, " in said

    async def older(session: AsyncSession) -> None:
        await session.execute(text("UPDATE alembic_version SET version_num = '2001010101'"))

    demonstration.inside(older)
    assert "WRONG  schema" in demonstration.says("doctor", status=1)


def test_the_doctor_says_that_there_is_no_database_and_makes_none(nowhere: CommandLine) -> None:
    said = nowhere.says("doctor", status=1)
    assert "ok     configuration" in said
    assert "WRONG  database          There is none at" in said
    assert not (nowhere.folder / "home" / "compliance.db").exists()
    nowhere.environment["COMPLIANCE_SMTP_URL"] = "smtp://127.0.0.1:1?tls=none"
    assert "WRONG  mail server" in nowhere.says("doctor", status=1)
    nowhere.environment["COMPLIANCE_PORT"] = "many"
    assert "WRONG  configuration     COMPLIANCE_PORT is 'many'" in nowhere.says("doctor", status=2)
