"""A PDF's tables as a screen reader finds them: the structure tree by pikepdf, the words of its marks by pdfium."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

Marks = dict[tuple[int, int], str]
"""The words under each mark: page and number."""


def tables(pdf: bytes) -> list[list[list[str]]]:
    """Every table, row by row, cell by cell, in the order of the tree."""
    words = marks(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = {page.obj.objgen: number for number, page in enumerate(document.pages)}
        found = elements(document.Root.StructTreeRoot, "/Table")
        return [
            [
                [text(cell, words, pages) for cell in children(row) if role(cell) in ("/TD", "/TH")]
                for row in elements(table, "/TR")
            ]
            for table in found
        ]


def marks(pdf: bytes) -> Marks:
    """The words of each mark, letters in the order in which they are drawn."""
    found: Marks = {}
    document = pypdfium2.PdfDocument(pdf)
    for number in range(len(document)):
        page = document[number]
        words = page.get_textpage()
        for thing in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=5):
            mark = pdfium.FPDFPageObj_GetMarkedContentID(thing.raw)
            found[number, mark] = found.get((number, mark), "") + _letters(thing.raw, words.raw)
    document.close()
    return found


def _letters(thing: Any, words: Any) -> str:
    length = pdfium.FPDFTextObj_GetText(thing, words, None, 0)
    room = (ctypes.c_ushort * (length // 2))()
    pdfium.FPDFTextObj_GetText(thing, words, room, length)
    return bytes(room).decode("utf-16-le", "replace").rstrip("\0")


def role(element: Any) -> str:
    return str(element.get("/S", "")) if isinstance(element, pikepdf.Dictionary) else ""


def children(element: Any) -> list[Any]:
    inside = element.get("/K") if isinstance(element, pikepdf.Dictionary) else None
    if inside is None:
        return []
    return list(inside) if isinstance(inside, pikepdf.Array) else [inside]


def elements(element: Any, wanted: str) -> Iterator[Any]:
    """Elements of a role under this one, the outermost only."""
    for each in children(element):
        if role(each) == wanted:
            yield each
        else:
            yield from elements(each, wanted)


def text(element: Any, words: Marks, pages: dict[tuple[int, int], int], page: int = -1) -> str:
    """All words under an element."""
    if not isinstance(element, pikepdf.Dictionary):
        return words.get((page, int(element)), "")
    if "/Pg" in element:
        page = pages[element.Pg.objgen]
    if "/MCID" in element:
        return words.get((page, int(element.MCID)), "")
    return "".join(text(each, words, pages, page) for each in children(element))
