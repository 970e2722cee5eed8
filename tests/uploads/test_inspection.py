from __future__ import annotations

import asyncio
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from compliance.uploads import inspection
from compliance.uploads.inspection import Inspection, inspect
from compliance.uploads.refusals import LARGEST_FILE, Refused
from tests.uploads import files


async def look(folder: Path, data: bytes, name: str) -> Inspection:
    path = folder / "upload"
    path.write_bytes(data)
    return await inspect(path, declared_name=name)


async def refused(folder: Path, data: bytes, name: str, reason: str) -> str:
    with pytest.raises(Refused) as caught:
        await look(folder, data, name)
    assert caught.value.reason == reason
    return str(caught.value)


def drawn(found: Inspection) -> Image.Image:
    assert found.rendition_media_type == "image/jpeg"
    assert found.rendition_sha256 == hashlib.sha256(found.rendition).hexdigest()
    picture = Image.open(io.BytesIO(found.rendition))
    assert picture.format == "JPEG"
    return picture


@pytest.mark.parametrize(
    ("data", "name", "kind", "media_type"),
    [
        (files.png(), "card.PNG", "png", "image/png"),
        (files.jpeg(), "card.jpg", "jpeg", "image/jpeg"),
        (files.jpeg(), "card.jpeg", "jpeg", "image/jpeg"),
        (files.pdf(), "license.pdf", "pdf", "application/pdf"),
    ],
)
async def test_a_good_file_is_known_for_what_it_is(
    tmp_path: Path, data: bytes, name: str, kind: str, media_type: str
) -> None:
    found = await look(tmp_path, data, name)
    assert (found.kind, found.media_type, found.pages, found.size) == (kind, media_type, 1, len(data))
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.rendition != data
    drawn(found).load()


async def test_a_rendition_holds_the_picture_and_nothing_beside_it(tmp_path: Path) -> None:
    for data, name in ((files.jpeg(), "a.jpg"), (files.png(), "a.png")):
        found = await look(tmp_path, data + b"<script>trailing</script>", name)
        assert b"secret-metadata" in data
        assert b"secret-metadata" not in found.rendition
        assert b"trailing" not in found.rendition
        red, _, blue = drawn(found).getpixel((150, 100))  # type: ignore[misc]
        assert red < 20
        assert blue > 100


async def test_a_large_photo_is_made_smaller_and_turned_upright(tmp_path: Path) -> None:
    found = await look(tmp_path, files.jpeg((4000, 1000), orientation=6), "photo.jpg")
    assert drawn(found).size == (500, 2000)


async def test_what_was_transparent_is_white(tmp_path: Path) -> None:
    for mode, color in (("RGBA", (0, 0, 0, 0)), ("LA", (0, 0))):
        found = await look(tmp_path, files.png((9, 9), mode, color), "logo.png")
        assert drawn(found).getpixel((4, 4)) == (255, 255, 255)


async def test_the_first_pages_of_a_document_are_drawn_below_each_other(tmp_path: Path) -> None:
    found = await look(tmp_path, files.pdf(files.document(pages=5)), "file.pdf")
    assert found.pages == 5
    picture = drawn(found)
    assert picture.width == 1200
    assert 3 * 1550 < picture.height < 3 * 1600
    assert picture.getpixel((400, 1200)) != (255, 255, 255)


async def test_a_page_as_long_as_a_street_is_drawn_small(tmp_path: Path) -> None:
    found = await look(tmp_path, files.pdf(files.document(size=(10, 14400))), "file.pdf")
    assert max(drawn(found).size) <= 2000


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("script on opening", "an action that runs on opening"),
        ("script in the names", "JavaScript"),
        ("script on a page", "JavaScript"),
        ("script deep in arrays", "JavaScript"),
        ("launch on a click", "a command that starts a program"),
        ("form that sends", "a form that sends data"),
        ("address on opening", "an action that runs on opening"),
        ("attachment", "an attached file"),
        ("dynamic form", "a dynamic form"),
    ],
)
async def test_a_document_that_could_act_is_refused_though_its_bytes_hide_it(
    tmp_path: Path, what: str, found: str
) -> None:
    data = files.pdf(files.active(what))
    assert b"/JavaScript" not in data
    sentence = await refused(tmp_path, data, "license.pdf", "active")
    assert f"“license.pdf” contains {found}. Allowed are PDF, PNG and JPEG" in sentence
    assert "Print it to a new PDF" in sentence


async def test_ordinary_links_and_an_opening_page_are_no_harm(tmp_path: Path) -> None:
    found = await look(tmp_path, files.pdf(files.with_links(files.document(pages=2))), "license.pdf")
    assert found.pages == 2


