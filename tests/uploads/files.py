"""Files as people and attackers send them, made on the spot."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image
from PIL.PngImagePlugin import PngInfo


def png(size: tuple[int, int] = (300, 200), mode: str = "RGB", color: Any = "navy") -> bytes:
    info = PngInfo()
    info.add_text("Comment", "secret-metadata")
    return _saved(Image.new(mode, size, color), "PNG", pnginfo=info)


def jpeg(size: tuple[int, int] = (300, 200), orientation: int = 1) -> bytes:
    picture = Image.new("RGB", size, "navy")
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "secret-metadata"
    return _saved(picture, "JPEG", exif=exif, comment=b"secret-metadata")


def gif() -> bytes:
    return _saved(Image.new("RGB", (10, 10)), "GIF")


def bomb(side: int) -> bytes:
    """A tiny PNG that declares side x side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side // 8 + 1) * min(side, 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def document(pages: int = 1, size: tuple[float, float] = (612, 792)) -> pikepdf.Pdf:
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=size)
        made.pages[-1].Contents = made.make_stream(b"0 0 1 rg 100 100 200 200 re f")
    return made


def pdf(made: pikepdf.Pdf | None = None, **more: Any) -> bytes:
    """Saved with compressed objects, so that no name in it can be found in the raw bytes."""
    answer = io.BytesIO()
    how = {"object_stream_mode": pikepdf.ObjectStreamMode.generate} | more
    (made or document()).save(answer, **how)
    return answer.getvalue()


def active(what: str) -> pikepdf.Pdf:
    """A document that could do something."""
    made = document()
    script = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    match what:
        case "script on opening":
            made.Root.OpenAction = script
        case "script in the names":
            made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([pikepdf.String("a"), script])))
        case "script on a page":
            made.pages[0].AA = Dictionary(O=made.make_indirect(script))
        case "launch on a click":
            _link(made, Dictionary(S=Name.Launch, F=pikepdf.String("calc.exe")))
        case "form that sends":
            _link(made, Dictionary(S=Name.SubmitForm, F=pikepdf.String("https://x.example")))
        case "address on opening":
            made.Root.OpenAction = Dictionary(S=Name.URI, URI=pikepdf.String("https://x.example"))
        case "attachment":
            made.attachments["tool.exe"] = b"MZ"
        case "dynamic form":
            made.Root.AcroForm = Dictionary(XFA=made.make_stream(b"<xdp/>"))
        case "script deep in arrays":
            made.Root.Odd = Array([Array([Array([Dictionary(Deep=script)])])])
    return made


def with_links(made: pikepdf.Pdf) -> pikepdf.Pdf:
    """Things that ordinary programs write and that do nothing by themselves."""
    made.Root.OpenAction = Array([made.pages[0].obj, Name.Fit])
    _link(made, Dictionary(S=Name.URI, URI=pikepdf.String("https://board.example/license")))
    return made


def _link(made: pikepdf.Pdf, action: Dictionary) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
    made.pages[0].Annots = Array([made.make_indirect(link)])


def _saved(picture: Image.Image, kind: str, **more: Any) -> bytes:
    answer = io.BytesIO()
    picture.save(answer, kind, **more)
    return answer.getvalue()
