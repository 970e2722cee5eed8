"""Ids of several organizations in one question: conditions that name each with its organization."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_

CHUNK = 1000  # ids in one statement
Owned = Mapping[UUID, UUID]  # ids, each with its organization's


def among(table: Any, column: Any, owned: Owned) -> Iterator[ColumnElement[bool]]:
    """Conditions that name the ids in pieces, by organization.

    Each organization's ids are a range search of their own. As a list of pairs SQLite before 3.41 would read the whole
    table; as two lists, an index over both would be searched for every combination of them.
    """
    pairs = [(organization, each) for each, organization in owned.items()]
    for start in range(0, len(pairs), CHUNK):
        of: dict[UUID, list[UUID]] = {}
        for organization, each in pairs[start : start + CHUNK]:
            of.setdefault(organization, []).append(each)
        yield or_(*(and_(table.organization_id == organization, column.in_(ids)) for organization, ids in of.items()))
