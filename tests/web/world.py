"""One of everything that has an address, in any organization of the tests: for whoever tries all addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from compliance.crypto.ids import new_id
from compliance.crypto.passkeys import NewPasskey
from compliance.crypto.tokens import token_hash
from compliance.db.queries.renewal_links import link_of
from compliance.db.records import (
    CalendarFeedRow,
    LeaveRow,
    RefusedAddressRow,
    ReportRow,
    StandingRow,
    SubmissionFileRow,
    TherapistRow,
    WaiverRow,
)
from compliance.domain.answers import Kind
from compliance.domain.credential_types import Ladder
from compliance.domain.credentials import Result
from compliance.domain.hours import Form
from compliance.services import (
    accounts,
    api_keys,
    assignments,
    calendars,
    education,
    evidence,
    exposure_audits,
    intake,
    law_answers,
    mailing,
    many,
    merging,
    passkeys,
    policies,
    policy_preview,
    regular_reports,
    reminders,
    submissions,
    tasks,
    waivers,
)
from compliance.services.mailing import MailSettings
from compliance.services.renewal_links import Cycle, renewal_links
from tests import builders
from tests.web.conftest import KEY, Organization, Site

MAIL = MailSettings("compliance@example.org", "http://127.0.0.1:8000", KEY.encode())


@dataclass(frozen=True)
class World:
    """Ids by the word that an address has before them, `therapists` or `evidence-links`; `other_id` is a second one."""

    ids: dict[str, UUID]

    def path(self, template: str) -> str:
        """An address with ids of this world: `/terms/{term_id}/correct`."""
        words = template.strip("/").split("/")
        filled = [self._of(words, place) if word.startswith("{") else word for place, word in enumerate(words)]
        return "/" + "/".join(filled)

    def _of(self, words: list[str], place: int) -> str:
        name = words[place].strip("{}")
        return str(self.ids.get(name) or self.ids[words[place - 1]])


async def world(site: Site, organization: Organization, clinic: int = 0) -> World:
    """Somebody at the clinic with one of everything, and what belongs to the organization."""
    act, here = site.act(organization.id), organization.clinics[clinic]
    ids: dict[str, UUID] = {"clinics": here, "people": organization.people["owner"]}
    async with site.database.write.begin() as session:
        ids["therapists"] = one = await builders.therapist(session, act)
        ids["assignments"] = await builders.assignment(session, act, one, here)
        ids |= await _credential(session, act, one)
        days: dict[str, Any] = {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 12, 1)}
        await assignments.record_leave(session, act=act, therapist_id=one, reason="away", clinic_id=here, **days)
        about: dict[str, Any] = {"therapist_id": one, "requirement": "license", "clinic_id": here}
        await waivers.grant(session, act=act, reason="asked for", granted_by="Dana", **about, **days)
        ids["together"] = await many.keep(session, act=act, title="Assigned", plan=many.Plan())
        ids["courses"] = await education.record(session, act=act, course=_course(one))
        ids |= await _merged(session, act, here)
        ids |= await _of_the_organization(session, act, here)
        for kind, row in (("leaves", LeaveRow), ("waivers", WaiverRow), ("standings", StandingRow)):
            found = select(row.id).where(row.organization_id == organization.id).order_by(row.id.desc()).limit(1)
            ids[kind] = (await session.scalars(found)).one()
        ids |= await _sent_in(session, act, one, ids["credentials"])
        ids["addresses"] = await _refused(session, act, one, ids["outbox"])
        ids["calendars"] = await _calendar(session, act, organization.people["owner"], here)
        ids |= await _of_the_owner(session, act, organization.people["owner"], here)
    return World(ids)


async def _sent_in(session: Any, act: Any, therapist_id: UUID, credential_id: UUID) -> dict[str, UUID]:
    """A renewal that waits for review, with a file."""
    row = TherapistRow
    email = (await session.scalars(select(row.email).where(row.id == therapist_id))).one()
    cycle = Cycle(act.organization_id, therapist_id, credential_id, date(2027, 8, 31), email)
    found = await renewal_links(session, mail=MAIL, wanted=[cycle], now=act.now)
    link = await link_of(session, token_hash(found[cycle].rpartition("/")[2]), act.now)
    assert link
    file = evidence.NewEvidence("new.jpg", "jpeg", "image/jpeg", "6" * 64, 10, 1, "7" * 64, "image/jpeg")
    sent = submissions.Sent(Kind.RENEWAL, ends_on=date(2029, 8, 31), files=(file,))
    id_ = await submissions.send_in(session, act=act, link=link, sent=sent)
    files = select(SubmissionFileRow.evidence_id).where(SubmissionFileRow.submission_id == id_)
    return {"renewals": id_, "files": (await session.scalars(files)).one()}


async def _refused(session: Any, act: Any, therapist_id: UUID, outbox_id: UUID) -> UUID:
    """The address of the one, which a mail server refused."""
    row = TherapistRow
    email = (await session.scalars(select(row.email).where(row.id == therapist_id))).one()
    id_, said = new_id(act.now), {"source": "refused", "refused_at": act.now}
    added = {"organization_id": act.organization_id, "id": id_, "folded_email": email.lower(), "outbox_id": outbox_id}
    await session.execute(insert(RefusedAddressRow), [added | said])
    return id_


async def _calendar(session: Any, act: Any, person_id: UUID, clinic_id: UUID) -> UUID:
    """The owner's calendar of a clinic."""
    feed = calendars.NewFeed("Tampa", clinic_id=clinic_id)
    await calendars.make(session, act=act, reader_id=person_id, feed=feed)
    made = select(CalendarFeedRow.id).where(CalendarFeedRow.organization_id == act.organization_id)
    found: UUID = (await session.scalars(made)).one()
    return found


