"""Forms: from what a person typed to a typed value, or to one sentence per field, with everything typed kept.

The shape of a form is a frozen dataclass. Known types: str, int, bool, date, UUID, UploadFile, `X | None` of these, and
tuples of str or UUID (checkboxes). A field without a default must be given. A name that is not in the shape is refused.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import date
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import ClientException

from compliance.services.refusals import Refused
from compliance.uploads.names import clean_name
from compliance.web.days import Unreadable, read_day

T = TypeVar("T")

LONGEST: Final = 500
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_QUESTIONS: Final = frozenset({"how", "what", "where", "who", "whom"})
"""A label that begins so is something to say: "who looked", "where it was looked up"."""
_YES: Final = frozenset({"yes", "on", "true", "1"})


def asked(label: str, *, default: Any = MISSING, longest: int = LONGEST, lines: bool = False) -> Any:
    """A field of a form with its name in sentences: `number: str = asked("the license number")`."""
    return field(default=default, metadata={"label": label, "longest": longest, "lines": lines})


@dataclass(frozen=True)
class Nothing:
    """The shape of a button without fields."""


class Wrong(ValueError):
    """What is wrong with one field: a sentence for the person who filled it in."""


@dataclass(slots=True)
class Form(Generic[T]):
    """A form that came in: `value` if every field can be used, else a sentence for each that cannot.

    `read` has the fields that can be used, so that what is wrong with them is said beside what cannot be read at all.
    """

    value: T | None
    typed: dict[str, Any]
    errors: dict[str, str]
    read: dict[str, Any] = field(default_factory=dict)

    def refuse(self, name: str, sentence: str) -> Form[T]:
        """Adds what only the deed itself found wrong."""
        self.errors.setdefault(name, sentence)
        return self

    def refused(self, refusal: Refused) -> Form[T]:
        """Adds what a service refused, each sentence to its field."""
        self.errors |= refusal.fields
        return self


def blank(shape: type[Any], **given: Any) -> dict[str, Any]:
    """The values of a form that nobody has filled in yet: what is given, else the defaults, else empty."""
    return {each.name: given.get(each.name, _default(each)) for each in fields(shape)}


def _default(each: Field[Any]) -> Any:
    return "" if each.default in (MISSING, None) else each.default


def decode(shape: type[T], data: FormMultiDict) -> Form[T]:
    """Reads a form. Raises ClientException for a field that the form does not have."""
    known = {each.name: each for each in fields(shape)}  # type: ignore[arg-type]  # a dataclass
    strangers = set(data.keys()) - set(known) - {"csrf_token"}
    if strangers:
        raise ClientException(f"This form has no field {sorted(strangers)[0]!r}.")
    hints = _hints(shape)  # type: ignore[arg-type]  # a class
    values: dict[str, Any] = {}
    typed: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, each in known.items():
        raw = data.getall(name, [])
        typed[name] = _typed(hints[name], raw)
        try:
            values[name] = _value(each, hints[name], raw)
        except Wrong as wrong:
            errors[name] = str(wrong)
    return Form(None if errors else shape(**values), typed, errors, values)


@lru_cache(maxsize=512)
def _hints(shape: type[Any]) -> Mapping[str, Any]:
    return get_type_hints(shape)


def _typed(kind: Any, raw: list[Any]) -> Any:
    """What the page shows again; of a file its name, for the file itself cannot be sent back."""
    if _bare(kind) is UploadFile:
        names = [each.filename for each in raw if isinstance(each, UploadFile) and each.filename]
        return clean_name(names[-1]) if names else ""
    texts = [each for each in raw if isinstance(each, str)]
    if get_origin(kind) is tuple:
        return tuple(texts)
    return texts[-1] if texts else ""


def _value(each: Field[Any], kind: Any, raw: list[Any]) -> Any:
    if get_origin(kind) is tuple:
        return tuple(_one(each, get_args(kind)[0], item) for item in raw if item != "")
    kind = _bare(kind)
    given = raw[-1] if raw else None
    if kind is bool:
        return given in _YES
    if kind is UploadFile:
        given = given if isinstance(given, UploadFile) and given.filename else None
    elif isinstance(given, str) and not given.strip():
        given = None
    if given is None:
        return _missing(each)
    return _one(each, kind, given)


def _bare(kind: Any) -> Any:
    """`date | None` is `date`."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(part for part in get_args(kind) if part is not types.NoneType)
    return kind


def _missing(each: Field[Any]) -> Any:
    if each.default is MISSING:
        label = _label(each)
        verb = "Say" if label.split()[0] in _QUESTIONS else "Give"
        raise Wrong(f"{verb} {label}.")
    return each.default


def _label(each: Field[Any]) -> str:
    return str(each.metadata.get("label") or each.name.replace("_", " "))


def _one(each: Field[Any], kind: Any, given: Any) -> Any:
    if kind is UploadFile:
        return given
    if not isinstance(given, str):
        raise Wrong(f"A file was sent; give {_label(each)} as text.")
    text = given.replace("\r\n", "\n").strip()
    longest = each.metadata.get("longest", LONGEST)
    if len(text) > longest:
        raise Wrong(f"This has {len(text):,} characters; give at most {longest:,}.")
    if _CONTROL.search(text) or ("\n" in text and not each.metadata.get("lines")):
        raise Wrong("This has characters that cannot be shown; type it anew.")
    return _READERS[kind](text)


def _day(text: str) -> date:
    try:
        return read_day(text)
    except Unreadable as problem:
        raise Wrong(str(problem)) from None


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        raise Wrong(f"“{text}” is no whole number; give one like 24.")
    return int(text)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Wrong("Choose one of the list.") from None


_READERS: Final[dict[Any, Callable[[str], Any]]] = {str: str, date: _day, int: _whole, UUID: _id}
