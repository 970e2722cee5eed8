"""Settings of mail: the way out, the way back, and the watcher outside."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from compliance.channels.smtp_url import parse_smtp_url
from compliance.crypto.return_paths import LONGEST_LOCAL_PART
from compliance.settings.given import ADDRESS, Given, WrongSetting


def smtp_url(given: Given) -> str | None:
    """The mail server; None: mail is kept in the mailbox."""
    text = given.secret("SMTP_URL")
    if text is None:
        return None
    try:
        parse_smtp_url(text)
    except ValueError as error:
        raise WrongSetting(f"COMPLIANCE_SMTP_URL is {error}") from None
    return text


def mail_from(given: Given) -> str:
    """The sender of every mail."""
    text = given.text("MAIL_FROM", "reminders@localhost")
    if not ADDRESS.fullmatch(text):
        raise WrongSetting(f"COMPLIANCE_MAIL_FROM is {text!r}; give one address, like reminders@example.org.")
    return text


def mail_per_minute(given: Given) -> int:
    """How many mails all workers together hand over in a minute."""
    text = given.text("MAIL_PER_MINUTE", "1200")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1_000_000):
        raise WrongSetting(
            f"COMPLIANCE_MAIL_PER_MINUTE is {text!r}; give how many mails the server takes a minute, like 1200."
        )
    return int(text)


def bounce_address(given: Given) -> str | None:
    """Where reports on mail come back to, with the message named behind a +."""
    text = given.text("BOUNCEADDRESS", "")
    if text and (not ADDRESS.fullmatch(text) or len(text.rpartition("@")[0]) > LONGEST_LOCAL_PART):
        raise WrongSetting(
            f"COMPLIANCE_BOUNCEADDRESS is {text!r}; give one address with at most {LONGEST_LOCAL_PART} characters "
            "before the @, like bounces@example.org, to which mail for bounces+anything@example.org is delivered too."
        )
    return text or None


def bounce_maildir(given: Given) -> Path | None:
    """The folder that such reports are delivered to."""
    text = given.text("BOUNCE_MAILDIR", "")
    path = Path(text).expanduser()
    if text and not (path / "new").is_dir():
        raise WrongSetting(f"COMPLIANCE_BOUNCE_MAILDIR is {text!r}; give a maildir, a folder with new, cur and tmp.")
    return path if text else None


def ping_url(given: Given) -> str | None:
    """What is told that all is well."""
    text = given.secret("PING_URL")
    try:
        parts = urlsplit(text or "")
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        known = known and parts.port != 0
    except ValueError:
        known = False
    if text and not known:
        raise WrongSetting(
            "COMPLIANCE_PING_URL cannot be used; give an http:// or https:// address without a password."
        )
    return text
