"""What stands outside the program in the main job's test: a mail server, a served installation, and a visitor."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes
from email.policy import default
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
from aiosmtpd.controller import Controller

from tests.forms import forms_of


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Received:
    """One message as the server accepted it."""

    recipient: str
    subject: str
    message_id: str
    text: str
    kind: str


class Mailserver:
    """A real SMTP server that keeps what it accepts; `refuse` makes it answer that it is busy."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.refuse = False
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}?tls=none"
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Mailserver:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Busy, or not."""
        if self.refuse:
            return "451 try again later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keeps a message."""
        message = message_from_bytes(envelope.content, policy=default)
        body = message.get_body(("plain",))
        text = body.get_content() if body else ""
        subject = str(message["Subject"]).strip()
        kind = "summary" if subject.startswith("Reminders of ") else "reminder"
        (recipient,) = envelope.rcpt_tos
        self.received.append(Received(recipient, subject, str(message["Message-ID"]), text, kind))
        return "250 accepted"


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """`compliance serve` without the jobs, on a port of its own; its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    own = environment | {"COMPLIANCE_PUBLIC_URL": address, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [
        sys.executable,
        "-c",
        "from compliance.cli import main; main()",
        "serve",
        "--port",
        str(port),
        "--no-scheduler",
    ]
    process = subprocess.Popen(words, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        await_service(address, process)
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=30)


def await_service(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until the service answers. Raises RuntimeError with what it said when it ends instead."""
    plainly = httpx.HTTPTransport(verify=False)  # nothing is encrypted here, and reading all authorities takes time
    with httpx.Client(transport=plainly, timeout=2) as client:
        for _ in range(300):
            if process.poll() is not None:
                raise RuntimeError((process.stderr.read() if process.stderr else b"").decode())
            try:
                client.get(f"{address}/health/live")
                return
            except httpx.TransportError:
                time.sleep(0.1)
    raise RuntimeError("the service did not start within 30 seconds")


class Visitor:
    """Somebody with a browser: follows links by their words and fills in the forms that the pages show."""

    def __init__(self, address: str) -> None:
        self.browser = httpx.Client(base_url=address, follow_redirects=True, timeout=60)
        self.address, self.page, self.at = address, "", "/"

    def open(self, path: str) -> None:
        """Goes to a page."""
        self._shown(self.browser.get(urljoin(self.at, path)))

    def fill_in(self, changes: dict[str, str], files: dict[str, Path] | None = None) -> None:
        """Fills in the form of the page that has these fields, leaves the rest as it stands, and sends it."""
        asked = {*changes, *(files or {})}
        form = next((each for each in forms_of(self.page) if asked <= each.names), None)
        assert form is not None, f"no form asks for {sorted(asked)} on {self.at}: {self.words[:2000]}"
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": self.address}
        empty = dict.fromkeys(form.files, ("", b""))
        given = {name: (path.name, path.read_bytes()) for name, path in (files or {}).items()}
        where, data = urljoin(self.at, form.action), form.values | changes
        self._shown(self.browser.post(where, data=data, files=empty | given or None, headers=headers))

    def _shown(self, answer: httpx.Response) -> None:
        self.page, self.at = answer.text, str(answer.url)
        assert answer.status_code == 200, f"{answer.url} answered {answer.status_code}: {self.words[:2000]}"

    @property
    def words(self) -> str:
        """The page as a person reads it."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.page)).split())

    def link(self, words: str) -> str:
        """Where the first link with these words leads."""
        for target, inner in re.findall(r'<a[^>]*href="([^"]+)"[^>]*>(.*?)</a>', self.page, re.DOTALL):
            if words in " ".join(unescape(re.sub(r"<[^>]+>", " ", inner)).split()):
                return unescape(target)
        raise AssertionError(f"no link says {words!r} on {self.at}: {self.words[:2000]}")

    def set_password(self, link: str, password: str) -> None:
        """Uses the one-time link that the command printed."""
        self.open(urljoin(self.address, link[link.index("/set-password") :]))
        self.fill_in({"password": password, "again": password})

    def sign_in(self, email: str, password: str) -> None:
        """Signs in, if the link has not done so."""
        self.open("/sign-in")
        if 'type="password"' in self.page:
            self.fill_in({"email": email, "password": password})

    def find(self, therapist: str) -> None:
        """Searches a therapist and opens the page."""
        self.open(f"/therapists?q={therapist}")
        self.open(self.link(therapist))

    def record_verification(self, on: date) -> None:
        """Follows the therapist's one next action, and records that the board confirmed what it was asked."""
        self.open(self.link("Check at the board"))
        self.fill_in({"result": "confirmed", "verified_on": str(on), "source": "board website"})

    def renew(self, ends_on: date) -> None:
        """Records a renewal of the credential that is shown."""
        self.open(self.href("/renew"))
        self.fill_in({"ends_on": str(ends_on)})

    def href(self, ending: str) -> str:
        """The first link of the page whose address ends so."""
        for target in re.findall(r'href="([^"]+)"', self.page):
            if target.endswith(ending):
                return unescape(target)
        raise AssertionError(f"nothing leads to {ending} on {self.at}: {self.words[:2000]}")
