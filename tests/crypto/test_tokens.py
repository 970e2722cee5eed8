from __future__ import annotations

import re

import pytest

from compliance.crypto import tokens

SECRET = bytes(range(32))


def test_tokens_are_long_safe_in_urls_and_never_the_same() -> None:
    made = {tokens.new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in made)


def test_the_stored_hash_does_not_contain_the_token_and_takes_nonsense() -> None:
    token = tokens.new_token()
    assert re.fullmatch(r"[0-9a-f]{64}", tokens.token_hash(token))
    assert token not in tokens.token_hash(token)
    assert tokens.token_hash("\ud800\x00") != tokens.token_hash("")


def test_a_form_token_fits_its_session_and_its_secret_only() -> None:
    token = tokens.csrf_token(SECRET, "session-1")
    assert tokens.check_csrf_token(SECRET, "session-1", token)
    assert not tokens.check_csrf_token(SECRET, "session-2", token)
    assert not tokens.check_csrf_token(bytes(32), "session-1", token)


@pytest.mark.parametrize("wrong", ["", "x", "\u00e9" * 96, "\ud800", "0" * 96])
def test_a_made_up_form_token_does_not_pass(wrong: str) -> None:
    assert not tokens.check_csrf_token(SECRET, "session-1", wrong)


def test_each_changed_character_spoils_a_form_token() -> None:
    token = tokens.csrf_token(SECRET, "s")
    for place in (0, 31, 32, 95):
        other = "0" if token[place] != "0" else "1"
        assert not tokens.check_csrf_token(SECRET, "s", token[:place] + other + token[place + 1 :])


def test_a_form_token_is_fresh_on_every_page() -> None:
    assert tokens.csrf_token(SECRET, "s") != tokens.csrf_token(SECRET, "s")


def test_each_purpose_has_its_own_key() -> None:
    assert tokens.derive_key(SECRET, "csrf") == tokens.derive_key(SECRET, "csrf")
    assert tokens.derive_key(SECRET, "csrf") != tokens.derive_key(SECRET, "links")
    assert len(tokens.derive_key(SECRET, "links", 64)) == 64


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        tokens.derive_key(b"change-me", "csrf")
