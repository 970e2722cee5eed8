"""One of everything that can be named by an id, and every verb called once on it.

A verb that is not in the table fails `test_every_verb_is_in_the_trail.py`: who adds a verb says here how it is called.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.db.records import EvidenceLinkRow, StandingRow
from compliance.domain.credentials import Result, StandingCode
from compliance.domain.hours import Form
from compliance.services import (
    assignments,
    clinic_licenses,
    clinics,
    credentials,
    education,
    evidence,
    law_answers,
    merging,
    organizations,
    personal,
    policies,
    therapists,
    verifications,
    waivers,
)
from compliance.services.trail import Act
from tests import builders as build

TODAY = build.TODAY
TOMORROW = TODAY + timedelta(days=1)
FILE = evidence.NewEvidence("license.pdf", "document", "application/pdf", "ab" * 32, 1000)


@dataclass(frozen=True, slots=True)
class World:
    """Ids of one of each, all of one organization."""

    clinic: UUID
    closed_clinic: UUID
    free_clinic: UUID
    therapist: UUID
    namesake: UUID
    assignment: UUID
    ended_assignment: UUID
    leave: UUID
    credential: UUID
    term: UUID
    standing: UUID
    verification: UUID
    doubt: UUID
    waiver: UUID
    policy: UUID
    evidence: UUID
    link: UUID
    merge: UUID
    course: UUID
    answer: UUID
    bare: UUID
    void_assignment: UUID

    def unknown(self) -> World:
        """The same with ids that nobody gave to anything."""
        return replace(self, **{each.name: uuid4() for each in fields(self)})


async def make(session: AsyncSession, act: Act) -> World:
    """Builds it all in the act's organization."""
    clinic, closed, free = [await build.clinic(session, act, licensed=each < 2) for each in range(3)]
    await clinics.close(session, act=act, clinic_id=closed, closed_on=TODAY, reason="moved")
    person, namesake, merged = [await build.therapist(session, act) for _ in range(3)]
    assignment = await build.assignment(session, act, person, clinic)
    other = await build.assignment(session, act, namesake, clinic)
    ended = await assignments.end(session, act=act, assignment_id=other, last_day=TODAY, reason="left")
    leave = await assignments.record_leave(
        session, act=act, therapist_id=person, starts_on=TOMORROW, ends_on=TOMORROW, reason="travels"
    )
    held = await build.credential(session, act, person)
    assert held.term_id
    look = await build.verification(session, act, held.id)
    doubt = await build.verification(session, act, held.id, Result.DIFFERS)
    waiver = await waivers.grant(session, act=act, **_waiver(person))
    policy = await policies.adopt(session, act=act, offer="cpr", applies_on=TOMORROW)
    proof = await evidence.attach(session, act=act, evidence=FILE, credential_id=held.id)
    link = await session.scalar(select(EvidenceLinkRow.id).where(EvidenceLinkRow.evidence_id == proof))
    standing = await session.scalar(select(StandingRow.id).where(StandingRow.credential_id == held.id))
    assert link
    assert standing
    merge = await merging.merge(session, act=act, kept_id=namesake, merged_id=merged, reason="one person")
    course = await education.record(session, act=act, course=_course(person, "Ethics"))
    answer = await law_answers.record(session, act=act, answer=_answer("us-fl"))
    bare = await build.therapist(session, act)
    undone = await build.assignment(session, act, bare, free)
    await assignments.void(session, act=act, assignment_id=undone, reason="never worked there")
    return World(
        clinic, closed, free, person, namesake, assignment, ended, leave, held.id, held.term_id, standing, look, doubt,
        waiver, policy, proof, link, merge, course, answer,
        bare, undone,
    )  # fmt: skip


def _answer(place: str) -> law_answers.Answer:
    return law_answers.Answer(place, "practice-while-pending", False, "18VAC85", "D. Hart", TODAY)


def _course(therapist_id: UUID, title: str) -> education.NewCourse:
    return education.NewCourse(therapist_id, title, TODAY, 180, Form.LIVE, {"ethics": 180})


