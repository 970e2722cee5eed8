"""An organization's own answers to what the catalog does not know of a place.

An answer is kept as a policy that answers: dated, in the trail, with who found it out, when and where. Whether
something is asked, and whether practice goes on after an expiry, decide the findings until the catalog itself knows;
stored verdicts follow by their fingerprint, as for every policy. An answer in words only stands beside its question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.catalog import Catalog, Jurisdiction
from compliance.crypto.hashes import sha256_hex
from compliance.crypto.ids import new_id
from compliance.db.queries.policies import decode, encode, policies
from compliance.db.records import PolicyRow
from compliance.domain.months import in_words
from compliance.domain.periods import BEGINNING, FOREVER, ONE_DAY
from compliance.domain.requirements import (
    PRACTICE,
    Asked,
    Citation,
    Confidence,
    Holder,
    Policy,
    Provision,
    Requirement,
)
from compliance.services import rows, trail
from compliance.services.refusals import Checks, Problem, Unknown, need_reason
from compliance.services.trail import Act, Entry

UNASKED: Final = "The catalog leaves no such question open at this place."
_PRACTICE_WORDS: Final = {
    "practice-while-pending": ("Practice while a renewal is pending", "May practice go on while a renewal is pending?"),
    "practice-in-grace": ("Practice in grace", "May practice go on in the grace after an expiry?"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What the catalog does not know of a place. `in_words`: it has no yes or no, and decides no verdict.

    `accepts` are the types that would be asked, where that is the question.
    """

    code: str
    jurisdiction: str
    title: str
    sentence: str
    accepts: frozenset[str] = frozenset()
    in_words: bool = False
    holder: Holder = Holder.THERAPIST
    policy: Policy | None = None  # whose question it is, where a policy of the organization's own left it open


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no (None where the question is answered in `words`), who found out, on which day and where.

    `applies_on` is from when it is so; BEGINNING: for as long as the catalog has not known.
    """

    jurisdiction: str
    question: str
    yes: bool | None
    source: str
    answered_by: str
    answered_on: date
    applies_on: date = BEGINNING
    words: str = ""


def questions(law: Catalog, jurisdiction: str) -> list[Question]:
    """All that the catalog does not know of a place itself; its parent's questions are the parent's."""
    place = law.jurisdictions.get(jurisdiction)
    if place is None:
        return []
    found = [*_requirements(law, place), *_practice(place)]
    texts = [Question(f"open-{sha256_hex(each.encode())[:8]}", place.code, "An open question", each, in_words=True)
             for each in place.open_questions]  # fmt: skip
    return list({each.code: each for each in [*found, *texts]}.values())


def _requirements(law: Catalog, place: Jurisdiction) -> Iterator[Question]:
    of_people = (each for modality in law.modalities for each in law.asked(modality, place.code))
    for each in (*of_people, *law.asked_of_clinic(place.code)):
        open_ = next((one for one in each.provisions if one.asked is Asked.UNKNOWN), None)
        if open_ and each.jurisdiction == place.code:
            sentence = open_.question or f"Is {each.title} asked?"
            yield Question(each.code, place.code, each.title, sentence, open_.accepts, holder=each.holder)


def _practice(place: Jurisdiction) -> Iterator[Question]:
    after = place.after_expiry
    known = {
        "practice-while-pending": after.practice_while_pending if after else Asked.UNKNOWN,
        "practice-in-grace": after.practice_in_grace if after else Asked.UNKNOWN,
    }
    for code, said in known.items():
        if said is Asked.UNKNOWN and place.regulation == "license":
            title, sentence = _PRACTICE_WORDS[code]
            yield Question(code, place.code, title, sentence)


def question_of(jurisdiction: str, code: str) -> Question | None:
    """One question of a place, if the catalog leaves it open."""
    return next((each for each in questions(catalog.load(), jurisdiction) if each.code == code), None)


async def open_question(session: AsyncSession, organization_id: UUID, place: str, code: str) -> Question | None:
    """The same, and what a policy of the organization's own left open there."""
    if place not in catalog.load().jurisdictions:
        return None
    chain = catalog.load().chain(place)
    for policy in await policies(session, organization_id):
        asked = policy.requirement
        open_ = next((each for each in asked.provisions if each.asked is Asked.UNKNOWN), None)
        here = not policy.jurisdictions or not policy.jurisdictions.isdisjoint(chain)
        if open_ and here and not policy.answers and asked.code == code:
            sentence = open_.question or f"Is {asked.title} asked?"
            return Question(code, place, asked.title, sentence, open_.accepts, holder=asked.holder, policy=policy)
    return question_of(place, code)


