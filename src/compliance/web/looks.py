"""What auditors looked at, for owners: every page and file, written down before it was shown."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency

from compliance.db.queries.looks import looks
from compliance.web.access import needs
from compliance.web.page import Html, Page

ROWS: Final = 100


@get("/looks", opt=needs("looks.read"))
async def look_list(page: NamedDependency[Page]) -> Html:
    """A hundred, the newest first."""
    before = _id(page.request.query_params.get("before", ""))
    found = await looks(page.session, page.organization_id, before=before, limit=ROWS + 1)
    older = found[ROWS - 1].id if len(found) > ROWS else None
    return page.show("looks/list.html", looks=found[:ROWS], older=older, zone=page.membership.time_zone)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


ROUTES: Final[list[Any]] = [look_list]
