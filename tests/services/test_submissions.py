"""What is sent in by a reminder's link: taken once, within limits, in the trail; and the ladder rests upon it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from compliance.crypto.tokens import token_hash
from compliance.db.engine import Database
from compliance.db.queries.renewal_links import link_of
from compliance.db.records import (
    AssignmentRow,
    EvidenceRow,
    OutboxRow,
    ReminderRow,
    SubmissionFileRow,
    SubmissionRow,
    TrailEntryRow,
)
from compliance.domain.answers import NOT_ME, Kind, State, rests_until
from compliance.services import credentials, reminders, submissions, trail
from compliance.services.credentials import Renewal
from compliance.services.refusals import Refused
from compliance.services.submissions import Sent
from tests.services.submission_world import ENDS, MAIL, NEW_END, NOW, RENEWED, TODAY, Cards, photo, world

APPLIED = Sent(Kind.APPLIED, applied_on=TODAY)


async def test_a_renewal_waits_for_review_with_its_file_and_changes_no_date(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        row = (await here.rows(SubmissionRow))[0]
        assert (row.id, row.state, row.ends_on, row.about_ends_on) == (id_, State.WAITING, NEW_END, ENDS)
        assert await here.terms() == [ENDS]
        files = await here.rows(EvidenceRow)
        assert [(file.name, file.uploaded_by) for file in files] == [("card 1.jpg", f"link:{row.link_id}")]


async def test_the_trail_names_the_link_that_acted_and_never_its_token(database: Database) -> None:
    async with world(database) as here:
        await here.send()
        entries = [row for row in await here.rows(TrailEntryRow, TrailEntryRow.seq) if row.actor.startswith("link:")]
        assert entries[0].action == "submission.sent"
        assert not [row for row in entries if here.token in row.body or token_hash(here.token) in row.body]
        async with database.read() as session:
            assert (await trail.verify(session, organization_id=here.act.organization_id))[1] is None


async def test_the_same_answer_sent_twice_is_one(database: Database) -> None:
    async with world(database) as here:
        assert await here.send() == await here.send()
        assert len(await here.rows(SubmissionRow)) == 1
        assert len(await here.rows(EvidenceRow)) == 1


async def test_a_later_answer_takes_the_place_of_one_that_waits(database: Database) -> None:
    async with world(database) as here:
        first = await here.send(APPLIED)
        second = await here.send()
        assert await here.states() == {first: State.WITHDRAWN, second: State.WAITING}


async def test_who_has_sent_a_renewal_adds_nothing_by_saying_that_they_know(database: Database) -> None:
    async with world(database) as here:
        first = await here.send()
        assert await here.send(Sent(Kind.ACKNOWLEDGED)) == first
        assert await here.states() == {first: State.WAITING}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (Sent(Kind.RENEWAL, ends_on=NEW_END), "file"),
        (replace(RENEWED, ends_on=None), "ends_on"),
        (replace(RENEWED, ends_on=ENDS), "ends_on"),
        (replace(RENEWED, ends_on=date(2999, 1, 1)), "ends_on"),
        (replace(RENEWED, starts_on=NEW_END + timedelta(days=1)), "starts_on"),
        (replace(RENEWED, starts_on=date(202, 1, 1)), "starts_on"),
        (replace(APPLIED, applied_on=TODAY + timedelta(days=1)), "applied_on"),
        (replace(APPLIED, applied_on=date(1926, 11, 1)), "applied_on"),
    ],
)
async def test_days_that_cannot_be_are_refused_beside_their_field(database: Database, sent: Sent, field: str) -> None:
    async with world(database) as here:
        with pytest.raises(Refused) as refused:
            await here.send(sent)
        assert list(refused.value.fields) == [field]
        assert await here.rows(SubmissionRow) == []


async def test_a_cycle_takes_five_files_and_no_sixth(database: Database) -> None:
    async with world(database) as here:
        for number in range(1, 6):
            await here.send(replace(RENEWED, files=(photo(number),), note=str(number)))
        with pytest.raises(Refused, match="at most 5 files"):
            await here.send(replace(RENEWED, files=(photo(6),)))
        assert len(await here.rows(SubmissionFileRow, SubmissionFileRow.evidence_id)) == 5


async def test_a_cycle_takes_thirty_megabytes_in_all(database: Database) -> None:
    async with world(database) as here:
        await here.send(replace(RENEWED, files=(photo(1, 15 * 2**20), photo(2, 14 * 2**20))))
        with pytest.raises(Refused, match="at most 30 MB"):
            await here.send(replace(RENEWED, files=(photo(3, 2 * 2**20),), note="again"))


async def test_the_ladder_rests_until_a_renewal_was_looked_at_and_not_for_ever(database: Database) -> None:
    async with world(database) as here:
        assert await here.answer() is None
        await here.send()
        answer = await here.answer()
        assert answer
        assert answer.everybody
        assert (answer.rests(TODAY), answer.rests(TODAY + timedelta(days=30))) == (True, True)
        assert not answer.rests(TODAY + timedelta(days=31))
        assert answer.reason == "A renewal sent in on Nov 22, 2026 waits for review."


async def test_who_only_knows_is_left_alone_and_their_manager_is_not(database: Database) -> None:
    async with world(database) as here:
        await here.send(Sent(Kind.ACKNOWLEDGED))
        answer = await here.answer()
        assert answer
        assert answer.state is State.NOTED
        assert not answer.everybody
        assert answer.rests_until == TODAY + timedelta(days=14)


def test_the_last_week_is_never_rested_through_by_who_only_knows() -> None:
    assert rests_until(Kind.ACKNOWLEDGED, ENDS, ENDS - timedelta(days=10)) == ENDS - timedelta(days=8)
    assert rests_until(Kind.ACKNOWLEDGED, ENDS, ENDS - timedelta(days=7)) is None
    assert rests_until(Kind.NOT_ME, ENDS, TODAY) is None


async def test_mail_that_waits_is_taken_back_when_something_is_sent_in(database: Database) -> None:
    async with world(database) as here:
        async with database.write.begin() as session:
            await reminders.plan(session, now=NOW, mail=MAIL)
        assert {row.state for row in await here.rows(OutboxRow) if row.kind == "renewal-reminder"} == {"pending"}
        await here.send()
        assert {row.state for row in await here.rows(OutboxRow) if row.kind == "renewal-reminder"} == {"withdrawn"}
        assert "the therapist sent in a renewal" in {row.reason for row in await here.rows(ReminderRow)}


async def test_not_me_ends_the_link_and_silences_the_address_alone(database: Database) -> None:
    async with world(database) as here:
        await here.not_me()
        assert (await here.link()).subject is None
        assert await here.unwanted() == {"maria@example.org"}
        assert NOT_ME.startswith("Whoever reads mail at this address")
        assert await here.answer() is None


async def over(here: Cards) -> bool:
    return (await here.link()).subject is None


async def test_a_link_opens_its_cycle_while_it_runs(database: Database) -> None:
    async with world(database) as here:
        link = await here.link()
        assert link.subject
        assert (link.therapist_id, link.credential_id, link.about_ends_on) == (here.therapist, here.credential, ENDS)


async def test_a_link_ends_with_the_renewal_and_lives_again_when_that_is_voided(database: Database) -> None:
    async with world(database) as here:
        async with database.write.begin() as session:
            term = await credentials.renew(session, act=here.act, renewal=Renewal(here.credential, NEW_END))
        assert await over(here)
        async with database.write.begin() as session:
            await credentials.void_term(session, act=here.act, term_id=term, reason="a mistake")
        assert not await over(here)


async def test_a_link_ends_when_its_credential_is_voided(database: Database) -> None:
    async with world(database) as here:
        async with database.write.begin() as session:
            await credentials.void(session, act=here.act, credential_id=here.credential, reason="a mistake")
        assert await over(here)


async def test_a_link_ends_when_its_holder_leaves(database: Database) -> None:
    async with world(database) as here:
        async with database.write.begin() as session:
            await session.execute(update(AssignmentRow).values(ends_on=TODAY - timedelta(days=2)))
        assert await over(here)


async def test_a_link_ends_when_its_holder_has_another_address(database: Database) -> None:
    async with world(database) as here:
        await here.move("maria@elsewhere.example")
        assert await over(here)


async def test_a_link_ends_ninety_days_after_its_day(database: Database) -> None:
    async with world(database) as here:
        assert (await here.link(days=119)).subject
        assert (await here.link(days=121)).subject is None


async def test_nobody_elses_token_opens_anything(database: Database) -> None:
    async with world(database) as here, database.read() as session:
        for token in ("", "x" * 43, here.token[:-1], here.token + "A", token_hash(here.token)):
            assert await link_of(session, token_hash(token), NOW) is None


async def test_what_waits_is_overtaken_by_a_renewal_that_somebody_records(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        async with database.write.begin() as session:
            await credentials.renew(session, act=here.act, renewal=Renewal(here.credential, NEW_END))
        assert await here.states() == {id_: State.WITHDRAWN}


async def test_what_waits_goes_with_a_credential_that_is_voided(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        async with database.write.begin() as session:
            await credentials.void(session, act=here.act, credential_id=here.credential, reason="a mistake")
        assert await here.states() == {id_: State.WITHDRAWN}


async def test_a_submission_of_another_organization_is_out_of_reach(database: Database) -> None:
    async with world(database) as here, world(database) as there:
        await here.send()
        assert await there.answer() is None
        link = replace(await here.link(), organization_id=there.act.organization_id)
        async with database.write() as session, session.begin() as transaction:
            with pytest.raises(Refused, match="in the meantime"):  # its credential is not known there
                await submissions.send_in(session, act=there.act, link=link, sent=APPLIED)
            await transaction.rollback()


async def test_the_table_knows_no_other_kind_and_no_other_state(database: Database) -> None:
    async with world(database) as here:
        await here.send()
        async with database.write() as session, session.begin() as transaction:
            with pytest.raises(Exception, match="known_kind"):
                await session.execute(update(SubmissionRow).values(kind="other"))
            await transaction.rollback()


async def test_who_answers_while_a_renewal_is_recorded_is_told_that_it_is_over(database: Database) -> None:
    async with world(database) as here:
        link = await here.link()
        async with database.write.begin() as session:
            await credentials.renew(session, act=here.act, renewal=Renewal(here.credential, NEW_END))
        async with database.write.begin() as session:
            with pytest.raises(Refused, match="in the meantime"):
                await submissions.send_in(session, act=here.by(link), link=link, sent=RENEWED)
        assert await here.states() == {}
