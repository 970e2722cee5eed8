"""What a board says of a credential from a day on, until it says something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import CredentialRow, StandingRow
from compliance.domain.credentials import StandingCode
from compliance.domain.months import in_words
from compliance.domain.periods import FOREVER
from compliance.services import consequences, rows, trail
from compliance.services.credential_checks import term_problem
from compliance.services.refusals import Checks, need_reason
from compliance.services.trail import Act, Entry


@dataclass(frozen=True, slots=True)
class StandingChange:
    """A standing from its first day on; it holds until a later one starts, or through its own last day."""

    credential_id: UUID
    standing: StandingCode
    starts_on: date
    ends_on: date = FOREVER
    note: str = ""

    def columns(self) -> rows.Values:
        """As columns of its row."""
        return {
            "credential_id": self.credential_id,
            "standing": self.standing.value,
            "starts_on": self.starts_on,
            "ends_on": self.ends_on,
            "note": self.note.strip(),
        }


async def record_standing(session: AsyncSession, *, act: Act, change: StandingChange) -> UUID:
    """One standing; its id."""
    return (await record_standings(session, act=act, changes=[change]))[0]


async def record_standings(session: AsyncSession, *, act: Act, changes: Sequence[StandingChange]) -> list[UUID]:
    """Standings; their ids in the same order. Raises Unknown, and Refused for spans that run backward."""
    found = await rows.load_current(session, act, CredentialRow, (c.credential_id for c in changes), "credential")
    checks = Checks()
    for index, each in enumerate(changes):
        checks.refuse("starts_on", _problem(each), index)
    checks.done()
    ids = [new_id(act.now) for _ in changes]
    entries = [_entry(each, found[each.credential_id]) for each in changes]
    seqs = await trail.record_all(session, act=act, entries=entries)
    made = [
        each.columns() | {"id": id_, "recorded_seq": seq} for each, id_, seq in zip(changes, ids, seqs, strict=True)
    ]
    await rows.add(session, act, StandingRow, made)
    await consequences.follow_credentials(session, act=act, credentials=found.values())
    return ids


def _problem(change: StandingChange) -> str | None:
    if change.ends_on < change.starts_on:
        return f"The standing ends on {in_words(change.ends_on)}, before it starts on {in_words(change.starts_on)}."
    return term_problem(change.starts_on, change.ends_on)


def _entry(change: StandingChange, held: CredentialRow) -> Entry:
    new = {key: value for key, value in change.columns().items() if key != "credential_id"}
    return Entry("standing.recorded", f"credential:{held.id}", held.therapist_id, new=new)


async def void_standing(session: AsyncSession, *, act: Act, standing_id: UUID, reason: str) -> None:
    """Voids a standing that the board never gave. Raises Unknown, and Refused without a reason."""
    need_reason(reason, "the standing is void")
    row = (await rows.load_current(session, act, StandingRow, [standing_id], "standing"))[standing_id]
    held = (await rows.load(session, act, CredentialRow, [row.credential_id], "credential"))[row.credential_id]
    old: rows.Values = {"standing": row.standing, "starts_on": row.starts_on, "ends_on": row.ends_on}
    entry = Entry("standing.voided", f"credential:{held.id}", held.therapist_id, old, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await rows.void(session, act, StandingRow, {standing_id: seq}, reason)
    await consequences.follow_credentials(session, act=act, credentials=[held])
