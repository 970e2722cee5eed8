"""Names in a packet: every system takes them, and no two are one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.services.evidence_packets.folders import LONGEST, Folder

REFUSED = set('<>:"/\\|?*') | {chr(code) for code in range(32)}


@given(st.lists(st.text(max_size=140), max_size=8))
def test_every_name_is_taken_everywhere_and_no_two_are_one(wanted: list[str]) -> None:
    folder = Folder()
    given_names = [folder.name(each, "nameless") for each in wanted]
    for each in given_names:
        assert each.strip() == each != ""
        assert not REFUSED & set(each)
        assert each not in (".", "..")
        assert not each.endswith((".", " "))
        assert len(each.encode()) <= LONGEST + 10
        assert unicodedata.is_normalized("NFC", each)
    seen = [unicodedata.normalize("NFD", each).casefold() for each in given_names]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    ("wanted", "given_name"),
    [
        ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh"),
        ("محمد علي", "محمد علي"),
        ("王小明", "王小明"),
        ("O'Brien-Sørensen, Jr.", "O'Brien-Sørensen, Jr"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "_CON"),
        ("nul.pdf", "_nul.pdf"),
        ("a:b*c?.pdf", "a_b_c_.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("   ", "nameless"),
        ("\u200b", "nameless"),
    ],
)
def test_names_keep_their_letters_and_lose_what_deceives(wanted: str, given_name: str) -> None:
    assert Folder().name(wanted, "nameless") == given_name


def test_the_same_name_in_another_case_or_writing_gets_a_number() -> None:
    folder = Folder()
    composed, apart = "Zoë.pdf", "Zoe\u0308.PDF"
    assert [folder.name(each) for each in (composed, apart, "ZOË.pdf")] == ["Zoë.pdf", "Zoë (2).PDF", "ZOË (3).pdf"]
