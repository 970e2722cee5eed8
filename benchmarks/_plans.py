"""How a database answers the statements of a page: the ones that read a whole table, sort much, or take long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from _site import Site
from sqlalchemy import event

SUSPECT = re.compile(r"Seq Scan|SCAN \w+s$|\(organization_id=\?\)$", re.MULTILINE)
"""Reading a whole table, or all of it that one organization has; right for its clinics, wrong for its people."""

SLOW = 0.005


@contextmanager
def spoken(site: Site) -> Iterator[list[tuple[str, Any, float]]]:
    """Every statement that the site's readers speak, with its values and seconds until its first row."""
    engine, said = site.database.reader.sync_engine, list[tuple[str, Any, float]]()

    def before(_connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
        context.began = perf_counter()

    def after(_connection: Any, _cursor: Any, statement: str, values: Any, context: Any, _many: bool) -> None:
        if statement != "BEGIN":
            said.append((statement, values, perf_counter() - context.began))

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


async def explained(site: Site, pages: dict[str, list[str]], *, everything: bool) -> str:
    """The plans of each page's statements; each statement once."""
    lines, known = list[str](), set[str]()
    for page, addresses in pages.items():
        await site.get(addresses[0])
        with spoken(site) as said:
            took, _body = await site.get(addresses[0])
        told = sum(each[2] for each in said)
        lines.append(f"-- {page}: {len(said)} statements, {told * 1000:.1f} ms of {took * 1000:.1f} ms")
        for statement, values, seconds in said:
            plan = await _plan(site, statement, values)
            if statement in known or not (everything or seconds > SLOW or SUSPECT.search(plan)):
                continue
            known.add(statement)
            lines.append(f"{seconds * 1000:7.1f} ms  {' '.join(statement.split())[:600]}\n{plan}")
    return "\n".join(lines)


async def _plan(site: Site, statement: str, values: Any) -> str:
    how = "EXPLAIN QUERY PLAN " if site.database.embedded else "EXPLAIN (ANALYZE, BUFFERS) "
    async with site.database.reader.connect() as connection:
        found = (await connection.exec_driver_sql(how + statement, values)).all()
    return "\n".join(f"            {row[-1]}" for row in found)
