"""The environment, read once: every name begins with `COMPLIANCE_`; secrets and addresses with one may stand in a file.

A wrong value stops the start with one sentence: the variable, what was given (never a secret), what is allowed.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from compliance.db.engine import WrongUrl, parse_url
from compliance.settings import mail
from compliance.settings.given import Given, WrongSetting
from compliance.settings.provider import provider
from compliance.uploads.antivirus import is_scanner

if TYPE_CHECKING:
    from compliance.channels.openid import Provider
    from compliance.crypto.certificates import KeyPair, SigningSettings

__all__ = ["Settings", "WrongSetting", "is_loopback", "read_settings"]

SHORTEST_KEY: Final = 32
_GUESSABLE: Final = re.compile(r"(?i)change.?me|secret|password|example|default")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. Nothing secret shows in its repr."""

    home: Path
    database_url: str = field(repr=False)
    public_url: str
    smtp_url: str | None = field(repr=False)
    mail_from: str
    mail_per_minute: int
    bounce_address: str | None
    bounce_maildir: Path | None
    ping_url: str | None = field(repr=False)
    evidence_url: str
    scanner_url: str | None
    report_fonts: Path | None
    host: str
    port: int
    log_format: Literal["console", "json"]
    given_key: bytes | None = field(repr=False)
    given_pair: KeyPair | None = None
    given_former: bytes | None = field(default=None, repr=False)
    provider: Provider | None = None

    @property
    def embedded(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.database_url.startswith("sqlite")

    @property
    def https(self) -> bool:
        """Whether people reach it through TLS."""
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        """Host and port of the public address, as browsers send them."""
        return urlsplit(self.public_url).netloc

    def secret_key(self) -> bytes:
        """What forms and notices are sealed with: given, or kept in `secret.key`, made there at the first start."""
        return self.given_key or _kept_key(self.home / "secret.key")

    def former_key(self) -> bytes:
        """The key before, under which links to unsubscribe and return paths are still known; empty: there is none."""
        kept = self.home / "secret.key.former"
        return self.given_former or (kept.read_bytes().strip() if self.given_key is None and kept.exists() else b"")

    def signing(self) -> SigningSettings:
        """What reports and checkpoints are signed with."""
        from compliance.crypto.certificates import SigningSettings

        return SigningSettings(self.secret_key(), self.public_url, self.given_pair)


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises WrongSetting."""
    given = Given(os.environ if environ is None else environ)
    home = Path(given.text("HOME", "./var")).expanduser().resolve()
    host, port = given.text("HOST", "127.0.0.1"), _port(given)
    settings = Settings(
        home=home,
        database_url=_database_url(given, home),
        public_url=_public_url(given, port),
        smtp_url=mail.smtp_url(given),
        mail_from=mail.mail_from(given),
        mail_per_minute=mail.mail_per_minute(given),
        bounce_address=mail.bounce_address(given),
        bounce_maildir=mail.bounce_maildir(given),
        ping_url=mail.ping_url(given),
        evidence_url=_evidence_url(given, home),
        scanner_url=_scanner_url(given),
        report_fonts=given.folder("REPORT_FONTS"),
        host=host,
        port=port,
        log_format=_log_format(given),
        given_key=_given_key(given, "SECRET_KEY"),
        given_former=_given_key(given, "FORMER_SECRET_KEY"),
        given_pair=_given_pair(given),
        provider=provider(given),
    )
    if not settings.embedded and settings.given_key is None:
        raise WrongSetting(
            "COMPLIANCE_SECRET_KEY is missing; with PostgreSQL give at least 32 random characters in it, or in a file "
            "named by COMPLIANCE_SECRET_KEY_FILE, the same for every process (`openssl rand -hex 32` makes one)."
        )
    return settings


def _port(given: Given) -> int:
    text = given.text("PORT", "8000")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise WrongSetting(f"COMPLIANCE_PORT is {text!r}; give a number from 1 to 65535.")
    return int(text)


def _log_format(given: Given) -> Literal["console", "json"]:
    match given.text("LOG_FORMAT", "console" if sys.stderr.isatty() else "json"):
        case "console":
            return "console"
        case "json":
            return "json"
        case other:
            raise WrongSetting(f"COMPLIANCE_LOG_FORMAT is {other!r}; give console or json.")


def _database_url(given: Given, home: Path) -> str:
    text = given.secret("DATABASE_URL") or f"sqlite:///{home / 'compliance.db'}"
    try:
        parse_url(text)
    except WrongUrl as error:
        raise WrongSetting(f"COMPLIANCE_DATABASE_URL cannot be used: {error}.") from None
    return text


def _public_url(given: Given, port: int) -> str:
    text = given.text("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or parts.path or parts.query or parts.fragment or "@" in text:
        raise WrongSetting(
            f"COMPLIANCE_PUBLIC_URL is {_shown(text)!r}; give scheme and host alone, like https://compliance.example.org."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise WrongSetting(
            f"COMPLIANCE_PUBLIC_URL is {text!r}, where passwords would travel unencrypted; plain http is for this "
            "machine alone. Put a proxy with TLS in front (compose.yaml has one) and give its https:// address."
        )
    return f"{parts.scheme}://{_without_usual_port(parts.scheme, parts.netloc)}"


def _without_usual_port(scheme: str, netloc: str) -> str:
    """The host as browsers write it in Host and Origin."""
    return netloc.lower().removesuffix(":443" if scheme == "https" else ":80")


def _evidence_url(given: Given, home: Path) -> str:
    """`file:` paths are taken from HOME unless they are absolute."""
    text = given.secret("EVIDENCE_URL") or "file:evidence"
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme == "file" and not parts.netloc and parts.path:
        return f"file:{home / parts.path}"
    if parts.scheme == "s3" and parts.netloc:
        return text
    raise WrongSetting(f"COMPLIANCE_EVIDENCE_URL is {_shown(text)!r}; give file:folder or s3://bucket/prefix.")


def _scanner_url(given: Given) -> str | None:
    text = given.text("CLAMD_URL", "")
    if text and not is_scanner(text):
        raise WrongSetting(
            f"COMPLIANCE_CLAMD_URL is {_shown(text)!r}; give unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310."
        )
    return text or None


def _given_key(given: Given, name: str) -> bytes | None:
    text = given.secret(name)
    if text is None:
        return None
    if len(text.encode()) < SHORTEST_KEY:
        raise WrongSetting(
            f"COMPLIANCE_{name} has {len(text.encode())} bytes; give at least {SHORTEST_KEY} random ones."
        )
    if len(set(text)) < 8 or _GUESSABLE.search(text):
        raise WrongSetting(
            f"COMPLIANCE_{name} can be guessed; give at least 32 random bytes (`openssl rand -hex 32` makes them)."
        )
    return text.encode()


def _given_pair(given: Given) -> KeyPair | None:
    """The certificate that reports are signed with, where the installation is not to make its own."""
    from compliance.crypto.certificates import CertificateRefused, read_pem

    key, chain = (given.file(name) for name in ("SIGNING_KEY_FILE", "SIGNING_CERTIFICATE_FILE"))
    if key is None and chain is None:
        return None
    if key is None or chain is None:
        raise WrongSetting(
            "COMPLIANCE_SIGNING_KEY_FILE and COMPLIANCE_SIGNING_CERTIFICATE_FILE belong together; give both or neither."
        )
    try:
        return read_pem(key, chain)
    except CertificateRefused as refusal:
        raise WrongSetting(
            f"COMPLIANCE_SIGNING_KEY_FILE and COMPLIANCE_SIGNING_CERTIFICATE_FILE cannot be used: {refusal}"
        ) from None


def _kept_key(path: Path) -> bytes:
    """The key in the file; of two processes that make it at once, both get the one that stays."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f"secret.key.{os.getpid()}.{secrets.token_hex(4)}")
        scratch.touch(mode=0o600)
        scratch.write_text(secrets.token_hex(32))
        try:
            os.link(scratch, path)
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
    key = path.read_bytes().strip()
    if len(key) < SHORTEST_KEY:
        raise WrongSetting(f"{path} has {len(key)} bytes; it must hold at least {SHORTEST_KEY} random ones.")
    return key


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _shown(url: str) -> str:
    """The address without what stands before an @, where a password would."""
    scheme, mark, rest = url.partition("//")
    return f"{scheme}{mark}***@{rest.rpartition('@')[2]}" if "@" in rest else url
