"""`compliance secrets rotate` by file and by environment; proxies that nobody named."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.settings import read_settings
from tests.cli.conftest import KEY, CommandLine, command_line

NEW = "another key of the tests 0123456789abcdef"


@pytest.fixture
def installation(tmp_path: Path) -> CommandLine:
    made = command_line(tmp_path)
    made.says("db", "upgrade")
    return made


def test_a_key_in_the_environment_is_rotated_with_the_former_one_in_a_file(installation: CommandLine) -> None:
    former = installation.folder / "old-key"
    former.write_text(KEY + "\n")
    assert "--former-file" in installation.refuses("secrets", "rotate")
    assert "another than the new one" in installation.refuses("secrets", "rotate", "--former-file", str(former))
    installation.environment["COMPLIANCE_SECRET_KEY"] = NEW
    counts = installation.json("secrets", "rotate", "--former-file", str(former))
    assert set(counts) == {"seeds", "keys", "checkpoints"}
    assert installation.says("trail", "verify")


def test_a_key_in_a_file_is_rotated_and_the_former_one_is_kept_beside_it(installation: CommandLine) -> None:
    home = Path(installation.environment["COMPLIANCE_HOME"])
    del installation.environment["COMPLIANCE_SECRET_KEY"]
    before = read_settings(installation.environment).secret_key()
    installation.says("secrets", "rotate")
    settings = read_settings(installation.environment)
    assert settings.secret_key() != before
    assert settings.former_key() == before
    assert {path.name for path in home.glob("secret.key*")} == {"secret.key", "secret.key.former"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in home.glob("secret.key*"))


@pytest.mark.parametrize("named", ["*", "0.0.0.0/0", "::/0", "10.0.0.5,*", "proxy"])
def test_a_proxy_that_nobody_named_is_not_believed(installation: CommandLine, named: str) -> None:
    installation.environment["FORWARDED_ALLOW_IPS"] = named
    assert "FORWARDED_ALLOW_IPS" in installation.refuses("serve", "--port", "9")
