"""Two times: what the records say now, and what they said at an earlier place in the trail."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_

from compliance.db.records import Appended


def standing_at(table: type[Appended], known_seq: int | None) -> ColumnElement[bool]:
    """The rows of an append-only table that held at a place in the trail; None: those that hold now."""
    if known_seq is None:
        return table.voided_seq.is_(None)
    later = or_(table.voided_seq.is_(None), table.voided_seq > known_seq)
    return and_(table.recorded_seq <= known_seq, later)
