"""What the catalog does not know, an organization answers: dated, with its source, until the catalog knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from compliance import catalog
from compliance.db.engine import Database
from compliance.db.queries import policies as reading
from compliance.db.queries import trail as told
from compliance.domain.assessment import assess
from compliance.domain.covers import Status
from compliance.domain.credentials import CredentialFile, StandingCode
from compliance.domain.requirements import Asked, Citation, Policy, Provision, Requirement, with_policies
from compliance.services import assessments, credentials, law_answers, policies
from compliance.services.law_answers import Answer, questions, still_open
from compliance.services.refusals import Refused
from tests import builders as build
from tests.services.asking import finding

TODAY = build.TODAY
PENDING = Answer("us-fl", "practice-while-pending", True, "call with the board", "D. Hart", TODAY)
OPEN = Requirement(
    "permit",
    "City permit",
    (Provision(asked=Asked.UNKNOWN, accepts=frozenset({"cpr"}), jurisdiction="us-fl"),),
    "us-fl",
)


def answered(yes: bool, applies_on: date = date.min, code: str = "permit") -> Policy:
    said = Provision(applies_on, asked=Asked.YES if yes else Asked.NO, citation=Citation("Answered by us"))
    return Policy(Requirement(code, "City permit", (said,), "us-fl"), answers=True)


@pytest.mark.parametrize(("yes", "status"), [(True, Status.MISSING), (False, Status.NOT_ASKED)])
def test_an_answer_decides_the_finding_and_is_its_citation(yes: bool, status: Status) -> None:
    found = assess(CredentialFile(uuid4(), ""), with_policies([OPEN], [answered(yes)]), TODAY)[0]
    assert (found.status, found.citation.text) == (status, "Answered by us")


def test_an_answer_counts_from_its_day_on_and_only_for_what_is_not_known() -> None:
    asked = with_policies([OPEN], [answered(False, TODAY)])
    nobody = CredentialFile(uuid4(), "")
    statuses = [assess(nobody, asked, day)[0].status for day in (TODAY - timedelta(days=1), TODAY)]
    assert statuses == [Status.UNKNOWN, Status.NOT_ASKED]
    known = replace(OPEN, provisions=(replace(OPEN.provisions[0], asked=Asked.YES),))
    assert with_policies([known], [answered(False)]) == (known,)
    assert with_policies([OPEN], [answered(False, code="another")]) == (OPEN,)


async def test_whether_practice_goes_on_while_pending_is_answered_and_taken_back(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        clinic, who = await build.clinic(session, act), await build.therapist(session, act)
        await build.assignment(session, act, who, clinic)
        held = await build.verified_license(session, act, who, ends_on=TODAY - timedelta(days=10))
        pending = credentials.StandingChange(held.id, StandingCode.PENDING_RENEWAL, TODAY - timedelta(days=20))
        await credentials.record_standing(session, act=act, change=pending)
        await assessments.refresh_stale(session, organization_id=act.organization_id)
        assert (await finding(session, act, who, clinic)).status is Status.LAPSED
        before, _hash = await told.head(session, act.organization_id)

        id_ = await law_answers.record(session, act=act, answer=PENDING)
        now = await finding(session, act, who, clinic)
        assert now.status is Status.MET
        assert "Answered by the organization: D. Hart, Nov 22, 2026, call with the board" in now.citation.text
        assert await assessments.stale(session, organization_id=act.organization_id, limit=5) == [who]
        then = await assessments.frame(session, act.organization_id, known_seq=before)
        assert then.policies == ()

        with pytest.raises(Refused, match="answered already"):
            await law_answers.record(session, act=act, answer=replace(PENDING, yes=False))
        with pytest.raises(Refused, match="answer is taken back"):
            await law_answers.take_back(session, act=act, answer_id=id_, reason=" ")
        await law_answers.take_back(session, act=act, answer_id=id_, reason="misheard")
        assert (await finding(session, act, who, clinic)).status is Status.LAPSED


async def test_an_answer_in_words_stands_beside_its_question_and_decides_nothing(database: Database) -> None:
    question = next(each for each in questions(catalog.load(), "us-fl") if each.in_words)
    async with database.write.begin() as session:
        act = await build.organization(session)
        before = (await assessments.frame(session, act.organization_id)).asked(build.MASSAGE, "us-fl")
        answer = replace(PENDING, question=question.code, yes=None, words="Ninety days before.")
        await law_answers.record(session, act=act, answer=answer)
        held = await reading.held(session, act.organization_id)
        after = (await assessments.frame(session, act.organization_id)).asked(build.MASSAGE, "us-fl")
    assert held[0].policy.requirement.provisions[0].question == f"{question.sentence} Ninety days before."
    assert before == after


async def test_what_is_no_answer_is_refused(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        for wrong, said in (
            ({"question": "license"}, "leaves no such question open"),
            ({"jurisdiction": "us-xx"}, "leaves no such question open"),
            ({"source": " "}, "Say where it was found"),
            ({"answered_by": ""}, "Say who found it out"),
            ({"yes": None}, "Say yes or no"),
            ({"answered_on": TODAY + timedelta(days=3)}, "on Nov 25, 2026"),
        ):
            with pytest.raises(Refused, match=said):
                await law_answers.record(session, act=act, answer=replace(PENDING, **wrong))
        cpr = await policies.adopt(session, act=act, offer="cpr", applies_on=TODAY + timedelta(days=1))
        with pytest.raises(Refused, match="No answer has the id"):
            await law_answers.take_back(session, act=act, answer_id=cpr, reason="x")


def test_once_the_catalog_knows_the_answer_on_practice_counts_no_more() -> None:
    law = catalog.load()
    assert still_open(law, answered(True, code="practice-while-pending"))
    knows = next(
        p.code for p in law.jurisdictions.values() if p.after_expiry and p.after_expiry.practice_in_grace != "unknown"
    )
    wording = replace(answered(True, code="practice-in-grace").requirement, jurisdiction=knows)
    assert not still_open(law, Policy(wording, answers=True))


async def test_a_question_that_a_policy_of_ones_own_left_open_is_answered_too(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        clinic, who = await build.clinic(session, act), await build.therapist(session, act)
        await build.assignment(session, act, who, clinic)
        asked = Provision(
            applies_on=TODAY, asked=Asked.UNKNOWN, accepts=frozenset({"cpr"}), question="Is a card asked?"
        )
        policy = Policy(Requirement("own-card", "A card", (asked,)), jurisdictions=frozenset({"us-fl"}))
        await policies.add(session, act=act, policy=policy, applies_on=TODAY, at_once=True)
        assert (await finding(session, act, who, clinic, "own-card")).status is Status.UNKNOWN
        answer = Answer("us-fl", "own-card", True, "the city's page", "D. Hart", TODAY)
        id_ = await law_answers.record(session, act=act, answer=answer)
        now = await finding(session, act, who, clinic, "own-card")
        assert (now.status, now.citation.text.startswith("Answered by the organization")) == (Status.MISSING, True)
        await law_answers.take_back(session, act=act, answer_id=id_, reason="another page")
        await law_answers.record(session, act=act, answer=replace(answer, yes=False))
        assert (await finding(session, act, who, clinic, "own-card")).status is Status.NOT_ASKED
