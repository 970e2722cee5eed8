"""The one Jinja environment, and the words in which pages and mails say days, distances, amounts and statuses.

Everything here is pure: the day, the instant and the time zone are arguments. Dates are written as Americans read them,
month first and never in numerals alone, so that nobody can take the month for the day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from datetime import date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from compliance.domain.months import birthday, in_words
from compliance.domain.periods import BEGINNING, FOREVER

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_HERE: Final = Path(__file__).resolve().parent
_CHECKOUT: Final = _HERE.parents[1] / "templates"
TEMPLATES: Final[Path] = (
    _CHECKOUT if _HERE.parent.name == "src" and _CHECKOUT.is_dir() else _HERE / "_data" / "templates"
)
"""Where the templates lie: the checkout's own folder, else the copy inside the wheel."""

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_YEAR: Final = 365.2425

STATUSES: Final[dict[str, tuple[str, bool]]] = {
    "met": ("Met", True),
    "expiring": ("Expiring", True),
    "waived": ("Waived", True),
    "not-asked": ("Not asked", True),
    "unverified": ("Unverified", False),
    "unknown": ("Not known", False),
    "lapsed": ("Lapsed", False),
    "missing": ("Missing", False),
    "blocked": ("Blocked", False),
}
"""Every finding status: its word, and whether it clears. The shapes are in `_components/marks.html`."""


# -- words ---------------------------------------------------------------------------------------------------------


def day(value: date) -> str:
    """`Aug 31, 2027`; the open end reads `does not end`."""
    if value == FOREVER:
        return "does not end"
    return in_words(value)


def long_day(value: date) -> str:
    """`Monday, Nov 23, 2026`, for the top of a page."""
    return f"{WEEKDAYS[value.weekday()]}, {day(value)}"


@lru_cache(maxsize=4096)
def distance(value: date, today: date) -> str:
    """How far a day is from today, in words: exact to 90 days, then months, from two years on years.

    The open end has no distance and reads as an empty string.
    """
    if value == FOREVER:
        return ""
    days = (value - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days)
    return near or _toward(_span(abs(days)), ahead=days > 0)


def _span(days: int) -> str:
    if days <= 90:
        return plural(days, "day")
    if days < 2 * _YEAR:
        return plural(round(days * 12 / _YEAR), "month")
    return plural(round(days / _YEAR), "year")


def _toward(span: str, *, ahead: bool) -> str:
    return f"in {span}" if ahead else f"{span} ago"


