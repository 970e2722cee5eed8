"""What a report may be asked: several clinics, some people, some modalities, a sample; each is a question apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from compliance.db.engine import Database
from compliance.db.queries import audit_reports as kept
from compliance.domain.audit_report import AuditReport, Span
from compliance.services.audit_reports import AskedSample
from compliance.services.audit_reports.asking import Asked, asked_from
from compliance.services.refusals import Refused, Unknown
from compliance.store import open_store
from tests import builders
from tests.builders import MASSAGE, NOW, TODAY, TRIGGER_POINT
from tests.services.report_world import World

PLACES = ("Austin", "Reno")


class Chain(World):
    """Three clinics: Ana at Tampa, four others at Austin and Reno, one of them at both."""

    async def begin(self) -> Chain:
        await super().begin()
        async with self.database.write.begin() as session:
            self.austin = await builders.clinic(session, self.act, "Austin", "us-tx", time_zone="America/Chicago")
            self.reno = await builders.clinic(session, self.act, "Reno", "us-nv", time_zone="America/Los_Angeles")
            self.ids: dict[str, UUID] = {}
            for name, places in (("Bo", "a"), ("Cy", "ar"), ("Di", "r"), ("Ed", "r")):
                self.ids[name] = await builders.therapist(session, self.act, name, "Lind")
                for place in places:
                    where = {"a": self.austin, "r": self.reno}[place]
                    await builders.assignment(session, self.act, self.ids[name], where, (MASSAGE,))
        return self


@pytest.fixture
async def chain(database: Database, tmp_path: Path) -> Chain:
    return await Chain(database, open_store("file:evidence", tmp_path)).begin()


def names(report: AuditReport) -> list[str]:
    return [each.name.split()[0] for each in report.therapists]


async def test_several_clinics_are_one_report_that_names_them_and_each_verdicts_place(chain: Chain) -> None:
    report = await chain.report(clinic_id=None, clinic_ids=(chain.reno, chain.austin))
    assert (report.clinic.name, report.question.clinics) == ("Austin and Reno", PLACES)
    assert names(report) == ["Bo", "Cy", "Di", "Ed"]
    cy = report.therapists[1]
    assert [each.title for each in cy.modalities] == ["Massage therapy, Austin", "Massage therapy, Reno"]
    with pytest.raises(Unknown):
        await chain.report(clinic_ids=(chain.austin, chain.ana))


async def test_people_and_modalities_limit_a_report_to_themselves(chain: Chain) -> None:
    some = await chain.report(clinic_id=None, therapist_ids=(chain.ids["Di"], chain.ids["Bo"]))
    assert names(some) == ["Bo", "Di"]
    assert some.question.therapists == ("Bo Lind", "Di Lind")
    points = await chain.report(clinic_id=None, modalities=(TRIGGER_POINT,))
    assert names(points) == ["Ana"]
    assert points.question.modalities == ("Trigger point therapy",)
    nobody = await chain.report(clinic_id=chain.reno, therapist_ids=(chain.ana,))
    assert nobody.therapists == ()


async def test_a_sample_is_the_same_for_the_same_seed_and_says_of_how_many(chain: Chain) -> None:
    async def drawn(seed: int | None) -> AuditReport:
        return await chain.report(clinic_id=None, sample=AskedSample(2, seed))

    first, again = await drawn(7), await drawn(7)
    assert names(first) == names(again)
    assert len({tuple(names(await drawn(seed))) for seed in range(12)}) > 1
    sample = first.question.sample
    assert sample is not None
    assert (sample.size, sample.seed, sample.of, sample.by_trail) == (2, 7, 5, False)
    unchosen = (await drawn(None)).question.sample
    assert unchosen is not None
    assert unchosen.by_trail
    assert unchosen.seed == int(first.provenance.trail_head[:8], 16)


def test_a_sample_can_be_drawn_again_by_hand() -> None:
    ids = [UUID(int=number) for number in range(9)]
    import hashlib

    by_hand = sorted(ids, key=lambda id_: hashlib.sha256(f"42:{id_}".encode()).hexdigest())[:3]
    assert AskedSample(3, 42).drawn(ids, "00" * 32) == by_hand
    assert AskedSample(99, 42).drawn(ids, "") == sorted(ids, key=by_hand_of(42))


def by_hand_of(seed: int):  # type: ignore[no-untyped-def]
    from compliance.crypto.hashes import sha256_hex

    return lambda id_: sha256_hex(f"{seed}:{id_}".encode())


def test_a_question_comes_back_as_it_was_kept() -> None:
    whole = Asked(
        None, TODAY, NOW, Span(date(2026, 1, 1), TODAY), (UUID(int=2), UUID(int=1)), (UUID(int=3),), (MASSAGE,),
        AskedSample(20),
    )  # fmt: skip
    bare = Asked(UUID(int=1), TODAY, NOW)
    assert [asked_from(each.plain()) for each in (whole, bare)] == [whole, bare]
    assert set(bare.plain()) == {"clinic_id", "as_of", "known_at", "period"}
    assert Asked(None, TODAY, NOW, clinic_ids=(UUID(int=1),)) == bare


async def test_each_limit_is_a_question_of_its_own_and_the_same_one_is_served_again(chain: Chain) -> None:
    asked = [
        {"clinic_id": None},
        {"clinic_id": None, "clinic_ids": (chain.austin, chain.reno)},
        {"clinic_id": None, "therapist_ids": (chain.ana,)},
        {"clinic_id": None, "modalities": (MASSAGE,)},
        {"clinic_id": None, "sample": AskedSample(2, 1)},
        {"clinic_id": None, "sample": AskedSample(2, 2)},
    ]
    issued = [await chain.issue(**each) for each in asked]
    assert len({each.report_id for each in issued}) == len(asked)
    assert {each.supersedes_id for each in issued} == {None}
    again = await chain.issue(**asked[1])
    assert (again.report_id, again.made) == (issued[1].report_id, False)


async def test_who_is_limited_to_clinics_sees_only_reports_about_theirs_alone(chain: Chain) -> None:
    both = await chain.issue(clinic_id=None, clinic_ids=(chain.austin, chain.reno))
    one, everything = await chain.issue(clinic_id=chain.austin), await chain.issue(clinic_id=None)
    mine = {"organization_id": chain.act.organization_id}

    async def listed(*clinic_ids: UUID, limit: int = 50) -> list[UUID]:
        async with chain.database.read.begin() as session:
            return [each.id for each in await kept.issued(session, **mine, clinic_ids=clinic_ids, limit=limit)]

    assert await listed(chain.austin) == [one.report_id]
    assert await listed(chain.austin, chain.reno) == [one.report_id, both.report_id]
    assert await listed(chain.austin, chain.reno, limit=1) == [one.report_id]
    assert await listed() == [everything.report_id, one.report_id, both.report_id]


async def test_what_cannot_be_asked_is_refused_by_name(chain: Chain) -> None:
    with pytest.raises(Refused, match="'juggling' is no modality"):
        await chain.issue(modalities=("juggling",))
    with pytest.raises(Refused, match="0 people cannot be drawn"):
        await chain.issue(sample=AskedSample(0))


async def test_a_lapse_has_its_length_and_a_look_its_age_and_its_limit(chain: Chain) -> None:
    year = Span(date(2026, 1, 1), date(2026, 12, 31))
    report = await chain.report(period=year)
    lapse = next(each for each in report.lapses or () if each.therapist == "Ana Ruiz")
    assert (lapse.starts_on, lapse.ends_on, lapse.days) == (year.starts_on, date(2026, 1, 28), 28)
    finding = report.therapists[0].modalities[0].findings[0]
    assert (finding.verify, finding.verify_every) == ("once-per-term", None)
    assert replace(lapse, ends_on=date.max).days is None
    assert timedelta(days=lapse.days or 0) == lapse.ends_on - lapse.starts_on + timedelta(days=1)
