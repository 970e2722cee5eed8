"""The main job, by its public doors alone: a clinic's roster in; verdicts, renewal mails and an audit PDF out.

Commands are run as a person would, mail goes to a real SMTP server, pages are driven over HTTP, the PDF is read back.
Everything that depends on a day is asked with `--on`, `--as-of` and `--at`, so that it is the same in every year.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from click.testing import CliRunner

from compliance.cli import main
from tests.outside import Mailserver, Received, Visitor, serving

MESSY = Path(__file__).parent / "data" / "roster-messy.csv"
BAD = Path(__file__).parent / "data" / "roster-bad-rows.csv"
HARBOR = "Harbor Trigger Point Clinics"
MONDAY = date(2026, 11, 23)
DAYS = 120
RUNGS = {"therapist": (90, 60, 30, 14, 7, 1, 0, -7, -30), "manager": (14, 0, -7), "owner": (-7,)}
OWNER, MANAGER = "olga@harbor.example", "dana@harbor.example"


class Commands:
    """The `compliance` command in one installation."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.runner = CliRunner()

    def __call__(self, *words: str, status: int = 0) -> str:
        """What a command prints; its exit status must be the one that is expected."""
        done = self.runner.invoke(main, list(words), env=self.environment)
        assert done.exit_code == status, f"{words} ended with {done.exit_code}: {done.output}"
        return done.stdout

    def json(self, *words: str, status: int = 0) -> Any:
        """The same, for commands that speak JSON."""
        return json.loads(self(*words, status=status))

    def verdict(self, email: str, clinic: str, on: date = MONDAY) -> dict[str, Any]:
        """May this therapist practice trigger point therapy there on that day?"""
        asked = ("--therapist", email, "--clinic", clinic, "--modality", "trigger-point-therapy", "--on", str(on))
        done = self.runner.invoke(main, ["check", *asked, "--json"], env=self.environment)
        found: dict[str, Any] = json.loads(done.stdout)
        assert done.exit_code == (0 if found["cleared"] else 1)
        return found


@pytest.fixture
def mailserver() -> Any:
    with Mailserver() as running:
        yield running


