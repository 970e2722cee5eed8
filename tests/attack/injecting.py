"""Header, formula, template and markup injection: every payload in every text field of every form."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any, Final

import httpx

from compliance import clock
from tests.attack.faults import faults_of_page
from tests.attack.tally import Tally
from tests.attack.target import Target
from tests.attack.walking import plain
from tests.uploads.files import png
from tests.web.conftest import Browser
from tests.web.test_matrix import routes

_SUM: Final = "{{7919*7907}}${7919*7907}#(7919*7907)"
_MARKUP: Final = "\"'><zq-evil onzq='1'>"
PAYLOADS: Final = (
    f"=zq01{_MARKUP}{_SUM}",
    f"+zq02|'/C calc'!A0 {_MARKUP}\r\nX-Zq-Evil: 1\r\nBcc: zq@zq.example\r\n\r\n<b>zq</b>\nBEGIN:VALARM\nX-ZQ-EVIL:1\nEND:VALARM",
    f"-2+3+zq03<script>zq()</script><img src=x onerror=zq()>{_SUM}",
    "@SUM(1)zq04 #eval(\"7919*7907\") $7919*7907$ #read(\"/etc/passwd\") <%= 7919*7907 %> {%set a=7919*7907%}{{a}}",
    "\t=zq05' onzq='1' a=\"",
    "＝zq06\u202egnp.exe\u2066 \\\\) Tj ET /JS (app.alert(1)) /S /JavaScript",
    "javascript:zq07()//'; DROP TABLE people; --",
    "=HYPERLINK(\"http://zq.example\",\"zq08\")",
)  # fmt: skip
"""Each carries several kinds; what makes a formula or a link has to stand at the beginning, so there are several."""
SHORT: Final = "=zq09<zq-evil>"
"""For fields that take few characters."""
PASSWORD: Final = "seven quiet herons at the pier"
ASKED: Final = ("modalities", "scopes", "sure")
"""Boxes of which a form wants one."""
SKIPPED: Final = (
    "/sign-out",
    "/account/password",
    "/account/sessions/end",
    "/account/email",
    "/organization/second-factor",
)
"""What would end the attacker's own session."""
ENDING: Final = (
    "/void", "/end", "/close", "/revoke", "/undo", "/cancel", "/take-back", "/clear", "/remove", "/depart", "/give-up", "/drop",
)  # fmt: skip


@dataclass
class Field:
    """One control of a form."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    chosen: bool = False
    required: bool = False

    @property
    def takes_text(self) -> bool:
        """Whether somebody types into it."""
        return self.kind in ("text", "search", "tel", "url", "email", "textarea")

    def benign(self) -> str:
        """What somebody who means well gives: what stands there, else as little as the form asks for."""
        if self.value.strip():
            return self.value
        match self.kind:
            case "select":
                return next((each for each in self.options if each), "")
            case "number":
                return "2"
            case "password":
                return PASSWORD
            case _:
                return self._words() if self.takes_text and self.required else ""

    def _words(self) -> str:
        if self.kind == "email" or self.name == "email":
            return "someone@example.org"
        if self.name.endswith(("_on", "_date", "_day")):
            later = self.name.startswith(("end", "until", "last", "applies"))
            return str(clock.now().date() + timedelta(days=400 if later else -20))
        return {"url": "https://example.org/law", "length": "60", "every_days": "30", "sample": "2"}.get(
            self.name, "Plain words"
        )


class _Forms(HTMLParser):
    """The forms of a page with their controls."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, Field]]] = []
        self._fields: dict[str, Field] | None = None
        self._open: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = {}
            self.found.append((given.get("method", "get"), given.get("action", ""), self._fields))
        elif tag == "option" and self._open is not None:
            self._open.options.append(given.get("value", ""))
            if "selected" in given:
                self._open.value = given.get("value", "")
        elif self._fields is not None and tag in ("input", "select", "textarea") and given.get("name"):
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        assert self._fields is not None
        kind = given.get("type", "text") if tag == "input" else tag
        made = Field(given["name"], kind, given.get("value", ""), required="required" in given)
        if kind in ("radio", "checkbox"):
            made.chosen = "checked" in given
            known = self._fields.get(made.name)
            if known is not None and (known.chosen or not made.chosen):
                known.options.append(made.value)
                return
        self._fields[made.name] = made
        self._open = made if tag in ("select", "textarea") else None

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._open.kind == "textarea":
            self._open.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        if tag in ("select", "textarea"):
            self._open = None


