"""`compliance report exposures`: which treatments were given by somebody who was not cleared that day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compliance.cli.options import json_option, organization_option
from compliance.cli.running import Opened, with_database, write_file
from compliance.cli.saying import CouldNotTell, Said, answer_no, note, say, say_json

if TYPE_CHECKING:
    from compliance.sources.treatments import Treatments


@click.command("exposures")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@organization_option()
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write every line as CSV.")
@json_option()
def exposures(file: Path, organization: str | None, output: Path | None, as_json: bool) -> None:
    """Holds what was actually done against who was cleared on each of those days.

    \b
    compliance report exposures treatments.csv --output judged.csv

    FILE is CSV with the columns therapist, day, modality and clinic; one with a column that looks like data about
    patients is refused. Exit status 0 when every treatment was covered, 1 when one was not or a line was not
    understood, 2 for a file that cannot be read.
    """
    lines = _read(file)

    async def work(opened: Opened) -> dict[str, Any]:
        return await _checked(opened, organization, file.name, lines, output)

    result = with_database(work)
    found = result["found"]
    if as_json:
        say_json({"counts": found, "groups": result["groups"], "problems": result["problems"], "unread": lines.unread})
    else:
        _print(result)
    if found["exposed"] or found["unknown"]:
        answer_no()


def _read(file: Path) -> Treatments:
    from compliance.sources import treatments
    from compliance.sources.rows import Unreadable

    try:
        return treatments.read(file)
    except Unreadable as problem:
        raise Said(str(problem)) from None
    except OSError as error:
        raise Said(f"{file} cannot be read: {error.strerror}.") from None


async def _checked(
    opened: Opened, organization: str | None, name: str, given: Treatments, output: Path | None
) -> dict[str, Any]:
    from compliance.cli.finding import organization_of
    from compliance.cli.waiting import carried_out
    from compliance.crypto.hashes import sha256_hex
    from compliance.db.queries import organizations
    from compliance.services import exposure_audits
    from compliance.sources import treatments

    content = treatments.kept(given.lines)
    await opened.store.put(content, sha256_hex(content))
    async with opened.database.write.begin() as session:
        owner = (await organization_of(session, organization)).id
        here = await organizations.organization(session, owner)
        today = here.today(opened.now) if here else opened.now.date()
        preview = exposure_audits.Preview(name, len(given.lines), (), given.unread)
        about: dict[str, Any] = {"sha256": sha256_hex(content), "preview": preview, "today": today}
        task_id = await exposure_audits.start(session, act=opened.act(owner), **about)
        given_on = {"sha256": about["sha256"], "today": today.isoformat(), "clinic_ids": []}
        await exposure_audits.confirm(session, act=opened.act(owner), task_id=task_id, given=given_on)
    task = await carried_out(opened, owner, task_id, lambda step, done, total: None)
    if task.state != "done":
        raise CouldNotTell(task.problem or f"The audit was {task.state}.")
    result: Any = task.result
    if output:
        write_file(output, await opened.store.get(result["found"]["every_line"]))
    return dict(result)


def _print(result: dict[str, Any]) -> None:
    from compliance.rendering import plural

    found = result["found"]
    unread = f" {plural(found['unknown'], 'line was', 'lines were')} not understood." if found["unknown"] else ""
    given = f"{found['exposed']:,} of {plural(found['lines'] - found['unknown'], 'treatment')}"
    say(f"{given} {'was' if found['exposed'] == 1 else 'were'} given by somebody who was not cleared that day.{unread}")
    for each in result["groups"]:
        why = "; ".join(f"{title}: {status}" for title, status, _reason in each["against"]) or each["outcome"]
        say(f"{each['count']:>7,}  {each['name']}, {each['modality']}, {each['clinic']}, from {each['first']}: {why}")
    for each in result["problems"]:
        note(f"line {each['line']:,}{' and others' if each['count'] > 1 else ''}: {each['problem']}")
