"""Review: what therapists sent in is accepted, sent back with a reason, or noted; each is said to the therapist."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import ladders
from compliance.db.queries.ladders import Holder, Subject
from compliance.db.queries.submissions import unwanted
from compliance.db.records import SubmissionFileRow, SubmissionRow
from compliance.domain.answers import Kind, State
from compliance.domain.matching import fold_email
from compliance.domain.periods import ONE_DAY, day_after
from compliance.services import consequences, credentials, evidence, mailing, reminders, rows, trail
from compliance.services.credentials import Renewal
from compliance.services.mailing import Draft, MailSettings, sender_facts
from compliance.services.overtaken import decided
from compliance.services.refusals import need_reason, refuse
from compliance.services.reminders.situation import Situation
from compliance.services.renewal_links import Cycle, renewal_links, revive_links
from compliance.services.trail import Act, Entry

ACCEPTED: Final = "renewal-accepted"
SENT_BACK: Final = "renewal-sent-back"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The dates as the reviewer read them; without a first day the term follows the last one."""

    submission_id: UUID
    ends_on: date
    starts_on: date | None = None
    sure: bool = False


async def accept(session: AsyncSession, *, act: Act, mail: MailSettings, accepted: Accepted) -> UUID:
    """A new term with the files as its evidence, and thanks to the therapist; the term's id.

    Raises Unknown; Refused where it was decided already or the days cannot be; Unsure as `credentials.renew` does.
    """
    await rows.take_turn(session, act)
    row = await _waiting(session, act, accepted.submission_id, (Kind.RENEWAL,))
    new = Renewal(row.credential_id, accepted.ends_on, accepted.starts_on, sure=accepted.sure)
    told: dict[str, object] = {"ends_on": accepted.ends_on, "starts_on": accepted.starts_on}
    seq = await _record(session, act, row, "submission.accepted", told)
    await rows.change(session, act, SubmissionRow, {row.id: decided(act, State.ACCEPTED, seq)})
    async with consequences.once(session, act=act):
        term_id = await credentials.renew(session, act=act, renewal=new)
        for file in await _files(session, row):
            await evidence.link(session, act=act, evidence_id=file, credential_id=row.credential_id, term_id=term_id)
    await rows.change(session, act, SubmissionRow, {row.id: {"term_id": term_id}})
    await _tell(session, act, mail, row, ACCEPTED, seq, {"new_ends_on": accepted.ends_on.isoformat()})
    return term_id


async def send_back(session: AsyncSession, *, act: Act, mail: MailSettings, submission_id: UUID, reason: str) -> bool:
    """Not good enough, and why; whether the therapist could be told by mail. The ladder wakes.

    Raises Unknown, and Refused where it was decided already or no reason is given.
    """
    need_reason(reason, "it is sent back: the therapist reads this")
    await rows.take_turn(session, act)
    row = await _waiting(session, act, submission_id, (Kind.RENEWAL, Kind.APPLIED, Kind.NOT_RENEWING))
    seq = await _record(session, act, row, "submission.sent-back", {}, reason)
    await rows.change(session, act, SubmissionRow, {row.id: decided(act, State.SENT_BACK, seq, reason)})
    today = act.effective.date()
    ids = [row.credential_id]
    await reminders.schedule(session, organization_id=act.organization_id, credential_ids=ids, today=today)
    return await _tell(session, act, mail, row, SENT_BACK, seq, {"reason": reason})


async def note(session: AsyncSession, *, act: Act, submission_id: UUID, address_is_right: bool = False) -> None:
    """Seen, and nothing to do now: they have applied, they are not renewing. Of "this is not me": the address was
    dealt with, or is right after all, and mail goes there again.

    Raises Unknown, and Refused where it was decided already or is a renewal, which wants a decision.
    """
    await rows.take_turn(session, act)
    row = await _waiting(session, act, submission_id, (Kind.APPLIED, Kind.NOT_RENEWING, Kind.NOT_ME))
    not_me = row.kind == Kind.NOT_ME
    state = State.WITHDRAWN if not_me and address_is_right else State.ACCEPTED if not_me else State.NOTED
    seq = await _record(session, act, row, "submission.noted", {"state": state.value})
    await rows.change(session, act, SubmissionRow, {row.id: decided(act, state, seq)})
    if not_me and address_is_right:
        await _speak_again(session, act, row)


