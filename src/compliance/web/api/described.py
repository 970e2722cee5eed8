"""What machines can ask, read from the OpenAPI document itself, so that the page that tries it is never old."""

from __future__ import annotations

from dataclasses import dataclass

from litestar import Litestar
from litestar.openapi.spec import Operation, Parameter


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of a question; `place` is query or path."""

    name: str
    place: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Question:
    """One operation of the API."""

    path: str
    summary: str
    description: str
    fields: tuple[Asked, ...]


def operations(app: Litestar) -> list[Question]:
    """All of them, in the order of the document."""
    paths = app.openapi_schema.paths or {}
    return [_question(path, item.get) for path, item in paths.items() if item.get is not None]


def _question(path: str, operation: Operation) -> Question:
    fields = tuple(_asked(each) for each in operation.parameters or () if isinstance(each, Parameter))
    return Question(path, operation.summary or path, operation.description or "", fields)


def _asked(parameter: Parameter) -> Asked:
    return Asked(parameter.name, parameter.param_in, bool(parameter.required), parameter.description or "")