def still_open(law: Catalog, policy: Policy) -> bool:
    """Whether a policy counts: an answer on practice does only as long as the catalog does not know."""
    place = law.jurisdictions.get(policy.requirement.jurisdiction or "")
    if not policy.answers or policy.requirement.code not in PRACTICE:
        return True
    return place is not None and policy.requirement.code in {each.code for each in _practice(place)}


async def record(session: AsyncSession, *, act: Act, answer: Answer) -> UUID:
    """Keeps an answer; its id. Raises Refused for what the catalog knows, a missing source, and a second answer."""
    await rows.take_turn(session, act)
    place, checks = answer.jurisdiction, Checks()
    question = await open_question(session, act.organization_id, place, answer.question)
    checks.refuse("question", None if question else UNASKED)
    checks.refuse("yes", _said_problem(question, answer) if question else None)
    checks.refuse("source", None if answer.source.strip() else "Say where it was found: a statute, a page, a call.")
    checks.refuse("answered_by", None if answer.answered_by.strip() else "Say who found it out.")
    if answer.answered_on > act.effective.date() + ONE_DAY:  # somewhere it may be tomorrow already
        checks.refuse("answered_on", f"Nobody can have found it out on {in_words(answer.answered_on)}.")
    checks.refuse("question", await _double(session, act, answer))
    checks.done()
    id_, facts = new_id(act.now), {"code": answer.question, "applies_on": answer.applies_on, "ends_on": FOREVER}
    seq = await trail.record(session, act=act, entry=_entry(id_, answer))
    bodies = [encode(_policy(answer, each)) for each in (question,) if each]
    await rows.add(session, act, PolicyRow, [facts | {"id": id_, "recorded_seq": seq, "body": each} for each in bodies])
    return id_


def _said_problem(question: Question, answer: Answer) -> str | None:
    if question.in_words:
        return None if answer.words.strip() else "Write down what was found out."
    return None if answer.yes is not None else "Say yes or no."


def _policy(answer: Answer, question: Question) -> Policy:
    who = f"{answer.answered_by.strip()}, {in_words(answer.answered_on)}, {answer.source.strip()}"
    text = f"Answered by the organization: {who}"
    citation = Citation(text, "", answer.answered_on.isoformat(), Confidence.ANSWERED)
    said = {True: Asked.YES, False: Asked.NO, None: Asked.UNKNOWN}[None if question.in_words else answer.yes]
    words = f"{question.sentence} {answer.words.strip()}".strip()
    wording = Provision(answer.applies_on, FOREVER, said, citation=citation, question=words)
    own = question.policy
    asked = Requirement(
        question.code, question.title, (wording,), None if own else question.jurisdiction, question.holder
    )
    if own:
        return Policy(asked, own.modalities, own.jurisdictions, answers=True)
    return Policy(asked, jurisdictions=frozenset({answer.jurisdiction}), answers=True)


def _entry(id_: UUID, answer: Answer) -> Entry:
    new: rows.Values = {
        "code": answer.question,
        "jurisdiction": answer.jurisdiction,
        "yes": answer.yes,
        "applies_on": answer.applies_on,
        "answered_on": answer.answered_on,
        "answered_by.name": answer.answered_by.strip(),
        "source": answer.source.strip(),
    }
    return Entry("law.answered", f"policy:{id_}", None, new=new, why=answer.words.strip())


async def _double(session: AsyncSession, act: Act, answer: Answer) -> str | None:
    mine = (PolicyRow.organization_id == act.organization_id, PolicyRow.voided_seq.is_(None))
    for body in await session.scalars(select(PolicyRow.body).where(*mine, PolicyRow.code == answer.question)):
        policy = decode(body)
        if policy.answers and (not policy.jurisdictions or answer.jurisdiction in policy.jurisdictions):
            return "This question is answered already. Take that answer back first, if another one is right."
    return None


async def take_back(session: AsyncSession, *, act: Act, answer_id: UUID, reason: str) -> None:
    """The question is open again; the answer stays in the history. Raises Unknown, and Refused without a reason."""
    need_reason(reason, "the answer is taken back")
    row = (await rows.load_current(session, act, PolicyRow, [answer_id], "answer"))[answer_id]
    if not decode(row.body).answers:
        raise Unknown(Problem("answer_id", f"No answer has the id {answer_id}."))
    entry = Entry("law.answer_taken_back", f"policy:{answer_id}", None, {"code": row.code}, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await rows.void(session, act, PolicyRow, {answer_id: seq}, reason)
