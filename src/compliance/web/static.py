"""Style sheets, script and pictures: read once, served with a mark of their content so that browsers may keep them."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from litestar import get
from litestar.connection import Request
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Response

from compliance.rendering import TEMPLATES
from compliance.web.access import PUBLIC

FOLDER = TEMPLATES / "static"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is sent."""

    content: bytes
    kind: str
    etag: str


@lru_cache
def files() -> dict[str, StaticFile]:
    """Everything in the folder, by name."""
    return {path.name: _read(path.name) for path in sorted(FOLDER.iterdir()) if path.is_file()}


def _read(name: str) -> StaticFile:
    content = (FOLDER / name).read_bytes()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return StaticFile(content, kind, f'"{hashlib.sha256(content).hexdigest()[:20]}"')


@get("/static/{name:str}", opt=PUBLIC | {"anonymous": True}, sync_to_thread=False)
def static_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """A file; unchanged ones are not sent again."""
    found = files().get(name)
    if found is None:
        raise NotFoundException
    # An address with its mark never changes its content; one without has to ask each time.
    keep = "public, max-age=31536000, immutable" if "v" in request.query_params else "public, no-cache"
    headers = {"etag": found.etag, "cache-control": keep}
    if request.headers.get("if-none-match") == found.etag:
        return Response(b"", status_code=304, headers=headers, media_type=found.kind)
    return Response(found.content, headers=headers, media_type=found.kind)
