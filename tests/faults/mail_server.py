"""A mail server that misbehaves on purpose and writes down what it accepted, before anybody hears of it.

`python -m tests.faults.mail_server LOG SEED SHARE` serves on a free port of 127.0.0.1, prints it, and ends with its
standard input. SHARE is how often each command, each stretch of content and each final dot goes wrong.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import re
import socket
import struct
import sys
from pathlib import Path

SLOW = 0.4
FAULTS = {
    "connect": ("busy", "reset", "hang"),
    "EHLO": ("later", "reset", "hang"),
    "MAIL": ("later", "reset", "hang"),
    "RCPT": ("later", "reset", "hang", "refuse"),
    "DATA": ("later", "reset", "hang"),
    "content": ("reset",),
    "dot": ("later", "refuse", "drop", "accept-drop", "accept-hang", "hang", "slow"),
}
ANSWERS = {"EHLO": "250 mail.test", "MAIL": "250 OK", "RCPT": "250 OK", "DATA": "354 Go on", "NOOP": "250 OK"}
_ID = re.compile(rb"(?im)^Message-ID: *(\S+)")
_ADDRESS = re.compile(r"<([^>]*)>")


class Log:
    """Lines of JSON, each in the file before the next byte goes to the sender."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **line: object) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


class Talk(asyncio.Protocol):
    """One connection."""

    def __init__(self, log: Log, chance: random.Random, share: float) -> None:
        self.log, self.chance, self.share = log, chance, share
        self.buffer, self.in_content, self.deaf = b"", False, False
        self.recipient = self.sender = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        fault = self.draw("connect")
        if fault == "busy":
            self.say("421 Too many of you")
            transport.close()
        elif fault != "hang":
            self.say("220 mail.test")

    def draw(self, place: str) -> str | None:
        """What goes wrong here, if anything. A reset happens at once, a hang makes the connection deaf."""
        if self.chance.random() >= self.share:
            return None
        fault = self.chance.choice(FAULTS[place])
        self.log.write(what="fault", place=place, fault=fault)
        if fault == "reset":
            self.reset()
        self.deaf = fault in ("reset", "hang")
        return fault

    def reset(self) -> None:
        """Ends the connection with RST, as a crashed machine does."""
        raw = self.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def say(self, line: str) -> None:
        self.transport.write(f"{line}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        if self.deaf:
            return
        self.buffer += data
        while not self.deaf and (self.take_content() if self.in_content else self.take_line()):
            pass

    def take_line(self) -> bool:
        line, end, rest = self.buffer.partition(b"\r\n")
        if not end:
            return False
        self.buffer = rest
        self.command(line.decode("utf-8", "replace"))
        return True

    def command(self, line: str) -> None:
        verb = line[:4].upper()
        if verb in ("QUIT", "RSET"):
            self.say("250 OK" if verb == "RSET" else "221 Bye")
            return
        fault = self.draw(verb) if verb in FAULTS else None
        if fault == "later":
            self.say("451 Not now")
        elif fault == "refuse":
            self.say("550 5.1.1 Nobody of that name")
        elif fault is None:
            self.obey(verb, line)

    def obey(self, verb: str, line: str) -> None:
        found = _ADDRESS.search(line)
        if verb == "MAIL" and found:
            self.sender = found.group(1)
        if verb == "RCPT" and found:
            self.recipient = found.group(1)
        self.in_content = verb == "DATA"
        if self.in_content:
            self.draw("content")
        if not self.transport.is_closing():
            self.say(ANSWERS.get(verb, "502 What?"))

    def take_content(self) -> bool:
        content, end, rest = self.buffer.partition(b"\r\n.\r\n")
        if not end:
            return False
        self.buffer, self.in_content = rest, False
        self.judge(content)
        return True

    def judge(self, content: bytes) -> None:
        fault = self.draw("dot")
        if fault == "later":
            self.say("451 Not now")
        elif fault == "refuse":
            self.say("554 5.6.0 Not such words")
        elif fault == "drop":
            self.reset()
        elif fault != "hang":
            self.accept(content)
            self.answer(fault)

    def accept(self, content: bytes) -> None:
        found = _ID.search(content)
        message = found.group(1).decode() if found else ""
        sha = hashlib.sha256(content).hexdigest()
        self.log.write(what="accepted", id=message, sha256=sha, to=self.recipient, sender=self.sender)

    def answer(self, fault: str | None) -> None:
        if fault == "accept-drop":
            self.reset()
        elif fault == "slow":
            asyncio.get_running_loop().call_later(SLOW, self.taken)
        elif fault is None:
            self.taken()

    def taken(self) -> None:
        if not self.transport.is_closing():
            self.say("250 2.0.0 Taken")


async def serve(log: Path, seed: int, share: float) -> None:
    """Serves until standard input ends."""
    loop, kept, chance = asyncio.get_running_loop(), Log(log), random.Random(seed)
    server = await loop.create_server(lambda: Talk(kept, chance, share), "127.0.0.1", 0, backlog=512)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
    os._exit(0)  # hanging connections are nobody's to wait for
