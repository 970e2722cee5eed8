"""Answers to a reminder, sent in by its link: a renewal, a receipt, or a word. The ladder rests upon them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.db.queries import ladders
from compliance.db.queries.renewal_links import Link
from compliance.db.records import EvidenceRow, SubmissionFileRow, SubmissionRow
from compliance.domain.answers import NOT_ME, Kind, State, rests_until
from compliance.domain.periods import FOREVER, ONE_DAY
from compliance.services import reminders, rows, trail
from compliance.services.evidence import NewEvidence, plain_name
from compliance.services.overtaken import decided
from compliance.services.refusals import Checks, refuse
from compliance.services.renewal_links import end_link
from compliance.services.trail import Act, Entry

MOST_FILES: Final = 5
MOST_BYTES: Final = 30 * 2**20
"""What one cycle may send in, over all its answers."""

OVER: Final = "This was renewed or changed in the meantime."
REPLACED: Final = "A later answer was sent in."
EARLIEST: Final = date(1990, 1, 1)
LATEST: Final = date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer as it was typed; `files` are stored already."""

    kind: Kind
    starts_on: date | None = None
    ends_on: date | None = None
    applied_on: date | None = None
    note: str = ""
    files: tuple[NewEvidence, ...] = ()


async def send_in(session: AsyncSession, *, act: Act, link: Link, sent: Sent) -> UUID:
    """Records an answer; its id. The same one sent twice is one answer, and a later one takes an earlier one's place.

    Raises Refused for days that cannot be, for more files than one cycle may send, and for a cycle that is over.
    """
    await rows.take_turn(session, act)
    if not await _runs(session, link, act):
        raise refuse("link", OVER)
    before = await _of_cycle(session, link)
    waiting = [each for each in before if each.state in (State.WAITING, State.NOTED)]
    for each in waiting:
        if sent.kind is Kind.ACKNOWLEDGED or await _is_same(session, each, sent):
            return UUID(str(each.id))  # who has answered more than this already has nothing to add
    _check(sent, link, act, await used(session, link))
    id_ = new_id(act.now)
    old: dict[str, object] = {"replaces": [str(each.id) for each in waiting]} if waiting else {}
    entry = Entry("submission.sent", f"submission:{id_}", link.therapist_id, old, _told(link, sent))
    seq = await trail.record(session, act=act, entry=entry)
    await _withdraw(session, act, waiting, seq)
    await _write(session, act, link, sent, id_, seq)
    await _quiet(session, act, link, sent.kind)
    return id_


async def say_not_me(session: AsyncSession, *, act: Act, link: Link) -> UUID:
    """The reader is somebody else: the link ends, and no more mail goes to this address for this therapist."""
    await rows.take_turn(session, act)
    sent, id_ = Sent(Kind.NOT_ME), new_id(act.now)
    new = _told(link, sent) | {"email": link.folded_email}
    seq = await trail.record(
        session, act=act, entry=Entry("submission.sent", f"submission:{id_}", link.therapist_id, new=new)
    )
    await _write(session, act, link, sent, id_, seq)
    await end_link(session, organization_id=link.organization_id, link_id=link.id, now=act.now)
    await reminders.withdraw(session, act=act, therapist_ids=[link.therapist_id], reason=NOT_ME)
    today = act.effective.date()
    await reminders.schedule(
        session, organization_id=act.organization_id, therapist_ids=[link.therapist_id], today=today
    )
    return id_


async def used(session: AsyncSession, link: Link) -> tuple[int, int]:
    """How many files, and how many bytes, the cycle has sent in already."""
    about, file, row = SubmissionRow, SubmissionFileRow, EvidenceRow
    query = (
        select(func.count(), func.coalesce(func.sum(row.size), 0))
        .select_from(about)
        .join(file, (file.organization_id == about.organization_id) & (file.submission_id == about.id))
        .join(row, (row.organization_id == file.organization_id) & (row.id == file.evidence_id))
        .where(*_cycle(link))
    )
    count, size = (await session.execute(query)).one()
    return int(count), int(size)


async def _runs(session: AsyncSession, link: Link, act: Act) -> bool:
    """Whether the cycle is still the current one: it may have been renewed since the link was looked at."""
    owned = {link.credential_id: link.organization_id}
    found = await ladders.subjects(session, owned, today=act.effective.date() - ONE_DAY)
    return any(each.ends_on == link.about_ends_on for each in found)


def _cycle(link: Link) -> tuple[Any, ...]:
    row = SubmissionRow
    return (
        row.organization_id == link.organization_id,
        row.credential_id == link.credential_id,
        row.about_ends_on == link.about_ends_on,
    )


async def _of_cycle(session: AsyncSession, link: Link) -> list[Any]:
    row = SubmissionRow
    query = select(*rows.table(row).columns).where(*_cycle(link), row.kind != Kind.NOT_ME).order_by(row.recorded_seq)
    return list((await session.execute(query)).all())


async def _is_same(session: AsyncSession, row: Any, sent: Sent) -> bool:
    facts = (row.kind, row.starts_on, row.ends_on, row.applied_on, row.note)
    if facts != (sent.kind, sent.starts_on, sent.ends_on, sent.applied_on, sent.note):
        return False
    file, proof = SubmissionFileRow, EvidenceRow
    same = (proof.organization_id == file.organization_id) & (proof.id == file.evidence_id)
    mine = (file.organization_id == row.organization_id, file.submission_id == row.id)
    known = await session.scalars(select(proof.sha256).join(file, same).where(*mine))
    return set(known) == {each.sha256 for each in sent.files}


