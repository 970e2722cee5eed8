from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.uploads.names import LONGEST_NAME, clean_name, suffix_of

CLEANED = {
    "license.pdf": "license.pdf",
    "  my   license\t.pdf ": "my license .pdf",
    "../../etc/passwd": "passwd",
    "C:\\Users\\Ana\\scan.png": "scan.png",
    "/tmp/": "tmp",
    "evil\u202efdp.exe": "evilfdp.exe",
    "a\x00b\r\nc.pdf": "ab c.pdf",
    "..": "file",
    "": "file",
    ".pdf": "pdf",
    'a<b>:"|?*.pdf': "a_b______.pdf",
    "Cafe\u0301.pdf": "Caf\u00e9.pdf",
    "Łódź 中文 العربية.pdf": "Łódź 中文 العربية.pdf",
    "zero\u200bwidth\ufeff.pdf": "zerowidth.pdf",
    "می\u200cخواهم.pdf": "می\u200cخواهم.pdf",
    "@SUM(1).png": "SUM(1).png",
    "+-=@ a.png": "a.png",
    "=cmd|' /C calc'!A0.pdf": "C calc'!A0.pdf",
}


@pytest.mark.parametrize("name", CLEANED)
def test_a_name_is_cleaned(name: str) -> None:
    assert clean_name(name) == CLEANED[name]


def test_a_long_name_keeps_its_ending() -> None:
    cleaned = clean_name("x" * 500 + ".pdf")
    assert cleaned == "x" * 116 + ".pdf"
    assert clean_name("x." + "y" * 500) == "x." + "y" * 118


@given(st.text(max_size=400))
def test_whatever_the_name_it_is_short_visible_and_no_path(name: str) -> None:
    cleaned = clean_name(name)
    assert 1 <= len(cleaned) <= LONGEST_NAME
    assert cleaned not in (".", "..")
    assert not set(cleaned) & set('/\\\r\n\0<>:"|?*\u202e')
    assert all(unicodedata.category(c)[0] != "C" or c in "\u200c\u200d" for c in cleaned)
    assert clean_name(cleaned) == cleaned


def test_the_ending_is_the_one_that_is_seen() -> None:
    assert suffix_of("Scan.PDF") == ".pdf"
    assert suffix_of("scan.pdf\u202e") == ".pdf"
    assert suffix_of("scan.pdf ") == ".pdf"
    assert suffix_of("scan") == ""
