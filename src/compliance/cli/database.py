"""`compliance db`: makes the tables, brings them up to date, and says whether they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from compliance.cli.roles import make_roles
from compliance.cli.running import Opened, must_exist, schema_sentence, with_database
from compliance.cli.saying import Said, answer_no, note, say

if TYPE_CHECKING:
    from compliance.settings import Settings


@click.group("db")
def db_command() -> None:
    """Migrations of the database."""


@db_command.command("upgrade")
@click.option("--app-url-file", type=click.Path(path_type=Path), help="Address of compliance_app, to make it.")
@click.option("--worker-url-file", type=click.Path(path_type=Path), help="Address of compliance_worker, to make it.")
def upgrade(app_url_file: Path | None, worker_url_file: Path | None) -> None:
    """Brings the tables to this program's schema; makes a missing embedded database.

    \b
    compliance db upgrade
    compliance db upgrade --app-url-file app_url --worker-url-file worker_url

    With PostgreSQL, the web service and the workers may have roles of their own, which reach less than the owner of
    the tables: the files hold their addresses with passwords, and the roles are made with these (docs/operating.md).
    Stored verdicts that an older catalog or program made are rewritten as well. May be repeated. Exit status 0 when the
    database is current, 2 when it is newer than the program.
    """
    from compliance.settings import read_settings

    settings = read_settings()
    made = make_roles(settings, app_url_file, worker_url_file)
    before, after = upgraded(settings)
    if made:
        note(f"{' and '.join(made)} may sign in to PostgreSQL.")
    say(f"The database is at schema {after}." if before == after else f"The database was brought to schema {after}.")
    rewritten = with_database(rewrite_stale, check_schema=False)
    if rewritten:
        note(f"Verdicts of {rewritten} therapists were written anew.")


def upgraded(settings: Settings) -> tuple[str | None, str | None]:
    """Runs the missing migrations; the schema before and after."""
    from alembic.util.exc import CommandError

    from compliance.db import schema
    from compliance.db.engine import parse_url

    try:
        return schema.upgrade(parse_url(settings.database_url))
    except CommandError as error:
        raise Said(f"The database cannot be upgraded: {error}. Is it newer than this program?") from None


async def rewrite_stale(opened: Opened) -> int:
    """What the job refresh-coverage does, at once, for every organization."""
    from compliance.db.queries import references
    from compliance.jobs.refreshing import refresh

    async with opened.database.read.begin() as session:
        organizations = await references.organizations(session, None)
    return sum([await refresh(opened.database, each.id) for each in organizations])


@db_command.command("check")
def check() -> None:
    """Says whether the schema is this program's, and whether tables and program agree.

    \b
    compliance db check

    Exit status 0 when they do, 1 when not.
    """
    from compliance.settings import read_settings

    must_exist(read_settings())
    problem = with_database(_problem, check_schema=False)
    say(problem or "The schema is current.")
    if problem:
        answer_no()


async def _problem(opened: Opened) -> str | None:
    from compliance.db import revisions, schema

    async with opened.database.read() as session:
        connection = await session.connection()
        at = await connection.run_sync(revisions.current)
        if at != revisions.newest():
            return schema_sentence(at, revisions.newest())
        different = await connection.run_sync(schema.differences)
    return f"Tables and program disagree: {different}" if different else None
