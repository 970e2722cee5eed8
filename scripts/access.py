"""Writes docs/access.md: who may do what, from the one table that decides it and the routes that ask it.

`--check` writes nothing and fails unless the file is as it would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from litestar.routes import HTTPRoute

from compliance.db.engine import open_database
from compliance.services.api_keys import SCOPES
from compliance.settings import read_settings
from compliance.web.access import CAPABILITIES, SIGNED_IN, Rule
from compliance.web.app import create_app
from scripts.generated import DOCS, keep

DOCUMENT = DOCS / "access.md"
ROLES = ("owner", "manager", "reviewer", "auditor", "therapist")
HEAD = """\
# Who may do what

Made by `scripts/access.py` from `src/compliance/web/access.py`, the one file that decides, and from the routes
themselves; change it there. `tests/web/test_access.py` and `tests/web/test_matrix.py` walk every line of it.

- **Owner**: all of the organization.
- **Manager** and **reviewer**: all clinics, or only those chosen for them; what lies elsewhere is not there for them.
- **Auditor**: reads, changes nothing, until the last day given; every page and file that they ask for is written down
  before it is shown, for owners to read at `/looks`.
- **Therapist**: their own file.

"yes" is everywhere, "no" never. "all clinics only": not for somebody who is limited to chosen clinics. What a role does
not include is answered 403. What belongs to another organization is answered 404, with the same page and after the same
questions to the database as an id that nobody has; what lies at a clinic that is not theirs, with the same page.

Of fields: a therapist's birth date is a day without its year on every page, report and history but the form of those
who may change it (`therapists.write`), and in no answer of the API. A decided thing (an accepted submission, an issued
report, an entry of the trail) has no fields that anybody may change; what is wrong is voided or corrected beside it.
"""


class Route(NamedTuple):
    """One address, how it is asked, and what it needs."""

    path: str
    method: str
    opt: dict[str, Any]


def routes() -> list[Route]:
    """Every route of the application."""
    settings = read_settings({"COMPLIANCE_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCD"})
    app = create_app(settings, open_database("sqlite:///nothing.db"))
    found = [
        Route(each.path_format, str(method), dict(handler.opt))
        for each in app.routes
        if isinstance(each, HTTPRoute)
        for handler in each.route_handlers
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
    ]
    return sorted(found, key=lambda each: (each.path, each.method))


def document(found: list[Route]) -> str:
    """The whole page."""
    return "\n".join([HEAD, *_table(), *_pages(found), *_keys(found), *_open(found)]) + "\n"


def _table() -> Iterator[str]:
    yield "## Capabilities"
    yield ""
    yield _row("capability", "what it is", *ROLES)
    yield _row(*["---"] * (2 + len(ROLES)))
    for name, rule in CAPABILITIES.items():
        yield _row(f"`{name}`", rule.does, *(_cell(rule, role) for role in ROLES))
    yield ""


def _cell(rule: Rule, role: str) -> str:
    if role not in rule.roles:
        return "no"
    return "all clinics only" if rule.everywhere and role in ("manager", "reviewer") else "yes"


def _pages(found: list[Route]) -> Iterator[str]:
    yield "## Pages"
    yield ""
    yield _row("capability", "addresses")
    yield _row("---", "---")
    for name in (*CAPABILITIES, SIGNED_IN):
        mine = [each for each in found if each.opt.get("needs") == name]
        yield _row(f"`{name}`", _addresses(mine))
    yield ""


def _keys(found: list[Route]) -> Iterator[str]:
    yield "## Keys of the API"
    yield ""
    yield "No session opens these, and a key opens nothing else. A key belongs to one organization, may be limited to"
    yield "clinics, and may have a last day."
    yield ""
    yield _row("scope", "what it is", "addresses")
    yield _row("---", "---", "---")
    for name, does in SCOPES.items():
        yield _row(f"`{name}`", does, _addresses([each for each in found if each.opt.get("scope") == name]))
    yield ""


def _open(found: list[Route]) -> Iterator[str]:
    yield "## For everybody"
    yield ""
    yield "Signing in, links that are a capability by themselves, checks of issued reports, files of the look, health."
    yield ""
    yield from (f"- `{each.method} {each.path}`" for each in found if each.opt.get("public"))


def _addresses(mine: list[Route]) -> str:
    return "<br>".join(f"`{each.method} {each.path}`" for each in mine)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(keep(DOCUMENT, document(routes()), of="the table of access", target="access"))