@pytest.mark.parametrize("user", ["", "password"])
async def test_a_protected_document_is_refused(tmp_path: Path, user: str) -> None:
    data = files.pdf(encryption=pikepdf.Encryption(owner="owner", user=user))
    assert "protected by a password" in await refused(tmp_path, data, "license.pdf", "encrypted")


async def test_a_book_is_no_proof(tmp_path: Path) -> None:
    sentence = await refused(tmp_path, files.pdf(files.document(pages=101)), "book.pdf", "pages")
    assert "has 101 pages, more than 100" in sentence


HTML = b"<!DOCTYPE html><script>alert(1)</script>"


@pytest.mark.parametrize(
    ("data", "name", "reason", "said"),
    [
        (b"", "license.pdf", "empty", "is empty"),
        (HTML, "license.pdf", "head", "is named as PDF but is a web page"),
        (HTML + files.pdf(), "license.pdf", "head", "is named as PDF but is a web page"),
        (b"\n" + files.pdf(), "license.pdf", "head", "is named as PDF"),
        (files.png(), "card.jpg", "head", "is named as JPEG but is a PNG picture"),
        (files.pdf(), "card.png", "head", "is named as PNG but is a PDF"),
        (files.gif(), "card.gif", "suffix", "is a .gif file"),
        (b"<svg xmlns='x'/>", "card.svg", "suffix", "is a .svg file"),
        (b"PK\x03\x04rest", "license.pdf", "head", "ZIP archive or an Office document"),
        (files.pdf(), "license", "suffix", "is a file without an ending"),
        (files.pdf(), "license.pdf.exe", "suffix", "is a .exe file"),
        (b"\0\0\0\x18ftypheic" + bytes(20), "IMG_1.HEIC", "heic", "HEIC photo"),
        (b"\0\0\0\x18ftypheic" + bytes(20), "IMG_1.jpg", "heic", "as JPEG"),
        (b"%PDF-1.7\nnonsense", "license.pdf", "broken", "cannot be read"),
        (files.pdf()[:300], "license.pdf", "broken", "cannot be read"),
        (files.png()[:-60], "card.png", "broken", "cannot be read"),
        (files.jpeg()[:400], "card.jpg", "broken", "cannot be read"),
        (b"\xff\xd8\xff" + HTML, "card.jpg", "broken", "cannot be read"),
        (files.bomb(30_000), "card.png", "pixels", "more than 40 million pixels"),
        (files.bomb(7_000), "card.png", "pixels", "more than 40 million pixels"),
    ],
)
async def test_what_is_not_what_it_says_is_refused_with_what_to_do(
    tmp_path: Path, data: bytes, name: str, reason: str, said: str
) -> None:
    sentence = await refused(tmp_path, data, name, reason)
    assert said in sentence
    assert f"“{name}”" in sentence
    assert "Allowed are PDF, PNG and JPEG files of up to 15 MB." in sentence


async def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    with path.open("wb") as stream:
        stream.write(b"%PDF-")
        stream.truncate(LARGEST_FILE + 1)
    with pytest.raises(Refused, match=r"has 15\.0 MB"):
        await inspect(path, declared_name="scan.pdf")


async def test_a_look_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(files.pdf())
    with pytest.raises(Refused, match="takes too long"):
        await inspect(tmp_path / "upload", declared_name="a.pdf", longest_look=0.001)


async def test_the_event_loop_goes_on_during_a_look(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(files.pdf())
    looking = asyncio.create_task(inspect(tmp_path / "upload", declared_name="a.pdf"))
    await asyncio.sleep(0.01)
    assert not looking.done()
    await looking


async def test_a_broken_inspection_is_not_the_files_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "upload").write_bytes(files.png())
    monkeypatch.setattr(inspection, "_CHILD", [sys.executable, "-m", "compliance.uploads.absent"])
    with pytest.raises(inspection.InspectionFailed):
        await inspect(tmp_path / "upload", declared_name="a.png")


def test_the_service_itself_never_loads_what_parses_strangers_files() -> None:
    code = "import sys, compliance.uploads.inspection, compliance.uploads.rosters; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_here())
    assert not {"PIL", "pikepdf", "pypdfium2", "lxml"} & set(loaded.stdout.split())


def test_the_child_gets_none_of_the_services_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLIANCE_SECRET_KEY", "secret")
    assert set(inspection._environment()) == {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LC_ALL"}


def test_the_childs_memory_and_answer_are_limited() -> None:
    code = (
        "from compliance.uploads.child import _limit; _limit()\n"
        "import sys\n"
        "try: bytearray(2 << 30)\n"
        "except MemoryError: sys.stdout.write('no memory')\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=_here(), check=False)
    assert ended.stdout == "no memory"


def _here() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(inspection._SOURCES)}
