"""A page that is watched: what its policy forbids, what it asks of other places, what breaks in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response


@dataclass
class Watch:
    """What was seen on a page since it was opened; empty lists are what every test expects."""

    origin: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def on(self, page: Page) -> Watch:
        """Begins to watch."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)
        page.on("response", self._response)
        return self

    def _console(self, message: ConsoleMessage) -> None:
        answered = any(f"status of {status} " in message.text for status in self.expected)
        if message.type in ("error", "warning") and not answered:
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and f"{address.scheme}://{address.netloc}" != self.origin:
            self.elsewhere.append(request.url)

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.broken.append(f"{response.status} {response.url}")

    def expect(self, *statuses: int) -> None:
        """Answers of this kind are what the test is about: 422 for a form that comes back."""
        self.expected |= set(statuses)

    @property
    def faults(self) -> list[str]:
        """All of it in sentences."""
        return [
            *(f"The console says: {each}" for each in self.complaints),
            *(f"Asked elsewhere: {each}" for each in self.elsewhere),
            *(f"Answered {each}" for each in self.broken),
        ]
