"""One SMTP conversation: one message, one recipient, one connection. It blocks and runs in a thread."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NoReturn

from compliance.channels.outcome import Fault, Outcome, OutgoingMessage, Phase
from compliance.channels.smtp_url import SmtpRoute

Leave = Literal["yes", "no", "late"]

# Up to here nothing has been said about this message: whatever fails is the route's failure.
_ROUTE_PHASES: frozenset[Phase] = frozenset({"connect", "greeting", "tls", "auth"})
_LONGEST_DETAIL = 500
_TOO_LARGE = 552


@dataclass(frozen=True)
class Patience:
    """Seconds to wait: for each command, for the mark to be written, between mark and dot, for the verdict.

    The verdict's ten minutes are RFC 5321, section 4.5.3.2.6: less would deliver the same message several
    times.
    """

    command: float = 60
    mark: float = 30
    stall: float = 5
    verdict: float = 600


class _Over(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.kind)
        self.outcome = outcome


class Conversation:
    """Say hello, hand over the envelope, stream the message, ask for leave, send the dot, hear the verdict.

    `ask` writes the mark and answers `yes`, `no`, or `late` when it took too long; `elapsed` counts seconds.
    """

    def __init__(
        self,
        route: SmtpRoute,
        message: OutgoingMessage,
        ask: Callable[[], Leave],
        elapsed: Callable[[], float],
        tls: ssl.SSLContext,
        patience: Patience,
    ) -> None:
        self._route, self._message, self._ask, self._elapsed = route, message, ask, elapsed
        self._tls, self._patience = tls, patience
        self._phase: Phase = "connect"
        self._smtp: smtplib.SMTP | None = None

    def hold(self) -> Outcome:
        """The whole conversation. Raises only what `ask` raises; the message is then not delivered."""
        return self._guarded(self._deliver)

    def greet_only(self) -> Outcome:
        """Connects and signs in, and hands over nothing: `sent` when the route is whole."""
        return self._guarded(self._greet_and_leave)

    def _guarded(self, talk: Callable[[], Outcome]) -> Outcome:
        try:
            return talk()
        except _Over as over:
            return over.outcome
        except smtplib.SMTPResponseException as error:
            # After the dot this is smtplib's own word on an answer that it could not read, not the server's.
            spoken = self._phase != "end"
            return self._judge(error.smtp_code, error.smtp_error) if spoken else self._broken(error)
        except (smtplib.SMTPException, OSError) as error:
            return self._broken(error)
        finally:
            if self._smtp is not None:
                self._smtp.close()

    def _greet_and_leave(self) -> Outcome:
        self._greet()
        return Outcome("sent", self._phase, "The server is there.")

    def _deliver(self) -> Outcome:
        smtp = self._greet()
        self._hand_over_envelope(smtp)
        self._stream(smtp)
        self._get_leave(smtp)
        return self._transmit(smtp)

    def _greet(self) -> smtplib.SMTP:
        smtp = self._smtp = self._connect()
        self._phase = "greeting"
        smtp.ehlo_or_helo_if_needed()
        if self._route.tls == "starttls":
            self._phase = "tls"
            smtp.starttls(context=self._tls)
            smtp.ehlo_or_helo_if_needed()
        if self._route.user is not None and self._route.password is not None:
            self._phase = "auth"
            smtp.login(self._route.user, self._route.password)
        return smtp

    def _connect(self) -> smtplib.SMTP:
        host, port, patience = self._route.host, self._route.port, self._patience.command
        if self._route.tls == "implicit":
            return smtplib.SMTP_SSL(host, port, _own_name(), timeout=patience, context=self._tls)
        return smtplib.SMTP(host, port, _own_name(), timeout=patience)

    def _hand_over_envelope(self, smtp: smtplib.SMTP) -> None:
        reports = smtp.has_extn("dsn")
        self._phase = "mail"
        self._expect(250, smtp.mail(self._message.sender, self._mail_options(smtp, reports)))
        self._phase = "rcpt"
        options = ["NOTIFY=FAILURE,DELAY"] if reports else []
        self._expect(25, smtp.rcpt(self._message.recipient, options))
        self._phase = "data"
        self._expect(354, smtp.docmd("DATA"))

    def _mail_options(self, smtp: smtplib.SMTP, reports: bool) -> list[str]:
        options = [f"SIZE={len(self._message.content)}"] if smtp.has_extn("size") else []
        if reports:
            options.append("RET=HDRS")
        if reports and self._message.envelope_id:
            options.append(f"ENVID={_xtext(self._message.envelope_id)}")
        return options

    def _stream(self, smtp: smtplib.SMTP) -> None:
        self._phase = "body"
        smtp.send(on_the_wire(self._message.content))

    def _get_leave(self, smtp: smtplib.SMTP) -> None:
        self._must_be_quiet(smtp)
        self._phase = "mark"
        began = self._elapsed()
        leave = self._ask()
        if leave == "no":
            raise _Over(Outcome("withdrawn", "mark", "It may no longer be sent."))
        self._must_be_quiet(smtp)
        if leave == "late" or self._elapsed() - began > self._patience.stall:
            raise _Over(Outcome("retry", "mark", "The mark before the final dot took too long to write."))

    def _must_be_quiet(self, smtp: smtplib.SMTP) -> None:
        """A server that speaks or hangs up before the dot has not taken the message: find out while it is
        certain.
        """
        sock = _socket(smtp)
        sock.settimeout(0)
        try:
            early = sock.recv(_LONGEST_DETAIL)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            sock.settimeout(self._patience.command)
            return
        detail = "The server spoke before the end of the message: " if early else "The server hung up."
        raise _Over(Outcome("retry", self._phase, detail + self._clean(early)))

    def _transmit(self, smtp: smtplib.SMTP) -> Outcome:
        _socket(smtp).settimeout(self._patience.verdict)
        self._phase = "end"
        smtp.send(b"\r\n.\r\n")
        code, reply = smtp.getreply()
        outcome = self._judge(code, reply)
        self._say_goodbye(smtp)
        return outcome

    def _say_goodbye(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.putcmd("QUIT")  # and no waiting: the verdict is worth more than good manners
        except (smtplib.SMTPException, OSError):
            return

    def _expect(self, beginning: int, answer: tuple[int, bytes]) -> None:
        code, reply = answer
        if not str(code).startswith(str(beginning)):
            raise _Over(self._judge(code, reply))

    def _judge(self, code: int, reply: bytes | str) -> Outcome:
        """What the server's answer means at this point of the conversation."""
        detail = self._clean(reply)
        if self._phase == "end" and not 400 <= code <= 599:
            return self._answered("sent" if 200 <= code <= 299 else "unknown", code, detail)
        if code == 421 or self._phase in _ROUTE_PHASES:
            return self._answered("retry", code, detail, route_failure=True)
        if not 500 <= code <= 599:
            return self._answered("retry", code, detail)
        if self._phase == "mail" and code != _TOO_LARGE:
            return self._answered("retry", code, detail, route_failure=True)
        return self._answered("refused", code, detail, fault="recipient" if self._phase == "rcpt" else "content")

    def _answered(
        self,
        kind: Literal["sent", "retry", "refused", "unknown"],
        code: int,
        detail: str,
        *,
        route_failure: bool = False,
        fault: Fault | None = None,
    ) -> Outcome:
        known = code if code > 0 else None
        return Outcome(kind, self._phase, detail, known, _enhanced(detail), route_failure, fault)

    def _broken(self, error: Exception) -> Outcome:
        detail = self._clean(str(error) or type(error).__name__)
        if self._phase == "end":
            return Outcome("unknown", "end", detail)
        return Outcome("retry", self._phase, detail, route_failure=self._phase in _ROUTE_PHASES)

    def _clean(self, reply: bytes | str) -> str:
        text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
        for secret in _secrets(self._route):
            text = text.replace(secret, "***")
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LONGEST_DETAIL]


def on_the_wire(content: bytes) -> bytes:
    """The message as it is streamed: lines end in CRLF, a dot at a line's start is doubled, and the last line
    end is left off, for it comes with the final dot.
    """
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    return re.sub(rb"(?m)^\.", b"..", lines).removesuffix(b"\r\n")


def _secrets(route: SmtpRoute) -> list[str]:
    """The password as a server could repeat it: plain, or as AUTH LOGIN and AUTH PLAIN carry it."""
    if not route.password:
        return []
    plain = f"\0{route.user}\0{route.password}"
    return [route.password, *(b64encode(text.encode()).decode() for text in (route.password, plain))]


def _enhanced(detail: str) -> str | None:
    found = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", detail)
    return found.group() if found else None


def _xtext(text: str) -> str:
    # RFC 3461, section 4: printable ASCII but + and =, the others as +XX.
    return "".join(chr(b) if 33 <= b <= 126 and b not in b"+=" else f"+{b:02X}" for b in text.encode())


def _own_name() -> str:
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _socket(smtp: smtplib.SMTP) -> socket.socket:
    sock = smtp.sock
    if sock is None:
        _hung_up()
    return sock


def _hung_up() -> NoReturn:
    raise smtplib.SMTPServerDisconnected("The connection is closed.")
