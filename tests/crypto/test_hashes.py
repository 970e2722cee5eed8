from __future__ import annotations

import hashlib
import io
import json
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.crypto import hashes

ORGANIZATION = uuid.UUID("01960000-0000-7000-8000-000000000001")
NAIVE = datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None)

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_canonical_bytes_read_back_as_the_same_value(value: object) -> None:
    assert json.loads(hashes.canonical_json(value)) == value


@given(st.dictionaries(st.text(), st.integers(0, 9), max_size=6))
def test_the_order_in_which_keys_were_written_does_not_matter(value: dict[str, int]) -> None:
    backwards = dict(reversed(list(value.items())))
    assert hashes.canonical_json(backwards) == hashes.canonical_json(value)


def test_keys_sort_by_utf_16_as_rfc_8785_asks() -> None:
    # The example of RFC 8785, section 3.2.3.
    names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    written = list(json.loads(hashes.canonical_json(names)))
    assert written == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_instants_days_and_ids_have_one_spelling() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    value = {"on": date(2026, 3, 1), "id": ORGANIZATION, "at": noon.astimezone(timezone(timedelta(hours=9)))}
    expected = '{"at":"2026-03-01T12:00:00.000000Z","id":"01960000-0000-7000-8000-000000000001","on":"2026-03-01"}'
    assert hashes.canonical_json(value).decode() == expected


@pytest.mark.parametrize("wrong", [1.0, float("nan"), b"bytes", Decimal("1"), {1: "a"}, {"a": {2.5}}, object()])
def test_what_has_no_canonical_form_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError):
        hashes.canonical_json(wrong)


@pytest.mark.parametrize("wrong", [2**53, -(2**53), NAIVE, "\ud800", {"\udfff": 1}])
def test_what_would_not_survive_the_journey_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        hashes.canonical_json(wrong)


def test_the_chain_hash_is_the_one_that_the_documents_spell_out() -> None:
    body = hashes.canonical_json({"action": "renewed"})
    spelled = b"trail-v1\0" + ORGANIZATION.bytes + (7).to_bytes(8, "big") + bytes(32)
    spelled += len(body).to_bytes(8, "big") + body
    assert hashes.chain_hash(ORGANIZATION, 7, hashes.GENESIS, body) == hashlib.sha256(spelled).digest()


def test_every_part_of_an_entry_changes_its_hash() -> None:
    entries = [
        (ORGANIZATION, 1, bytes(32), b"{}"),
        (uuid.UUID(int=0), 1, bytes(32), b"{}"),
        (ORGANIZATION, 2, bytes(32), b"{}"),
        (ORGANIZATION, 1, b"\1" + bytes(31), b"{}"),
        (ORGANIZATION, 1, bytes(32), b"{ }"),
    ]
    assert len({hashes.chain_hash(*entry) for entry in entries}) == 5


def test_a_previous_hash_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        hashes.chain_hash(ORGANIZATION, 1, b"", b"{}")


def test_bytes_streams_and_files_agree(tmp_path: Path) -> None:
    data = b"evidence" * 100_000
    (tmp_path / "scan").write_bytes(data)
    expected = hashlib.sha256(data).hexdigest()
    assert hashes.sha256_hex(data) == expected
    assert hashes.sha256_hex_of_stream(io.BytesIO(data)) == (expected, len(data))
    assert hashes.sha256_hex_of_file(tmp_path / "scan") == (expected, len(data))


def test_no_two_values_share_a_salt_whoever_draws_it() -> None:
    salts = [each for _ in range(3) for each in islice(hashes.new_salts(), 300)]
    assert len(set(salts)) == 900
    assert {len(each) for each in salts} == {16}


def test_a_personal_value_hashes_otherwise_under_another_salt() -> None:
    salt = next(hashes.new_salts())
    assert hashes.personal_hash(salt, "Ana Ruiz") == hashes.personal_hash(salt, "Ana Ruiz")
    assert hashes.personal_hash(salt, "Ana Ruiz") != hashes.personal_hash(next(hashes.new_salts()), "Ana Ruiz")
    with pytest.raises(ValueError, match="salt"):
        hashes.personal_hash(b"short", "Ana Ruiz")


class Standing(str, Enum):  # noqa: UP042 - the older kind, whose str() is not its value
    ACTIVE = "active"


def test_an_enumeration_of_texts_is_written_as_its_text() -> None:
    assert hashes.canonical_json([Standing.ACTIVE]) == b'["active"]'
