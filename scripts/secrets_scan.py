"""Looks for secrets in what git keeps: private keys, and keys and tokens of real services and of this one.

`python -m scripts.secrets_scan`; takes a second. Something that only looks like one is said so on its line, with the
reason: `not a secret: ...`.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

ALLOWED: Final = "not a secret"
SHAPES: Final = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----$",
    "a key of AWS": r"(AKIA|ASIA)[0-9A-Z]{16}",
    "a token of GitHub": r"(ghp|gho|ghs|ghr|github_pat)_[A-Za-z0-9_]{30,}",
    "a token of GitLab": r"glpat-[A-Za-z0-9_-]{20}",
    "a token of Slack": r"xox[abprs]-[A-Za-z0-9-]{10,}",
    "a key of Stripe": r"[rs]k_live_[A-Za-z0-9]{20,}",
    "a token of a package index": r"(pypi-AgEI|npm_)[A-Za-z0-9_-]{30,}",
    "a key of Google": r"AIza[0-9A-Za-z_-]{35}",
    "a signed token": r"eyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
    "a key of this program's API": r"(^|[^A-Za-z_])ck_[A-Za-z0-9_-]{43}",
    "a secret key in a setting": r"COMPLIANCE_[A-Z_]*(SECRET|PASSWORD)[A-Z_]*[=:] *['\"]?[A-Za-z0-9+/_-]{32,}",
}


def main() -> int:
    """Says each finding; 1 if there is any."""
    found = [f"{line}: looks like {what}" for what, shape in SHAPES.items() for line in places(shape)]
    for each in found:
        sys.stdout.write(f"{each}\n")
    return int(bool(found))


def places(shape: str) -> list[str]:
    """`file:line` of each line of this shape; the line itself is not repeated, logs are read by many."""
    asked = ["git", "grep", "--line-number", "-I", "--extended-regexp", "-e", shape]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise SystemExit(done.stderr)
    return [":".join(line.split(":", 2)[:2]) for line in done.stdout.splitlines() if ALLOWED not in line]


if __name__ == "__main__":
    sys.exit(main())
