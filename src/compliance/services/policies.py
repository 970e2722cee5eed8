"""Policies: what an employer asks on top of the law, or accepts beside it, from a day on.

A policy concerns everybody, so stored verdicts are not rewritten here: their fingerprint no longer fits, and the job
`refresh-coverage` makes them anew in small steps.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance import catalog
from compliance.crypto.ids import new_id
from compliance.db.queries.policies import decode, encode, held
from compliance.db.records import OrganizationRow, PolicyRow
from compliance.domain.months import end_in_words, in_words
from compliance.domain.periods import FOREVER, Period
from compliance.domain.requirements import Policy, Provision
from compliance.services import rows, trail
from compliance.services.refusals import Checks, Problem, Unknown, need_reason, refuse
from compliance.services.trail import Act, Entry


async def adopt(
    session: AsyncSession,
    *,
    act: Act,
    offer: str,
    applies_on: date,
    ends_on: date = FOREVER,
    at_once: bool = False,
) -> UUID:
    """Takes over one of the catalog's offers from a day on. Raises Refused for an unknown one, and as `add` does."""
    offers = catalog.load().offers
    if offer not in offers:
        raise refuse("offer", f"The catalog offers no policy {offer!r}. Allowed are {', '.join(offers)}.")
    policy = offers[offer]
    return await add(session, act=act, policy=policy, applies_on=applies_on, ends_on=ends_on, at_once=at_once)


async def add(
    session: AsyncSession,
    *,
    act: Act,
    policy: Policy,
    applies_on: date,
    ends_on: date = FOREVER,
    at_once: bool = False,
) -> UUID:
    """A policy from `applies_on` to `ends_on`, its provisions cut to these days; its id.

    Raises Refused for unknown types, modalities and places, for a day before tomorrow unless `at_once`, and for what
    is asked already.
    """
    await rows.take_turn(session, act)
    cut = await checked(session, act, policy, applies_on=applies_on, ends_on=ends_on, at_once=at_once)
    return await _append(session, act, "policy.added", cut, Period(applies_on, ends_on), "")


async def checked(
    session: AsyncSession, act: Act, policy: Policy, *, applies_on: date, ends_on: date = FOREVER, at_once: bool = False
) -> Policy:
    """The policy cut to its days, as `add` would write it; raises as `add` does, and writes nothing."""
    span = Period(applies_on, ends_on)
    checks = Checks()
    _check_words(checks, policy)
    checks.refuse("applies_on", await _day_problem(session, act, "applies_on", applies_on, at_once))
    if ends_on < applies_on:
        checks.refuse("ends_on", f"The last day {in_words(ends_on)} is before the first day {in_words(applies_on)}.")
    checks.refuse("code", await _double(session, act, policy, span))
    checks.done()
    return _cut(policy, span)


async def end(
    session: AsyncSession, *, act: Act, policy_id: UUID, last_day: date, reason: str, at_once: bool = False
) -> UUID:
    """The policy holds through its last day and no longer; the id of the row that says so."""
    need_reason(reason, "the policy ends")
    await rows.take_turn(session, act)
    row = (await rows.load_current(session, act, PolicyRow, [policy_id], "policy"))[policy_id]
    problem = await _day_problem(session, act, "last_day", last_day, at_once)
    if last_day > row.ends_on:
        ends = f"The policy ends on {end_in_words(row.ends_on)} already."
        problem = f"{ends} Add one from a day after that, if it is to hold again."
    if last_day < row.applies_on:
        first = f"{in_words(row.applies_on)}, the first day"
        problem = f"{in_words(last_day)} is before {first}. Void the policy if it never should have been."
    if problem:
        raise refuse("last_day", problem)
    span = Period(row.applies_on, last_day)
    return await _append(session, act, "policy.ended", _cut(decode(row.body), span), span, reason, policy_id)


async def void(session: AsyncSession, *, act: Act, policy_id: UUID, reason: str) -> None:
    """Voids a policy, as if it had never been. Raises Unknown, and Refused without a reason."""
    need_reason(reason, "the policy is void")
    row = (await rows.load_current(session, act, PolicyRow, [policy_id], "policy"))[policy_id]
    old: rows.Values = {"code": row.code, "applies_on": row.applies_on, "ends_on": row.ends_on}
    entry = Entry("policy.voided", f"policy:{policy_id}", None, old, why=reason)
    seq = await trail.record(session, act=act, entry=entry)
    await rows.void(session, act, PolicyRow, {policy_id: seq}, reason)


async def ended(session: AsyncSession, organization_id: UUID, policy_id: UUID, last_day: date) -> tuple[Policy, ...]:
    """The organization's policies as they would be if this one held through its last day. Raises Unknown."""
    found = await held(session, organization_id)
    if policy_id not in {each.id for each in found}:
        raise Unknown(Problem("policy_id", "No policy here has this id."))
    return tuple(
        _cut(each.policy, Period(each.applies_on, last_day)) if each.id == policy_id else each.policy for each in found
    )


