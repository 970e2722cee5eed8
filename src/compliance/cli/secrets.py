"""`compliance secrets`: another secret key for the installation."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compliance.cli.options import json_option
from compliance.cli.running import Opened, with_database
from compliance.cli.saying import Said, note, say, say_json

if TYPE_CHECKING:
    from compliance.settings import Settings


@click.group("secrets")
def secrets_command() -> None:
    """The secret key of the installation."""


@secrets_command.command("rotate")
@click.option(
    "--former-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Holds the key up to now, where the environment names the new one.",
)  # fmt: skip
@json_option()
def rotate(former_file: Path | None, as_json: bool) -> None:
    """Puts all that is sealed or signed under another secret key. Stop service and workers first; start them after.

    \b
    compliance secrets rotate                                       the key lies in COMPLIANCE_HOME/secret.key
    compliance secrets rotate --former-file /run/secrets/old-key    COMPLIANCE_SECRET_KEY names the new one

    People stay signed in; forms that are open have to be loaded again. Links to unsubscribe, and reports on mail that
    was sent before, are known for as long as the former key is there: in secret.key.former, or as
    COMPLIANCE_FORMER_SECRET_KEY. Exit status 2 where the former key is not the one that all was sealed with: nothing is
    changed then.
    """

    async def work(opened: Opened) -> dict[str, int]:
        from compliance.services import secret_rotation

        old, new = _keys(opened.settings, former_file)
        async with opened.database.write.begin() as session:
            counts = await secret_rotation.rotate(session, act=opened.act(), old=old, new=new)
        if former_file is None:
            _put_in_place(opened.settings.home)
        return counts

    counts = with_database(work)
    if as_json:
        say_json(counts)
        return
    say(f"{counts['seeds']} authenticator apps, {counts['keys']} signing keys, {counts['checkpoints']} checkpoints.")
    note("Start service and workers with the new key now.")


def _keys(settings: Settings, former_file: Path | None) -> tuple[bytes, bytes]:
    """The key up to now, and the new one; one that is made here lies beside the old before anything is changed."""
    if former_file is not None:
        old = former_file.read_bytes().strip()
        if settings.given_key is None:
            raise Said("Name the new key in COMPLIANCE_SECRET_KEY or COMPLIANCE_SECRET_KEY_FILE.")
        if len(old) < 32 or old == settings.given_key:
            raise Said("The former key has at least 32 bytes and is another than the new one.")
        return old, settings.given_key
    if settings.given_key is not None:
        raise Said("The environment names the key: put the new one there, and the old one into --former-file FILE.")
    fresh = settings.home / "secret.key.next"
    old = settings.secret_key()
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    return old, fresh.read_bytes()


def _put_in_place(home: Path) -> None:
    """The database is under the new key by now: should this be cut short, `secret.key.next` holds it."""
    os.replace(home / "secret.key", home / "secret.key.former")
    os.replace(home / "secret.key.next", home / "secret.key")
