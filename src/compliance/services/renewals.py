"""A renewal is a new term. Nothing renews by itself, no date is overwritten, no gap is bridged without being told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.crypto.ids import new_id
from compliance.db.records import CredentialRow, StandingRow, TermRow
from compliance.domain.credentials import StandingCode
from compliance.domain.months import end_in_words, in_words
from compliance.domain.periods import FOREVER, Period, day_after
from compliance.domain.standings import standing_on
from compliance.services import consequences, overtaken, reminders, rows, trail
from compliance.services.credential_checks import end_problem, term_problem
from compliance.services.refusals import Checks
from compliance.services.trail import Act, Entry

ENDED_BY_RENEWAL = frozenset(
    {StandingCode.EXPIRED, StandingCode.PENDING_INITIAL, StandingCode.PENDING_RENEWAL, StandingCode.GRACE}
)
"""Standings that a new term answers. Suspensions and the like stay until the board says otherwise."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """A new term. Without `starts_on` it follows the last one; `inferred`: that start was worked out, not printed.

    `sure` records a term that ends no later than one on file.
    """

    credential_id: UUID
    ends_on: date
    starts_on: date | None = None
    inferred: bool = False
    sure: bool = False


@dataclass(slots=True)
class _History:
    """A credential with the terms and standings on file, and those of this very list."""

    row: CredentialRow
    terms: list[Period]
    standings: list[StandingRow]
    started: set[date] = field(default_factory=set)

    @property
    def last(self) -> Period | None:
        return max(self.terms, key=lambda each: each.ends_on, default=None)

    def overlapping(self, term: Period) -> Period | None:
        met = [each for each in self.terms if each.starts_on <= term.ends_on and term.starts_on <= each.ends_on]
        return max(met, key=lambda each: each.ends_on, default=None)

    def becomes_active(self, term: Period) -> list[date]:
        """The days from which a new term makes it active: its start, where that is told by a standing that a new term
        ends, and the beginning of a last such standing inside the term, which was told before the renewal was.
        """
        then, last = standing_on(self.standings, term.starts_on), standing_on(self.standings, term.ends_on)
        found = [term.starts_on] if _ends_with_renewal(then) else []
        if last and last.starts_on > term.starts_on and _ends_with_renewal(last):
            found.append(last.starts_on)
        return found


def _ends_with_renewal(standing: StandingRow | None) -> bool:
    return standing is not None and StandingCode(standing.standing) in ENDED_BY_RENEWAL


async def renew(session: AsyncSession, *, act: Act, renewal: Renewal) -> UUID:
    """One renewal; the id of the new term."""
    return (await renew_many(session, act=act, renewals=[renewal]))[0]


async def renew_many(session: AsyncSession, *, act: Act, renewals: Sequence[Renewal]) -> list[UUID]:
    """New terms; their ids in the same order. Waiting mail about the old ones is withdrawn.

    Raises Unknown; Refused for spans that run backward or overlap one on file; Unsure for an end that is not later
    than the last one on file.
    """
    await rows.take_turn(session, act)
    histories = await _histories(session, act, [each.credential_id for each in renewals])
    checks = Checks()
    terms = [_place(checks, act, index, each, histories[each.credential_id]) for index, each in enumerate(renewals)]
    checks.done()
    made = [
        _Made(each, histories[each.credential_id], term, new_id(act.now))
        for each, term in zip(renewals, terms, strict=True)
        if term
    ]
    seqs = await trail.record_all(session, act=act, entries=[each.entry() for each in made])
    values = [each.term_values(seq) for each, seq in zip(made, seqs, strict=True)]
    await rows.add(session, act, TermRow, values)
    await rows.add(
        session, act, StandingRow, [s for m, seq in zip(made, seqs, strict=True) for s in m.active(act, seq)]
    )
    touched = {each.history.row.id: each.history.row for each in made}
    await overtaken.overtake(session, act=act, credential_ids=list(touched), reason=overtaken.RENEWED)
    await reminders.withdraw(session, act=act, credential_ids=list(touched), reason="renewed")
    await consequences.follow_credentials(session, act=act, credentials=touched.values(), terms=True)
    return [each.id for each in made]


async def _histories(session: AsyncSession, act: Act, ids: Sequence[UUID]) -> Mapping[UUID, _History]:
    found = await rows.load_current(session, act, CredentialRow, ids, "credential")
    terms = await rows.of_holders(session, act, TermRow, "credential_id", found)
    standings = await rows.of_holders(session, act, StandingRow, "credential_id", found)
    return {
        id_: _History(row, [Period(t.starts_on, t.ends_on) for t in terms.get(id_, [])], standings.get(id_, []))
        for id_, row in found.items()
    }


def _place(checks: Checks, act: Act, index: int, renewal: Renewal, history: _History) -> Period | None:
    """The new term, or a note why there cannot be one."""
    last, type_ = history.last, catalog.load().types[history.row.type]
    if last and last.ends_on == FOREVER:
        checks.refuse("ends_on", f"This {type_.title.lower()} does not end, so there is nothing to renew.", index)
        return None
    checks.refuse("ends_on", end_problem(type_, history.row.jurisdiction, renewal.ends_on), index)
    starts_on = renewal.starts_on or _next_start(checks, act, index, renewal, last)
    if starts_on is None:
        return None
    term = _moved(renewal, Period(starts_on, renewal.ends_on), history)
    problem = term_problem(*term) or _overlap(history.overlapping(term))
    checks.refuse("ends_on" if term.ends_on < term.starts_on else "starts_on", problem, index)
    if last and term.ends_on <= last.ends_on and not renewal.sure:
        days = f"{end_in_words(last.ends_on)}; {end_in_words(term.ends_on)} is not later"
        sentence = f"The last term on file ends on {days}. Is it an earlier term?"
        checks.ask("ends_on", sentence, index)
    history.terms.append(term)
    return term


def _next_start(checks: Checks, act: Act, index: int, renewal: Renewal, last: Period | None) -> date | None:
    """The day after the last term, unless that would bridge days on which nobody knows whether there was a license."""
    if last is None:
        checks.refuse("starts_on", "No term is on file. Say on which day this one starts.", index)
        return None
    if renewal.ends_on <= last.ends_on:
        sentence = (
            f"The term on file ends on {end_in_words(last.ends_on)}; {end_in_words(renewal.ends_on)} is not later. "
            "Correct that term instead."
        )
        checks.refuse("ends_on", sentence, index)
        return None
    if last.ends_on < act.effective.date() and not renewal.inferred:
        ended = f"The last term ended on {in_words(last.ends_on)}."
        sentence = f"{ended} Say on which day the new one starts, so that a gap shows."
        checks.refuse("starts_on", sentence, index)
        return None
    return day_after(last.ends_on)


def _moved(renewal: Renewal, term: Period, history: _History) -> Period:
    """A start that was worked out gives way to the terms on file; a printed one is never moved."""
    met = history.overlapping(term) if renewal.inferred else None
    return Period(day_after(met.ends_on), term.ends_on) if met and met.ends_on < term.ends_on else term


def _overlap(met: Period | None) -> str | None:
    if met is None:
        return None
    return (
        f"A term from {in_words(met.starts_on)} to {end_in_words(met.ends_on)} is on file already, and this one would "
        f"overlap it. Start the new one on {end_in_words(day_after(met.ends_on))}, or correct the other."
    )


@dataclass(frozen=True, slots=True)
class _Made:
    renewal: Renewal
    history: _History
    term: Period
    id: UUID

    @property
    def active_from(self) -> list[date]:
        return self.history.becomes_active(self.term)

    def entry(self) -> Entry:
        row, new = self.history.row, self.term._asdict() | {"term": self.id, "inferred": self.renewal.inferred}
        if self.active_from:
            new["standing"] = StandingCode.ACTIVE
        last = self.history.last
        old = {"ends_on": last.ends_on} if last and last != self.term else {}
        return Entry("credential.renewed", f"credential:{row.id}", row.therapist_id, old, new)

    def term_values(self, seq: int) -> rows.Values:
        return {
            "id": self.id,
            "recorded_seq": seq,
            "credential_id": self.history.row.id,
            "starts_on": self.term.starts_on,
            "ends_on": self.term.ends_on,
            "inferred": self.renewal.inferred,
            "next_rung_on": None,  # the ladder is set when the consequences follow
        }

    def active(self, act: Act, seq: int) -> list[rows.Values]:
        return [
            {
                "id": new_id(act.now),
                "recorded_seq": seq,
                "credential_id": self.history.row.id,
                "standing": StandingCode.ACTIVE.value,
                "starts_on": day,
                "ends_on": FOREVER,
                "note": "renewed",
            }
            for day in self.active_from
        ]
