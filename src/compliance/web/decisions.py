"""To decide: everything that waits for a person, newest first, with one action each."""

from __future__ import annotations

from typing import Any, Final

from litestar import get
from litestar.di import NamedDependency

from compliance.db.queries.decisions import MANY
from compliance.web.access import needs
from compliance.web.decision_lines import KINDS, lines
from compliance.web.page import Html, Page


@get("/decisions", opt=needs("decisions.read"))
async def decisions(page: NamedDependency[Page]) -> Html:
    """All kinds together, or one of them."""
    every = await lines(page)
    shown = page.request.query_params.get("kind", "")
    counts = {kind: sum(each.kind == kind for each in every) for kind in KINDS}
    some = [each for each in every if not shown or each.kind == shown]
    return page.show(
        "decisions/list.html",
        lines=some[:MANY],
        total=len(every),
        more=len(some) > MANY,
        kinds={kind: words for kind, words in KINDS.items() if counts[kind]},
        counts=counts,
        shown=shown if shown in KINDS else "",
    )


ROUTES: Final[list[Any]] = [decisions]
