"""Takes the pictures of README and docs from the demonstration, in Chromium: `make pictures` writes docs/pictures/.

The demonstration is loaded into a folder that is thrown away, so the pictures show the day on which they are taken.
"""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, STILL, SignedIn
from tests.browser.installation import Installation, Served

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
ROSTER = ROOT / "tests" / "data" / "roster-messy.csv"
WIDE, PHONE = {"width": 1440, "height": 960}, {"width": 375, "height": 780}
COLORS = 128
MOST = 150 * 1024
"""Bytes of a picture."""


def keep(name: str, picture: Image.Image) -> None:
    """Writes a picture with few colors; one that is too big stops the script."""
    few = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    path = PICTURES / f"{name}.png"
    few.save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB")
    if path.stat().st_size > MOST:
        raise SystemExit(f"{path.name} is larger than {MOST // 1024} KB; take fewer COLORS or a smaller part.")


def shoot(page: Page, name: str) -> None:
    """The part of the page that is seen first."""
    keep(name, Image.open(BytesIO(page.screenshot())))


def of_wide_pages(page: Page) -> None:
    """Seven pages as on a desk."""
    for name, address in (("dashboard", "/"), ("therapists", "/therapists"), ("decisions", "/decisions")):
        page.goto(address)
        shoot(page, name)
    open_somebody(page)
    shoot(page, "therapist")
    do_the_same_for_some(page)
    shoot(page, "together")
    page.goto("/imports/new")
    page.get_by_label("The roster").set_input_files(ROSTER)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_label("Kansas City").wait_for()
    shoot(page, "import")
    page.goto("/reports")
    page.get_by_label("Clinic").select_option(label="Tampa")
    page.get_by_role("button", name="Make the report").click()
    opener = page.get_by_role("link", name="Open the PDF")
    opener.wait_for()
    shoot(page, "reports")
    of_the_pdf(page.request.get(opener.get_attribute("href") or "").body())


def of_the_pdf(report: bytes) -> None:
    """The first sheet of the audit report, and the first one across, where each requirement has its line."""
    sheets = list(pypdfium2.PdfDocument(report))
    across = next(each for each in sheets if each.get_width() > each.get_height())
    for name, sheet in (("report", sheets[0]), ("report-lines", across)):
        keep(name, sheet.render(scale=1.5).to_pil())


def do_the_same_for_some(page: Page) -> None:
    """A look at the source for the first five of the list, as it is shown before it is recorded."""
    page.goto("/therapists?q=&clinic=")
    for place in range(5):
        page.locator("input[name=chosen]").nth(place).check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Credential that was looked up").select_option(index=1)
    page.get_by_label("Confirmed").check()
    page.get_by_label("Where", exact=True).fill("The issuer's list of members")
    page.get_by_role("button", name="See what it does").click()
    page.get_by_role("heading", name="What will be done").wait_for()


def open_somebody(page: Page) -> None:
    """Somebody whose license ends soon: a verdict, every status, a time line."""
    page.goto("/therapists?q=Petrova")
    page.get_by_role("main").get_by_role("link", name="Elena Petrova", exact=True).click()


def take(browser: Browser, served: Served) -> None:
    """All of them, as the demonstration's owner sees them."""
    state = SignedIn(browser).state(served, "owner")

    def window(**options: object) -> Page:
        context = browser.new_context(**(STILL | {"base_url": served.address, "storage_state": state} | options))
        return context.new_page()

    of_wide_pages(window(viewport=WIDE))
    phone = window(viewport=PHONE, device_scale_factor=2)
    open_somebody(phone)
    shoot(phone, "therapist-phone")
    dark = window(viewport=WIDE, color_scheme="dark")
    dark.goto("/")
    shoot(dark, "dashboard-dark")


def main() -> None:
    """Loads, serves, takes."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder))
        installation.run("demo")
        with installation.serving() as served, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            take(browser, served)
            browser.close()


if __name__ == "__main__":
    main()
