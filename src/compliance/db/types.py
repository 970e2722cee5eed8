"""Column types that mean the same on SQLite and PostgreSQL, and refuse what would not."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import JSON, DateTime, Text, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A UTC instant. Refuses naive values; SQLite keeps UTC without a zone, PostgreSQL `timestamptz`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Only aware datetimes enter."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; the database takes aware instants only")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Aware UTC datetimes leave."""
        if value is None:
            return None
        instant = cast("datetime", value)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


@lru_cache(maxsize=8192)
def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _hex(id_: UUID | None) -> str | None:
    return None if id_ is None else f"{id_.int:032x}"  # as `UUID.hex`, in two thirds of the time


class Id(Uuid[UUID]):
    """An id. SQLite keeps it as text: what is read of one person names the same few ids again and again, and making
    each anew took a tenth of the reading.
    """

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """Into SQLite: 32 hexadecimal digits."""
        base: Any = super()
        return _hex if dialect.name == "sqlite" else base.bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """From SQLite: the same text, the same object."""
        base: Any = super()
        return _id if dialect.name == "sqlite" else base.result_processor(dialect, coltype)


class Words(TypeDecorator[tuple[str, ...]]):
    """A short tuple of codes, kept as space-separated text so that both databases can show it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """A tuple of codes without spaces enters."""
        return None if value is None else " ".join(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """The same tuple leaves."""
        return None if value is None else tuple(value.split())


Json = JSON(none_as_null=True)

# Folded text is compared byte by byte on both databases: prefix searches and paging are ranges of its order, which a
# PostgreSQL that was made with another language would sort by that language.
Folded = Text().with_variant(Text(collation="C"), "postgresql")
