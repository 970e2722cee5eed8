"""A provider of sign-ins as the standard says, on a port of this machine: discovery, keys, tokens; tests bend it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT, SECRET = "compliance", "a secret of the tests"


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def number(value: int) -> str:
    return text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass
class Elsewhere:
    """The provider. `bent` replaces claims of the next token, `key` signs them, `calls_itself` is its own word."""

    now: datetime
    issuer: str = ""
    calls_itself: str = ""
    key: Any = KEY
    bent: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def sign_in(self, address: str, subject: str = "dana-1") -> str:
        """What a person does there: where the browser is sent back to."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (given["response_type"], given["code_challenge_method"]) == ("code", "S256")
        assert "openid" in given["scope"].split()
        code = secrets.token_urlsafe(8)
        self.codes[code] = given | {"subject": subject}
        return f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state'], 'iss': self.issuer})}"

    def described(self) -> dict[str, Any]:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.calls_itself or self.issuer} | {
            name: f"{self.issuer}/{path}" for name, path in paths.items()
        }

    def keys(self) -> dict[str, Any]:
        public = KEY.public_key().public_numbers()
        return {"keys": [{"kty": "RSA", "kid": "1", "use": "sig", "n": number(public.n), "e": number(public.e)}]}

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self.codes.pop(form.get("code", ""), None)
        proof = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        verifier = text(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or verifier != asked["code_challenge"] or authorization != f"Basic {proof}":
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        at = int(self.now.timestamp())
        claims = {
            "iss": self.issuer, "sub": asked["subject"], "aud": CLIENT, "iat": at, "exp": at + 300,
            "nonce": asked["nonce"], "email": "owner@harbor.example", "email_verified": True,
        } | self.bent  # fmt: skip
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        head = json.dumps({"alg": "RS256", "kid": "1"}).encode()
        body = f"{text(head)}.{text(json.dumps(claims).encode())}"
        return f"{body}.{text(self.key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        self.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                return self.described()
            case "/keys":
                return self.keys()
            case "/token":
                return self.token(form, authorization)
        return None


@contextmanager
def provider(now: datetime) -> Iterator[Elsewhere]:
    """The provider, while it can be reached."""
    elsewhere = Elsewhere(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send(elsewhere.answer(self.path, {}, ""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.send(elsewhere.answer(self.path, form, self.headers.get("authorization", "")))

        def send(self, said: dict[str, Any] | None) -> None:
            content = json.dumps(said if said is not None else {"error": "invalid_grant"}).encode()
            self.send_response(200 if said is not None else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    elsewhere.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield elsewhere
    server.shutdown()
    server.server_close()
