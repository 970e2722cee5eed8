"""Mail servers for the tests: one that fails as told, and aiosmtpd as an independent receiver."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.handlers import Message
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DROP, HANG, SLOW = "drop", "hang", "slow"

_USUAL = {
    "greeting": "220 ready",
    "EHLO": "250-test\r\n250-SIZE 1000000\r\n250-DSN\r\n250 AUTH PLAIN LOGIN",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    "body": "",
    "end": "250 2.0.0 queued as 42",
}


@dataclass
class ScriptedServer:
    """Answers as told, per step; `drop` closes the connection, `hang` stays silent,
    `slow` takes its time. `body` is said before the dot."""

    told: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    accepted: list[bytes] = field(default_factory=list)
    port: int = 0
    talking: list[asyncio.StreamWriter] = field(default_factory=list)

    def hang_up(self) -> None:
        for writer in self.talking:
            writer.close()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talking.append(writer)
        try:
            await self._say(writer, "greeting")
            while line := (await reader.readline()).decode().strip():
                self.heard.append(line)
                verb = line.split()[0].upper()
                if verb == "QUIT":
                    return
                await self._say(writer, verb)
                if verb == "DATA" and self._answer("DATA").startswith("354"):
                    await self._take(reader, writer)
        except ConnectionError:
            return
        finally:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._answer("body"):
            await reader.readline()
            await self._say(writer, "body")
        lines = []
        while (line := await reader.readline()) != b".\r\n":
            if not line:
                raise ConnectionResetError
            lines.append(line)
        if self._answer("end")[0] in ("2", "d", "h"):
            self.accepted.append(b"".join(lines))
        await self._say(writer, "end")

    def _answer(self, step: str) -> str:
        usual = _USUAL.get(step, "250 ok")
        told = self.told.get(step, usual)
        return usual if told == SLOW else told

    async def _say(self, writer: asyncio.StreamWriter, step: str) -> None:
        answer = self._answer(step)
        if answer == DROP:
            writer.transport.abort()
            raise ConnectionResetError
        if self.told.get(step) == SLOW:
            await asyncio.sleep(0.3)
        if answer == HANG:
            await asyncio.sleep(30)
        writer.write(answer.encode() + b"\r\n" if answer else b"")
        await writer.drain()


@asynccontextmanager
async def scripted(**told: str) -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer(told)
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


class Mailroom(Message):
    """Keeps what aiosmtpd accepted: envelope and raw bytes as a receiver sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.envelopes: list[Envelope] = []

    def prepare_message(self, session: Any, envelope: Envelope) -> Any:
        self.envelopes.append(envelope)
        return super().prepare_message(session, envelope)

    def handle_message(self, message: Any) -> None:
        return


@asynccontextmanager
async def receiving(
    tls: ssl.SSLContext | None = None, *, implicit: bool = False, user: str = "", password: str = ""
) -> AsyncIterator[tuple[Mailroom, int]]:
    """A real receiver on a free port; with `tls` it insists on it, with `user` on that user and password."""
    room = Mailroom()

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and given == LoginPassword(user.encode(), password.encode())
        return AuthResult(success=right)

    def protocol() -> SMTP:
        return SMTP(
            room,
            hostname="mail.test",
            tls_context=None if implicit else tls,
            require_starttls=tls is not None and not implicit,
            authenticator=check if user else None,
            auth_required=bool(user),
            auth_require_tls=False,
        )

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls if implicit else None)
    try:
        yield room, listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's TLS context: the client trusts the server's own certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.KeyUsage(True, False, False, False, False, True, False, False, False), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    (folder / "trusted.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return server, ssl.create_default_context(cafile=str(folder / "trusted.pem"))
