"""Lists as one parameter of any length, to join with or to look in: one statement, which both databases keep."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _Texts(FunctionElement[Any]):
    name = "texts"
    inherit_cache = True


class _Pairs(FunctionElement[Any]):
    name = "pairs"
    inherit_cache = True


@compiles(_Texts, "sqlite")
@compiles(_Pairs, "sqlite")
def _sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(_Texts, "postgresql")
def _postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS json))"


@compiles(_Pairs, "postgresql")
def _postgresql_pairs(element: Any, compiler: Any, **more: Any) -> str:
    return f"json_each_text(CAST({compiler.process(element.clauses, **more)} AS json))"


def texts(given: Sequence[str], column: str = "value") -> Any:
    """A table of one column, `value`."""
    return _Texts(bindparam(None, json.dumps(list(given)), Text)).table_valued(column)


def pairs(given: Mapping[str, str]) -> Any:
    """A table of two columns, `key` and `value`."""
    return _Pairs(bindparam(None, json.dumps(dict(given)), Text)).table_valued("key", "value")


class _Among(FunctionElement[bool]):
    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """As it is: SQLAlchemy would write `= 1` behind it for SQLite, which then looks at every row."""
        return self


@compiles(_Among, "sqlite")
def _sqlite_among(element: Any, compiler: Any, **more: Any) -> str:
    column, given = (compiler.process(each, **more) for each in element.clauses)
    # Here and below: names of our own columns and types, and the mark of a parameter; no text of anybody's.
    return f"({column} IN (SELECT value FROM json_each({given})))"  # noqa: S608  # nosec B608


@compiles(_Among, "postgresql")
def _postgresql_among(element: Any, compiler: Any, **more: Any) -> str:
    column, given = (compiler.process(each, **more) for each in element.clauses)
    kind = next(iter(element.clauses)).type.compile(compiler.dialect).partition(" COLLATE ")[0]
    array = f"SELECT value::{kind} FROM json_array_elements_text(CAST({given} AS json))"  # noqa: S608  # nosec B608
    return f"({column} = ANY(ARRAY({array})))"


def among(column: Any, given: Collection[str] | Collection[int] | Collection[UUID]) -> Any:
    """Whether a column is one of these: `in_` for hundreds, of which each number would be a statement of its own."""
    values = [each.hex if isinstance(each, UUID) else each for each in given]
    return _Among(column, bindparam(None, json.dumps(values), Text))
