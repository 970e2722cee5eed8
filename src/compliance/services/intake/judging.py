"""Judges people of a roster: a pure step over their rows and what is on file. Reading and writing lie around it.

Problems are looked for first, in all rows; then what is new is worked out from the rows that are taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.queries import intake_known
from compliance.db.queries.intake_known import OnFile, Sets
from compliance.domain.matching import fold_email
from compliance.services.intake.assignments import check_assignments, plan_assignments
from compliance.services.intake.credentials import check_credential, plan_credentials
from compliance.services.intake.grouping import license_of
from compliance.services.intake.licenses import check_license, tell_license
from compliance.services.intake.lines import Line, folded_name, good
from compliance.services.intake.person import check_identity, plan_person, sought, two_found
from compliance.services.intake.plan import Around, Plan
from compliance.services.intake.words import understand


@dataclass(slots=True)
class Seen:
    """What has been met in the file so far, across chunks: whose a record on file is, and whose an NPI."""

    therapists: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    npis: dict[int, tuple[int, int]] = field(default_factory=dict)


async def judge(
    session: AsyncSession, people: Mapping[int, Sequence[Line]], around: Around, seen: Seen | None = None
) -> list[Plan]:
    """The plans for these people, in their order; every line carries its problems, questions and changes."""
    for lines in people.values():
        for line in lines:
            understand(line)
    organization_id = around.act.organization_id
    directory = await intake_known.directory(session, organization_id, sets_of(people.values()))
    named = await intake_known.current(
        session, organization_id, {id_ for lines in people.values() for id_ in ids_of(lines)}
    )
    found = {person: ids_of(lines) & named or directory.find(sought(lines)) for person, lines in people.items()}
    wanted = {id_ for ids in found.values() for id_ in ids}
    known = await intake_known.on_file(session, organization_id, wanted)
    return [
        judge_person(
            Plan(person, list(lines)), [known[id_] for id_ in sorted(found[person]) if id_ in known], around, seen
        )
        for person, lines in people.items()
    ]


def ids_of(lines: Sequence[Line]) -> frozenset[UUID]:
    """Records that an exported roster names; what is no id, or another organization's, counts for nothing."""
    found = set()
    for line in lines:
        if line["therapist_id"]:
            with suppress(ValueError):
                found.add(UUID(line["therapist_id"]))
    return frozenset(found)


def sets_of(people: Iterable[Sequence[Line]]) -> Sets:
    """What these people are looked up by."""
    sets = Sets()
    for lines in people:
        for line in lines:
            if line["email"]:
                sets.emails.add(fold_email(line["email"]))
            if line["birth_date"]:
                sets.names.add(folded_name(line["first_name"], line["last_name"]))
            found = license_of(line.values)
            if found:
                sets.numbers.add(found[1])
    return sets


def judge_person(plan: Plan, candidates: Sequence[OnFile], around: Around, seen: Seen | None) -> Plan:
    """One person: all checks, then what is to be done."""
    if len(candidates) > 1:
        for line in plan.lines:
            line.refuse("email", two_found([each.name for each in candidates]), line.name)
    elif candidates:
        plan.on_file = candidates[0]
    if not around.checked:
        _check(plan, around, seen)
    _work_out(plan, around)
    return plan


def _check(plan: Plan, around: Around, seen: Seen | None) -> None:
    """Everything that can be wrong with the rows of one person."""
    check_identity(plan.lines, around, named=plan.on_file is not None)
    for line in plan.lines:
        check_credential(line, around)
        check_license(line, around)
    check_assignments(plan.lines, around)
    _check_repeats(plan.lines)
    if seen is not None:
        _check_seen(plan, seen)


def _work_out(plan: Plan, around: Around) -> None:
    """What is new; a row that is refused while it is worked out makes it be worked out again without it."""
    while True:
        taken = good(plan.lines)
        plan_person(plan, around)
        plan_assignments(plan, around)
        plan_credentials(plan, around)
        for line in taken:
            tell_license(line, around)
        if len(good(plan.lines)) == len(taken):
            return
        plan.new, plan.changed = None, {}
        plan.drafts, plan.placements, plan.endings, plan.modalities = [], [], [], []
        for line in plan.lines:
            line.changes, line.creates = [], False


def _check_repeats(lines: Sequence[Line]) -> None:
    """The same row twice says nothing new, and is more likely a slip than meant."""
    first: dict[tuple[object, ...], Line] = {}
    for line in lines:
        key = (*line.values, *sorted(line.extras.items()), *sorted(line.details.items()))
        before = first.setdefault(key, line)
        if before is not line:
            sentence = f"This row says the same as line {before.number}. Delete one of the two."
            line.refuse("row", sentence, f"line {before.number} again")


def _check_seen(plan: Plan, seen: Seen) -> None:
    first = plan.lines[0]
    if plan.on_file:
        person, number = seen.therapists.setdefault(plan.on_file.id, (plan.person, first.number))
        if person != plan.person:
            sentence = (
                f"Lines {number} and {first.number} are both {plan.on_file.name}, who is on file once. "
                "Give both the same e-mail address, or none of what is another person's."
            )
            for line in plan.lines:
                line.refuse("email", sentence, line.name)
    for line in plan.lines:
        if not line["npi"]:
            continue
        person, number = seen.npis.setdefault(int(line["npi"]), (plan.person, line.number))
        if person != plan.person:
            line.ask("npi", f"Line {number} has the same NPI for another person. An NPI belongs to one. Whose is it?")
        break
