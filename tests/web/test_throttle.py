"""What is refused without being looked at, and what that costs."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from compliance.db.records import SignInAttemptRow
from compliance.web.checking import WRONG
from tests.web.conftest import Site
from tests.web.test_account_sign_in import EMAIL, PASSWORD, attempt, with_password
from tests.web.test_matrix import statements

__all__ = ["with_password"]


async def test_a_network_that_is_held_costs_no_statement_until_its_wait_is_over(with_password: Site) -> None:
    now = with_password.clock.now
    async with with_password.database.write.begin() as session:
        held = {"failures": 60, "last_failed_at": now, "next_allowed_at": now + timedelta(minutes=1)}
        await session.execute(insert(SignInAttemptRow).values(counted="network:127.0.0.0/24", **held))
    assert (await attempt(with_password, PASSWORD))[0] == 422
    browser = with_password.browser()
    with statements(with_password) as asked:
        answer = await browser.send_form("/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert (answer.status_code, [each for each in asked if "set_config" not in each]) == (422, [])
    assert WRONG in browser.words
    with_password.clock.forward(seconds=61)
    assert (await attempt(with_password, PASSWORD))[0] == 303
