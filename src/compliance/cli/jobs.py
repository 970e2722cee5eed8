"""`compliance run`: one job, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from compliance.cli.options import InstantOfTime, json_option
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import Said, say_json


@click.command("run")
@click.argument("job")
@click.option("--at", type=InstantOfTime(), metavar="INSTANT", help="As if it were then: ISO 8601 with offset.")
@json_option()
def run_command(job: str, at: datetime | None, as_json: bool) -> None:
    """Runs one job, once, and prints what it did: always as JSON, for mostly scripts ask.

    \b
    compliance run plan-reminders
    compliance run plan-reminders --at 2027-03-01T09:00:00-05:00

    What is done as if it were another day is done: rehearse on a copy (compliance restore), not on the clinics' own
    database.

    Jobs: plan-reminders, deliver-outbox, send-digests, refresh-coverage, run-tasks, count-ahead, prune-sessions,
    read-bounces, raise-alarms, checkpoint-trails, erase-approved. Running one twice does nothing twice. Exit status 0
    when it ran, 2 for a job that there is not.
    """

    async def work(opened: Opened) -> dict[str, Any]:
        from compliance.jobs import Context, UnknownJob, run_job

        try:
            return await run_job(job, Context(opened.database, opened.settings, as_if_at=at))
        except UnknownJob as error:
            raise Said(str(error)) from None

    say_json(with_database(work))
