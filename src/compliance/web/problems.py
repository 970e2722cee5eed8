"""How the API refuses: problem details (RFC 9457), the same shape for every refusal, and declared at every question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec

MEDIA_TYPE: Final = "application/problem+json"
TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_MEANINGS: Final = {
    400: "What was sent does not have the form that is described here.",
    401: "No key, or none that holds.",
    403: "The key is not allowed this.",
    404: "What is asked about is not known here, or not to this key.",
    413: "More was sent than is taken at once.",
    422: "The form is right, and what it says cannot be; `detail` says what and why. Nothing was recorded.",
    500: "A defect of the service; `instance` is in its log. It is no yes.",
    503: "It could not be told right now; ask again after `Retry-After` seconds. It is no yes.",
}
_ALWAYS: Final = (400, 401, 403, 500, 503)


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """Why a request was refused: `detail` is a sentence for people, `instance` is named in the service's log."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


class Impossible(HTTPException):
    """What was asked has the right form and cannot be: a day out of range, a name that is several people's."""

    status_code = 422


def problem(status: int, detail: str, request_id: str) -> ProblemDetails:
    """The body of one refusal."""
    return ProblemDetails("about:blank", TITLES.get(status, "Refused"), status, detail, f"urn:request:{request_id}")


def refusals(*codes: int) -> dict[int, ResponseSpec]:
    """`responses=` of a route of the API: these, and those that every question may meet."""
    return {
        code: ResponseSpec(ProblemDetails, generate_examples=False, description=_MEANINGS[code], media_type=MEDIA_TYPE)
        for code in sorted({*_ALWAYS, *codes})
    }
