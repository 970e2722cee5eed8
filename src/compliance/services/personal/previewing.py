"""What an erasure would take, before it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.services.personal.erasing import kept_because
from compliance.services.personal.gathering import gather

GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "Name, addresses and other facts": frozenset(
        {"therapists", "therapist_names", "therapist_addresses", "former_facts", "merges"}
    ),
    "Where they worked, and leaves": frozenset({"assignments", "leaves"}),
    "Credentials, terms, standings, verifications and waivers": frozenset(
        {"credentials", "terms", "standings", "verifications", "waivers"}
    ),
    "Courses": frozenset({"courses"}),
    "Documents, and what they prove": frozenset({"evidence", "evidence_links", "submission_files"}),
    "Renewals sent in": frozenset({"submissions", "renewal_links"}),
    "Reminders and mail to them": frozenset({"reminders", "outbox", "outbox_reminders", "deliveries", "bounces"}),
    "Verdicts worked out": frozenset({"coverage_periods", "clearance_periods"}),
    "Their sign-in": frozenset(
        {"memberships", "people", "sessions", "capabilities", "authenticator_apps", "recovery_codes", "passkeys"}
    ),
}
OTHER: Final = "Whatever else points to them"


@dataclass(frozen=True, slots=True)
class Preview:
    """Rows by what they are, in words; documents; entries of the trail whose values go; why it may not be (or "")."""

    rows: tuple[tuple[str, int], ...]
    documents: int
    entries: int
    why_not: str

    @property
    def number(self) -> int:
        """Rows in all."""
        return sum(count for _words, count in self.rows)


async def preview(session: AsyncSession, *, organization_id: UUID, therapist_id: UUID, today: date) -> Preview:
    """Read from the same tables that `erase` clears."""
    found = await gather(session, organization_id, therapist_id)
    counts: Counter[str] = Counter()
    for name, rows in found.rows.items():
        counts[next((words for words, names in GROUPS.items() if name in names), OTHER)] += len(rows)
    told = tuple((words, counts[words]) for words in (*GROUPS, OTHER) if counts[words])
    documents = len(found.rows.get("evidence", ()))
    return Preview(told, documents, len(found.seqs), kept_because(found, today))
