"""Structured logs on standard error, one line an event, with the request's id; never a token, cookie or password."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, Literal

import structlog

SECRET: Final = frozenset(
    {"authorization", "cookie", "csrf_token", "password", "secret", "secret_key", "session", "set-cookie", "token"}
)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONG: Final = 24
"""A part of a path that is longer than this and no id of ours may be a token."""


def configure_logging(form: Literal["console", "json"]) -> None:
    """Sends the program's own events and those of libraries the same way. May be called again."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        conceal,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(form)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name, level in (
        ("uvicorn.access", logging.CRITICAL),
        ("apscheduler", logging.WARNING),
        ("alembic", logging.WARNING),
    ):
        logging.getLogger(name).setLevel(level)


def _last(form: Literal["console", "json"]) -> list[Any]:
    if form == "console":
        plain = structlog.dev.plain_traceback  # the others show local variables, secrets among them
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    # JSON escapes line breaks, so that nobody can write a line of their own into the log.
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def conceal(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: values under the names of secrets are replaced."""
    for key in event.keys() & SECRET:
        event[key] = "***"
    return event


def shown_path(path: str) -> str:
    """A path as it may stand in a log: what could be a token in it is replaced."""
    return "/".join("***" if _may_be_token(part) else part for part in path.split("/"))


def _may_be_token(part: str) -> bool:
    return len(part) > _LONG and not _UUID.fullmatch(part.lower())
