"""`compliance backup` and `compliance restore`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from compliance.cli.database import upgraded
from compliance.cli.running import Opened, embedded_file, with_database
from compliance.cli.saying import Said, answer_no, note, say


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Put it in the place of a file that is there.")
def backup_command(file: Path, overwrite: bool) -> None:
    """Saves the database and the evidence as they are at one moment, while others work on.

    \b
    compliance backup /backups/compliance-2026-11-23.tar.gz

    One file, the same for both databases, with the hash of everything in it; compressed where its name ends in .gz. The
    secret key is not in it: keep COMPLIANCE_HOME/secret.key apart. Exit status 0; 1 when evidence that the records name
    was missing in the store (the rest is saved); 2 when the file is there already or cannot be written.
    """

    async def work(opened: Opened) -> list[str]:
        from compliance.services import backups

        made = await backups.backup(opened.database, opened.store, file, now=opened.now)
        say(f"{made.rows:,} rows and {made.blobs:,} files are in {file} ({file.stat().st_size:,} bytes).")
        return made.missing

    _check_place(file, overwrite)
    missing = with_database(work)
    if missing:
        note(f"{len(missing)} files that the records name are not in the evidence store: {', '.join(missing[:5])} ...")
        answer_no()


def _check_place(file: Path, overwrite: bool) -> None:
    """Before anything is read: a backup of yesterday is never lost by a name given twice."""
    folder = file.resolve().parent
    if not folder.is_dir():
        raise Said(f"There is no folder {folder}.")
    if file.exists() and not overwrite:
        raise Said(f"{file} is there already. Give another name, or --overwrite to put the new backup in its place.")
    if not os.access(folder, os.W_OK):
        raise Said(f"{file} cannot be written: you may not write into {folder}.")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace-everything", is_flag=True, help="Into a database that holds something: all of that is lost.")
def restore_command(file: Path, replace_everything: bool) -> None:
    """Puts a backup into an empty installation. It may come from the other kind of database.

    \b
    COMPLIANCE_HOME=/srv/new compliance restore compliance-2026-11-23.tar.gz

    Proves every hash before anything is written, and every trail before it holds; a database that holds anything is
    refused. With --replace-everything its rows go, in the same transaction and only if the backup holds; stop the
    service first. The secret key is not in a backup: copy secret.key of the old COMPLIANCE_HOME into the new one. Exit
    status 0 when it is restored, 1 when the backup does not hold, 2 when file or place cannot be used.
    """
    from compliance.services import restoring
    from compliance.settings import read_settings

    settings = read_settings()
    try:
        restoring.proven(file)
        made_here = (path := embedded_file(settings)) is not None and not path.exists()
        upgraded(settings)
        with_database(lambda opened: _restore(opened, file, replace_everything))
    except restoring.BackupRefused as error:
        raise Said(str(error)) from None
    except restoring.BackupBroken as error:
        note(str(error))
        answer_no()
    if made_here:
        note(f"The database was made at {path}.")
    note("Mail that left after this backup was made may leave a second time: look at the outbox before you serve.")


async def _restore(opened: Opened, file: Path, replace: bool) -> None:
    from compliance.cli.doctor import seals
    from compliance.services import restoring

    restored = await restoring.restore(opened.database, opened.store, file, replace=replace)
    say(f"{restored.rows:,} rows and {restored.blobs:,} files were restored, and every trail holds.")
    key = await seals(opened)
    if not key.good:
        note(f"The secret key is not in a backup, and the one here is another. {key.found[:1].upper()}{key.found[1:]}.")
