"""The house is built as docs/architecture.md says: floors, doors, and files that one can hold in the head."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "src" / "compliance"
DOORS = {"channels": "CHANNELS", "reports": "FORMATS", "sources": "SOURCES", "store": "STORES"}
LONGEST_FILE = 300
# They cost tens of megabytes and are loaded in child processes only.
HEAVY = {"typst", "pikepdf", "pypdfium2", "PIL", "python_calamine", "xlsxwriter", "obstore", "lxml", "pyhanko", "segno"}


def test_imports_point_down_and_rooms_do_not_know_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        (
            "domain/upwards.py",
            "import compliance.db",
            "compliance.domain is not allowed to import compliance.db",
        ),
        (
            "crypto/aside.py",
            "import compliance.db",
            "compliance.crypto is not allowed to import compliance.db",
        ),
        ("domain/machine.py", "import os", "compliance.domain is not allowed to import os"),
        ("utils.py", "", "compliance.utils"),
    ],
)
def test_a_module_in_the_wrong_place_is_noticed(tmp_path: Path, file: str, line: str, complaint: str) -> None:
    shutil.copytree(HOUSE, tmp_path / "compliance", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "compliance" / file).write_text(f"{line}\n")
    linted = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))",
        ],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert linted.returncode == 1
    assert complaint in linted.stdout


def test_the_ground_floor_imports_the_standard_library_and_itself() -> None:
    allowed = sys.stdlib_module_names | {"compliance.domain"}
    strangers = {
        f"{file.relative_to(HOUSE)}: {name}"
        for file in HOUSE.glob("domain/**/*.py")
        for name in imports(tree(file))
        if name.split(".")[0] not in allowed and not (f"{name}.").startswith("compliance.domain.")
    }
    assert not strangers


@pytest.mark.parametrize(("room", "door"), DOORS.items())
def test_every_file_of_a_room_is_listed_at_its_door(room: str, door: str) -> None:
    front = HOUSE / room / "__init__.py"
    listed = named_at(tree(front), door) | used_from_above(room)
    assert not unlisted(HOUSE / room, listed), f"not in {door} of {front.relative_to(ROOT)}"


def test_a_file_that_nobody_listed_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text(
        "from compliance.store.disk import Disk\nimport compliance.store.tape\nSTORES = {'file': Disk}\n"
    )
    (tmp_path / "disk.py").write_text("from compliance.store import folders\n")
    (tmp_path / "folders.py").touch()
    (tmp_path / "tape.py").touch()
    assert unlisted(tmp_path, named_at(tree(tmp_path / "__init__.py"), "STORES")) == {"tape"}


def test_no_file_is_too_long_to_hold_in_the_head() -> None:
    lengths = {file: len(file.read_text("utf-8").splitlines()) for file in readable_files()}
    assert lengths
    too_long = {str(file.relative_to(ROOT)): lines for file, lines in lengths.items() if lines >= LONGEST_FILE}
    assert not too_long


def test_no_module_is_named_after_nothing() -> None:
    vague = {"common", "helpers", "manager", "managers", "misc", "util", "utils"}
    assert not [file for file in readable_files() if file.stem in vague]


def test_a_migration_imports_nothing_of_the_program() -> None:
    """A migration describes the schema of its day; what it imported would change under it."""
    borrowed = {
        file.name
        for file in ROOT.glob("alembic/versions/*.py")
        if any(name.split(".")[0] == "compliance" for name in imports(tree(file)))
    }
    assert not borrowed


def test_the_folder_of_migrations_does_not_shadow_the_library() -> None:
    assert not list(ROOT.glob("alembic/**/__init__.py"))


def test_the_web_process_loads_no_heavy_library() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, compliance.web.app, compliance.cli; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not HEAVY & set(loaded.stdout.split())


def readable_files() -> Iterator[Path]:
    """All code and markup but the migrations, which are records and grow with the schema of their day."""
    for folder in ("benchmarks", "scripts", "src", "tests"):
        yield from (ROOT / folder).rglob("*.py")
    for kind in ("html", "js", "typ"):
        yield from (ROOT / "templates").rglob(f"*.{kind}")


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"), str(file))


def imports(node: ast.AST) -> Iterator[str]:
    """The dotted names of all that is imported in there, wherever in there; `from a import b` is `a.b`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Import):
            yield from (alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom):
            yield from (f"{part.module}.{alias.name}" for alias in part.names)


def named_at(front: ast.Module, door: str) -> set[str]:
    """Every word that the door uses, in the dict of that name and in its functions: what it only imports is not in."""
    origins = {
        alias.asname or alias.name: f"{part.module}.{alias.name}"
        for part in front.body
        if isinstance(part, ast.ImportFrom)
        for alias in part.names
    }
    assert any(assigns(part, door) for part in front.body), f"the door {door} is missing"
    code = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    used = [part for part in front.body if assigns(part, door) or isinstance(part, code)]
    return {
        piece for part in used for word in words(part) for piece in origins.get(word, word).replace(":", ".").split(".")
    }


def words(node: ast.AST) -> Iterator[str]:
    """Names, attributes, strings and imports in there: a file may be reached by any of them."""
    yield from imports(node)
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def assigns(part: ast.stmt, name: str) -> bool:
    targets = part.targets if isinstance(part, ast.Assign) else [getattr(part, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def used_from_above(room: str) -> set[str]:
    """Files of the room that other floors import by name: they are tools, not one of what the room offers."""
    start = f"compliance.{room}."
    return {
        name.removeprefix(start).split(".")[0]
        for file in HOUSE.rglob("*.py")
        if file.relative_to(HOUSE).parts[0] != room
        for name in imports(tree(file))
        if name.startswith(start)
    }


def unlisted(room: Path, listed: set[str]) -> set[str]:
    """Files of the room that neither its door nor, as its interior, one of its listed files reaches."""
    files = {file.stem: file for file in room.glob("*.py") if file.stem != "__init__"}
    reached, waiting = set[str](), [name for name in files if name in listed]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        pieces = {piece for word in words(tree(files[name])) for piece in word.split(".")}
        waiting.extend((pieces & set(files)) - reached)
    return set(files) - reached
