"""What all tables of the catalog's files have in common."""

from __future__ import annotations

from msgspec import Struct


class Strict(Struct, forbid_unknown_fields=True, kw_only=True):
    """A table of a file."""


class CitedTable(Strict):
    """A table whose figures have one source, named by its key."""

    source: str
