"""How the parts of the child say that a file is not fit."""

from __future__ import annotations


class Unfit(Exception):
    """A reason of `refusals` and what was found."""

    def __init__(self, reason: str, found: str = "") -> None:
        super().__init__(reason)
        self.reason, self.found = reason, found
