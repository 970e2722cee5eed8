"""The same deed for many therapists: planned for each, shown, done in one transaction, and kept as a list of what was
done and what was not. At most `MOST` of them, so that nobody else waits long for the database."""

from __future__ import annotations

from compliance.services.bulk.looks import SameLook, plan_looks, record_looks
from compliance.services.bulk.places import SamePlace, assign_all, plan_places
from compliance.services.many import KIND, MOST, Does, LeftOut, Plan, keep

__all__ = [
    "KIND", "MOST", "Does", "LeftOut", "Plan", "SameLook", "SamePlace", "assign_all", "keep", "plan_looks",
    "plan_places", "record_looks",
]  # fmt: skip
