"""What the program says of schemas is what Alembic says of them, and Alembic is not needed for it."""

from __future__ import annotations

import subprocess
import sys

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from compliance.db import revisions
from compliance.db.engine import migrations


def test_the_newest_revision_is_alembic_s_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations()))
    assert ScriptDirectory.from_config(config).get_heads() == [revisions.newest()]


def test_a_database_without_tables_is_at_no_revision() -> None:
    with create_engine("sqlite://").connect() as connection:
        assert revisions.current(connection) is None


def test_the_web_service_does_not_hold_alembic() -> None:
    program = "import sys, compliance.cli.serving, compliance.web.app; print('alembic' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
