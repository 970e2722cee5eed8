"""Reads one TOML file into its shape; what it does not understand is refused with file and key."""

from __future__ import annotations

import re
import tomllib
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import msgspec

from compliance.catalog.values import CatalogError

Shape = TypeVar("Shape")


def read(file: Traversable) -> dict[str, Any]:
    """The file's content; CatalogError if it is no TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"{file.name} is not a TOML file: {error}.") from error


def shaped(name: str, content: dict[str, Any], shape: type[Shape]) -> Shape:
    """The content in its shape; CatalogError names file, key and what was expected."""
    try:
        return msgspec.convert(content, shape)
    except msgspec.ValidationError as error:
        raise CatalogError(f"{name}: {_sentence(str(error))}") from error


def _sentence(problem: str) -> str:
    """`Object contains unknown field `x` - at `$.board`` becomes: unknown key `x` in `board`."""
    what, _, where = problem.partition(" - at ")
    unknown = re.fullmatch(r"Object contains unknown field (`.*`)", what)
    place = where.strip("`").removeprefix("$").removeprefix(".")
    return f"{f'unknown key {unknown[1]}' if unknown else what} in {f'`{place}`' if place else 'the file'}."
