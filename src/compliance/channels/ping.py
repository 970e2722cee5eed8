"""Tells a watcher outside that all is well. Whoever hears nothing for a while knows that something is not."""

from __future__ import annotations

import asyncio
import http.client
import ssl
from typing import Final
from urllib.parse import SplitResult, urlsplit

import structlog

PATIENCE: Final = 5.0
log = structlog.get_logger()


async def ping(url: str) -> bool:
    """One GET; whether it was answered with 2xx. No redirect is followed, no answer is read, nothing is retried, and
    the address is in no log: it often is the secret itself."""
    try:
        status = await asyncio.wait_for(asyncio.to_thread(_get, urlsplit(url)), 2 * PATIENCE)
    except (OSError, http.client.HTTPException, TimeoutError) as error:
        log.warning("ping.failed", error=type(error).__name__)
        return False
    if not 200 <= status <= 299:
        log.warning("ping.refused", status=status)
    return 200 <= status <= 299


def _get(parts: SplitResult) -> int:
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, parts.port, timeout=PATIENCE, context=context)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=PATIENCE)
    try:
        connection.request("GET", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
        return connection.getresponse().status
    finally:
        connection.close()
