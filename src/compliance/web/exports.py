"""The roster as a file, in the shape that the import reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import structlog
from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Stream

from compliance.db.engine import Database
from compliance.db.queries.chosen import chosen
from compliance.services.bulk import MOST
from compliance.services.roster_export import FORMATS, export_roster
from compliance.web.access import needs
from compliance.web.forms import asked
from compliance.web.page import Page
from compliance.web.search import read_id

log = structlog.get_logger("compliance.web")


@get("/exports/{name:str}", opt=needs("exports.run"))
async def roster_file(page: NamedDependency[Page], name: FromPath[str]) -> Stream:
    """`roster.csv` or `roster.xlsx`: everybody with all their credentials."""
    return _file(page, name)


@dataclass(frozen=True)
class These:
    """Whose rows, by id."""

    ids: str = asked("whom it is about", longest=MOST * 37)


@post("/exports/{name:str}", opt=needs("exports.run"), status_code=200)
async def chosen_file(page: NamedDependency[Page], name: FromPath[str]) -> Stream:
    """The same of those who were chosen in the list."""
    form = await page.form(These)
    ids = [each for each in map(read_id, str(form.typed["ids"]).split()) if each][:MOST]
    found = await chosen(page.session, page.organization_id, ids, clinic_ids=page.clinic_ids)
    return _file(page, name, [each.id for each in found])


def _file(page: Page, name: str, only: Sequence[UUID] | None = None) -> Stream:
    stem, _, format = name.partition(".")
    if stem != "roster" or format not in FORMATS:
        raise NotFoundException
    log.info("export", what=name, organization=str(page.organization_id), viewer=str(page.viewer.person_id))
    pieces = _pieces(page.database, page.organization_id, format, page.today, only)
    file_name = f"roster-{page.today.isoformat()}.{format}"
    headers = {"content-disposition": f'attachment; filename="{file_name}"'}
    return Stream(pieces, media_type=FORMATS[format], headers=headers)


async def _pieces(
    database: Database, organization_id: UUID, format: str, today: date, only: Sequence[UUID] | None
) -> AsyncIterator[bytes]:
    """The page's own session is closed before the answer is sent; the file has one of its own."""
    async with database.read() as session:
        about: dict[str, Any] = {"organization_id": organization_id, "today": today, "only": only}
        async for piece in export_roster(session, format=format, **about):
            yield piece


ROUTES: Final[list[Any]] = [roster_file, chosen_file]
