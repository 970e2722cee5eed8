"""The environment: what is taken, and the sentence that stops the start for what is not."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from compliance.crypto.certificates import make
from compliance.settings import Settings, WrongSetting, read_settings

KEY = "kdf7Qpw91mzXvbTR40uYehLsN3cJ8aGo"
POSTGRESQL = "postgresql://compliance:hunter2hunter2@db.internal/compliance"


def read(tmp_path: Path, **given: str) -> Settings:
    return read_settings(
        {"COMPLIANCE_HOME": str(tmp_path)} | {f"COMPLIANCE_{key}": each for key, each in given.items()}
    )


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/compliance.db"
    assert settings.evidence_url == f"file:{tmp_path}/evidence"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert (settings.host, settings.port, settings.smtp_url) == ("127.0.0.1", 8000, None)
    assert settings.mail_from == "reminders@localhost"


def test_home_is_var_under_the_folder_one_is_in() -> None:
    assert read_settings({}).home == Path.cwd() / "var"


def test_another_port_is_in_the_links_too(tmp_path: Path) -> None:
    assert read(tmp_path, PORT="9001").public_url == "http://127.0.0.1:9001"


def test_an_empty_value_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, PORT="", SMTP_URL=" ").port == 8000


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "COMPLIANCE_PORT is 'eighty'; give a number from 1 to 65535."),
        ("PORT", "70000", "from 1 to 65535"),
        ("LOG_FORMAT", "xml", "COMPLIANCE_LOG_FORMAT is 'xml'; give console or json."),
        ("DATABASE_URL", "mysql://root:hunter2hunter2@db/x", "allowed are sqlite:///path/to/file.db and postgresql://"),
        ("PUBLIC_URL", "compliance.example.org", "like https://compliance.example.org"),
        ("PUBLIC_URL", "https://example.org/app", "scheme and host alone"),
        ("PUBLIC_URL", "https://user:hunter2hunter2@example.org", "scheme and host alone"),
        ("PUBLIC_URL", "https://[::1", "scheme and host alone"),
        ("PUBLIC_URL", "http://compliance.example.org", "Put a proxy with TLS in front"),
        ("SMTP_URL", "http://user:hunter2hunter2@mail", "COMPLIANCE_SMTP_URL is"),
        ("MAIL_FROM", "Reminders <a@b.example>, c@d.example", "give one address"),
        ("REPORT_FONTS", "/nowhere/fonts", "COMPLIANCE_REPORT_FONTS is '/nowhere/fonts', which is no folder"),
        ("EVIDENCE_URL", "ftp://user:hunter2hunter2@files/x", "give file:folder or s3://bucket/prefix"),
        ("EVIDENCE_URL", "s3://[bucket", "give file:folder or s3://bucket/prefix"),
        ("SECRET_KEY", "short", "has 5 bytes; give at least 32"),
        ("SECRET_KEY", "change-me-change-me-change-me-change-me", "can be guessed"),
        ("SECRET_KEY", "a" * 40, "can be guessed"),
        ("SECRET_KEY_FILE", "/nowhere/key", "'/nowhere/key', which cannot be read"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        read(tmp_path, **{name: value})
    assert f"COMPLIANCE_{name}" in str(wrong.value)
    assert said in str(wrong.value)
    assert "hunter2" not in str(wrong.value)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    "host", ["http://localhost:8000", "http://127.0.0.2", "http://[::1]:8000", "http://a.localhost"]
)
def test_plain_http_is_taken_on_this_machine(tmp_path: Path, host: str) -> None:
    assert not read(tmp_path, PUBLIC_URL=host).https


@pytest.mark.parametrize("given", ["https://Example.org/", "https://example.org:443"])
def test_the_public_address_is_kept_as_browsers_write_it(tmp_path: Path, given: str) -> None:
    assert read(tmp_path, PUBLIC_URL=given).public_url == "https://example.org"


@pytest.mark.parametrize("name", ["DATABASE_URL", "SMTP_URL", "SECRET_KEY"])
def test_a_secret_may_stand_in_a_file_and_only_in_one_place(tmp_path: Path, name: str) -> None:
    value = {"DATABASE_URL": POSTGRESQL, "SMTP_URL": "smtp://u:p@mail.example?tls=none", "SECRET_KEY": KEY}[name]
    (tmp_path / "value").write_text(f"{value}\n")
    beside = {} if name == "SECRET_KEY" else {"SECRET_KEY": KEY}
    settings = read(tmp_path, **{f"{name}_FILE": str(tmp_path / "value")}, **beside)
    assert value in (settings.database_url, settings.smtp_url, settings.secret_key().decode())
    with pytest.raises(WrongSetting, match="both given"):
        read(tmp_path, **{f"{name}_FILE": str(tmp_path / "value"), name: value}, **beside)


def test_no_secret_shows_in_what_is_printed(tmp_path: Path) -> None:
    settings = read(tmp_path, DATABASE_URL=POSTGRESQL, SECRET_KEY=KEY, SMTP_URL="smtp://u:hunter2hunter2@mail")
    assert "hunter2" not in repr(settings)
    assert KEY not in repr(settings)


def test_a_key_is_made_once_for_the_embedded_database_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = read(tmp_path / "fresh").secret_key()
    kept = tmp_path / "fresh" / "secret.key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert read(tmp_path / "fresh").secret_key() == first == kept.read_bytes()
    assert len(first) >= 32
    assert [each.name for each in kept.parent.iterdir()] == ["secret.key"]


def test_reading_the_settings_makes_nothing(tmp_path: Path) -> None:
    read(tmp_path / "fresh")
    assert not (tmp_path / "fresh").exists()


def make_key(home: str) -> bytes:
    return read(Path(home)).secret_key()


def test_processes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    with get_context("spawn").Pool(3) as pool:
        assert len(set(pool.map(make_key, [str(tmp_path / "fresh")] * 6))) == 1


def test_postgresql_without_a_key_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="COMPLIANCE_SECRET_KEY is missing"):
        read(tmp_path, DATABASE_URL=POSTGRESQL)


def test_a_certificate_to_sign_with_is_taken_from_two_files_that_belong_together(tmp_path: Path) -> None:
    one, other = (make(name, datetime(2026, 11, 22, tzinfo=UTC)) for name in ("one", "other"))
    for name, content in (("key", one.key), ("chain", one.chain), ("other", other.chain)):
        (tmp_path / name).write_bytes(content)
    key, chain = str(tmp_path / "key"), str(tmp_path / "chain")
    settings = read(tmp_path, SIGNING_KEY_FILE=key, SIGNING_CERTIFICATE_FILE=chain)
    assert settings.signing().given == one
    assert "PRIVATE" not in repr(settings)
    assert read(tmp_path).signing().given is None
    with pytest.raises(WrongSetting, match="belong together; give both or neither"):
        read(tmp_path, SIGNING_KEY_FILE=key)
    with pytest.raises(WrongSetting, match="belongs to another certificate"):
        read(tmp_path, SIGNING_KEY_FILE=key, SIGNING_CERTIFICATE_FILE=str(tmp_path / "other"))
    with pytest.raises(WrongSetting, match=r"COMPLIANCE_SIGNING_KEY_FILE is '.*', which cannot be read"):
        read(tmp_path, SIGNING_KEY_FILE=str(tmp_path / "none"), SIGNING_CERTIFICATE_FILE=chain)
