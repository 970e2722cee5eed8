"""Where an organization demands a second factor of its staff: who has none sets one up before anything else."""

from __future__ import annotations

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from compliance.db.queries.accounts import Viewer

BEFORE: Final[dict[str, Any]] = {"before_second_factor": True}
"""`opt` of the few pages that somebody without a second factor needs to get one, or to leave."""


class SecondFactorFirst(PermissionDeniedException):
    """The viewer has to set up a second factor first."""


def lacks_second_factor(viewer: Viewer) -> bool:
    """Whether this session is weaker than the organization wants. Therapists, who see their own file, are not asked."""
    mine = viewer.membership
    return mine is not None and mine.demands_second_factor and mine.role != "therapist" and not viewer.proof.strong


async def lead(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard behind `admit`."""
    viewer: Viewer | None = connection.scope["state"].get("viewer")
    if viewer is None or handler.opt.keys() & {"public", "scope", "before_second_factor"}:
        return
    if lacks_second_factor(viewer):
        raise SecondFactorFirst("Your organization asks for a second factor; set one up first.")