def _waiver(therapist_id: UUID) -> dict[str, Any]:
    return _exempt() | {"therapist_id": therapist_id, "requirement": "license"}


def _exempt() -> dict[str, Any]:
    return {
        "requirement": "establishment-license",
        "starts_on": TODAY,
        "ends_on": TOMORROW,
        "reason": "the board is slow",
        "granted_by": "the owner",
    }


Call = Callable[[AsyncSession, Act, World], Awaitable[Any]]
WHY = "because it was wrong"
LATER = date(2029, 8, 31)

NAMES_NOTHING: dict[str, Call] = {
    "organizations.add": lambda s, a, w: organizations.add(s, act=a, name="Another"),
    "personal.keeping.set_terms": lambda s, a, w: personal.set_terms(s, act=a, terms=personal.Terms(10, 8), reason=WHY),
    "organizations.change": lambda s, a, w: organizations.change(s, act=a, name="Renamed"),
    "clinics.add": lambda s, a, w: clinics.add(s, act=a, clinic=_clinic("One")),
    "clinics.add_many": lambda s, a, w: clinics.add_many(s, act=a, clinics=[_clinic("One"), _clinic("Two")]),
    "clinics.save_board_address": lambda s, a, w: clinics.save_board_address(
        s, act=a, jurisdiction="us-ks", url="https://example.org/board"
    ),
    "therapists.add": lambda s, a, w: therapists.add(s, act=a, therapist=therapists.NewTherapist("Jo", "Doe")),
    "therapists.add_many": lambda s, a, w: therapists.add_many(
        s, act=a, therapists=[therapists.NewTherapist("Jo", "Doe")]
    ),
    "policies.add": lambda s, a, w: policies.add(
        s, act=a, policy=catalog.load().offers["hipaa-training"], applies_on=TOMORROW
    ),
    "law_answers.record": lambda s, a, w: law_answers.record(s, act=a, answer=_answer("us-ny")),
    "policies.adopt": lambda s, a, w: policies.adopt(s, act=a, offer="background-check", applies_on=TOMORROW),
}
"""Verbs that name nothing by an id: they cannot reach into another organization."""


def _clinic(name: str) -> clinics.NewClinic:
    return clinics.NewClinic(name, "us-fl", "America/New_York")


def _new_assignment(w: World) -> assignments.NewAssignment:
    return assignments.NewAssignment(w.therapist, w.free_clinic, (build.MASSAGE,), TODAY)


def _new_credential(w: World) -> credentials.NewCredential:
    return credentials.NewCredential("mblex", therapist_id=w.therapist, number="77")


def _change(w: World) -> therapists.Change:
    return therapists.Change(w.therapist, email="new@example.org", last_name="Neu", reason=WHY)


def _correction(w: World) -> credentials.Correction:
    return credentials.Correction(w.credential, WHY, number="MA99")


def _course_correction(w: World) -> education.CourseCorrection:
    return education.CourseCorrection(w.course, _course(w.therapist, "Ethics for therapists"), WHY)


def _standing(w: World) -> credentials.StandingChange:
    return credentials.StandingChange(w.credential, StandingCode.SUSPENDED, TODAY)


def _look(w: World) -> verifications.NewVerification:
    return verifications.NewVerification(w.credential, Result.CONFIRMED, TODAY, "J. Ortiz", "board website")


MASSAGES = (build.MASSAGE, build.TRIGGER_POINT)