Form = tuple[str, dict[str, Field]]


async def forms(site: Target, browser: Browser) -> list[Form]:
    """Every form that changes something, by where it goes; what ends something comes last."""
    found: dict[str, dict[str, Field]] = {}
    for path in addresses(site):
        answer = await browser.get(path)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        reader = _Forms()
        reader.feed(answer.text)
        for method, action, fields in reader.found:
            if method == "post":
                known = found.setdefault(unescape(action) or path, {})
                known.update({name: each for name, each in fields.items() if name not in known})
    kept = [(path, fields) for path, fields in found.items() if path not in SKIPPED]
    return sorted(kept, key=lambda form: form[0].endswith(ENDING))


def addresses(site: Target) -> list[str]:
    """Every page, with ids of our own world."""
    named = [site.our_world.path(template) for method, template, _ in routes(with_ids=True) if method == "GET"]
    return named + [plain(template) for method, template, _ in routes(with_ids=False) if method == "GET"]


async def inject(site: Target, seconds: float) -> Tally:
    """One payload into each text field by itself, then the others into all fields at once that took the first."""
    browser = await site.sign_in("owner")
    await browser.get("/account")
    found = await forms(site, browser)
    fields = sum(each.takes_text for _, form in found for each in form.values())
    tally = Tally(f"{len(PAYLOADS)} injections, {fields} text fields of {len(found)} forms")
    began, took = time.monotonic(), 0
    for number, (path, form) in enumerate(found):
        if time.monotonic() - began > seconds:
            tally.unfinished = f"stopped after {seconds:.0f} seconds, at form {number} of {len(found)}"
            break
        took += await _into(browser, path, form, tally)
    tally.notes.append(f"{took} of {fields} fields took a payload; the others, or their forms, refused each")
    return tally


async def _into(browser: Browser, path: str, form: dict[str, Field], tally: Tally) -> int:
    """One form; how many of its fields took something."""
    typed = [each.name for each in form.values() if each.takes_text]
    if path.endswith(ENDING):  # what this ends cannot be ended again
        return len(typed) * await _send(browser, path, form, dict.fromkeys(typed, PAYLOADS[0]), tally)
    open_ones = [name for name in typed if await _first(browser, path, form, name, tally)]
    for payload in PAYLOADS[1:]:
        if open_ones and not await _send(browser, path, form, dict.fromkeys(open_ones, payload), tally):
            for name in open_ones if len(open_ones) > 1 else ():
                await _send(browser, path, form, {name: payload}, tally)
    return len(open_ones)


async def _first(browser: Browser, path: str, form: dict[str, Field], name: str, tally: Tally) -> bool:
    """Whether a field takes a payload at all, long or short."""
    for payload in (PAYLOADS[0], SHORT):
        if await _send(browser, path, form, {name: payload}, tally):
            return True
    return False


async def _send(browser: Browser, path: str, form: dict[str, Field], typed: dict[str, str], tally: Tally) -> bool:
    """One form; whether it was taken."""
    values: dict[str, Any] = {name: each.benign() for name, each in form.items() if each.kind not in ("file", "submit")}
    for name, each in form.items():
        if each.kind == "checkbox" and not each.chosen and name not in ASKED:
            values.pop(name)
    files = {name: ("card.png", png((30, 20))) for name, each in form.items() if each.kind == "file"}
    data = values | typed | {"csrf_token": browser.token}
    answer = await browser.post(path, data=data, files=files or None)
    what = f"{path} {sorted(typed)}={next(iter(typed.values()), '')[:30]!r}"
    tally.judge(what, answer.status_code, refused=answer.status_code >= 400)
    if "text/html" in answer.headers.get("content-type", ""):  # the form comes back with what was typed
        tally.wrong += [f"{what}: {each}" for each in faults_of_page(answer.text)[:3]]
    _no_header(tally, path, answer.headers)
    if not browser.token:
        await browser.get("/account")
    return answer.status_code < 400