async def _append(
    session: AsyncSession,
    act: Act,
    action: str,
    policy: Policy,
    span: Period,
    reason: str,
    replaced: UUID | None = None,
) -> UUID:
    id_, body = new_id(act.now), encode(policy)
    facts: rows.Values = {"code": policy.requirement.code, "applies_on": span.starts_on, "ends_on": span.ends_on}
    new = facts | {"body": body}
    seq = await trail.record(session, act=act, entry=Entry(action, f"policy:{id_}", None, {}, new, reason))
    if replaced:
        await rows.void(session, act, PolicyRow, {replaced: seq}, reason)
    await rows.add(session, act, PolicyRow, [facts | {"id": id_, "recorded_seq": seq, "body": body}])
    return id_


def _cut(policy: Policy, span: Period) -> Policy:
    """The policy with its provisions cut to the days of the span."""
    cut = [
        replace(each, applies_on=max(each.applies_on, span.starts_on), ends_on=min(each.ends_on, span.ends_on))
        for each in policy.requirement.provisions
        if each.applies_on <= span.ends_on and each.ends_on >= span.starts_on
    ]
    return replace(policy, requirement=replace(policy.requirement, provisions=tuple(cut)))


def _check_words(checks: Checks, policy: Policy) -> None:
    law = catalog.load()
    if not policy.requirement.code or not policy.requirement.provisions:
        checks.refuse("code", "A policy needs a code and at least one wording of what it asks.")
    _check_known(checks, "modalities", policy.modalities, law.modalities)
    _check_known(checks, "jurisdictions", policy.jurisdictions, law.jurisdictions)
    accepted: set[str] = set()
    for provision in policy.requirement.provisions:
        accepted |= provision.accepts
    _check_known(checks, "accepts", accepted, law.types)
    if (policy.widens or policy.tightens) and policy.requirement.code not in changeable():
        known = ", ".join(changeable())
        checks.refuse("code", f"{policy.requirement.code!r} is nothing that the catalog asks. Allowed are {known}.")


def changeable() -> dict[str, str]:
    """What the catalog asks anywhere, and an organization may widen or tighten: words by code."""
    law = catalog.load()
    asked = (each for found in (*law.requirements.values(), *law.of_clinics.values()) for each in found)
    return {each.code: _in_words(each.code) if each.jurisdiction else each.title for each in asked}


def _in_words(code: str) -> str:
    return "CPR" if code == "cpr" else code.replace("-", " ").capitalize()


def _check_known(checks: Checks, field: str, given: frozenset[str] | set[str], allowed: object) -> None:
    names = list(allowed) if hasattr(allowed, "__iter__") else []
    strange = sorted(given.difference(names))
    if strange:
        checks.refuse(field, f"{', '.join(map(repr, strange))} is not known. Allowed are {', '.join(names)}.")


async def _day_problem(session: AsyncSession, act: Act, field: str, day: date, at_once: bool) -> str | None:
    """A policy takes effect not before tomorrow, in the organization's zone, unless the owner says now."""
    query = select(OrganizationRow.time_zone).where(OrganizationRow.id == act.organization_id)
    zone = await session.scalar(query) or "UTC"
    today = act.effective.astimezone(ZoneInfo(zone)).date()
    if day > today or at_once or (field == "last_day" and day == today):
        return None
    notice = "People need a day's notice; say that it should hold at once if it must."
    return f"{in_words(day)} is not after today, {in_words(today)}. {notice}"


async def _double(session: AsyncSession, act: Act, policy: Policy, span: Period) -> str | None:
    mine = (PolicyRow.organization_id == act.organization_id, PolicyRow.voided_seq.is_(None))
    there = PolicyRow.applies_on <= span.ends_on, PolicyRow.ends_on >= span.starts_on
    query = select(PolicyRow.body).where(*mine, *there, PolicyRow.code == policy.requirement.code)
    for body in await session.scalars(query):
        if _same(decode(body), policy):
            return f"{policy.requirement.title} is a policy already on these days. End that one first to change it."
    return None


def _same(left: Policy, right: Policy) -> bool:
    if (left.widens, left.tightens) != (right.widens, right.tightens) or left.answers:
        return False
    if left.jurisdictions and right.jurisdictions and left.jurisdictions.isdisjoint(right.jurisdictions):
        return False
    return not right.widens or _accepted(right.requirement.provisions) <= _accepted(left.requirement.provisions)


def _accepted(provisions: tuple[Provision, ...]) -> frozenset[str]:
    return frozenset().union(*(each.accepts for each in provisions))
