"""Review: accepted is a new term with its evidence, sent back wakes the ladder, and the therapist is told of both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from compliance.db.engine import Database
from compliance.db.queries.credentials import credential
from compliance.db.records import EvidenceLinkRow, OutboxRow, SubmissionRow, TrailEntryRow
from compliance.domain.answers import Kind, State
from compliance.services import credentials, reminders, review
from compliance.services.refusals import Refused, Unknown, Unsure
from compliance.services.review import ACCEPTED, SENT_BACK, Accepted
from compliance.services.submissions import Sent
from tests.services.submission_world import ENDS, MAIL, NEW_END, NOW, RENEWED, TODAY, Cards, photo, world


async def accept(here: Cards, submission: object, ends_on: date = NEW_END, **more: object) -> object:
    accepted = Accepted(submission, ends_on, **more)  # type: ignore[arg-type]
    async with here.database.write.begin() as session:
        return await review.accept(session, act=here.act, mail=MAIL, accepted=accepted)


async def send_back(here: Cards, submission: object, reason: str = "The photo cannot be read.") -> bool:
    async with here.database.write.begin() as session:
        return await review.send_back(
            session, act=here.act, mail=MAIL, submission_id=submission, reason=reason  # type: ignore[arg-type]
        )  # fmt: skip


async def note(here: Cards, submission: object, **more: bool) -> None:
    async with here.database.write.begin() as session:
        await review.note(session, act=here.act, submission_id=submission, **more)  # type: ignore[arg-type]


async def test_accepted_is_a_new_term_with_the_files_as_its_evidence(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send(replace(RENEWED, files=(photo(1), photo(2))))
        term = await accept(here, id_)
        assert await here.terms() == [ENDS, NEW_END]
        async with database.read() as session:
            held = await credential(session, here.act.organization_id, here.credential)
        assert held
        assert held.last_term
        assert (held.last_term.id, held.last_term.starts_on) == (term, ENDS + timedelta(days=1))
        assert [proof.name for proof in held.proofs if proof.term_id == term] == ["card 1.jpg", "card 2.jpg"]
        row = (await here.rows(SubmissionRow))[0]
        assert (row.state, row.term_id, row.decided_by) == (State.ACCEPTED, term, here.act.actor)


async def test_the_day_that_the_reviewer_read_counts_and_what_was_typed_stays(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        await accept(here, id_, date(2028, 12, 31))
        assert await here.terms() == [ENDS, date(2028, 12, 31)]
        assert (await here.rows(SubmissionRow))[0].ends_on == NEW_END


async def test_thanks_go_out_once(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        await accept(here, id_)
        (letter,) = await here.letters(ACCEPTED)
        assert letter.recipient_address == "maria@example.org"
        assert letter.subject == "Thank you: your Florida massage license is renewed until Dec 22, 2028"
        assert "There is nothing more to do." in letter.text


async def test_reminders_are_set_for_the_new_end(database: Database) -> None:
    async with world(database) as here:
        await accept(here, await here.send())
        assert await here.watched() is None
        async with database.read() as session:
            lines = await reminders.upcoming(session, here.act.organization_id, 700, NOW)
        assert {line.ends_on for line in lines if line.credential_id} == {NEW_END}


async def test_what_was_decided_is_not_decided_again(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        await accept(here, id_)
        with pytest.raises(Refused, match="accepted already"):
            await accept(here, id_)
        with pytest.raises(Refused, match="accepted already"):
            await send_back(here, id_)


async def test_a_day_that_looks_wrong_is_asked_about_and_nothing_is_written(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        with pytest.raises(Unsure):
            await accept(here, id_, date(2022, 12, 22), starts_on=date(2020, 12, 23))
        with pytest.raises(Refused, match="overlap"):
            await accept(here, id_, NEW_END, starts_on=ENDS)
        assert await here.states() == {id_: State.WAITING}
        assert await here.terms() == [ENDS]


async def test_voiding_the_accepted_term_puts_the_submission_back_into_the_queue(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        term = await accept(here, id_)
        async with database.write.begin() as session:
            await credentials.void_term(session, act=here.act, term_id=term, reason="wrong card")  # type: ignore[arg-type]
        assert await here.states() == {id_: State.WAITING}
        again = await accept(here, id_)
        assert again != term
        links = [row for row in await here.rows(EvidenceLinkRow) if row.term_id == again]
        assert len(links) == 1
        assert len(await here.letters(ACCEPTED)) == 2


async def test_sent_back_says_why_with_the_link_and_wakes_the_ladder(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        assert await send_back(here, id_)
        (letter,) = await here.letters(SENT_BACK)
        assert "The photo cannot be read." in letter.text
        assert f"/renew/{here.token}" in letter.text
        assert f"/renew/{here.token}" in letter.html
        answer = await here.answer()
        assert answer
        assert (answer.rests_until, answer.told_on) == (None, TODAY)
        assert await here.watched() is not None


async def test_a_letter_is_not_written_where_nobody_can_be_reached(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        await here.move(None)
        assert not await send_back(here, id_)
        assert await here.letters(SENT_BACK) == []


async def test_no_letter_goes_to_an_address_that_is_somebody_elses(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        await here.not_me()
        assert not await send_back(here, id_)


async def test_sending_back_needs_a_reason(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        with pytest.raises(Refused, match="the therapist reads this"):
            await send_back(here, id_, "  ")


async def test_who_has_applied_is_noted_and_the_ladder_goes_on_resting(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send(Sent(Kind.APPLIED, applied_on=TODAY))
        with pytest.raises(Refused, match="cannot be decided in this way"):
            await accept(here, id_)
        await note(here, id_)
        answer = await here.answer()
        assert answer
        assert (answer.state, answer.rests_until) == (State.NOTED, TODAY + timedelta(days=30))


async def test_a_renewal_is_not_merely_noted(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.send()
        with pytest.raises(Refused, match="cannot be decided in this way"):
            await note(here, id_)


async def test_an_address_stays_silent_until_somebody_says_that_it_is_right(database: Database) -> None:
    async with world(database) as here:
        id_ = await here.not_me()
        await note(here, id_)
        assert await here.unwanted() == {"maria@example.org"}
    async with world(database) as here:
        id_ = await here.not_me()
        await note(here, id_, address_is_right=True)
        assert await here.unwanted() == frozenset()


async def test_another_organization_decides_nothing(database: Database) -> None:
    async with world(database) as here, world(database) as there:
        id_ = await here.send()
        with pytest.raises(Unknown):
            await accept(there, id_)
        with pytest.raises(Unknown):
            await send_back(there, id_)
        with pytest.raises(Unknown):
            await note(there, id_)
        assert await here.states() == {id_: State.WAITING}


async def test_every_decision_is_in_the_trail(database: Database) -> None:
    async with world(database) as here:
        await send_back(here, await here.send())
        await note(here, await here.send(Sent(Kind.NOT_RENEWING, note="I retire")))
        await accept(here, await here.send(replace(RENEWED, note="now it is sharp", files=(photo(2),))))
        told = [row.action for row in await here.rows(TrailEntryRow, TrailEntryRow.seq)]
        wanted = ["submission.sent", "submission.sent-back", "submission.sent", "submission.noted",
                  "submission.sent", "submission.withdrawn", "submission.accepted"]  # fmt: skip
        assert [each for each in told if each.startswith("submission.")] == [
            each for each in wanted if each != "submission.withdrawn"
        ]
        assert {row.state for row in await here.rows(OutboxRow) if row.kind in (ACCEPTED, SENT_BACK)} == {"pending"}
