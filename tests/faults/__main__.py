"""`make faults`: the sender broken in six ways, which the judge must notice, then the full runs.

    python -m tests.faults [--only breaks|full|terminations] [--database sqlite|postgresql] [--people 10000] [--seed 1]

Ends with status 1 if a rule was broken, or if a broken sender passed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy.engine import make_url

from compliance.db import schema
from compliance.db.engine import parse_url
from tests import postgresql
from tests.faults.chaos import IN_ORDER, Outcome, Plan, Run

MINUTE, HOUR, YEAR = 60.0, 3600.0, 365 * 86400.0
JUMPS: Final = (MINUTE, -MINUTE, HOUR, -HOUR, YEAR, -YEAR)
FULL: Final = Plan(
    people=10_000, organizations=8, kills=200, stops=8, restarts=5, renew_every=0.5, jumps=JUMPS, patience=120
)  # fmt: skip
TERMINATIONS: Final = Plan(people=3_000, terminations=200, share=0.0, silence=30.0)
SMALL: Final = Plan(people=200, kills=8, stops=2, renew_every=0.05, share=0.05, patience=8)
BREAKS: Final = {
    "no mark": (SMALL, {"i2", "i3"}),
    "mark after the dot": (SMALL, {"i2", "i3"}),
    "no token check": (replace(SMALL, workers=3, kills=0, stops=8, share=0.1, renew_every=0.0), {"i2", "i5"}),
    "settle without state": (SMALL, {"i3"}),
    "new message id": (SMALL, {"i4"}),
    "reaper by wall clock": (replace(SMALL, workers=6, kills=10, stops=0, jumps=(HOUR,), mended=True), {"i1"}),
}
"""How each break is provoked, and the rules of which the judge must find one broken."""


def main() -> int:
    """All of it, or what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("breaks", "full", "terminations"))
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--people", type=int, default=FULL.people)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    wrong: list[str] = []
    if given.only in (None, "breaks"):
        wrong += [name for name in BREAKS if not noticed(name, given.seed)]
    for database in [given.database] if given.database else ["sqlite", "postgresql"]:
        if given.only in (None, "full"):
            plan = replace(FULL, people=given.people, kills=given.people // 50, seed=given.seed)
            wrong += [f"full run on {database}"] if not stands(plan, database) else []
        if given.only in (None, "terminations"):
            wrong += (
                [f"SIGTERM on {database}"]
                if not ends_in_order(replace(TERMINATIONS, seed=given.seed), database)
                else []
            )
    say("Everything held." if not wrong else f"WRONG: {', '.join(wrong)}")
    return bool(wrong)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def noticed(name: str, seed: int) -> bool:
    """Whether the judge sees that the sender is broken."""
    plan, rules = BREAKS[name]
    found = run(replace(plan, breaking=name, seed=seed), "sqlite").judgement.breaches
    broken = sorted(rule for rule, sentences in found.items() if sentences)
    good = bool(rules & set(broken))
    say(f"broken sender, {name}: {'noticed by ' + ', '.join(broken) if good else 'NOT NOTICED'}")
    return good


def stands(plan: Plan, database: str) -> bool:
    """Whether the whole storm leaves nothing lost and nothing unexplained."""
    outcome = run(plan, database)
    say(
        f"== {database}: {plan}\n{outcome.judgement}\nexit statuses: {outcome.statuses}\nseconds: {outcome.seconds:.0f}"
    )
    return outcome.judgement.sound


def ends_in_order(plan: Plan, database: str) -> bool:
    """Whether SIGTERM leaves no duplicate, no unknown outcome, and no worker that ended otherwise."""
    outcome = run(plan, database)
    say(f"== SIGTERM, {database}: {plan}\n{outcome.judgement}")
    say(f"exit statuses: {outcome.statuses}\nseconds: {outcome.seconds:.0f}")
    figures = outcome.judgement.figures
    quiet = figures["duplicates"] == figures["attempts unknown"] == 0 and set(outcome.statuses) <= IN_ORDER
    return outcome.judgement.sound and quiet


def run(plan: Plan, database: str) -> Outcome:
    """One run on a new database."""
    with tempfile.TemporaryDirectory(prefix="compliance-faults-") as name:
        folder = Path(name)
        if database == "sqlite":
            url = f"sqlite:///{folder / 'faults.db'}"
            schema.upgrade(parse_url(url))
            return Run(replace(plan, restarts=0), url, folder, None).hold()
        with new_postgresql() as url:
            return Run(plan, url, folder, lambda: postgresql.restart(url)).hold()


@contextmanager
def new_postgresql() -> Iterator[str]:
    """A server of its own, so that nobody else's work ends with it."""
    with postgresql.server() as address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE DATABASE faults")
        url = make_url(address).set(drivername="postgresql", database="faults").render_as_string(hide_password=False)
        schema.upgrade(parse_url(url))
        yield url


if __name__ == "__main__":
    sys.exit(main())
