"""Roles of PostgreSQL: the ones that the web service and the workers sign in with, and those that no policy holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from compliance.cli.saying import Said, note

if TYPE_CHECKING:
    from compliance.db.engine import Database
    from compliance.settings import Settings


def make_roles(settings: Settings, app: Path | None, worker: Path | None) -> list[str]:
    """Makes the roles that these files' addresses name, or gives them the password in it; the names."""
    from compliance.db import policies
    from compliance.db.engine import WrongUrl, parse_url

    wanted = [(policies.APP, app), (policies.WORKER, worker)]
    given = [(role, path) for role, path in wanted if path is not None]
    if given and settings.embedded:
        raise Said("The embedded database has no roles; leave out --app-url-file and --worker-url-file.")
    for role, path in given:
        try:
            url = parse_url(path.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError, WrongUrl) as error:
            raise Said(f"{path} cannot be used: {error}.") from None
        if url.username != role or not url.password:
            raise Said(f"{path} must hold the address of the role {role}, with its password.")
        _make(settings, role, str(url.password))
    return [role for role, _ in given]


def _make(settings: Settings, role: str, password: str) -> None:
    import psycopg
    from psycopg import sql

    from compliance.db.engine import parse_url

    address = parse_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    rights = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}").format(password)
    name = sql.Identifier(role)
    try:
        with psycopg.connect(address, autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            verb = sql.SQL("ALTER ROLE {} {}") if known else sql.SQL("CREATE ROLE {} {}")
            connection.execute(verb.format(name, rights))
    except psycopg.errors.InsufficientPrivilege:
        raise Said(
            f"The role {role} cannot be made: COMPLIANCE_DATABASE_URL names a role that may make none."
        ) from None


async def unheld(database: Database) -> str | None:
    """The role that this process signs in with, where no policy holds it; None on SQLite."""
    from sqlalchemy import text

    if database.embedded:
        return None
    query = text("SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)")
    async with database.system.read() as session:
        found: str | None = await session.scalar(query)
    return found


async def must_be_held(settings: Settings, database: Database) -> None:
    """Refuses to serve others as a superuser; on this machine alone it is said and allowed."""
    from compliance.settings import is_loopback

    role = await unheld(database)
    if role is None:
        return
    if is_loopback(urlsplit(settings.public_url).hostname or ""):
        note(f"PostgreSQL lets {role} pass every policy: good for trying, not for others' data (docs/operating.md).")
        return
    raise Said(
        f"COMPLIANCE_DATABASE_URL signs in as {role}, which PostgreSQL lets pass every policy between organizations. "
        "Give a role without SUPERUSER and BYPASSRLS: docs/operating.md says how to make one."
    )
