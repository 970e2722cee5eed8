"""What tests of the database share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance.db.engine import Database, open_database


@pytest.fixture
async def embedded(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Database]:
    """An SQLite file alone, for what only its driver does."""
    (tmp_path / "test.db").write_bytes(sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{tmp_path / 'test.db'}").system
    yield database
    await database.close()