@pytest.fixture
def commands(database_url: str, tmp_path: Path, mailserver: Mailserver) -> Commands:
    """An installation with the messy roster in it, an owner and a manager."""
    (tmp_path / "home").mkdir()
    installed = Commands(
        {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
        | {
            "COMPLIANCE_HOME": str(tmp_path / "home"),
            "COMPLIANCE_DATABASE_URL": database_url,
            "COMPLIANCE_SECRET_KEY": "main-job-main-job-main-job-main-job-main-job",
            "COMPLIANCE_SMTP_URL": mailserver.url,
            "COMPLIANCE_MAIL_FROM": "reminders@harbor.example",
            "COMPLIANCE_LOG_FORMAT": "json",
        }
    )
    installed("organization", "add", HARBOR, "--time-zone", "America/New_York")
    return installed


def import_messy(commands: Commands) -> dict[str, Any]:
    created: dict[str, Any] = commands.json(
        "import", "roster", str(MESSY), "--organization", HARBOR, "--create-clinics", "Kansas City=us-ks", "--json"
    )
    return created


LICENSED = {
    "Downtown Tampa": ("MM41207", "2027-08-31"),
    "St. Pete Beach": ("MM41208", "2027-08-31"),
    "Austin South": ("ME3318", "2028-02-29"),
}
"""Clinics whose state licenses massage establishments: the number, and the last day."""


def record_licenses(commands: Commands) -> None:
    for clinic, (number, ends_on) in LICENSED.items():
        given = ("--number", number, "--issued-on", "2026-01-05", "--expires-on", ends_on)
        commands("clinic", "license", "add", clinic, *given)


def statuses(verdict: dict[str, Any]) -> dict[str, str]:
    return {each["requirement"]: each["status"] for each in verdict["findings"]}


def test_a_roster_becomes_verdicts_with_their_reasons(commands: Commands, tmp_path: Path) -> None:
    refused = commands.json("import", "roster", str(BAD), "--organization", HARBOR, "--json", status=1)
    assert refused["created"] == 0
    assert {"line", "field", "value", "problem"} <= set(refused["refused"][0])

    created = import_messy(commands)
    assert (created["created"], created["therapists_created"], created["refused"]) == (89, 24, [])
    again = import_messy(commands)
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 89)
    commands("export", "roster", "--organization", HARBOR, "--output", str(tmp_path / "out.csv"))
    back = commands.json("import", "roster", str(tmp_path / "out.csv"), "--organization", HARBOR, "--json")
    assert (back["created"], back["changed"], back["refused"]) == (0, 0, [])

    assert {each["clinic"] for each in created["clinics_lacking"]} == set(LICENSED)
    dwayne = commands.verdict("dwayne.brooks@example.org", "St. Pete Beach")
    assert [each for each, status in statuses(dwayne).items() if status == "missing"] == ["establishment-license"]
    record_licenses(commands)

    dwayne = commands.verdict("dwayne.brooks@example.org", "St. Pete Beach")
    assert (dwayne["cleared"], dwayne["until"], dwayne["ends_with"]) == (True, "2027-02-28", "membership")
    assert statuses(dwayne)["establishment-license"] == "met"
    assert statuses(commands.verdict("maria.alvarez@example.org", "Downtown Tampa"))["certification"] == "missing"
    assert statuses(commands.verdict("keisha.freeman@example.org", "Downtown Tampa"))["license"] == "unverified"
    luis = commands.verdict("luis.hernndez@example.org", "Austin South")
    assert statuses(luis)["license"] == "blocked"
    assert "suspended" in luis["findings"][0]["reason"]
    tomasz = statuses(commands.verdict("tomasz.kowalski@example.org", "Kansas City"))
    assert (tomasz["license"], tomasz["membership"]) == ("not-asked", "missing")
    priya = commands.verdict("priya.chandrasekhar@example.org", "Austin South")
    assert (priya["until"], statuses(priya)["license"]) == ("2026-12-03", "expiring")
    assert not commands.verdict("priya.chandrasekhar@example.org", "Austin South", date(2026, 12, 4))["cleared"]
    before = commands.verdict("dwayne.brooks@example.org", "St. Pete Beach", date(2024, 6, 1))
    assert statuses(before)["license"] == "unverified"  # the earlier terms were never recorded


def rungs_due(ends_on: date, role: str) -> list[date]:
    """The days on which a recipient is told, from going live on Monday to the last simulated day."""
    days = [ends_on - timedelta(days=each) for each in RUNGS[role]]
    caught_up = [day for day in days if MONDAY - timedelta(days=45) <= day <= MONDAY]
    ahead = [day for day in days if MONDAY < day < MONDAY + timedelta(days=DAYS)]
    return ([MONDAY] if caught_up else []) + ahead


def expected_reminders() -> Counter[str]:
    """How many reminders of an expiry each address gets, worked out from the roster itself."""
    counts: Counter[str] = Counter()
    for line in MESSY.read_text(encoding="utf-8-sig").splitlines()[1:]:
        cells = [cell.strip('"') for cell in line.replace('"Massage; Trigger Point"', "both").split(";")]
        email, ends = cells[2], cells[15]
        if not ends:
            continue
        month_first = "%m/%d/%Y" if "/" in ends else "%Y-%m-%d"
        ends_on = datetime.strptime(ends, month_first).replace(tzinfo=UTC).date()
        counts[email] += len(rungs_due(ends_on, "therapist"))
        counts[MANAGER] += len(rungs_due(ends_on, "manager"))
        counts[OWNER] += len(rungs_due(ends_on, "owner"))
    return counts


def expiries(mail: Received) -> int:
    """How many ends a mail tells of: the lines of one that says several things, else what its subject says."""
    if mail.kind != "reminder":
        return 0
    lines = re.findall(r"^\d+\. .*", mail.text, re.MULTILINE) or [mail.subject]
    return sum(bool(re.search(r" end(s|ed) ", each)) for each in lines)


