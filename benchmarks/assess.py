"""How long `assess` takes for a roster, pure Python: 20,000 therapists x 6 requirements, and half of them first.

The data set is fixed (seed 20261122): each therapist holds a license with three terms, an examination, a certification
with two terms, a membership with three, a CPR card and an insurance policy; every eighth license has a standing.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from compliance.domain.assessment import assess
from compliance.domain.credentials import (
    Credential,
    CredentialFile,
    Result,
    Standing,
    StandingCode,
    Term,
    Verification,
)
from compliance.domain.requirements import Citation, Provision, Requirement, Verify

AS_OF = date(2026, 11, 22)
SHAPES = (
    ("license", "massage-license", 3, 730, Verify.ONCE_PER_TERM),
    ("licensing-exam", "mblex", 1, None, Verify.NO),
    ("certification", "bctmb", 2, 730, Verify.ONCE_PER_TERM),
    ("membership", "amta-membership", 3, 365, Verify.NO),
    ("cpr", "cpr", 1, 730, Verify.NO),
    ("liability-insurance", "liability-insurance", 2, 365, Verify.NO),
)


def _id(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128))


def _credential(dice: random.Random, type: str, terms: int, days: int | None) -> Credential:
    end = AS_OF + timedelta(days=dice.randrange(-60, days or 365))
    made: list[Term] = []
    for _ in range(terms):
        start = end - timedelta(days=(days or 3000) - 1)
        made.append(Term(_id(dice), start, end if days else date.max))
        end = start - timedelta(days=1)
    looks = tuple(
        Verification(_id(dice), Result.CONFIRMED, each.starts_on, "J. Ortiz", "board website", each.id) for each in made
    )
    return Credential(_id(dice), type, "us-fl", "", "", None, {}, tuple(reversed(made)), (), looks)


def roster(count: int) -> Iterator[CredentialFile]:
    """The same therapists at every call."""
    dice = random.Random(20261122)
    for number in range(count):
        held = [_credential(dice, type, terms, days) for _, type, terms, days, _ in SHAPES]
        if number % 8 == 0:
            held[0] = replace(held[0], standings=(Standing(StandingCode.SUSPENDED, AS_OF - timedelta(days=40)),))
        yield CredentialFile(_id(dice), f"Therapist {number}", credentials=tuple(held))


def asked() -> tuple[Requirement, ...]:
    """Six requirements with one provision each."""
    return tuple(
        Requirement(code, code, (Provision(accepts=frozenset({type}), verify=verify, citation=Citation("benchmark")),))
        for code, type, _, _, verify in SHAPES
    )


def measure(files: list[CredentialFile]) -> float:
    """Microseconds a therapist, median of five runs."""
    requirements, runs = asked(), []
    for _ in range(5):
        start = time.perf_counter()
        for file in files:
            assess(file, requirements, AS_OF)
        runs.append((time.perf_counter() - start) / len(files) * 1e6)
    return statistics.median(runs)


def main() -> None:
    """Prints both figures and their ratio."""
    files = list(roster(20_000))
    half, whole = measure(files[:10_000]), measure(files)
    print(f"10,000 therapists x 6: {half:.0f} us each; 20,000: {whole:.0f} us each; ratio {whole / half:.2f}")


if __name__ == "__main__":
    main()
