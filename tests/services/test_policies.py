"""Policies: what an employer asks beside the law, from a day on, kept as it was said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from compliance import catalog
from compliance.db.engine import Database
from compliance.db.queries import policies as read_policies
from compliance.domain.covers import Status
from compliance.domain.requirements import (
    Asked,
    Citation,
    DetailCondition,
    Holder,
    Policy,
    Provision,
    Requirement,
    Verify,
)
from compliance.services import assessments, policies
from compliance.services.refusals import Refused
from tests import builders as build
from tests.services.asking import finding, licensed

TODAY = build.TODAY
TOMORROW = TODAY + timedelta(days=1)


async def test_a_policy_takes_effect_on_its_day_and_not_before_tomorrow(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, _added = await licensed(session)
        with pytest.raises(Refused, match="say that it should hold at once"):
            await policies.adopt(session, act=act, offer="cpr", applies_on=TODAY)
        await policies.adopt(session, act=act, offer="cpr", applies_on=TOMORROW)
        codes = [each.code for each in await read_policies.held(session, act.organization_id)]
        assert (await finding(session, act, who, clinic, codes[0], TOMORROW)).status is Status.MISSING
        assert (await finding(session, act, who, clinic, codes[0], TODAY)).status is Status.NOT_ASKED
        assert await assessments.stale(session, organization_id=act.organization_id, limit=10) == [who]
        with pytest.raises(Refused, match="is a policy already"):
            await policies.adopt(session, act=act, offer="cpr", applies_on=TOMORROW)
        await policies.adopt(session, act=act, offer="background-check", applies_on=TODAY, at_once=True)


async def test_a_policy_ends_on_a_day_and_holds_until_then(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, _added = await licensed(session)
        policy = await policies.adopt(session, act=act, offer="cpr", applies_on=TODAY, at_once=True)
        last = TODAY + timedelta(days=30)
        await policies.end(session, act=act, policy_id=policy, last_day=last, reason="too dear")
        held = await read_policies.held(session, act.organization_id)
        assert [(each.applies_on, each.ends_on) for each in held] == [(TODAY, last)]
        code = held[0].code
        assert (await finding(session, act, who, clinic, code, last)).status is Status.MISSING
        assert (await finding(session, act, who, clinic, code, last + timedelta(days=1))).status is Status.NOT_ASKED
        await policies.void(session, act=act, policy_id=held[0].id, reason="never meant")
        assert await read_policies.held(session, act.organization_id) == []


async def test_a_policy_with_unknown_words_is_refused(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        provision = Provision(accepts=frozenset({"charm"}))
        strange = Policy(
            Requirement("own", "Own", (provision,)),
            modalities=frozenset({"yoga"}),
            jurisdictions=frozenset({"us-zz"}),
        )
        with pytest.raises(Refused) as refused:
            await policies.add(session, act=act, policy=strange, applies_on=TOMORROW)
        assert refused.value.fields.keys() == {"accepts", "modalities", "jurisdictions"}
        with pytest.raises(Refused, match="offers no policy 'charm'"):
            await policies.adopt(session, act=act, offer="charm", applies_on=TOMORROW)


codes = some.frozensets(some.sampled_from(["cpr", "bls", "amta-membership"]))
provisions = some.builds(
    Provision,
    applies_on=some.dates(),
    ends_on=some.dates(),
    asked=some.sampled_from(Asked),
    accepts=codes,
    verify=some.sampled_from(Verify),
    every_days=some.none() | some.integers(1, 999),
    details=some.lists(some.builds(DetailCondition, some.text(), some.none() | some.integers(0, 10**9))).map(tuple),
    citation=some.builds(Citation, some.text()),
)


@given(
    some.builds(
        Policy,
        some.builds(
            Requirement,
            some.text(),
            some.text(),
            some.lists(provisions).map(tuple),
            some.none(),
            some.just(Holder.CLINIC),
        ),
        codes,
        codes,
        some.booleans(),
    )
)
def test_a_policy_comes_back_from_its_body_as_it_was(policy: Policy) -> None:
    assert read_policies.decode(read_policies.encode(policy)) == policy


def test_every_offer_of_the_catalog_comes_back_as_it_was() -> None:
    for offer in catalog.load().offers.values():
        assert read_policies.decode(read_policies.encode(offer)) == offer


async def test_a_policy_that_has_ended_is_not_made_longer_by_ending_it_again(database: Database) -> None:
    async with database.write.begin() as session:
        act = await build.organization(session)
        policy = await policies.adopt(session, act=act, offer="cpr", applies_on=TOMORROW)
        last_day = TOMORROW + timedelta(days=30)
        policy = await policies.end(session, act=act, policy_id=policy, last_day=last_day, reason="not needed")
        later = last_day + timedelta(days=300)
        with pytest.raises(Refused, match="Add one from a day after that"):
            await policies.end(session, act=act, policy_id=policy, last_day=later, reason="needed after all")