def test_a_season_of_reminders_reaches_each_person_as_often_as_the_ladder_says(
    commands: Commands, mailserver: Mailserver
) -> None:
    import_messy(commands)
    for email, role in ((OWNER, "owner"), (MANAGER, "manager")):
        commands("user", "add", email, "--organization", HARBOR, "--role", role)
    commands("run", "plan-reminders", "--at", f"{MONDAY}T18:00:00+00:00")
    commands("run", "deliver-outbox", "--at", f"{MONDAY}T18:01:00+00:00")
    assert mailserver.received == []  # reminders are off until a person has read what would go out

    commands("reminders", "start", "--organization", HARBOR, "--yes", "--at", f"{MONDAY}T14:00:00+00:00")
    for number in range(DAYS):
        day = MONDAY + timedelta(days=number)
        if number % 9 == 4:
            continue  # a day on which nothing ran
        if number == 20:
            mailserver.refuse = True  # the server is down for a day; the next run sends what waited
        commands("run", "plan-reminders", "--at", f"{day}T18:00:00+00:00")
        commands("run", "deliver-outbox", "--at", f"{day}T18:01:00+00:00")
        mailserver.refuse = False
    got: Counter[str] = Counter()
    for each in mailserver.received:
        got[each.recipient] += expiries(each)
    assert +got == +expected_reminders()
    assert max(Counter(each.message_id for each in mailserver.received).values()) == 1


def test_what_is_recorded_on_the_pages_stops_the_nagging_and_stands_in_the_report(
    commands: Commands, mailserver: Mailserver, tmp_path: Path
) -> None:
    import_messy(commands)
    record_licenses(commands)
    link = commands("user", "add", OWNER, "--organization", HARBOR, "--role", "owner").strip()
    with serving(commands.environment) as address:
        visitor = Visitor(address)
        visitor.set_password(link, "correct horse battery staple")
        visitor.sign_in(OWNER, "correct horse battery staple")
        visitor.find("Freeman")
        visitor.record_verification(on=date(2026, 11, 20))
        assert "until Mar 15, 2027" in visitor.words  # the page says the new verdict at once
        visitor.find("Brooks")
        visitor.open(visitor.link("AMTA membership"))
        visitor.renew(ends_on=date(2028, 2, 28))
    keisha = commands.verdict("keisha.freeman@example.org", "Downtown Tampa")
    assert (keisha["cleared"], keisha["until"]) == (True, "2027-03-15")
    dwayne = commands.verdict("dwayne.brooks@example.org", "St. Pete Beach")
    assert (dwayne["until"], dwayne["ends_with"]) == ("2027-03-15", "certification")

    commands("reminders", "start", "--organization", HARBOR, "--yes", "--at", "2027-01-29T18:00:00+00:00")
    for day in (date(2027, 1, 29), date(2027, 2, 14), date(2027, 2, 28)):
        commands("run", "plan-reminders", "--at", f"{day}T18:00:00+00:00")
        commands("run", "deliver-outbox", "--at", f"{day}T18:01:00+00:00")
    about = [each.subject for each in mailserver.received if each.recipient == "dwayne.brooks@example.org"]
    assert about
    assert not [each for each in about if "AMTA" in each]  # it was renewed; his certification still ends in March

    report = tmp_path / "report.pdf"
    asked = ("report", "audit", "--clinic", "Downtown Tampa", "--as-of", str(MONDAY), "--format", "pdf")
    commands(*asked, "--output", str(report))
    words = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(report))
    for told in ("Keisha Freeman", "MA80005", "Aug 31, 2027", "Cleared", "Maria Alvarez", "Not cleared"):
        assert told in words
    commands("report", "verify", str(report))
    report.write_bytes(report.read_bytes().replace(b"%%EOF", b"%%E0F"))
    commands("report", "verify", str(report), status=1)
    commands("trail", "verify", "--organization", HARBOR)
