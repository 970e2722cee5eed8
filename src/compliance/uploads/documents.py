"""PDFs: every object is looked at, and the first pages are drawn. Imported in the child process only.

Looking for `/JavaScript` in the raw bytes finds nothing in a file with compressed objects; walking the
objects does.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
from PIL import Image

from compliance.uploads.images import as_jpeg
from compliance.uploads.refusals import MOST_PAGES
from compliance.uploads.unfit import Unfit

PAGES_SHOWN = 3
_WIDTH, _HEIGHT = 1200, 2000
_GAP = 12
_DEEPEST = 50

# Keys that have no place in a proof, whatever stands behind them.
_KEYS = {
    "/JavaScript": "JavaScript",
    "/JS": "JavaScript",
    "/EmbeddedFiles": "an attached file",
    "/EF": "an attached file",
    "/RichMedia": "embedded media",
    "/XFA": "a dynamic form",
    "/Collection": "attached files",
}
# What an action (its /S) may do at most is to go to a page or to open a web address when clicked.
_ACTIONS = {
    "/JavaScript": "JavaScript",
    "/Launch": "a command that starts a program",
    "/SubmitForm": "a form that sends data",
    "/ImportData": "a form that loads data",
    "/GoToE": "an attached file",
    "/GoToR": "a link to another file",
    "/RichMediaExecute": "embedded media",
    "/Rendition": "embedded media",
    "/Movie": "embedded media",
    "/Sound": "embedded media",
    "/GoTo3DView": "embedded media",
}
_SUBTYPES = {
    "/FileAttachment": "an attached file",
    "/RichMedia": "embedded media",
    "/Screen": "embedded media",
    "/Movie": "embedded media",
    "/Sound": "embedded media",
    "/3D": "embedded media",
}
_TYPES = {"/EmbeddedFile": "an attached file", "/Filespec": "a reference to another file"}
# Programs that mend a damaged file also read objects that no table of it leads to; here they are found as bytes.
_HIDDEN = {
    b"/JavaScript": "JavaScript",
    b"/Launch": "a command that starts a program",
    b"/EmbeddedFile": "an attached file",
}


def look_at_document(data: bytes) -> tuple[int, bytes]:
    """The number of pages, and the first three as one picture. Raises Unfit."""
    try:
        pages = _read(data)
        return pages, _drawn(data)
    except (Unfit, MemoryError):
        raise
    except pikepdf.PasswordError as error:
        raise Unfit("encrypted") from error
    except Exception as error:
        # Both libraries raise many kinds of errors on damaged files; none of them makes a proof.
        raise Unfit("broken") from error


def _read(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as document:
        if document.is_encrypted:
            raise Unfit("encrypted")
        if not 1 <= len(document.pages) <= MOST_PAGES:
            raise Unfit("pages", str(len(document.pages))) if document.pages else Unfit("broken")
        for thing in [document.trailer, *document.objects]:
            _must_be_passive(thing, 0)
        for sign, found in _HIDDEN.items():
            if sign in data:
                raise Unfit("active", found)
        return len(document.pages)


def _must_be_passive(thing: object, depth: int) -> None:
    """Raises Unfit when this object, or what lies directly in it, could do something."""
    if depth > _DEEPEST:
        raise Unfit("broken")
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        _check_keys(thing)
    for part in _parts(thing):
        # What is only referred to is an object of its own, looked at in its turn.
        if not part.is_indirect:
            _must_be_passive(part, depth + 1)


def _check_keys(thing: pikepdf.Object) -> None:
    for key, found in _KEYS.items():
        if key in thing:
            raise Unfit("active", found)
    for key, known in (("/S", _ACTIONS), ("/Subtype", _SUBTYPES), ("/Type", _TYPES)):
        found = known.get(str(thing.get(key, "")), "")
        if found:
            raise Unfit("active", found)
    if isinstance(thing, pikepdf.Stream) and "/F" in thing:
        raise Unfit("active", "a reference to another file")
    if _acts(thing.get("/OpenAction")) or any(_acts(each) for each in _on_events(thing)):
        raise Unfit("active", "an action that runs on opening")


def _on_events(thing: pikepdf.Object) -> Iterable[object]:
    """What happens without a click, when a page opens or the document closes; `_ACTIONS` are found where they are."""
    events = thing.get("/AA")
    found = list(events.values()) if isinstance(events, pikepdf.Dictionary) else []
    return [each for each in found if not isinstance(each, pikepdf.Dictionary) or str(each.get("/S")) not in _ACTIONS]


def _acts(action: object, row: int = 0) -> bool:
    """Whether it, or what comes after it, does more than go to a page.

    Many programs write the page to open at as such an action, or as a mere destination, which is an array.
    """
    if row > _DEEPEST:
        return True
    if isinstance(action, pikepdf.Array) and row:  # several that come after
        return any(_acts(each, row + 1) for each in action)
    if not isinstance(action, pikepdf.Dictionary):
        return False
    return str(action.get("/S", "")) not in ("/GoTo", "/Named") or _acts(action.get("/Next"), row + 1)


def _parts(thing: object) -> Iterator[pikepdf.Object]:
    values: Iterable[object] = ()
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        values = thing.values()
    elif isinstance(thing, pikepdf.Array):
        values = list(thing)
    return (value for value in values if isinstance(value, pikepdf.Object))


def _drawn(data: bytes) -> bytes:
    document = pypdfium2.PdfDocument(data)
    try:
        document.init_forms()  # so that what was filled in is seen
        pages = [_page(document[number]) for number in range(min(len(document), PAGES_SHOWN))]
    finally:
        document.close()
    return as_jpeg(_stacked(pages))


def _page(page: pypdfium2.PdfPage) -> Image.Image:
    width, height = page.get_size()
    scale = min(_WIDTH / max(width, 1), _HEIGHT / max(height, 1))
    picture: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil()
    return picture.convert("RGB")


def _stacked(pages: list[Image.Image]) -> Image.Image:
    width = max(page.width for page in pages)
    height = sum(page.height for page in pages) + _GAP * (len(pages) - 1)
    sheet = Image.new("RGB", (width, height), "lightgray")
    top = 0
    for page in pages:
        sheet.paste(page, ((width - page.width) // 2, top))
        top += page.height + _GAP
    return sheet