def _no_header(tally: Tally, path: str, headers: Any) -> None:
    if any(name.lower().startswith("x-zq") for name in headers):
        tally.wrong.append(f"{path}: the answer has a header of the attacker's")


ODD_HEADERS: Final = (
    {"x-forwarded-for": "1.2.3.4', 1=1"}, {"x-forwarded-host": "zq.example"}, {"x-forwarded-proto": "gopher"},
    {"forwarded": "host=zq.example;for=\"[::1]\""}, {"referer": "https://zq.example/<script>"}, {"user-agent": "{{7919*7907}}<script>zq"},
    {"accept-language": "zq" * 5000}, {"x-original-url": "/people"}, {"x-rewrite-url": "/people"}, {"x-http-method-override": "DELETE"},
    {"cookie": "session=" + "A" * 4000}, {"cookie": "session=\x01\x02; session=zq; a=" + "b" * 100}, {"content-type": "zq"},
    {"range": "bytes=0-,0-,0-,0-"}, {"if-none-match": "zq" * 1000}, {"accept": "zq/zq"}, {"authorization": "Bearer zq\u00e9"},
    {"transfer-encoding": "zq"}, {"content-length": "-1"}, {"host": "zq.example"}, {"host": "127.0.0.1:80@zq.example"},
    {"x-request-id": "zq\\r\\nzq"}, {"sec-fetch-site": "zq"}, {"expect": "zq"}, {"upgrade": "zq"},
)  # fmt: skip
NEXT: Final = ("https://zq.example", "//zq.example", "/\\zq.example", "\\\\zq.example", "javascript:zq()", "/%0d%0aX-Zq-Evil:1", "///zq.example",
               "http:zq.example", "/a/..//zq.example", "\t//zq.example", "https:%2f%2fzq.example")  # fmt: skip


async def headers_and_addresses(site: Target) -> Tally:
    """Odd headers, and addresses to go on to: none leads elsewhere, none comes back as a header, none is a defect."""
    tally = Tally("odd headers, addresses to go on to")
    for given in ODD_HEADERS:
        for path in ("/", "/sign-in", "/therapists", "/health/live", "/verify", "/api/v1/clinics"):
            browser = await site.sign_in("owner")
            raw = {name: value.encode("latin-1", "replace") for name, value in given.items()}
            try:
                answer = await browser.get(path, headers=raw)  # type: ignore[arg-type]
            except httpx.ProtocolError:
                continue  # what no client can send
            tally.judge(f"{given} {path}", answer.status_code, refused=answer.status_code >= 400)
            _stays_here(tally, site, f"{given} {path}", answer)
    for goal in NEXT:
        browser = site.browser()
        for path in ("/sign-in", "/sign-in/second-factor", "/account/confirm", "/therapists", "/organizations"):
            answer = await browser.get(path, params={"next": goal, "to": goal, "return": goal})
            tally.judge(f"next={goal!r} {path}", answer.status_code, refused=answer.status_code >= 400)
            _stays_here(tally, site, f"next={goal!r} {path}", answer)
    return tally


def _stays_here(tally: Tally, site: Target, what: str, answer: Any) -> None:
    where = answer.headers.get("location", "")
    own = (where.startswith("/") and not where.startswith(("//", "/\\"))) or where.startswith(
        site.settings.public_url + "/"
    )
    if where and not own:
        tally.wrong.append(f"{what}: leads to {where!r}")
    if 'href="https://zq' in answer.text or 'href="//zq' in answer.text or 'value="//zq' in answer.text:
        tally.wrong.append(f"{what}: the page leads elsewhere")
    _no_header(tally, what, answer.headers)
