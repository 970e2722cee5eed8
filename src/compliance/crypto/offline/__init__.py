"""What an auditor needs who has nothing of ours: scripts of one file each, which need Python alone.

The modules of this folder import the standard library and one another, run on Python 3.9, and are what the program
itself checks files with. `script` joins those that a script needs.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

SCRIPTS: Final[dict[str, tuple[str, ...]]] = {
    "verify_report.py": ("signatures", "cms", "signed_pdf", "report_script"),
    "verify_trail.py": ("signatures", "trail_file", "trail_script"),
}
"""What each script is called, and the modules in it; the last one holds its words and its command."""


def script(name: str) -> str:
    """The text of a script of `SCRIPTS`."""
    parts = [_Part(each) for each in SCRIPTS[name]]
    imports = sorted({line for part in parts for line in part.imports}, key=_by_kind)
    head = f'#!/usr/bin/env python3\n"""{parts[-1].docstring}\n"""\n\nfrom __future__ import annotations\n\n'
    return head + "\n".join(imports) + "\n\n\n" + "\n\n\n".join(part.body for part in parts) + "\n"


def _by_kind(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


class _Part:
    """One module: its docstring, what it imports of the standard library, and all that stands below its imports."""

    def __init__(self, name: str) -> None:
        source = (Path(__file__).parent / f"{name}.py").read_text("utf-8")
        tree = ast.parse(source)
        found = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        last = found[-1].end_lineno or 0
        self.docstring = ast.get_docstring(tree) or ""
        self.imports = [ast.unparse(node) for node in found if not _ours(node)]
        self.body = "\n".join(source.splitlines()[last:]).strip("\n")


def _ours(node: ast.Import | ast.ImportFrom) -> bool:
    module = getattr(node, "module", None) or ""
    return module == "__future__" or module.startswith("compliance")