def _check(sent: Sent, link: Link, act: Act, already: tuple[int, int]) -> None:
    checks, today = Checks(), act.effective.date()
    if sent.kind is Kind.RENEWAL:
        _check_days(checks, sent, link)
    if sent.applied_on and sent.applied_on > today:
        checks.refuse("applied_on", "This day is still to come. Give the day on which you applied.")
    if sent.applied_on and sent.applied_on < EARLIEST:
        checks.refuse("applied_on", "Is the year right? Give the day on which you applied.")
    count, size = already
    if sent.files and count + len(sent.files) > MOST_FILES:
        checks.refuse("file", f"With this link at most {MOST_FILES} files can be sent, and {count} were. {_ELSE}")
    elif sum(each.size for each in sent.files) + size > MOST_BYTES:
        checks.refuse("file", f"With this link at most 30 MB can be sent in all. {_ELSE}")
    checks.done()


_ELSE: Final = "Reply to the mail instead."


def _check_days(checks: Checks, sent: Sent, link: Link) -> None:
    if not sent.files:
        checks.refuse("file", "Choose a photo or a PDF of the new one.")
    if sent.ends_on is None:
        checks.refuse("ends_on", "Give the new last day, as printed.")
    elif sent.ends_on <= link.about_ends_on:
        sentence = f"The one on file ends on {_spelled(link.about_ends_on)}. Give the last day of the new one."
        checks.refuse("ends_on", sentence)
    elif sent.ends_on > LATEST and sent.ends_on != FOREVER:
        checks.refuse("ends_on", "Is the year right? Give the last day as printed.")
    if sent.starts_on and sent.ends_on and sent.starts_on > sent.ends_on:
        checks.refuse("starts_on", "It would begin after it ends. Give the first day as printed, or leave it empty.")
    elif sent.starts_on and sent.starts_on < EARLIEST:
        checks.refuse("starts_on", "Is the year right? Give the first day as printed, or leave it empty.")


def _spelled(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _told(link: Link, sent: Sent) -> dict[str, object]:
    given = {
        "kind": sent.kind.value, "credential": link.credential_id, "about_ends_on": link.about_ends_on,
        "starts_on": sent.starts_on, "ends_on": sent.ends_on, "applied_on": sent.applied_on, "note": sent.note,
        "files": [each.sha256 for each in sent.files],
    }  # fmt: skip
    return {name: value for name, value in given.items() if value}


async def _withdraw(session: AsyncSession, act: Act, waiting: Sequence[Any], seq: int) -> None:
    mark = decided(act, State.WITHDRAWN, seq, REPLACED)
    await rows.change(session, act, SubmissionRow, dict.fromkeys((each.id for each in waiting), mark))


async def _write(session: AsyncSession, act: Act, link: Link, sent: Sent, id_: UUID, seq: int) -> None:
    row: rows.Values = {
        "id": id_,
        "recorded_seq": seq,
        "therapist_id": link.therapist_id,
        "credential_id": link.credential_id,
        "about_ends_on": link.about_ends_on,
        "link_id": link.id,
        "kind": sent.kind,
        "starts_on": sent.starts_on,
        "ends_on": sent.ends_on,
        "applied_on": sent.applied_on,
        "note": sent.note,
        "folded_email": link.folded_email,
        "sent_at": act.effective,
        "rests_until": rests_until(sent.kind, link.about_ends_on, act.effective.date()),
        "state": State.NOTED if sent.kind is Kind.ACKNOWLEDGED else State.WAITING,
        "reason": "",
        "decided_by": "",
    }
    await rows.add(session, act, SubmissionRow, [row])
    files = [(new_id(act.now), each) for each in sent.files]
    await rows.add(session, act, EvidenceRow, [_file(act, seq, one, each) for one, each in files])
    places: list[rows.Values] = [
        {"submission_id": id_, "evidence_id": one, "place": place} for place, (one, _) in enumerate(files)
    ]
    await rows.add(session, act, SubmissionFileRow, places)


def _file(act: Act, seq: int, id_: UUID, file: NewEvidence) -> rows.Values:
    told: rows.Values = {"id": id_, "recorded_seq": seq, "uploaded_by": act.actor, "uploaded_at": act.now}
    return asdict(file) | {"name": plain_name(file.name)} | told


_QUIET: Final = {
    Kind.RENEWAL: "the therapist sent in a renewal",
    Kind.APPLIED: "the therapist has applied",
    Kind.ACKNOWLEDGED: "the therapist knows",
    Kind.NOT_RENEWING: "the therapist is not renewing",
}


async def _quiet(session: AsyncSession, act: Act, link: Link, kind: Kind) -> None:
    """Waiting mail is taken back, and the planner looks at the term again: it finds the answer there."""
    ids, today = [link.credential_id], act.effective.date()
    await reminders.withdraw(session, act=act, credential_ids=ids, reason=_QUIET[kind])
    await reminders.schedule(session, organization_id=act.organization_id, credential_ids=ids, today=today)