def ago(instant: datetime, now: datetime) -> str:
    """How long since an instant, for jobs and visits: `just now`, `6 min ago`, `3 hours ago`, `2 days ago`."""
    minutes = int((now - instant).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{plural(minutes // 60, 'hour')} ago"
    return f"{plural(minutes // (24 * 60), 'day')} ago"


def time_of_day(instant: datetime, zone: str | tzinfo) -> str:
    """`8:10 AM` on the clock of that zone."""
    local = _in_zone(instant, zone)
    return f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"


def day_time(instant: datetime, zone: str | tzinfo) -> str:
    """`Nov 23, 2026, 8:10 AM` on the clock of that zone. A naive instant is refused: nobody knows what it means."""
    return f"{day(_in_zone(instant, zone).date())}, {time_of_day(instant, zone)}"


def in_both(instant: datetime, zone: str) -> str:
    """`Nov 23, 2026, 8:10 AM America/New_York (Nov 23, 2026, 1:10 PM UTC)`: for readers there and elsewhere."""
    here = f"{day_time(instant, zone)} {zone}"
    return here if zone == "UTC" else f"{here} ({day_time(instant, 'UTC')} UTC)"


def _in_zone(instant: datetime, zone: str | tzinfo) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"the instant {instant} has no time zone")
    return instant.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def number(value: float) -> str:
    """`20,000`; a fraction keeps what it has and no more: `7.5`."""
    return f"{int(value):,}" if value == int(value) else f"{value:,}"


def plural(count: float, one: str, many: str | None = None) -> str:
    """`1 therapist`, `2 therapists`, `20,000 therapists`; `many` where an s is not enough."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def column_name(field: str) -> str:
    """A column of rosters as people say it: `E-mail`, `NPI`, `License number`."""
    spoken = field.replace("_", " ")
    return {"email": "E-mail", "npi": "NPI"}.get(field, spoken[:1].upper() + spoken[1:])


# -- statuses ------------------------------------------------------------------------------------------------------


def status_word(status: str) -> str:
    """The word that always stands beside a status's shape."""
    return _status(status)[0]


def may_practice(status: str) -> bool:
    """Whether a requirement in this status clears. A status that is not known fails rather than looking harmless."""
    return _status(status)[1]


def _status(status: str) -> tuple[str, bool]:
    try:
        return STATUSES[status]
    except KeyError:
        raise ValueError(f"{status!r} is not a status; known are {', '.join(STATUSES)}") from None


# -- where things stand in a picture, in per cent ------------------------------------------------------------------


def along(value: date, first: date, last: date) -> float:
    """How far along the line from `first` to `last` a day begins, 0 to 100; outside days stop at the edge."""
    share = (min(max(value, first), last) - first).days / max((last - first).days, 1)
    return round(share * 100, 2)


def breadth(start: date, end: date, first: date, last: date, least: float = 0.4) -> float:
    """How much of the line the closed interval takes, never under `least`, so that one day can be seen."""
    after = end if end >= last else date.fromordinal(end.toordinal() + 1)
    return max(round(along(after, first, last) - along(start, first, last) - 0.15, 2), least)


def spoken_spans(spans: Iterable[Sequence[Any]]) -> str:
    """What a row of bars says to those who do not see it. Each span begins with start, end, status; any order."""
    said = [
        f"{status_word(status)} {span_words(start, end)}" for start, end, status, *_ in sorted(spans, key=_by_start)
    ]
    return "; ".join(said) or "Nothing on file"


def _by_start(span: Sequence[Any]) -> Any:
    return span[0]


def span_words(start: date, end: date) -> str:
    """`from Nov 12, 2025 to Nov 11, 2027`; what never began or never ends says so."""
    if end == FOREVER:
        return f"since {day(start)}, does not end" if start > BEGINNING else "always"
    return f"from {day(start)} to {day(end)}" if start > BEGINNING else f"until {day(end)}"


# -- the environment -----------------------------------------------------------------------------------------------


def host(url: str) -> str:
    """Where a link leads, to stand beside it: `mqa-internet.doh.state.fl.us`."""
    return urlsplit(url).hostname or url


@lru_cache
def static(name: str) -> str:
    """The address of a static file, with a mark of its content, so that browsers may keep it for good."""
    mark = hashlib.sha256((TEMPLATES / "static" / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={mark}"


_FILTERS: Final[tuple[Callable[..., Any], ...]] = (
    birthday, day, long_day, distance, ago, time_of_day, day_time, number, plural, status_word, host, column_name,
)  # fmt: skip
_GLOBALS: Final[tuple[Callable[..., Any], ...]] = (
    day_time, distance, in_both, long_day, may_practice, number, plural, status_word,
    along, breadth, span_words, spoken_spans, static,
)  # fmt: skip


@lru_cache
def environment() -> Environment:
    """The environment of every page and mail: escapes all but plain text, and fails on a value nobody gave.

    Jinja is imported here: reports take the words alone, in processes that live for a tenth of a second.
    """
    from heroicons.jinja import heroicon_micro
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    class Pages(Environment):
        """Globals are given once, below: as one mapping of them all an import costs a tenth of what a chain does."""

        def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
            return {**self.globals, **d} if d else self.globals

    env = Pages(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    env.filters.update({given.__name__: given for given in _FILTERS})
    env.globals.update(
        {given.__name__: given for given in _GLOBALS},
        FOREVER=FOREVER,
        STATUSES=tuple(STATUSES),
        heroicon_micro=lru_cache(maxsize=256)(heroicon_micro),  # else each is an XML tree copied and written anew
    )
    return env


def render(name: str, /, **values: Any) -> str:
    """The text of one template. A value that the template asks for and nobody gave raises `UndefinedError`."""
    return template(name).render(values)


@lru_cache(maxsize=1024)
def template(name: str) -> Template:
    """One template, looked up once."""
    return environment().get_template(name)
