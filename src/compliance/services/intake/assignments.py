"""Where a roster says that somebody works: the assignment on file, a further one, or an ending.

Nothing ends without `left_on`. Another clinic is a further assignment; a later start after an ended one is a re-hire.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from uuid import UUID

from compliance.db.queries.intake_known import ClinicOnFile, HeldAssignment
from compliance.domain.periods import FOREVER, day_after
from compliance.services.intake.lines import Line, good, shown
from compliance.services.intake.plan import Around, Placement, Plan


@dataclass(slots=True)
class Said:
    """What the rows of one person say about one stay at one clinic."""

    clinic: str
    starts_on: date | None
    lines: list[Line] = field(default_factory=list)

    @property
    def left_on(self) -> date | None:
        """The last day, where a row gives one."""
        return next((each.day("left_on") for each in self.lines if each["left_on"]), None)

    @property
    def modalities(self) -> tuple[str, ...]:
        """What is practiced, where a row says it."""
        return next((each.meant.modalities for each in self.lines if each.meant.modalities), ())


@dataclass(slots=True)
class Stay:
    """Assignments on file that follow each other without a day between: one stay, whose modalities changed."""

    starts_on: date
    last: HeldAssignment


def check_assignments(lines: Sequence[Line], around: Around) -> None:
    """Notes clinics that are not known, days that run backward, and rows that contradict each other."""
    for line in lines:
        if not line.meant.clinic:
            _needs_a_clinic(line)
            continue
        line.refuse("clinic", _clinic_problem(line, around))
        first, last = line.day("started_on"), line.day("left_on")
        if first and last and last < first:
            line.refuse("left_on", f"The last day {shown(last)} is before the first day {shown(first)}. Look at both.")
    told = said_of(lines)
    for each in told:
        _agree(each, "modalities")
        _agree(each, "left_on")
    _check_overlaps(told)


def _needs_a_clinic(line: Line) -> None:
    orphan = next((each for each in ("started_on", "left_on") if line[each]), "")
    if orphan:
        line.refuse("clinic", f"The row has {orphan} but no clinic. Say at which clinic, or leave the day blank.", "")


def _clinic_problem(line: Line, around: Around) -> str | None:
    known = around.clinics.get(line.meant.clinic)
    if known:
        return _closed(line, known)
    if line.meant.clinic in around.new_clinics:
        return None
    near = get_close_matches(line.meant.clinic, list(around.clinics), n=2, cutoff=0.6)
    meant = f"Is {' or '.join(around.clinics[each].name for each in near)} meant? " if near else ""
    return (
        f"“{line['clinic']}” is no clinic on file. {meant}Add it first, or let the import create it "
        f'(--create-clinics, or --create-clinics "{line["clinic"]}=us-fl" with its state).'
    )


def _closed(line: Line, clinic: ClinicOnFile) -> str | None:
    first, last = line.day("started_on"), line.day("left_on") or FOREVER
    if clinic.closed_on and last > clinic.closed_on:
        return f"{clinic.name} closed on {shown(clinic.closed_on)}. Give left_on, or take the row out."
    if clinic.opened_on and first and first < clinic.opened_on:
        return f"{clinic.name} opened on {shown(clinic.opened_on)}; nobody started there on {shown(first)}."
    return None


def said_of(lines: Iterable[Line]) -> list[Said]:
    """The stays that rows speak of: by clinic and first day; a row without a first day joins one that has it."""
    found: dict[tuple[str, date | None], Said] = {}
    for line in sorted(lines, key=lambda each: (not each["started_on"], each.number)):
        if not line.meant.clinic:
            continue
        start = line.day("started_on")
        if start is None:
            start = max((s for clinic, s in found if clinic == line.meant.clinic and s), default=None)
        key = (line.meant.clinic, start)
        if key not in found:
            found[key] = Said(*key)
        found[key].lines.append(line)
    return list(found.values())


def _agree(said: Said, name: str) -> None:
    """Refuses rows that contradict each other about one stay, each naming both lines."""
    values: dict[object, Line] = {}
    for line in said.lines:
        value = frozenset(line.meant.modalities) if name == "modalities" else line.day(name)
        if value:
            values.setdefault(value, line)
    if len(values) < 2:
        return
    first, second = list(values.values())[:2]
    for line in said.lines:
        if line[name]:
            line.refuse(
                name,
                f"Lines {first.number} and {second.number} say “{first[name]}” and “{second[name]}” "
                "about the same stay. Make them agree.",
            )


def _check_overlaps(told: Sequence[Said]) -> None:
    """Two first days at one clinic are a re-hire only if the first stay ended before the second."""
    for one in told:
        for other in told:
            if (
                one.clinic != other.clinic
                or not one.starts_on
                or not other.starts_on
                or one.starts_on >= other.starts_on
            ):
                continue
            if one.left_on and one.left_on < other.starts_on:
                continue
            a, b = one.lines[0], other.lines[0]
            for line in (*one.lines, *other.lines):
                sentence = (
                    f"Lines {min(a.number, b.number)} and {max(a.number, b.number)} give two first days at "
                    f"{a['clinic']}. Make them agree, or give left_on where the first stay ended."
                )
                line.refuse("started_on", sentence)


def plan_assignments(plan: Plan, around: Around) -> None:
    """Fills in the assignments of the rows that are taken."""
    known = stays(plan.on_file.assignments if plan.on_file else ())
    for said in said_of(good(plan.lines)):
        clinic = around.clinics.get(said.clinic)
        there = [each for each in known if clinic and each.last.clinic_id == clinic.id]
        stay = _find(there, said)
        if stay:
            _change(plan, said, stay, around)
        else:
            _place(plan, said, around)


def stays(assignments: Sequence[HeldAssignment]) -> list[Stay]:
    """The stays at clinics that assignments make, in the order of their first days."""
    found: list[Stay] = []
    by_clinic: dict[UUID, Stay] = {}
    for each in sorted(assignments, key=lambda each: each.starts_on):
        before = by_clinic.get(each.clinic_id)
        if before and day_after(before.last.ends_on) == each.starts_on:
            before.last = each
        else:
            before = by_clinic[each.clinic_id] = Stay(each.starts_on, each)
            found.append(before)
    return found


def _find(there: Sequence[Stay], said: Said) -> Stay | None:
    """The stay on file that is meant: the same first day, else one that it would overlap, else the latest."""
    if not there:
        return None
    if said.starts_on is None:
        return there[-1]
    same = next((each for each in there if each.starts_on == said.starts_on), None)
    last = said.left_on or FOREVER
    met = [each for each in there if each.starts_on <= last and said.starts_on <= each.last.ends_on]
    return same or (met[-1] if met else None)


def _change(plan: Plan, said: Said, stay: Stay, around: Around) -> None:
    line, last = said.lines[0], stay.last
    what = f"Assignment to {line['clinic']}"
    if said.starts_on and said.starts_on != stay.starts_on:
        line.ask("started_on", f"On file the first day is {shown(stay.starts_on)}. It was left so.")
    if said.left_on and said.left_on != last.ends_on:
        if last.ends_on != FOREVER or said.left_on < last.starts_on:
            line.ask("left_on", f"On file the last day is {shown(last.ends_on)}. It was left so.")
        else:
            plan.endings.append((last.id, said.left_on))
            line.change(what, "left_on", last.ends_on, said.left_on)
            return
    if said.modalities and set(said.modalities) != set(last.modalities):
        from_today = last.starts_on < around.today <= last.ends_on
        plan.modalities.append((last.id, said.modalities, around.today if from_today else None))
        line.change(what, "modalities", last.modalities, said.modalities)


def _place(plan: Plan, said: Said, around: Around) -> None:
    line = said.lines[0]
    if not said.modalities:
        for each in said.lines:
            each.refuse("modalities", f"Nothing says what is practiced at {line['clinic']}. Give the modalities.", "")
        return
    starts_on, ends_on = said.starts_on, said.left_on or FOREVER
    if starts_on is None:
        starts_on = min(around.today, ends_on)
        line.ask("started_on", f"No first day is given; it is counted from {shown(starts_on)}.", "")
    plan.placements.append(Placement(said.clinic, said.modalities, starts_on, ends_on))
    line.create(f"Assignment to {line['clinic']}", f"{', '.join(said.modalities)} from {shown(starts_on)}")
