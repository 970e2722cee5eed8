"""Ids of several organizations in one question: conditions that name each with its organization."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_

CHUNK = 1000  # ids in one statement
Owned = Mapping[UUID, UUID]  # ids, each with its organization's


def among(table: Any, column: Any, owned: Owned) -> Iterator[ColumnElement[bool]]:
    """Conditions that name the ids in pieces; of one organization by its id, of several as pairs, for an index over
    both would be searched for every combination of two lists."""
    single = len(set(owned.values())) == 1
    pairs = [(organization, each) for each, organization in owned.items()]
    for start in range(0, len(pairs), CHUNK):
        some = pairs[start : start + CHUNK]
        if single:
            yield (table.organization_id == some[0][0]) & column.in_([each for _, each in some])
        else:
            yield tuple_(table.organization_id, column).in_(some)
