"""Texts as a table to join with: one parameter of any length, and one statement that both databases keep."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Text, bindparam
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
