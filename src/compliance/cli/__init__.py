"""The `compliance` command: one file per noun.

Each command reads the clock and the environment, calls a service, and commits. Results go to standard output, progress
and logs to standard error. Exit status: 0 yes or done, 1 the answer is no, 2 wrong usage or configuration, 3 could not
tell. Modules of the program are imported inside the commands that need them, so that `compliance --help` is quick.
"""

from __future__ import annotations

from compliance.cli.program import main

__all__ = ["main"]
