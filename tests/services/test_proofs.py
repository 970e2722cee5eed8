"""Evidence, waivers, and two records of one person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from compliance.db.engine import Database
from compliance.db.queries import credentials as read
from compliance.db.queries import evidence as files
from compliance.db.queries.clearances import At, count_working
from compliance.db.queries.clinics import headcounts
from compliance.domain.covers import Status
from compliance.domain.periods import FOREVER
from compliance.domain.requirements import Policy, Provision, Requirement
from compliance.services import evidence, merging, policies, waivers
from compliance.services.refusals import Refused
from tests import builders as build
from tests.services.asking import finding, licensed

TODAY = build.TODAY
HASH = "0123456789abcdef" * 4


async def test_a_waiver_holds_until_its_day_and_can_be_voided(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, _added = await licensed(session)
        facts: dict[str, Any] = {"therapist_id": who, "reason": "the board is slow", "granted_by": "the owner"}
        last = TODAY + timedelta(days=10)
        waiver = await waivers.grant(session, act=act, requirement="license", starts_on=TODAY, ends_on=last, **facts)
        assert (await finding(session, act, who, clinic)).status is Status.WAIVED
        after = await finding(session, act, who, clinic, on=last + timedelta(days=1))
        assert after.status is Status.UNVERIFIED
        await waivers.void(session, act=act, waiver_id=waiver, reason="a mistake")
        assert (await finding(session, act, who, clinic)).status is Status.UNVERIFIED
        with pytest.raises(Refused, match="has a last day"):
            await waivers.grant(session, act=act, requirement="license", starts_on=TODAY, ends_on=FOREVER, **facts)
        with pytest.raises(Refused, match="Nothing called 'charm' is asked"):
            await waivers.grant(session, act=act, requirement="charm", starts_on=TODAY, ends_on=last, **facts)


async def test_a_file_hangs_on_what_it_proves_and_can_be_taken_off(database: Database) -> None:
    async with database.write.begin() as session:
        act, _clinic, who, added = await licensed(session)
        new = evidence.NewEvidence("../scans/license\u202efdp.pdf", "document", "application/pdf", HASH, 1000, pages=2)
        id_ = await evidence.attach(session, act=act, evidence=new, credential_id=added.id, term_id=added.term_id)
        other = await build.credential(session, act, who, "cpr", date(2026, 1, 1), date(2027, 12, 31))
        link = await evidence.link(session, act=act, evidence_id=id_, credential_id=other.id)
        both = await files.proofs(session, act.organization_id, [added.id, other.id])
        assert [(each.credential_id, each.sha256, each.name) for each in both] == [
            (added.id, HASH, "licensefdp.pdf"),
            (other.id, HASH, "licensefdp.pdf"),
        ]
        await evidence.unlink(session, act=act, link_id=link, reason="the wrong card")
        assert len(await files.proofs(session, act.organization_id, [added.id, other.id])) == 1
        found = await files.proof(session, act.organization_id, id_)
        assert found
        assert (found.therapist_id, found.uploaded_by, found.term_id) == (who, act.actor, added.term_id)
        with pytest.raises(Refused, match="belongs to another credential"):
            await evidence.link(session, act=act, evidence_id=id_, credential_id=other.id, term_id=added.term_id)
        bad = evidence.NewEvidence("a.pdf", "document", "application/pdf", "abc", 1)
        with pytest.raises(Refused, match="no SHA-256"):
            await evidence.attach(session, act=act, evidence=bad, credential_id=other.id)


async def test_the_file_of_a_merged_person_is_the_union_and_can_be_parted_again(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, kept, _added = await licensed(session)
        double = await build.therapist(session, act)
        await build.verified_license(session, act, double)
        merge = await merging.merge(session, act=act, kept_id=kept, merged_id=double, reason="married")
        assert (await finding(session, act, kept, clinic)).status is Status.MET
        assert len(await read.of_therapist(session, act.organization_id, kept)) == 2
        with pytest.raises(Refused, match="merged into another"):
            await build.credential(session, act, double, "cpr", date(2026, 1, 1), date(2027, 12, 31))
        await merging.unmerge(session, act=act, merge_id=merge, reason="two people")
        assert (await finding(session, act, kept, clinic)).status is Status.UNVERIFIED
        assert len(await read.of_therapist(session, act.organization_id, double)) == 1


async def test_merges_follow_each_other_to_the_record_that_is_kept_in_the_end(database: Database) -> None:
    async with database.write.begin() as session:
        act, _clinic, third, _added = await licensed(session)
        first, second = [await build.therapist(session, act) for _ in range(2)]
        await build.verified_license(session, act, first)
        await merging.merge(session, act=act, kept_id=second, merged_id=first, reason="one")
        last = await merging.merge(session, act=act, kept_id=third, merged_id=second, reason="one")
        assert len(await read.of_therapist(session, act.organization_id, third)) == 2
        await merging.unmerge(session, act=act, merge_id=last, reason="two")
        assert len(await read.of_therapist(session, act.organization_id, second)) == 1
        assert len(await read.of_therapist(session, act.organization_id, third)) == 1
        with pytest.raises(Refused, match="into itself"):
            await merging.merge(session, act=act, kept_id=third, merged_id=third, reason="one")


async def test_what_the_clinic_must_hold_is_waived_for_no_therapist(database: Database) -> None:
    async with database.write.begin() as session:
        act, _clinic, who, _added = await licensed(session)
        await policies.adopt(session, act=act, offer="establishment-license-us-fl", applies_on=TODAY, at_once=True)
        facts: dict[str, Any] = {"therapist_id": who, "reason": "the board is slow", "granted_by": "the owner"}
        with pytest.raises(Refused, match="asked of the clinic"):
            await waivers.grant(
                session, act=act, requirement="establishment-license", starts_on=TODAY, ends_on=TODAY, **facts
            )


async def test_what_an_organization_asks_beside_the_law_under_its_name_can_be_waived(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, _added = await licensed(session)
        own = Policy(Requirement("license", "A card of our own", (Provision(accepts=frozenset({"cpr"})),)))
        await policies.add(session, act=act, policy=own, applies_on=TODAY, at_once=True)
        facts: dict[str, Any] = {"therapist_id": who, "reason": "on order", "granted_by": "the owner"}
        await waivers.grant(session, act=act, requirement="own-license", starts_on=TODAY, ends_on=TODAY, **facts)
        assert (await finding(session, act, who, clinic, "own-license")).status is Status.WAIVED
        assert (await finding(session, act, who, clinic)).status is Status.UNVERIFIED


async def test_a_person_with_two_records_works_once(database: Database) -> None:
    async with database.write.begin() as session:
        act, clinic, who, _added = await licensed(session)
        twin, other = await build.therapist(session, act), await build.therapist(session, act)
        for each in (twin, other):
            await build.assignment(session, act, each, clinic)
        at = [At(TODAY)]
        assert (await count_working(session, act.organization_id, at)).number == 3
        await merging.merge(session, act=act, kept_id=who, merged_id=twin, reason="the same person")
        assert (await count_working(session, act.organization_id, at)).number == 2
        assert await headcounts(session, act.organization_id, TODAY) == {clinic: 2}
