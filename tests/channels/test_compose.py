from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.channels.compose import CannotCompose, Letter, compose, mail_address, message_id_for

LETTER = Letter(
    sender="reminders@bayside.example",
    organization="Bayside Clinics",
    postal_address="12 Harbor Road\nTampa, FL 33602",
    recipient="ana@example.com",
    recipient_name="Ana Ruiz",
    subject="Your Florida license ends on Aug 31, 2027",
    text="Hello Ana,\n.this line begins with a dot\n",
    html="<html><body><p>Hello Ana</p></body></html>",
    message_id="<0123456789abcdef@bayside.example>",
    at=datetime(2027, 6, 2, 13, 0, tzinfo=UTC),
    reply_to="manager@bayside.example",
    reply_to_name="Pat Moore",
    list_unsubscribe="https://clinic.example/unsubscribe/" + "x" * 100,
)


def read(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_mail_carries_all_its_headers() -> None:
    mail = read(compose(LETTER))
    assert mail["From"] == "Bayside Clinics <reminders@bayside.example>"
    assert mail["To"] == "Ana Ruiz <ana@example.com>"
    assert mail["Reply-To"] == "Pat Moore <manager@bayside.example>"
    assert mail["Subject"] == LETTER.subject
    assert mail["Message-ID"] == LETTER.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == f"<{LETTER.list_unsubscribe}>"
    assert mail["Date"] == "Wed, 02 Jun 2027 13:00:00 +0000"


def test_the_same_letter_gives_the_same_bytes_and_another_message_other_ones() -> None:
    assert compose(LETTER) == compose(replace(LETTER))
    assert compose(LETTER) != compose(replace(LETTER, message_id="<0a@bayside.example>"))


def test_long_single_words_in_headers_stay_whole() -> None:
    data = compose(replace(LETTER, message_id=f"<{'a' * 40}@{'b' * 60}.example.com>"))
    assert f"Message-ID: <{'a' * 40}@{'b' * 60}.example.com>\r\n".encode() in data
    assert f"List-Unsubscribe: <{LETTER.list_unsubscribe}>\r\n".encode() in data


def test_the_bytes_are_fit_for_any_server() -> None:
    data = compose(replace(LETTER, text="ż" * 3000 + "\rx\x00", html="<p>\u4e2d</p>"))
    lines = data.split(b"\r\n")
    assert data.isascii()
    assert all(b"\r" not in line and b"\n" not in line and len(line) <= 998 for line in lines)


def test_letters_of_every_language_arrive() -> None:
    letter = replace(LETTER, recipient_name="Nguyễn Thị Ánh", subject="Łódź, 中文, العربية", text="Żółw 中文\n")
    mail = read(compose(letter))
    assert mail["To"].addresses[0].display_name == "Nguyễn Thị Ánh"
    assert mail["Subject"] == "Łódź, 中文, العربية"
    assert part(mail, "plain").startswith("Żółw 中文\n")


@pytest.mark.parametrize(
    "name",
    ["Eve\r\nBcc: eve@example.org", 'a" <eve@example.org>, "b', "eve@example.org, ", "x" * 5000, "\u202eevil", ""],
)
def test_a_hostile_name_adds_no_header_and_no_recipient(name: str) -> None:
    letter = replace(LETTER, recipient_name=name, subject=name, organization=name, reply_to_name=name)
    expect_one_recipient(compose(letter))


@given(st.text(max_size=150), st.text(max_size=300))
def test_whatever_people_are_called_there_is_one_recipient(name: str, subject: str) -> None:
    letter = replace(LETTER, recipient_name=name, organization=name, reply_to_name=name, subject=subject)
    expect_one_recipient(compose(letter))


@given(st.text(alphabet=',;:"\\<>@()[]ab\u00e9 .=?_\t', min_size=1, max_size=150))
def test_no_play_with_quotes_and_brackets_adds_a_recipient(name: str) -> None:
    expect_one_recipient(compose(replace(LETTER, recipient_name=name, organization=name, subject=name)))


def expect_one_recipient(data: bytes) -> None:
    mail = read(data)
    assert {name.lower() for name in mail.keys()} == {  # noqa: SIM118 - a message is no dict
        "date", "from", "to", "reply-to", "subject", "message-id", "auto-submitted", "list-unsubscribe",
        "list-unsubscribe-post", "mime-version", "content-type",
    }  # fmt: skip
    for header, address in (("To", "ana@example.com"), ("From", "reminders@bayside.example")):
        assert [found.addr_spec for found in mail[header].addresses] == [address]
        old = email.message_from_bytes(data)
        assert [found for _, found in getaddresses([old[header]])] == [address]


NOT_ONE = ["a@b.example, e@x.example", "a@b\r\nBcc: e@x.example", "", "a b@c.example", "@"]


@pytest.mark.parametrize("wrong", NOT_ONE)
def test_what_is_not_one_address_is_refused(wrong: str) -> None:
    with pytest.raises(CannotCompose, match="is not one e-mail address"):
        compose(replace(LETTER, recipient=wrong))


def test_other_headers_cannot_be_broken_open_either() -> None:
    for wrong in (
        replace(LETTER, message_id="<a@b>\r\nBcc: e@x.example"),
        replace(LETTER, list_unsubscribe="https://x.example/>\r\nBcc: e@x.example"),
        replace(LETTER, at=LETTER.at.replace(tzinfo=None)),
    ):
        with pytest.raises(CannotCompose):
            compose(wrong)


def test_organization_and_postal_address_stand_at_the_foot_of_both_parts() -> None:
    mail = read(compose(replace(LETTER, organization="Moore & Daughters")))
    assert part(mail, "plain").endswith("-- \nMoore & Daughters\n12 Harbor Road\nTampa, FL 33602\n")
    assert "<p>Moore &amp; Daughters<br>12 Harbor Road<br>Tampa, FL 33602</p>\n</body>" in part(mail, "html")


def test_what_the_template_already_says_is_not_said_twice() -> None:
    text = "Hello\nBayside Clinics, 12 Harbor Road, Tampa, FL 33602\n"
    html = "<p>Bayside Clinics<br>12 Harbor Road<br/>Tampa, FL 33602</p>"
    mail = read(compose(replace(LETTER, text=text, html=html)))
    assert part(mail, "plain") == text
    assert part(mail, "html").strip() == html


def test_a_message_id_depends_on_its_keys_and_not_on_their_order() -> None:
    made = message_id_for(["b", "a"], "bayside.example")
    assert made == message_id_for(["a", "b", "a"], "bayside.example")
    assert made != message_id_for(["ab"], "bayside.example")
    assert read(compose(replace(LETTER, message_id=made)))["Message-ID"] == made
    with pytest.raises(CannotCompose):
        message_id_for([], "bayside.example")
    with pytest.raises(CannotCompose):
        message_id_for(["a"], "x>\r\n")


def test_an_address_is_made_ready_for_the_envelope() -> None:
    assert mail_address(" ana@bücher.example ") == "ana@xn--bcher-kva.example"
    for wrong in ("", "ana", "ana@", "żółw@example.com", "a@b@c", "ana@exa mple.com", "a@" + "x" * 300):
        with pytest.raises(CannotCompose, match="is not one e-mail address"):
            mail_address(wrong)
