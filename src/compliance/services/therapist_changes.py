"""What changes about a therapist: a name with its reason, the address that is right from now on, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.records import TherapistAddressRow, TherapistNameRow, TherapistRow
from compliance.domain.matching import fold, fold_email, fold_name
from compliance.domain.periods import BEGINNING
from compliance.services import consequences, reminders, rows, trail
from compliance.services.former import Former, keep
from compliance.services.refusals import Checks
from compliance.services.therapist_checks import check_addresses, check_names, check_person
from compliance.services.trail import Act, Entry

FIELDS = ("first_name", "last_name", "email", "phone", "npi", "birth_date", "notes")
NAMES = frozenset({"first_name", "last_name"})
MATTERS = NAMES | {"birth_date"}  # what a stored verdict is made from


@dataclass(frozen=True, slots=True)
class Change:
    """What is different now: None leaves a fact as it is, "" clears address, phone, NPI or notes.

    A name needs a reason. With `name_starts_on` it is a new name from that day, and the old one stays as a former
    name; without, a misspelling is corrected and the old spelling is void.
    """

    therapist_id: UUID
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    npi: str | None = None
    birth_date: date | None = None
    notes: str | None = None
    name_starts_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Decided:
    change: Change
    row: TherapistRow
    old: rows.Values
    new: rows.Values

    @property
    def renamed(self) -> bool:
        return not NAMES.isdisjoint(self.new)

    @property
    def entry(self) -> Entry:
        new = dict(self.new)
        if self.renamed and self.change.name_starts_on:
            new["name_starts_on"] = self.change.name_starts_on
        subject = f"therapist:{self.row.id}"
        return Entry("therapist.changed", subject, self.row.id, self.old, new, self.change.reason)

    @property
    def columns(self) -> rows.Values:
        """Every column that a change may set, so that all changes fit into one statement."""
        facts = {key: self.new.get(key, getattr(self.row, key)) for key in FIELDS}
        first, last = str(facts["first_name"]), str(facts["last_name"])
        email = facts["email"]
        folded: rows.Values = {"folded_name": fold_name(first, last), "folded_first": fold(first)}
        return facts | folded | {"folded_email": fold_email(str(email)) if email else None}


async def change(session: AsyncSession, *, act: Act, change: Change) -> None:
    """One therapist changes."""
    await change_many(session, act=act, changes=[change])


async def change_many(session: AsyncSession, *, act: Act, changes: Sequence[Change]) -> None:
    """Therapists change, each at most once in the list. What is the same already is no change and leaves no entry.

    Raises Unknown, and Refused for what cannot be true or comes without its reason.
    """
    people = await rows.load_therapists(session, act, (each.therapist_id for each in changes))
    decided = [_decide(each, people[each.therapist_id]) for each in changes]
    await _check(session, act, decided)
    decided = [each for each in decided if each.new]
    seqs = await trail.record_all(session, act=act, entries=[each.entry for each in decided])
    at = {each.row.id: seq for each, seq in zip(decided, seqs, strict=True)}
    born = {each.row.id: each.row.birth_date for each in decided if "birth_date" in each.new}
    former = [Former(id_, at[id_], {"birth_date": day}) for id_, day in born.items()]
    await keep(session, act, "therapist", former)
    await rows.change(session, act, TherapistRow, {each.row.id: each.columns for each in decided})
    await _rename(session, act, [each for each in decided if each.renamed], at)
    await _readdress(session, act, [each for each in decided if "email" in each.new], at)
    touched = [each.row.id for each in decided if not MATTERS.isdisjoint(each.new)]
    await consequences.follow(session, act=act, therapist_ids=touched)


def _decide(change: Change, row: TherapistRow) -> _Decided:
    new = {key: value for key in FIELDS if (value := _clean(key, getattr(change, key))) is not None}
    new = {key: value if value != "" or key in NAMES | {"phone", "notes"} else None for key, value in new.items()}
    new = {key: value for key, value in new.items() if value != getattr(row, key)}
    return _Decided(change, row, {key: getattr(row, key) for key in new}, new)


def _clean(key: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    return " ".join(value.split()) if key in NAMES else value.strip()


async def _check(session: AsyncSession, act: Act, decided: Sequence[_Decided]) -> None:
    checks = Checks()
    for index, each in enumerate(decided):
        facts = each.columns
        check_names(checks, str(facts["first_name"]), str(facts["last_name"]), index)
        new = each.change
        check_person(checks, act, new.email, new.npi, new.birth_date, index)
        if each.renamed and not new.reason.strip():
            checks.refuse("reason", "Say why the name changes (marriage, a misspelling ...). It stays findable.", index)
    checks.done()
    addressed = [(str(each.new.get("email") or ""), each.row.id) for each in decided]
    if any(email for email, _own in addressed):
        await check_addresses(session, act, addressed)


async def _rename(session: AsyncSession, act: Act, renamed: Sequence[_Decided], at: dict[UUID, int]) -> None:
    """Appends the new spans. A corrected spelling voids the one before; a new name makes all before it former ones."""
    spans = await rows.of_holders(session, act, TherapistNameRow, "therapist_id", _ids(renamed))
    corrected: dict[UUID, int] = {}
    former: dict[UUID, rows.Values] = {}
    names: list[rows.Values] = []
    for each in renamed:
        last = spans[each.row.id][-1] if spans.get(each.row.id) else None
        starts_on = each.change.name_starts_on or (last.starts_on if last else BEGINNING)
        if last and not each.change.name_starts_on:
            corrected[last.id] = at[each.row.id]
        else:
            later: rows.Values = {"superseded_seq": at[each.row.id]}
            former |= {span.id: later for span in spans.get(each.row.id, ()) if span.superseded_seq is None}
        columns = {key: each.columns[key] for key in ("first_name", "last_name", "folded_name")}
        names.append(
            columns
            | {
                "id": new_id(act.now),
                "recorded_seq": at[each.row.id],
                "therapist_id": each.row.id,
                "starts_on": starts_on,
                "reason": each.change.reason,
            }
        )
    await rows.void(session, act, TherapistNameRow, corrected, "corrected")
    await rows.change(session, act, TherapistNameRow, former)
    await rows.add(session, act, TherapistNameRow, names)


async def _readdress(session: AsyncSession, act: Act, moved: Sequence[_Decided], at: dict[UUID, int]) -> None:
    """Appends the addresses; what was not delivered to the old one is decided anew."""
    addresses: list[rows.Values] = [
        {
            "id": new_id(act.now),
            "recorded_seq": at[each.row.id],
            "therapist_id": each.row.id,
            "email": str(each.new["email"] or ""),
            "starts_on": act.effective.date(),
        }
        for each in moved
    ]
    await rows.add(session, act, TherapistAddressRow, addresses)
    for each in moved:
        await reminders.reopen(session, act=act, therapist_id=each.row.id)


def _ids(decided: Iterable[_Decided]) -> list[UUID]:
    return [each.row.id for each in decided]
