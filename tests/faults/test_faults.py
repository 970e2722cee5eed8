"""Claims about mail under fire: nobody is forgotten, no duplicate is unexplained. `make faults` is the large one."""

from __future__ import annotations

from pathlib import Path

from tests.faults.chaos import IN_ORDER, Plan, Run
from tests.postgresql import restart


def test_six_hundred_reminders_survive_kills_restarts_wrong_clocks_and_a_bad_mail_server(
    database_url: str, tmp_path: Path
) -> None:
    plan = Plan(people=600, kills=10, stops=1, restarts=2, renew_every=0.1, jumps=(60, -60, 3600, -3600))
    again = None if database_url.startswith("sqlite") else (lambda: restart(database_url))
    outcome = Run(plan, database_url, tmp_path, again).hold()
    figures = outcome.judgement.figures
    assert outcome.judgement.sound, outcome.judgement
    assert figures["faults"] > 0
    assert figures["messages sent"] > 500
    assert figures["duplicates"] <= figures["attempts unknown"]


def test_sigterm_under_load_leaves_no_doubt(database_url: str, tmp_path: Path) -> None:
    outcome = Run(Plan(people=150, terminations=10, share=0.0, silence=30.0), database_url, tmp_path, None).hold()
    figures = outcome.judgement.figures
    assert outcome.judgement.sound, outcome.judgement
    assert (figures["accepted"], figures["duplicates"], figures["attempts unknown"]) == (150, 0, 0)
    assert set(outcome.statuses) <= IN_ORDER
