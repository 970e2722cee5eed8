"""Passwords that are tried first are refused, and what people choose well is not."""

from __future__ import annotations

import pytest

from compliance.crypto.common_passwords import COMMONEST, is_common, ranks
from compliance.crypto.passwords import PasswordRefused, check_password


@pytest.mark.parametrize(
    "password",
    [
        "1qaz2wsx3edc", "QWERTY123456", "password2024!", "!Password123!", "passwordpassword", "abcabcabcabc",
        "aaaaaaaaaaaa", "123456789012", "abcdefghijklm", "dragonmonkey", "ｐａｓｓｗｏｒｄ２０２４", "  sonyericsson  ",
    ],
)  # fmt: skip
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    assert is_common(password)
    with pytest.raises(PasswordRefused):
        check_password(password.ljust(12))


@pytest.mark.parametrize(
    "password",
    [
        "harbor lantern seven kites", "correct horse battery staple", "Trigger points at 9 on Tuesdays",
        "7391 6620 4481 0093", "xK2#pQ9$vL4!", "monkey 8912 7781 0042", "пароль из четырёх слов",
    ],
)  # fmt: skip
def test_a_password_that_is_chosen_well_is_taken(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    "password",
    ["harbor-clinics-2026!", "Dana Owner 2026 !!", "TriggerPointTherapy", "compliance 123456", "harbor password 99",
     "Massage#Massage#26"],
)  # fmt: skip
def test_a_password_made_of_names_and_words_of_here_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused, match="little more than your name"):
        check_password(password, ("Dana Owner", "Harbor Clinics"))


def test_a_name_within_a_password_that_is_chosen_well_is_no_harm() -> None:
    check_password("harbor lantern seven kites", ("Dana Owner", "Harbor Clinics"))
    check_password("7391 6620 4481 0093", ("Dana Owner",))


def test_names_with_signs_of_expressions_are_mere_letters() -> None:
    check_password("quiet marble forty owls", ("(.*", "[a-z]+", "O'Brien (Ret.)"))


def test_more_than_three_thousand_passwords_that_are_long_enough_are_refused() -> None:
    """ASVS 6.2.4 asks for the commonest 3,000 that satisfy the rule about length."""
    commonest = list(ranks())[:COMMONEST]
    made = {left + right for left in commonest[:80] for right in commonest[:80] if len(left + right) >= 12}
    assert len(made) > 3_000
    assert all(is_common(each) for each in sorted(made)[::37])