async def _speak_again(session: AsyncSession, act: Act, row: Any) -> None:
    """The address is right: its links open their pages again, and what could not be told is told after all."""
    await revive_links(
        session, organization_id=act.organization_id, therapist_id=row.therapist_id, folded_email=row.folded_email
    )
    await reminders.reopen(session, act=act, therapist_id=row.therapist_id)


async def _waiting(session: AsyncSession, act: Act, id_: UUID, kinds: tuple[Kind, ...]) -> Any:
    row = (await rows.load(session, act, SubmissionRow, [id_], "submission"))[id_]
    if row.state != State.WAITING:
        raise refuse("submission", _decided_already(row))
    if Kind(row.kind) not in kinds:
        raise refuse("submission", "This cannot be decided in this way.")
    return row


def _decided_already(row: Any) -> str:
    words = {
        State.ACCEPTED: "It was accepted already.",
        State.NOTED: "It was noted already.",
        State.SENT_BACK: "It was sent back already.",
        State.WITHDRAWN: f"It no longer waits. {row.reason}".strip(),
    }
    return words[State(row.state)]


async def _record(session: AsyncSession, act: Act, row: Any, action: str, new: dict[str, object], why: str = "") -> int:
    told = {"credential": row.credential_id, "kind": row.kind} | {name: value for name, value in new.items() if value}
    return await trail.record(
        session, act=act, entry=Entry(action, f"submission:{row.id}", row.therapist_id, new=told, why=why)
    )


async def _files(session: AsyncSession, row: Any) -> list[UUID]:
    file = SubmissionFileRow
    mine = (file.organization_id == row.organization_id, file.submission_id == row.id)
    return list(await session.scalars(select(file.evidence_id).where(*mine).order_by(file.place)))


async def _tell(
    session: AsyncSession, act: Act, mail: MailSettings, row: Any, kind: str, seq: int, more: dict[str, object]
) -> bool:
    """Mails the decision to the therapist; false where no mail can reach them."""
    owned = {row.credential_id: row.organization_id}
    found = next(iter(await ladders.subjects(session, owned, today=act.effective.date() - ONE_DAY)), None)
    if found is None or found.holder is None or not await _reaches(session, act, found.holder):
        return False
    about = replace(found, ends_on=row.about_ends_on)
    facts = _facts(about, act) | more | {"link": await _link(session, mail, about, act) if kind == SENT_BACK else ""}
    draft = Draft(
        organization_id=act.organization_id,
        kind=kind,
        keys=(f"{act.organization_id}/{kind}/{row.id}/{seq}",),
        address=found.holder.address or "",
        name=found.holder.name,
        facts=facts,
        therapist_id=found.holder.id,
    )
    await mailing.put(session, [draft], act=act, mail=mail)
    return True


async def _reaches(session: AsyncSession, act: Act, holder: Holder) -> bool:
    """Whether there is an address of which nobody said that it is somebody else's."""
    wrong = await unwanted(session, {holder.id: act.organization_id})
    return mailing.usable(holder.address) is not None and fold_email(holder.address or "") not in wrong.get(
        holder.id, frozenset()
    )


def _facts(about: Subject, act: Act) -> dict[str, object]:
    here = Situation(about, act.effective)
    answers = here.answers
    return sender_facts(about.organization, answers, here.zone) | {
        "first_name": about.holder.first_name if about.holder else "",
        "credential": here.label,
        "number": about.number,
        "ends_on": about.ends_on.isoformat(),
        "from_on": day_after(about.ends_on).isoformat(),
        "answers": answers.name if answers else "",
    }


async def _link(session: AsyncSession, mail: MailSettings, about: Subject, act: Act) -> str:
    if about.holder is None:
        return ""
    cycle = Cycle(
        about.organization.id, about.holder.id, about.credential_id, about.ends_on, about.holder.address or ""
    )
    return (await renewal_links(session, mail=mail, wanted=[cycle], now=act.now)).get(cycle, "")
