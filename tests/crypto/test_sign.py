from __future__ import annotations

import stat
from pathlib import Path

import pytest

from compliance.crypto import sign

SECRET = bytes(range(32))


def test_a_signature_fits_its_bytes_and_its_key_only() -> None:
    key, other = sign.derive_signing_key(SECRET, "trail"), sign.derive_signing_key(SECRET, "reports")
    signature = key.sign(b"checkpoint 42")
    assert sign.verify(key.public, signature, b"checkpoint 42")
    assert not sign.verify(key.public, signature, b"checkpoint 43")
    assert not sign.verify(other.public, signature, b"checkpoint 42")
    assert key.key_id != other.key_id


@pytest.mark.parametrize(("public", "signature"), [(b"", b""), (bytes(31), bytes(64)), (bytes(32), bytes(3))])
def test_a_malformed_key_or_signature_is_simply_not_valid(public: bytes, signature: bytes) -> None:
    assert not sign.verify(public, signature, b"data")


def test_a_saved_key_comes_back_the_same_and_is_its_owners_alone(tmp_path: Path) -> None:
    key, path = sign.derive_signing_key(SECRET, "trail"), tmp_path / "signing.key"
    sign.save_signing_key(path, key)
    assert sign.load_signing_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        sign.save_signing_key(path, key)


@pytest.mark.parametrize("content", ["", "zz", "00" * 31])
def test_a_file_that_holds_no_key_is_refused_by_its_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "signing.key"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"signing\.key holds no signing key"):
        sign.load_signing_key(path)


def test_the_private_key_shows_in_no_repr() -> None:
    key = sign.derive_signing_key(SECRET, "trail")
    assert key.seed.hex() not in repr(key)
    assert repr(key.seed) not in repr(key)
