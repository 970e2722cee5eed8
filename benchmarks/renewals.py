"""How long a million next expiries take, pure Python: under 3 s, over the rules of all jurisdictions by turns.

Each credential has an issue, a printed expiry, a birth date, a number and a surname (seed 20261122); half of them have
no printed expiry, so that first terms are measured too. The whole answer of `predict`, with its notes and its check
of the printed day, is timed beside it for a tenth as many.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import cycle, islice

from compliance.catalog import load
from compliance.domain.renewal import NoRenewal, RenewalFacts, RenewalRule, predict

COUNT = 1_000_000
FIRST = date(1990, 1, 1)
SURNAMES = ("Alvarez", "Chen", "Garcia", "Jones", "Lopez", "Okafor", "Smith", "Underwood", "Özdemir")
Case = tuple[RenewalRule, RenewalFacts]


def cases(count: int) -> list[Case]:
    """Rules by turns, each with its credential; the same at every call."""
    dice = random.Random(20261122)
    rules = [each for wordings in load().rules.values() for each in wordings if not isinstance(each.model, NoRenewal)]
    return [(rule, _facts(dice, number)) for number, rule in enumerate(islice(cycle(rules), count))]


def _facts(dice: random.Random, number: int) -> RenewalFacts:
    issued = FIRST + timedelta(days=dice.randrange(12_000))
    printed = issued + timedelta(days=dice.randrange(300, 1100)) if number % 2 else None
    born = date(1950, 1, 1) + timedelta(days=dice.randrange(18_000))
    return RenewalFacts(issued, printed, born, f"MA {number}", dice.choice(SURNAMES))


def seconds(work: Callable[[], None]) -> tuple[float, float]:
    """The best of three runs by the clock, and the best by processor time, which other work does not lengthen."""
    by_clock, by_processor = [], []
    for _ in range(3):
        start, used = time.perf_counter(), time.process_time()
        work()
        by_clock.append(time.perf_counter() - start)
        by_processor.append(time.process_time() - used)
    return min(by_clock), min(by_processor)


def expiries(all_cases: list[Case]) -> None:
    """The next expiry of each."""
    for rule, facts in all_cases:
        rule.model.next_expiry(facts)


def answers(all_cases: list[Case]) -> None:
    """The whole answer on each."""
    for rule, facts in all_cases:
        predict(rule, facts)


def main() -> None:
    """Prints both figures."""
    made = cases(COUNT)
    by_clock, by_processor = seconds(lambda: expiries(made))
    _, answered = seconds(lambda: answers(made[: COUNT // 10]))
    print(f"{COUNT:,} next expiries: {by_clock:.2f} s, {by_processor:.2f} s of processor time (to reach: 3 s)")
    print(f"whole answers: {answered * 1e6 / (COUNT // 10):.1f} us of processor time each")


if __name__ == "__main__":
    main()
