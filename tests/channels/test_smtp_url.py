from __future__ import annotations

import pytest

from compliance.channels.smtp_url import SmtpRoute, parse_smtp_url, without_password

GOOD = {
    "smtp://mailer:s3cret@mail.example:2525?tls=none": ("mail.example", 2525, "none", "mailer", "s3cret"),
    "smtp://mail.example": ("mail.example", 587, "starttls", None, None),
    "smtp://mail.example?tls=implicit": ("mail.example", 465, "implicit", None, None),
    "smtp://127.0.0.1:1025/?tls=none": ("127.0.0.1", 1025, "none", None, None),
    "smtp://[::1]?tls=none": ("::1", 25, "none", None, None),
    "smtp://a%40b.example:p%2F%23%3F%40@mail.example": ("mail.example", 587, "starttls", "a@b.example", "p/#?@"),
}

WRONG = [
    "",
    "mail.example",
    "mailer:hunter22@mail.example",
    "http://mailer:hunter22@mail.example",
    "smtp://mailer:hunter22@",
    "smtp://mailer:hunter22@mail.example:99999",
    "smtp://mailer:hunter22@mail.example:0",
    "smtp://mailer:hunter22@mail.example:port",
    "smtp://mailer:hunter22@mail.example?tls=maybe",
    "smtp://mailer:hunter22@mail.example?ssl=true",
    "smtp://mailer:hunter22@mail.example/path",
    "smtp://mailer:hunt/er22@mail.example",
    "smtp://mailer:hunt#er22@mail.example",
    "smtp://mailer:hunt?er22@mail.example",
    "smtp://mailer:hunt?tls=er22@mail.example",
    "smtp://mailer:hunt@er22@[mail.example",
    "smtp://mailer@mail.example",
    "smtp://mailer:hunter22ż@mail.example",
    "smtp://mailer:@x y",
]


@pytest.mark.parametrize("url", GOOD)
def test_a_good_url_is_read(url: str) -> None:
    route = parse_smtp_url(url)
    assert (route.host, route.port, route.tls, route.user, route.password) == GOOD[url]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_url_gets_one_sentence_that_says_what_is_allowed_and_no_password(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_smtp_url(url)
    sentence = str(caught.value)
    assert "smtp://user:password@host:587?tls=starttls (or tls=implicit, tls=none)" in sentence
    assert "hunt" not in sentence
    assert "er22" not in sentence


def test_the_sentence_names_what_was_given() -> None:
    with pytest.raises(ValueError, match=r"'smtp://mailer:\*\*\*@mail\.example' has tls=maybe; allowed is"):
        parse_smtp_url("smtp://mailer:hunter22@mail.example?tls=maybe")


def test_the_password_shows_in_no_repr() -> None:
    assert "hunter22" not in repr(SmtpRoute("mail.example", 587, "starttls", "mailer", "hunter22"))
    assert without_password("smtp://mailer:hunter22@mail.example") == "smtp://mailer:***@mail.example"
