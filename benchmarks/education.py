"""Claim: the balance of 100,000 ledgers of 12 courses, by turns against the rules of all places, takes under 20 s.

    .venv/bin/python benchmarks/education.py [--ledgers 100000]

Seeded; one process, one core. Ledgers are made first and not timed: courses of four years, so that carrying over is
worked out too, taken in three ways, a third of them with a subject. Prints what came out.
"""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import date, timedelta
from random import Random
from time import perf_counter, process_time
from uuid import UUID

from compliance.catalog import load
from compliance.domain.balance import Facts, balance
from compliance.domain.hours import ContinuingEducation, Form
from compliance.domain.ledger import Course
from compliance.domain.periods import Period

COURSES = 12
DAY = date(2026, 11, 22)
END = date(2027, 8, 31)


def rules() -> list[ContinuingEducation]:
    """Every rule that asks for hours, once."""
    found = [each.continuing_education for rules in load().rules.values() for each in rules]
    return [each for each in found if each is not None and each.hours]


def ledger(chance: Random, subjects: tuple[str, ...]) -> list[Course]:
    """Twelve courses within four years."""
    made = []
    for number in range(COURSES):
        minutes = chance.choice((60, 120, 180, 360))
        named = {chance.choice(subjects): minutes // 2} if subjects and chance.random() < 0.34 else {}
        on = DAY - timedelta(days=chance.randrange(4 * 365))
        form = chance.choice((Form.LIVE, Form.LIVE, Form.WEBINAR, Form.SELF_STUDY))
        approved = chance.choice(("", "451-12"))
        made.append(Course(UUID(int=number), "A course", on, minutes, form, named, provider_number=approved))
    return made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ledgers", type=int, default=100_000)
    count = parser.parse_args().ledgers
    chance, asked = Random(20261122), rules()
    pool = [(rule, [ledger(chance, rule.subjects) for _ in range(20)]) for rule in asked]
    facts = [Facts(Period(date(2025, 9, 1), END), issued) for issued in (date(2012, 5, 1), date(2026, 2, 1))]
    states: Counter[str] = Counter()
    begun, worked = perf_counter(), process_time()
    for number in range(count):
        rule, ledgers = pool[number % len(pool)]
        found = balance(rule, ledgers[number % 20], facts[number % 10 == 0], DAY)
        states[found.state.value] += 1
    wall, cpu = perf_counter() - begun, process_time() - worked
    print(f"{count:,} ledgers of {COURSES} courses against {len(asked)} rules: {dict(states)}")
    print(f"{wall:.1f} s by the clock, {cpu:.1f} s of processor time, {cpu / count * 1e6:.0f} us each; to reach: 20 s")


if __name__ == "__main__":
    main()
