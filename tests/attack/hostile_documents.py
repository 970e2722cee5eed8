"""PDFs that could do something, that never end, or that are something else besides; made by code, none is stored."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.uploads.files import active, document, pdf

Made = tuple[str, bytes]

ALERT: Final = "app.alert('zq')"
ELSEWHERE: Final = "https://zq.example"


def script() -> Dictionary:
    """What runs when a reader meets it."""
    return Dictionary(S=Name.JavaScript, JS=String(ALERT))


def _annotation(made: pikepdf.Pdf, **more: Any) -> None:
    about = {"Type": Name.Annot, "Subtype": Name.Link, "Rect": Array([0, 0, 9, 9])} | more
    made.pages[0].Annots = Array([made.make_indirect(Dictionary(**about))])


def _nested(depth: int, inner: Any) -> Any:
    for _ in range(depth):
        inner = Array([inner])
    return inner


def _kids(made: pikepdf.Pdf) -> None:
    node = made.make_indirect(Dictionary(Names=Array([String("a"), made.make_indirect(script())])))
    for _ in range(30):
        node = made.make_indirect(Dictionary(Kids=Array([node])))
    made.Root.Names = Dictionary(JavaScript=node)


def _outline(made: pikepdf.Pdf) -> None:
    item = made.make_indirect(Dictionary(Title=String("x"), A=script()))
    made.Root.Outlines = made.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))


def _form_field(made: pikepdf.Pdf) -> None:
    field = made.make_indirect(Dictionary(FT=Name.Tx, T=String("a"), AA=Dictionary(K=script(), F=script())))
    made.Root.AcroForm = Dictionary(Fields=Array([field]))


def _opening(action: Callable[[pikepdf.Pdf], Any]) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = action(made)

    return change


def _then(made: pikepdf.Pdf, after: Any) -> Dictionary:
    return Dictionary(S=Name.GoTo, D=Array([made.pages[0].obj, Name.Fit]), Next=after)


def _address() -> Dictionary:
    return Dictionary(S=Name.URI, URI=String(ELSEWHERE))


def _page_opens(made: pikepdf.Pdf) -> None:
    made.pages[0].AA = Dictionary(O=_address())


def _rendition(made: pikepdf.Pdf) -> None:
    clip = Dictionary(S=Name.MCD, CT=String("video/mp4"), D=Dictionary(Type=Name.Filespec, F=String("a.mp4")))
    _annotation(made, Subtype=Name.Screen, A=Dictionary(S=Name.Rendition, OP=0, R=Dictionary(S=Name.MR, C=clip)))


def _outside_stream(made: pikepdf.Pdf) -> None:
    stream = made.make_stream(b"")
    stream.F = Dictionary(Type=Name.Filespec, FS=Name.URL, F=String(ELSEWHERE))
    made.pages[0].Contents = stream


def _three_dimensions(made: pikepdf.Pdf) -> None:
    _annotation(made, Subtype=Name("/3D"), **{"3DD": made.make_stream(b"", Type=Name("/3D"), Subtype=Name.U3D)})


def _reference(made: pikepdf.Pdf) -> None:
    form = made.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    form.Ref = Dictionary(F=Dictionary(Type=Name.Filespec, F=String("\\\\zq.example\\share\\a.pdf")), Page=0)
    made.pages[0].Resources = Dictionary(XObject=Dictionary(A=form))


def _on(key: str, value: Callable[[], Any]) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        made.Root[f"/{key}"] = value()

    return change


def _click(**action: Any) -> Callable[[pikepdf.Pdf], None]:
    return lambda made: _annotation(made, A=Dictionary(**action))


def _annotated(**more: Any) -> Callable[[pikepdf.Pdf], None]:
    return lambda made: _annotation(made, **more)


UNC: Final = "\\\\zq.example\\share\\a.pdf"
WAYS: Final[dict[str, Callable[[pikepdf.Pdf], None]]] = {
    "script after going to a page": _opening(lambda made: _then(made, script())),
    "address after going to a page": _opening(lambda made: _then(made, made.make_indirect(_address()))),
    "address third in a row": _opening(lambda made: _then(made, Array([_then(made, _address())]))),
    "address when a page opens": _page_opens,
    "address when the document closes": _on("AA", lambda: Dictionary(WC=_address())),
    "address when an annotation shows": _annotated(AA=Dictionary(PV=_address())),
    "script when the document is saved": _on("AA", lambda: Dictionary(DS=script())),
    "script in a form field": _form_field,
    "script in the outline": _outline,
    "script thirty nodes down": _kids,
    "script in 40 arrays": _on("Odd", lambda: _nested(40, script())),
    "script under 80 arrays": _on("Odd", lambda: _nested(80, script())),
    "script as a stream": lambda made: made.Root.__setattr__("Odd", Dictionary(JS=made.make_stream(ALERT.encode()))),
    "file on another machine": _click(S=Name.GoToR, F=String(UNC), D=Array([0, Name.Fit])),
    "program by UNC": _click(S=Name.Launch, F=String(UNC)),
    "program with arguments": _click(S=Name.Launch, Win=Dictionary(F=String("cmd.exe"), P=String("/c calc"))),
    "form that sends as FDF": _click(S=Name.SubmitForm, F=String(ELSEWHERE), Flags=4),
    "form that loads": _click(S=Name.ImportData, F=String(UNC)),
    "embedded file opened": _click(S=Name.GoToE, T=Dictionary(R=Name.C, N=String("a.pdf"))),
    "movie": _annotated(Subtype=Name.Movie, Movie=Dictionary(F=String(UNC)), A=True),
    "sound": _click(S=Name.Sound, Sound=Dictionary()),
    "movie action": _click(S=Name.Movie, T=String("x")),
    "rendition": _rendition,
    "rich media": _annotated(Subtype=Name.RichMedia, RichMediaContent=Dictionary()),
    "rich media run": _click(S=Name.RichMediaExecute, CMD=Dictionary(C=String("x"))),
    "3D": _three_dimensions,
    "attachment as annotation": _annotated(Subtype=Name.FileAttachment, FS=Dictionary(Type=Name.Filespec)),
    "page content from elsewhere": _outside_stream,
    "reference to another document": _reference,
    "file by address": _on("Odd", lambda: Dictionary(Type=Name.Filespec, FS=Name.URL, F=String(ELSEWHERE))),
    "dynamic form in parts": _on("AcroForm", lambda: Dictionary(XFA=Array([String("template"), String("<x/>")]))),
    "associated file": _on("AF", lambda: Array([Dictionary(Type=Name.Filespec, EF=Dictionary())])),
    "collection of files": _on("Collection", lambda: Dictionary(Type=Name.Collection)),
}
OLD_WAYS: Final = (
    "script on opening", "script in the names", "script on a page", "script deep in arrays", "launch on a click",
    "form that sends", "address on opening", "attachment", "dynamic form",
)  # fmt: skip
SAVED: Final[dict[str, dict[str, Any]]] = {
    "object streams": {},
    "plain objects": {"object_stream_mode": pikepdf.ObjectStreamMode.disable},
    "linearized": {"linearize": True},
}


def acting() -> Iterator[Made]:
    """Every way to act, saved in three ways, of which the first hides it from whoever reads the bytes."""
    for how, options in SAVED.items():
        for way in OLD_WAYS:
            yield f"{way}, {how}", pdf(active(way), **options)
        for way, change in WAYS.items():
            made = document()
            change(made)
            yield f"{way}, {how}", pdf(made, **options)
    for way in OLD_WAYS[:4]:
        plain = pdf(active(way), **SAVED["plain objects"])
        yield f"{way}, names in hex", plain.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/J#53")
    yield from _updated()


def _updated() -> Iterator[Made]:
    """A harmless document to which another revision was added, and one whose table hides the object."""
    harmless = pdf(document(), **SAVED["plain objects"])
    yield "script no table leads to", harmless + b"\n99 0 obj\n<</S/JavaScript/JS(app.alert(1))>>\nendobj\n"
    yield "program no table leads to", harmless + b"\n99 0 obj\n<</S/Launch/F(calc.exe)>>\nendobj\n%%EOF\n"


def endless() -> Iterator[Made]:
    """Much from little, circles, and figures that lie: refused, or shown in bounded time and memory."""
    made = document()
    made.pages[0].Contents = made.make_stream(b"0 0 1 rg " + b"q " * 30_000_000)
    yield "60 MB of instructions in 60 kB", pdf(made)
    made = document()
    form = made.make_stream(b"0 0 9 9 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    for _ in range(40):
        about = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": Array([0, 0, 9, 9])}
        both = Dictionary(XObject=Dictionary(A=form))
        form = made.make_stream(b"/A Do /A Do", Resources=both, **about)
    made.pages[0].Resources = Dictionary(XObject=Dictionary(A=form))
    made.pages[0].Contents = made.make_stream(b"/A Do")
    yield "forms that call each other twice, 40 deep", pdf(made)
    made = document()
    itself = made.make_indirect(Dictionary())
    itself.Itself = itself
    made.Root.Odd = itself
    yield "an object in itself", pdf(made)
    made = document()
    made.pages[0].MediaBox = Array([0, 0, 10_000_000, 10_000_000])
    yield "a page of a hundred miles", pdf(made)
    made = document()
    image = made.make_stream(b"\0" * 100, Type=Name.XObject, Subtype=Name.Image, Width=60_000, Height=60_000)
    image.ColorSpace, image.BitsPerComponent = Name.DeviceRGB, 8
    made.pages[0].Resources = Dictionary(XObject=Dictionary(A=image))
    made.pages[0].Contents = made.make_stream(b"600 0 0 700 0 0 cm /A Do")
    yield "a picture that says it has 3600 million pixels", pdf(made)


def impossible() -> Iterator[Made]:
    """Documents that are none, are too long, or are locked."""
    yield "101 pages", pdf(document(pages=101))
    yield "no pages", pdf(pikepdf.new())
    for user in ("", "secret"):
        yield f"locked with {user!r}", pdf(encryption=pikepdf.Encryption(owner="owner", user=user))
    good = pdf()
    for part in (20, 100, 300, len(good) // 2):
        yield f"the first {part} bytes", good[:part]
    for before in (b"\n", b"<html>", b"GIF89a", b"\xef\xbb\xbf", b"MZ" + bytes(512)):
        yield f"after {before[:6]!r}", before + good
    made = document()
    made.Root.Pages.Kids = Array([made.Root.Pages])
    yield "pages in a circle", _unchecked(made)
    yield "nothing but a head", b"%PDF-1.7\n" + bytes(1000)


def _unchecked(made: pikepdf.Pdf) -> bytes:
    answer = io.BytesIO()
    made.save(answer)
    return answer.getvalue()


def doubled() -> Iterator[Made]:
    """A good document that another program takes for something else: shown as a picture drawn anew, if at all."""
    good, markup = pdf(), b"<!doctype html><script>alert('zq-payload')</script>"
    yield "and a page", good + markup
    yield "and an archive", good + b"PK\x03\x04zq-payload" + bytes(60) + b"PK\x05\x06" + bytes(18)
    head, rest = good.split(b"\n", 1)
    yield "a page in a comment", head + b"\n%" + markup + b"\n" + rest
    made = document()
    made.docinfo["/Title"] = markup.decode()
    made.docinfo["/Author"] = "=cmd|'/C calc'!A0 zq-payload"
    yield "markup as title", pdf(made)


def damaged(seed: int, count: int) -> Iterator[Made]:
    """Documents with bytes changed by chance."""
    chance, good = random.Random(seed), pdf(document(pages=2), **SAVED["plain objects"])
    for number in range(count):
        changed = bytearray(good)
        for _ in range(chance.randint(1, 40)):
            changed[chance.randrange(8, len(changed))] = chance.randrange(256)
        yield f"damaged {number}", bytes(changed)
