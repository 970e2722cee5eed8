"""What a part of the attack tried, and what became of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Inputs tried, refused, and taken without harm; `wrong` and `failed` name what must not happen."""

    name: str
    tried: int = 0
    refused: int = 0
    harmless: int = 0
    wrong: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unfinished: str = ""
    """Where a limit of time ended it: what was not tried shows nothing."""

    def judge(self, what: str, status: int, *, expected: tuple[int, ...] = (), refused: bool | None = None) -> None:
        """One input and its answer: a defect, wrong where the status is none of those expected, or as it must be."""
        self.tried += 1
        if status >= 500 and status != 503:
            self.failed.append(f"{what} -> {status}")
        elif expected and status not in expected:
            self.wrong.append(f"{what} -> {status}")
        elif refused if refused is not None else status >= 303:
            self.refused += 1
        else:
            self.harmless += 1

    @property
    def finished(self) -> bool:
        """Whether anything was tried, and no limit of time cut it off."""
        return self.tried > 0 and not self.unfinished

    @property
    def good(self) -> bool:
        """Whether nothing happened that must not, and all of it was tried."""
        return self.finished and not self.wrong and not self.failed

    def say(self) -> None:
        """The numbers, then what is wrong, twenty of each kind at most."""
        say(
            f"{self.name:<44} {self.tried:>7} tried {self.refused:>7} refused {self.harmless:>6} harmless "
            f"{len(self.wrong):>3} wrongly accepted {len(self.failed):>3} defects"
        )
        if not self.finished:
            say(f"    NOT FINISHED: {self.unfinished or 'nothing was tried'}")
        for kind, found in (("WRONG", self.wrong), ("DEFECT", self.failed), ("note", self.notes)):
            for each in found[:20]:
                say(f"    {kind}: {each}")


def say(text: str) -> None:
    """A line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
