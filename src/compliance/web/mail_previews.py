"""Previews of every message at `/mailbox/previews`: in a demonstration, and on the machine of those who build."""

from __future__ import annotations

from typing import Any, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Response

from compliance.services.mailing import Words
from compliance.web.access import needs
from compliance.web.mail_samples import Sample, samples, words_of
from compliance.web.mailbox import FRAMING, policy_of
from compliance.web.page import Html, Page
from compliance.web.styleguide import in_development

READ: Final = needs("outbox.read")
LOOKS: Final = {"light": "not all", "dark": "all"}
DARK, BOTH = "@media (prefers-color-scheme: dark)", ":root { color-scheme: light dark }"
"""Where a letter's style says what dark mode changes (templates/messages/_letter.html)."""


def shown_here(page: Page) -> bool:
    """Whether this installation has previews: where real mail is looked after they would only be in the way."""
    return page.membership.demonstration or in_development(page.settings)


@get("/mailbox/previews", opt=READ)
async def previews(page: NamedDependency[Page]) -> Html:
    """All of them, with the subject of each."""
    every = [(each, _words(page, each)) for each in _samples(page)]
    return page.show("mailbox/previews.html", every=every)


@get("/mailbox/previews/{name:str}", opt=READ)
async def preview(page: NamedDependency[Page], name: FromPath[str]) -> Html:
    """One as its reader would see it, in both shapes."""
    sample = _named(page, name)
    shown = page.show("mailbox/preview.html", sample=sample, words=_words(page, sample))
    shown.headers.update(FRAMING)
    return shown


@get("/mailbox/previews/{name:str}/letter", opt=READ)
async def preview_letter(page: NamedDependency[Page], name: FromPath[str]) -> Response[str]:
    """The HTML part alone, as the mailbox shows that of a message; `?look=dark` as it is in dark mode, or in light."""
    html = _looking(_words(page, _named(page, name)).html, page.request.query_params.get("look", ""))
    headers = {"content-security-policy": policy_of(html), "x-frame-options": "SAMEORIGIN"}
    return Response(html, media_type="text/html", headers=headers)


def _looking(html: str, look: str) -> str:
    """The message as if its reader had chosen light or dark, whatever who looks at the preview has chosen."""
    if look not in LOOKS:
        return html
    return html.replace(DARK, f"@media {LOOKS[look]}").replace(BOTH, f":root {{ color-scheme: {look} }}")


def _samples(page: Page) -> list[Sample]:
    if not shown_here(page):
        raise NotFoundException
    return samples(page.today, page.settings.public_url)


def _named(page: Page, name: str) -> Sample:
    return page.found(next((each for each in _samples(page) if each.id == name), None))


def _words(page: Page, sample: Sample) -> Words:
    return words_of(sample, page.today)


ROUTES: Final[list[Any]] = [previews, preview, preview_letter]