NAMES_SOMETHING: dict[str, Call] = {
    "clinic_licenses.add": lambda s, a, w: clinic_licenses.add(
        s, act=a, clinic_id=w.free_clinic, number="MM 7", issued_on=TODAY, expires_on=LATER
    ),
    "waivers.grant_to_clinic": lambda s, a, w: waivers.grant_to_clinic(s, act=a, clinic_id=w.clinic, **_exempt()),
    "clinics.change": lambda s, a, w: clinics.change(s, act=a, clinic_id=w.clinic, name="Renamed"),
    "clinics.close": lambda s, a, w: clinics.close(s, act=a, clinic_id=w.clinic, closed_on=TODAY),
    "clinics.reopen": lambda s, a, w: clinics.reopen(s, act=a, clinic_id=w.closed_clinic, reason=WHY),
    "therapist_changes.change": lambda s, a, w: therapists.change(s, act=a, change=_change(w)),
    "therapist_changes.change_many": lambda s, a, w: therapists.change_many(s, act=a, changes=[_change(w)]),
    "therapists.set_legal_hold": lambda s, a, w: therapists.set_legal_hold(
        s, act=a, therapist_id=w.therapist, hold=True, reason=WHY
    ),
    "personal.approving.erase_certificates": lambda s, a, w: personal.erase_certificates(
        s, act=a, therapist_id=w.therapist, through=TODAY, reason=WHY
    ),
    "personal.exporting.hand_out": lambda s, a, w: personal.hand_out(s, act=a, therapist_id=w.therapist, reason=WHY),
    "therapists.depart": lambda s, a, w: therapists.depart(s, act=a, therapist_id=w.therapist, last_day=TODAY),
    "therapists.depart_many": lambda s, a, w: therapists.depart_many(
        s, act=a, departures=[therapists.Departure(w.therapist, TODAY)]
    ),
    "assignments.add": lambda s, a, w: assignments.add(s, act=a, assignment=_new_assignment(w)),
    "assignments.add_many": lambda s, a, w: assignments.add_many(s, act=a, assignments=[_new_assignment(w)]),
    "assignments.change_modalities": lambda s, a, w: assignments.change_modalities(
        s, act=a, assignment_id=w.assignment, modalities=MASSAGES, reason=WHY
    ),
    "assignments.change_modalities_many": lambda s, a, w: assignments.change_modalities_many(
        s, act=a, changes=[assignments.ModalityChange(w.assignment, MASSAGES, WHY, TODAY)]
    ),
    "assignments.end": lambda s, a, w: assignments.end(s, act=a, assignment_id=w.assignment, last_day=TODAY),
    "assignments.end_many": lambda s, a, w: assignments.end_many(
        s, act=a, endings=[assignments.Ending(w.assignment, TODAY)]
    ),
    "assignments.undo_end": lambda s, a, w: assignments.undo_end(
        s, act=a, assignment_id=w.ended_assignment, reason=WHY
    ),
    "assignments.void": lambda s, a, w: assignments.void(s, act=a, assignment_id=w.assignment, reason=WHY),
    "assignments.void_many": lambda s, a, w: assignments.void_many(
        s, act=a, assignment_ids=[w.assignment, w.ended_assignment], reason=WHY
    ),
    "leaves.record_leave": lambda s, a, w: assignments.record_leave(
        s, act=a, therapist_id=w.therapist, starts_on=TODAY, ends_on=TOMORROW
    ),
    "leaves.void_leave": lambda s, a, w: assignments.void_leave(s, act=a, leave_id=w.leave, reason=WHY),
    "credentials.add": lambda s, a, w: credentials.add(s, act=a, credential=_new_credential(w)),
    "credentials.add_many": lambda s, a, w: credentials.add_many(s, act=a, credentials=[_new_credential(w)]),
    "renewals.renew": lambda s, a, w: credentials.renew(s, act=a, renewal=credentials.Renewal(w.credential, LATER)),
    "renewals.renew_many": lambda s, a, w: credentials.renew_many(
        s, act=a, renewals=[credentials.Renewal(w.credential, LATER)]
    ),
    "corrections.correct": lambda s, a, w: credentials.correct(s, act=a, correction=_correction(w)),
    "corrections.correct_many": lambda s, a, w: credentials.correct_many(s, act=a, corrections=[_correction(w)]),
    "corrections.correct_term": lambda s, a, w: credentials.correct_term(
        s, act=a, term_id=w.term, ends_on=LATER, reason=WHY
    ),
    "corrections.correct_terms": lambda s, a, w: credentials.correct_terms(
        s, act=a, corrections=[credentials.TermCorrection(w.term, WHY, ends_on=LATER)]
    ),
    "corrections.void": lambda s, a, w: credentials.void(s, act=a, credential_id=w.credential, reason=WHY),
    "corrections.void_many": lambda s, a, w: credentials.void_many(s, act=a, credential_ids=[w.credential], reason=WHY),
    "corrections.void_term": lambda s, a, w: credentials.void_term(s, act=a, term_id=w.term, reason=WHY),
    "corrections.void_terms": lambda s, a, w: credentials.void_terms(s, act=a, term_ids=[w.term], reason=WHY),
    "standings.record_standing": lambda s, a, w: credentials.record_standing(s, act=a, change=_standing(w)),
    "standings.record_standings": lambda s, a, w: credentials.record_standings(s, act=a, changes=[_standing(w)]),
    "standings.void_standing": lambda s, a, w: credentials.void_standing(s, act=a, standing_id=w.standing, reason=WHY),
    "verifications.record": lambda s, a, w: verifications.record(s, act=a, verification=_look(w)),
    "verifications.record_many": lambda s, a, w: verifications.record_many(s, act=a, verifications=[_look(w)]),
    "verifications.resolve": lambda s, a, w: verifications.resolve(s, act=a, verification_id=w.doubt, reason=WHY),
    "verifications.void": lambda s, a, w: verifications.void(s, act=a, verification_id=w.verification, reason=WHY),
    "verifications.void_many": lambda s, a, w: verifications.void_many(
        s, act=a, verification_ids=[w.verification, w.doubt], reason=WHY
    ),
    "waivers.grant": lambda s, a, w: waivers.grant(s, act=a, **_waiver(w.therapist)),
    "waivers.void": lambda s, a, w: waivers.void(s, act=a, waiver_id=w.waiver, reason=WHY),
    "therapists.void_many": lambda s, a, w: therapists.void_many(s, act=a, therapist_ids=[w.bare], reason=WHY),
    "clinics.void": lambda s, a, w: clinics.void(s, act=a, clinic_id=w.free_clinic, reason=WHY),
    "assignments.restore": lambda s, a, w: assignments.restore(s, act=a, assignment_id=w.void_assignment, reason=WHY),
    "policies.end": lambda s, a, w: policies.end(s, act=a, policy_id=w.policy, last_day=LATER, reason=WHY),
    "policies.void": lambda s, a, w: policies.void(s, act=a, policy_id=w.policy, reason=WHY),
    "law_answers.take_back": lambda s, a, w: law_answers.take_back(s, act=a, answer_id=w.answer, reason=WHY),
    "evidence.attach": lambda s, a, w: evidence.attach(s, act=a, evidence=FILE, credential_id=w.credential),
    "evidence.link": lambda s, a, w: evidence.link(s, act=a, evidence_id=w.evidence, credential_id=w.credential),
    "evidence.unlink": lambda s, a, w: evidence.unlink(s, act=a, link_id=w.link, reason=WHY),
    "education.record": lambda s, a, w: education.record(s, act=a, course=_course(w.therapist, "Cupping")),
    "education.record_many": lambda s, a, w: education.record_many(s, act=a, courses=[_course(w.therapist, "Cupping")]),
    "education.correct": lambda s, a, w: education.correct(s, act=a, correction=_course_correction(w)),
    "education.correct_many": lambda s, a, w: education.correct_many(s, act=a, corrections=[_course_correction(w)]),
    "education.void": lambda s, a, w: education.void(s, act=a, course_id=w.course, reason=WHY),
    "education.void_many": lambda s, a, w: education.void_many(s, act=a, course_ids=[w.course], reason=WHY),
    "merging.merge": lambda s, a, w: merging.merge(
        s, act=a, kept_id=w.therapist, merged_id=w.namesake, reason="one person"
    ),
    "merging.unmerge": lambda s, a, w: merging.unmerge(s, act=a, merge_id=w.merge, reason="two people"),
}
"""Verbs that name something by an id: what another organization has is unknown to them."""

VERBS = NAMES_NOTHING | NAMES_SOMETHING
