"""The roster as a file, in the shape that the import reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any, Final
from uuid import UUID

import structlog
from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Stream

from compliance.db.engine import Database
from compliance.services.roster_export import FORMATS, export_roster
from compliance.web.access import needs
from compliance.web.page import Page

log = structlog.get_logger("compliance.web")


@get("/exports/{name:str}", opt=needs("exports.run"))
async def roster_file(page: NamedDependency[Page], name: FromPath[str]) -> Stream:
    """`roster.csv` or `roster.xlsx`: everybody with all their credentials."""
    stem, _, format = name.partition(".")
    if stem != "roster" or format not in FORMATS:
        raise NotFoundException
    log.info("export", what=name, organization=str(page.organization_id), viewer=str(page.viewer.person_id))
    pieces = _pieces(page.database, page.organization_id, format, page.today)
    file_name = f"roster-{page.today.isoformat()}.{format}"
    headers = {"content-disposition": f'attachment; filename="{file_name}"'}
    return Stream(pieces, media_type=FORMATS[format], headers=headers)


async def _pieces(database: Database, organization_id: UUID, format: str, today: date) -> AsyncIterator[bytes]:
    """The page's own session is closed before the answer is sent; the file has one of its own."""
    async with database.read() as session:
        async for piece in export_roster(session, organization_id=organization_id, format=format, today=today):
            yield piece


ROUTES: Final[list[Any]] = [roster_file]
