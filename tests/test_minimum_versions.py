"""Versions below which a weakness is known: pyproject.toml asks for more, and no lock pins less."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "pyproject.toml").read_text("utf-8")
DEPENDENCIES = [Requirement(each) for each in tomllib.loads(TEXT)["project"]["dependencies"]]
APART = ("requirements-attack.txt", "requirements-wapiti.txt", "requirements-weasyprint.txt")
"""Attackers and a competitor in environments of their own, on one's own machine: nothing listens with them."""
LOCKS = [each for each in sorted(ROOT.glob("requirements*.txt")) if each.name not in APART]

LEAST = {
    "litestar": ("2.23.0", "CVE-2026-48060"),  # which its record says is mended in 2.20, and the code in 2.22
    "multipart": ("1.3.1", "CVE-2026-28356"),
    "authlib": ("1.9.0", "CVE-2026-27962"),
    "h11": ("0.16.0", "CVE-2025-43859"),
}
ELSEWHERE = {"pyjwt": "2.14.0"}
"""Not asked for by us; where another package brings it, not below this."""


@pytest.mark.parametrize("name", LEAST)
def test_the_project_asks_for_a_version_without_the_known_weakness(name: str) -> None:
    version, advisory = LEAST[name]
    asked = next(each for each in DEPENDENCIES if each.name == name)
    lowest = [Version(each.version) for each in asked.specifier if each.operator == ">="]
    assert lowest
    assert max(lowest) >= Version(version)
    around = (
        TEXT[: TEXT.index(f'"{asked.name}>=')].splitlines()[-3:]
        + TEXT[TEXT.index(f'"{asked.name}>=') :].splitlines()[:1]
    )
    assert advisory in "\n".join(around), "the reason stands beside it"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda each: each.name)
def test_no_lock_pins_less(lock: Path) -> None:
    pins = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", lock.read_text("utf-8"), re.MULTILINE))
    for name, version in {**{name: least for name, (least, _) in LEAST.items()}, **ELSEWHERE}.items():
        assert name not in pins or Version(pins[name]) >= Version(version), name
