"""What a rule asks of continuing education, as a value. It is told to people; no courses are counted here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from compliance.domain.requirements import Citation


@dataclass(frozen=True, slots=True)
class ContinuingEducation:
    """Hours asked in a window of years. None always means: the catalog does not know, ask.

    `minima` and `maxima` are hours by subject or form ("ethics": 2, "online": 12). `besides` are things to do that
    are not counted in hours. `instead` are credential types that replace the hours. `carry_over` 0: nothing is kept.
    """

    citation: Citation
    hours: int | None = None
    window_years: int | None = None
    minutes_per_hour: int | None = None
    minima: Mapping[str, int] = field(default_factory=dict)
    maxima: Mapping[str, int] = field(default_factory=dict)
    carry_over: int | None = None
    first_renewal: str = ""
    besides: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    keep_years: int | None = None
    reported_to: str = ""
    question: str = ""

    def as_json(self) -> dict[str, object]:
        """Plain values for scripts; the citation becomes its words."""
        return {**asdict(self), "citation": self.citation.text, "confidence": self.citation.confidence.value}