async def _of_the_owner(session: Any, act: Any, person_id: UUID, clinic_id: UUID) -> dict[str, UUID]:
    """A passkey, a report each month, and an audit of treatments that waits to be begun."""
    made = NewPasskey(person_id.hex, b"key", 0, ())
    treatments = exposure_audits.Preview("treatments.csv", 1, (), ())
    about: dict[str, Any] = {"clinic_id": clinic_id, "every": "month", "reader_ids": [person_id]}
    return {
        "passkeys": await passkeys.add(session, act=act, person_id=person_id, made=made, name="Phone"),
        "name": person_id,  # of a file of that audit, once there is one
        "regular": await regular_reports.add(session, act=act, **about),
        "exposures": await exposure_audits.start(
            session, act=act, sha256="8" * 64, preview=treatments, today=act.now.date()
        ),
    }


async def _credential(session: Any, act: Any, therapist_id: UUID) -> dict[str, UUID]:
    held = await builders.credential(session, act, therapist_id)
    look = await builders.verification(session, act, held.id, Result.DIFFERS, note="another number")
    file = evidence.NewEvidence("card.pdf", "pdf", "application/pdf", "0" * 64, 10, 1, "1" * 64, "image/jpeg")
    file_id = await evidence.attach(session, act=act, evidence=file, credential_id=held.id)
    found = await builders.credential(session, act, therapist_id, "mblex", date(2018, 5, 1))
    link = await evidence.link(session, act=act, evidence_id=file_id, credential_id=found.id)
    assert held.term_id is not None
    return {
        "credentials": held.id,
        "why": held.id,
        "terms": held.term_id,
        "verifications": look,
        "evidence": file_id,
        "evidence-links": link,
    }


def _course(therapist_id: UUID) -> education.NewCourse:
    file = evidence.NewEvidence("certificate.pdf", "pdf", "application/pdf", "6" * 64, 10, 1, "7" * 64, "image/jpeg")
    return education.NewCourse(therapist_id, "Ethics", date(2026, 5, 2), 180, Form.LIVE, certificate=file)


async def _merged(session: Any, act: Any, clinic_id: UUID) -> dict[str, UUID]:
    kept, merged, other = [await builders.therapist(session, act, "Kim", f"Low {each}") for each in range(3)]
    for each in (kept, merged, other):
        await builders.assignment(session, act, each, clinic_id)
    merge = await merging.merge(session, act=act, kept_id=kept, merged_id=merged, reason="one person")
    return {"other_id": other, "merges": merge}


async def _of_the_organization(session: Any, act: Any, clinic_id: UUID) -> dict[str, UUID]:
    task = await tasks.create(session, act=act, kind="audit-report", title="Audit report", input={})
    look = await policy_preview.start(session, act=act, policies=[], on=date(2026, 11, 24), title="CPR")
    roster = await intake.start_import(session, act=act, name="roster.csv", sha256="2" * 64)
    policy = await policies.adopt(session, act=act, offer="cpr", applies_on=date(2026, 11, 1), at_once=True)
    letter = await mailing.send_link(
        session, act=act, mail=MAIL, kind="set-password", address="kim@example.org", name="Kim",
        link="http://127.0.0.1:8000/set-password/x", expires_at=act.now,
    )  # fmt: skip
    said = law_answers.Answer("us-fl", "practice-while-pending", False, "a call", "Dana", date(2026, 11, 1))
    answer = await law_answers.record(session, act=act, answer=said)
    key = await api_keys.make(session, act=act, name="Booking", scopes=["clearance.read"], today=act.now.date())
    ladder = await reminders.set_ladder(session, act=act, ladder=Ladder((30,)), reason="asked", type="cpr")
    away = await _delegation(session, act)
    report = new_id(act.now)
    question = {
        "clinic_id": str(clinic_id), "clinic": "Tampa", "as_of": "2026-11-22", "known_at": act.now.isoformat(),
        "period": None, "program_version": "1", "catalog_fingerprint": "5", "paper": "us-letter",
    }  # fmt: skip
    row = {
        "organization_id": act.organization_id, "id": report, "kind": "audit", "format": "csv", "question_hash": "3",
        "question": question, "recorded_seq": 1, "sha256": "4" * 64, "size": 1, "made_by": act.actor,
        "made_at": act.now,
    }  # fmt: skip
    await session.execute(insert(ReportRow), [row])
    return {
        "tasks": task,
        "looks": look,
        "imports": roster,
        "policies": policy,
        "mailbox": letter,
        "outbox": letter,
        "reports": report,
        "keys": key.id,
        "law-answers": answer,
        "set-ladders": ladder,
        "delegates": away,
    }


async def _delegation(session: Any, act: Any) -> UUID:
    """One who stands in for another, of whoever manages or owns there; both are invited for it."""
    two = [
        await accounts.invite(session, act=act, email=f"{who}@{act.organization_id}.example", role="manager")
        for who in ("away", "there")
    ]
    return await reminders.delegate(
        session, act=act, person_id=two[0].person_id, delegate_id=two[1].person_id, starts_on=date(2026, 11, 23),
        ends_on=date(2026, 12, 23),
    )  # fmt: skip
