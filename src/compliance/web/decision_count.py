"""The number beside “To decide” in the head of every page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar.connection import Request
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.catalog import load
from compliance.db.queries.accounts import Viewer
from compliance.db.queries.decisions import RECENT, count
from compliance.web.access import may


async def count_decisions(request: Request[Any, Any, Any], session: AsyncSession) -> None:
    """Puts the number into the viewer of this request: one statement, for those who may read the list."""
    state: dict[str, Any] = request.scope["state"]
    viewer: Viewer | None = state.get("viewer")
    if viewer is None or viewer.membership is None or not may(viewer, "decisions.read"):
        return
    mine, today = viewer.membership, viewer.today(state["now"])
    since = state["now"] - RECENT if may(viewer, "imports.run") else None
    asked: dict[str, Any] = {"clinic_ids": mine.clinic_ids, "of_clinics": load().codes_of_clinics}
    found = await count(session, mine.organization_id, today, imports_since=since, **asked)
    state["viewer"] = replace(viewer, decisions_count=found)
