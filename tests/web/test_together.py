"""The same deed for many of the list: shown first, done once, and told of with who was left out and why."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from compliance.db.records import AssignmentRow, OutboxRow, VerificationRow
from compliance.services import reminders
from compliance.web import bulk, chosen
from tests.markup import outline
from tests.web.conftest import Browser, Site
from tests.web.people import MASSAGE, ORLANDO, TAMPA, license_of, therapist
from tests.web.renewals import MAIL

LOOK = {
    "kind": "massage-license@us-fl",
    "result": "confirmed",
    "verified_on": "2026-11-20",
    "verified_by": "Maria Lindqvist",
    "source": "Florida’s list of licensees",
}


async def marked(browser: Browser, deed: str, *ids: UUID, **more: str) -> Any:
    """The form of a deed, as the list's own form asks for it."""
    chosen = [str(each) for each in ids]
    answer = await browser.get("/therapists/together", params={"deed": deed, "chosen": chosen, **more})
    assert answer.status_code == 200, answer.text
    assert outline(answer.text).faults == []
    return answer


def ids(*some: UUID) -> str:
    return " ".join(map(str, some))


async def count(site: Site, table: Any) -> int:
    async with site.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def both(site: Site) -> tuple[UUID, UUID]:
    """One whose license can be confirmed, and one without any."""
    anna = await therapist(site, "Anna Berg")
    await license_of(site, anna, verified=False)
    return anna, await therapist(site, "Boris Holm")


async def test_the_list_has_a_mark_for_each_and_the_deeds_that_the_role_may_do(site: Site) -> None:
    anna = await therapist(site, "Anna Berg")
    browser = await site.sign_in("manager")
    await browser.get("/therapists?verdict=no")
    assert f'name="chosen" value="{anna}" form="together"' in browser.page
    assert 'type="hidden" name="verdict" value="no"' in browser.page
    assert "Assign to a clinic" in browser.words
    auditor = await site.sign_in("auditor")
    await auditor.get("/therapists")
    assert 'name="chosen"' not in auditor.page


async def test_a_look_is_shown_first_then_recorded_and_told_of_with_who_was_left_out(site: Site) -> None:
    anna, boris = await both(site)
    browser = await site.sign_in("manager")
    await marked(browser, "looks", anna, boris)
    assert "Florida massage license (1)" in browser.words
    before = await count(site, VerificationRow)
    shown = await browser.send_form("/therapists/together/looks", {"ids": ids(anna, boris), **LOOK})
    assert shown.status_code == 200
    assert "1 therapist, and 1 left out: go on?" in browser.words
    assert "None of these is on file." in browser.words
    assert await count(site, VerificationRow) == before
    sent = {"ids": ids(anna, boris), **LOOK, "step": "write"}
    done = await browser.send_form("/therapists/together/looks", sent)
    assert done.status_code == 303
    await browser.get(done.headers["location"])
    assert "Done for 1 therapist; 1 left out." in browser.words
    assert "Anna Berg" in browser.words
    assert "Boris Holm None of these is on file." in browser.words
    assert outline(browser.page).faults == []
    assert await count(site, VerificationRow) == before + 1
    await browser.get("/therapists")
    await browser.send_form("/therapists/together/looks", sent)  # the same once more, as a double click would
    assert await count(site, VerificationRow) == before + 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"verified_on": "2027-11-20"}, "Nov 20, 2027 is still to come."),
        ({"kind": "spell@us-fl"}, "Choose one of the list."),
        ({"result": "differs"}, "Choose one of the two."),
        ({"source": " "}, "Say where it was looked up."),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(
    site: Site, wrong: dict[str, str], sentence: str
) -> None:
    anna, _ = await both(site)
    browser = await site.sign_in("manager")
    await marked(browser, "looks", anna)
    answer = await browser.send_form("/therapists/together/looks", {"ids": ids(anna), **LOOK, **wrong, "step": "write"})
    assert answer.status_code == 422
    assert sentence in browser.words
    assert "Maria Lindqvist" in browser.page
    assert str(anna) in browser.page


