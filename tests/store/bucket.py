"""A bucket on this machine: as much of S3 as the store uses, and it fails as told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "AKIATEST"


class Bucket(ThreadingHTTPServer):
    """Objects by path; `failing` is a status that every request gets."""

    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.objects: dict[str, bytes] = {}
        self.failing: int | None = None

    @property
    def url(self) -> str:
        return f"s3://evidence/clinics?region=us-east-1&endpoint=http://127.0.0.1:{self.server_port}"


@contextmanager
def listening() -> Iterator[Bucket]:
    bucket = Bucket()
    thread = threading.Thread(target=bucket.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield bucket
    finally:
        bucket.shutdown()
        thread.join()
        bucket.server_close()


class _Answer(BaseHTTPRequestHandler):
    server: Bucket

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self._allowed():
            self.server.objects[self.path] = content
            self._reply(200)

    def do_GET(self) -> None:
        self._find(whole=True)

    def do_HEAD(self) -> None:
        self._find(whole=False)

    def do_DELETE(self) -> None:
        if self._allowed():
            self.server.objects.pop(self.path, None)
            self._reply(204)

    def do_POST(self) -> None:
        # Deletion in bulk: POST /bucket?delete with the keys as XML.
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._allowed():
            names = [part.split("</Key>")[0] for part in body.split("<Key>")[1:]]
            for name in names:
                self.server.objects.pop(f"/evidence/{name}", None)
            deleted = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
            self._reply(200, f"<?xml version='1.0'?><DeleteResult>{deleted}</DeleteResult>".encode())

    def _find(self, whole: bool) -> None:
        if not self._allowed():
            return
        content = self.server.objects.get(self.path)
        if content is None:
            self._reply(404, b"<Error><Code>NoSuchKey</Code></Error>" if whole else b"")
        else:
            self._reply(200, content, whole)

    def _allowed(self) -> bool:
        signed = self.headers.get("Authorization", "").startswith(f"AWS4-HMAC-SHA256 Credential={KEY}/")
        status = self.server.failing or (None if signed else 403)
        if status:
            self._reply(status, b"<Error><Code>AccessDenied</Code></Error>")
        return status is None

    def _reply(self, status: int, content: bytes = b"", whole: bool = True) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sun, 01 Mar 2026 09:00:00 GMT")
        self.end_headers()
        if whole:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        return
