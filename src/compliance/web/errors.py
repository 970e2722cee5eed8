"""What goes wrong, said in the look of the other pages, and as problem details (RFC 9457) under /api."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import structlog
from litestar.connection import Request
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect, Response
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from compliance.crypto.tokens import csrf_token
from compliance.rendering import render
from compliance.services.refusals import Refused, Unknown
from compliance.store import EvidenceDamaged, EvidenceMissing, StoreUnavailable
from compliance.web.demands import SecondFactorFirst
from compliance.web.problems import MEDIA_TYPE, ProblemDetails, problem
from compliance.web.security import SAFE

STORE: Final = "Whoever runs this service finds the reason in its log, and `compliance doctor` names it too."
PAGES: Final = frozenset({400, 403, 404, 413, 500, 503})
PASSED_ON: Final = frozenset({"allow", "retry-after", "www-authenticate"})
Asked = Request[Any, Any, Any]
log = structlog.get_logger("compliance.web")


def on_http(request: Asked, error: HTTPException) -> Response[Any]:
    """A refusal that a handler or a guard raised."""
    if error.status_code == 401 and not _is_api(request):
        return _to_sign_in(request)
    if error.status_code == 403 and not _is_api(request) and _has_to_choose(request):
        return Redirect("/organizations", status_code=303)
    if error.status_code == 403:
        log.warning("denied", needs=(error.extra or {}).get("needs"), viewer=_who(request))  # type: ignore[union-attr]
    return answer(request, error.status_code, error.detail, error.headers)


def on_second_factor(request: Asked, error: SecondFactorFirst) -> Response[Any]:
    """Whoever needs a second factor first is led to it."""
    return Redirect("/account/second-factor", status_code=303)


def on_refusal(request: Asked, error: Refused) -> Response[Any]:
    """A service refused, and no form of the handler's took it."""
    return answer(request, 404 if isinstance(error, Unknown) else 400, str(error))


def on_database(request: Asked, error: Exception) -> Response[Any]:
    """The database does not answer, or is not this program's: not our defect, and worth a retry."""
    log.error("database", problem=str(error.__cause__ or type(error).__name__).splitlines()[0])
    return answer(request, 503, "The database cannot be reached right now.", {"retry-after": "10"})


def on_store(request: Asked, error: Exception) -> Response[Any]:
    """The evidence store fails, or has lost or spoiled a file: for the operator to mend; the sentence says what."""
    log.error("evidence store", problem=str(error))
    return answer(request, 503, "The evidence store cannot be used right now.", {"retry-after": "60"})


def on_defect(request: Asked, error: Exception) -> Response[Any]:
    """Anything else: a defect, which is in the log with the request's id and nowhere else."""
    log.error("defect", exc_info=error)
    return answer(request, 500, "The work failed.")


HANDLERS: Final[dict[Any, Any]] = {
    HTTPException: on_http,
    SecondFactorFirst: on_second_factor,
    Refused: on_refusal,
    OperationalError: on_database,
    InterfaceError: on_database,
    TimeoutError: on_database,
    ConnectionError: on_database,
    EvidenceMissing: on_store,
    EvidenceDamaged: on_store,
    StoreUnavailable: on_store,
    Exception: on_defect,
}


def answer(request: Asked, status: int, detail: str, headers: dict[str, str] | None = None) -> Response[Any]:
    """The refusal as a page, or as problem details for machines."""
    kept = {name: value for name, value in (headers or {}).items() if name.lower() in PASSED_ON}
    if _is_api(request):
        return _problem(request, status, detail, kept)
    template = f"errors/{status if status in PAGES else 400 if status < 500 else 500}.html"
    text = render(template, **_frame(request), **_words(request, status, detail))
    return Response(text, media_type="text/html", status_code=status, headers=kept)


def _problem(request: Asked, status: int, detail: str, headers: dict[str, str]) -> Response[ProblemDetails]:
    body = problem(status, detail, _state(request).get("request_id", ""))
    return Response(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def _words(request: Asked, status: int, detail: str) -> dict[str, Any]:
    """What each page of templates/errors/ may be told beside the frame."""
    match status:
        case 413:
            return {"given": _size(request.headers.get("content-length", "")), "limit": _size(_limit(request))}
        case 403 | 404 | 500:
            return {}
        case 503 if "store" in detail:
            return {"problem": f"{detail} Nothing was recorded.", "retry": STORE}
        case 503:
            return {}
        case 405:
            return {"problem": "This address cannot be asked in this way.", "allowed": "Open it from its page."}
        case 429:
            return {"problem": detail, "allowed": "Nothing was changed."}
        case _ if request.method in ("GET", "HEAD"):
            return {"problem": detail, "allowed": "What stands in the address is not as it must be."}
        case _:
            return {"problem": detail}


def _limit(request: Asked) -> str:
    handler = request.scope.get("route_handler")
    return str(handler.resolve_request_max_body_size() or "") if isinstance(handler, HTTPRouteHandler) else ""


def _size(text: str) -> str:
    """`14.2 MB`, `256 KB`; empty for what is no number."""
    if not text.isdigit():
        return ""
    megabytes = int(text) / 2**20
    return f"{megabytes:,.1f} MB".replace(".0 ", " ") if megabytes >= 1 else f"{int(text) // 1024} KB"


def _frame(request: Asked) -> dict[str, Any]:
    """Less than a page's frame: an error page asks the database for nothing."""
    state = _state(request)
    viewer, now = state.get("viewer"), state.get("now")
    secret = request.app.state.settings.secret_key() if viewer else b""
    frame = {
        "viewer": viewer if viewer and viewer.membership else None,
        "csrf_token": csrf_token(secret, viewer.session_hash) if viewer else "",
        "path": request.scope["path"],
        "flash": None,
        "as_of": None,
        "request_id": state.get("request_id", ""),
    }
    return frame | ({"today": viewer.today(now)} if viewer and now else {})


def _state(request: Asked) -> dict[str, Any]:
    state: dict[str, Any] = request.scope.get("state", {})
    return state


def _who(request: Asked) -> str:
    viewer = _state(request).get("viewer")
    return str(viewer.person_id) if viewer else ""


def _has_to_choose(request: Asked) -> bool:
    viewer = _state(request).get("viewer")
    return viewer is not None and viewer.membership is None and request.method in SAFE


def _is_api(request: Asked) -> bool:
    return request.scope["path"].startswith("/api/")


def _to_sign_in(request: Asked) -> Redirect:
    """Back to where somebody wanted to go, once they have signed in."""
    query = request.scope["query_string"].decode("latin-1")
    there = request.scope["path"] + (f"?{query}" if query else "")
    wanted = there if request.method in SAFE else ""
    return Redirect(
        f"/sign-in?next={quote(wanted, safe='/')}" if wanted not in ("", "/") else "/sign-in", status_code=303
    )


def safe_next(path: str) -> str:
    """A path of ours to go on to, never another site: `//elsewhere` and `/\\elsewhere` are other sites to a browser."""
    ours = path.startswith("/") and not path.startswith("//")
    return path if ours and "\\" not in path and path.isprintable() else "/"