async def test_those_who_work_there_already_are_left_out_of_an_assignment(site: Site) -> None:
    anna, boris = await therapist(site, "Anna Berg"), await therapist(site, "Boris Holm", ORLANDO)
    browser = await site.sign_in("owner")
    await marked(browser, "assignments", anna, boris)
    place = {"clinic_id": str(site.ours.clinics[TAMPA]), "modalities": [MASSAGE], "starts_on": "Dec 1 2026"}
    before = await count(site, AssignmentRow)
    done = await browser.send_form(
        "/therapists/together/assignments", {"ids": ids(anna, boris), **place, "step": "write"}
    )
    assert done.status_code == 303, browser.words
    await browser.get(done.headers["location"])
    assert "Done for 1 therapist; 1 left out." in browser.words
    assert "since Jan 9, 2023 already" in browser.words
    assert await count(site, AssignmentRow) == before + 1


async def test_a_reminder_by_hand_goes_out_once_however_often_it_is_asked_for(site: Site) -> None:
    anna = await therapist(site, "Anna Berg", email="anna@example.com")
    await license_of(site, anna, ends_on=date(2026, 12, 31))
    boris = await therapist(site, "Boris Holm", email="boris@example.com")
    browser = await site.sign_in("manager")
    await marked(browser, "reminders", anna, boris)
    asked = {"ids": ids(anna, boris), "within": "60", "step": "write"}
    refused = await browser.send_form("/therapists/together/reminders", asked)
    assert refused.status_code == 422
    assert "not switched on" in browser.words
    async with site.database.write.begin() as session:
        await reminders.go_live(session, act=site.act(), mail=MAIL)
    mails = await count(site, OutboxRow)
    done = await browser.send_form("/therapists/together/reminders", asked)
    await browser.get(done.headers["location"])
    assert "Done for 1 therapist; 1 left out." in browser.words
    assert "Nothing of theirs ends by then." in browser.words
    assert await count(site, OutboxRow) == mails + 1
    await browser.get("/therapists")
    again = await browser.send_form("/therapists/together/reminders", asked)
    await browser.get(again.headers["location"])
    assert "Nothing was to be done." in browser.words
    assert "reminded today already" in browser.words
    assert await count(site, OutboxRow) == mails + 1


async def test_an_export_holds_those_who_were_chosen_and_nobody_else(site: Site) -> None:
    anna, boris = await both(site)
    browser = await site.sign_in("owner")
    await marked(browser, "export", boris)
    answer = await browser.send_form("/exports/roster.csv", {"ids": ids(boris)})
    assert answer.status_code == 200
    assert str(boris) in answer.text
    assert str(anna) not in answer.text


async def test_all_that_the_filters_find_is_taken_up_to_a_limit_that_is_said(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Anna Berg", "Bo Berg", "Cara Berg", "Dan Holm"):
        await therapist(site, name)
    browser = await site.sign_in("manager")
    await marked(browser, "assignments", everybody="yes", q="Berg")
    assert "Assign to a clinic for 3 therapists" in browser.words
    assert "Dan Holm" not in browser.words
    monkeypatch.setattr(chosen, "MOST", 2)
    monkeypatch.setattr(bulk, "MOST", 2)
    await marked(browser, "assignments", everybody="yes", q="Berg")
    assert "at most 2 are taken at once" in browser.words


async def test_nobody_reaches_a_stranger_s_people_nor_those_of_clinics_that_are_not_theirs(site: Site) -> None:
    anna, _ = await both(site)
    stranger = await site.sign_in("manager", stranger=True)
    await marked(stranger, "looks", anna)
    assert "Nobody was marked." in stranger.words
    before = await count(site, VerificationRow)
    sent = {"ids": ids(anna), **LOOK, "step": "write"}
    await stranger.get("/therapists/new")
    await stranger.send_form("/therapists/together/looks", sent)
    assert await count(site, VerificationRow) == before
