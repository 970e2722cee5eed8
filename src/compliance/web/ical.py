"""Calendars as RFC 5545 writes them: whole-day events, escaped and folded. The same events are the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from compliance.domain.periods import ONE_DAY

FOLD: Final = 75
"""Bytes of a line, without its end (RFC 5545, section 3.1)."""

REFRESH: Final = "PT6H"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Event:
    """One day. `uid` stays the same from one reading to the next; `made_at` is when it was recorded."""

    uid: str
    day: date
    made_at: datetime
    summary: str
    description: str = ""
    url: str = ""


def calendar(name: str, events: Iterable[Event]) -> bytes:
    """The file: its lines end with CR LF."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Therapist compliance//Calendar//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
        *(line for event in events for line in _event(event)),
        "END:VCALENDAR",
    ]
    return b"".join(piece for line in lines for piece in folded(line))


def _event(event: Event) -> Sequence[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escaped(event.uid)}",
        f"DTSTAMP:{event.made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{_basic(event.day)}",
        f"DTEND;VALUE=DATE:{_basic(event.day + ONE_DAY)}",
        f"SUMMARY:{escaped(event.summary)}",
    ]
    if event.description:
        lines.append(f"DESCRIPTION:{escaped(event.description)}")
    if event.url:
        lines.append(f"URL:{event.url}")
    return [*lines, "TRANSP:TRANSPARENT", "END:VEVENT"]


def _basic(day: date) -> str:
    return day.isoformat().replace("-", "")


def escaped(text: str) -> str:
    """A text value: line ends become `\\n`, other control characters go (section 3.3.11)."""
    plain = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    for each in ("\\", ";", ","):
        plain = plain.replace(each, f"\\{each}")
    return plain.replace("\n", "\\n")


def folded(line: str) -> Iterator[bytes]:
    """The line in pieces of at most 75 bytes, each but the first after a space; no character is cut in two."""
    piece, room = b"", FOLD
    for character in line:
        raw = character.encode(errors="replace")
        if len(piece) + len(raw) > room:
            yield piece + b"\r\n"
            piece = b" "
        piece += raw
    yield piece + b"\r\n"
