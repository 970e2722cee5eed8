"""What an exposure audit says: groups for people to read, and one line a treatment for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from compliance.domain.assessment import Clearance
from compliance.domain.exposures import CLEARED, EXPOSED, NOT_ASSIGNED, UNKNOWN, Judged, Period, Place
from compliance.reports.csv_file import guarded

COLUMNS: Final = (
    "line", "therapist", "day", "modality", "clinic", "outcome", "therapist_on_file", "requirement", "status", "why",
    "citation",
)  # fmt: skip
GROUPS: Final = 200
"""So many groups stand on the page, the largest first; the file has every line."""

Key = tuple[Place, Period | None]
"""Where somebody was not cleared, and in which period; none: they were not assigned."""


class Reasons:
    """Why somebody was not cleared, by place and period: worked out once for each."""

    def __init__(self, names: Mapping[UUID, str]) -> None:
        self.names = names
        self.known: dict[Key, list[tuple[str, str, str, str]]] = {}

    def learn(self, key: Key, clearance: Clearance) -> None:
        """Requirement, status, reason and citation of everything that stood against it."""
        against = [each for each in clearance.findings if not each.clears]
        self.known[key] = [(each.title, each.status.value, each.reason, each.citation.text) for each in against]

    def of(self, judged: Judged) -> list[tuple[str, str, str, str]]:
        """What stood against a line; empty for one that was cleared or not understood."""
        if judged.place is None or judged.outcome == CLEARED:
            return []
        return self.known.get((judged.place, judged.period), [])


def keys_of(judged: Iterable[Judged]) -> dict[Key, Judged]:
    """The first line of each place and period in which somebody was not cleared."""
    found: dict[Key, Judged] = {}
    for each in judged:
        if each.outcome in EXPOSED and each.place:
            found.setdefault((each.place, each.period), each)
    return found


def counts(judged: Sequence[Judged]) -> dict[str, Any]:
    """How many lines of each kind, of how many people, over which days."""
    outcomes = Counter(each.outcome for each in judged)
    days = [each.day for each in judged if each.day]
    return {
        "lines": len(judged),
        "cleared": outcomes[CLEARED],
        "exposed": sum(outcomes[each] for each in EXPOSED),
        "not_assigned": outcomes[NOT_ASSIGNED],
        "unknown": outcomes[UNKNOWN],
        "people": len({each.place[0] for each in judged if each.outcome in EXPOSED and each.place}),
        "first": min(days).isoformat() if days else None,
        "last": max(days).isoformat() if days else None,
    }


def groups(judged: Iterable[Judged], reasons: Reasons) -> list[dict[str, Any]]:
    """Treatments that were not covered, by person, place and reason; the most first."""
    together: dict[Key, list[Judged]] = defaultdict(list)
    for each in judged:
        if each.outcome in EXPOSED and each.place:
            together[each.place, each.period].append(each)
    found = [_group(key, mine, reasons) for key, mine in together.items()]
    return sorted(found, key=lambda each: (-each["count"], each["name"], each["first"]))


def _group(key: Key, mine: Sequence[Judged], reasons: Reasons) -> dict[str, Any]:
    (therapist_id, clinic_id, modality), _period = key
    days = sorted(each.day for each in mine if each.day)
    return {
        "therapist_id": str(therapist_id), "name": reasons.names.get(therapist_id, ""), "clinic_id": str(clinic_id),
        "clinic": mine[0].line.clinic, "modality": modality, "count": len(mine), "outcome": mine[0].outcome,
        "first": days[0].isoformat(), "last": days[-1].isoformat(),
        "against": [[title, status, why] for title, status, why, _citation in reasons.known.get(key, [])],
    }  # fmt: skip


def problems(judged: Iterable[Judged]) -> list[dict[str, Any]]:
    """What was not understood: each sentence once, with how many lines and the first of them; the most first."""
    found: dict[str, list[int]] = defaultdict(list)
    for each in judged:
        if each.outcome == UNKNOWN:
            found[each.why].append(each.line.line)
    told = [{"problem": why, "count": len(lines), "line": lines[0]} for why, lines in found.items()]
    return sorted(told, key=lambda each: (-int(str(each["count"])), str(each["problem"])))


def as_csv(judged: Iterable[Judged], reasons: Reasons) -> bytes:
    """One row a line of the file, under COLUMNS; no cell is a formula to a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for each in judged:
        against = reasons.of(each)
        name = reasons.names.get(each.place[0], "") if each.place else ""
        told = ["; ".join(part) for part in zip(*against, strict=True)] if against else ["", "", each.why, ""]
        given = (each.line.line, each.line.therapist, each.day or each.line.day, each.line.modality, each.line.clinic)
        writer.writerow([guarded(cell) for cell in (*given, each.outcome, name, *told)])
    return out.getvalue().encode("utf-8-sig")
