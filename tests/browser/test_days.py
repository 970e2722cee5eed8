"""The days of those who use the program, at three widths, in light and dark, without scripts and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from compliance import clock
from tests.browser.conftest import Open
from tests.browser.hands import Hand, Keys
from tests.browser.test_a_renewal_from_a_phone import link_for
from tests.browser.watching import Watch

TODAY = clock.today("America/New_York")
ENDS = TODAY.year + 1
FIRST = date(TODAY.year, 3 * ((TODAY.month - 1) // 3) + 1, 1)
QUARTER = (
    date(FIRST.year, FIRST.month - 3, 1) if FIRST.month > 3 else date(FIRST.year - 1, 10, 1),
    FIRST - timedelta(1),
)
"""First and last day of the last whole quarter."""
LATER = 60_000
"""Milliseconds for work that goes on behind a page."""


@dataclass(frozen=True)
class Way:
    """A screen and a hand; `number` tells apart what each of them makes."""

    number: int
    width: int
    scheme: str = "light"
    scripts: bool = True
    hand: type[Hand] = Hand

    @property
    def options(self) -> dict[str, object]:
        """Of its window."""
        viewport = {"width": self.width, "height": 900 if self.width > 400 else 780}
        return {"viewport": viewport, "color_scheme": self.scheme, "java_script_enabled": self.scripts}


WAYS = {
    "desk": Way(1, 1440),
    "tablet, dark": Way(2, 768, "dark"),
    "phone": Way(3, 375),
    "phone, dark, no scripts": Way(4, 375, "dark", scripts=False),
    "by keyboard": Way(5, 1440, hand=Keys),
}


@pytest.fixture(params=WAYS.values(), ids=WAYS.keys())
def way(request: pytest.FixtureRequest) -> Way:
    """Each of them."""
    found: Way = request.param
    return found


@pytest.fixture
def start(open_as: Open, way: Way) -> Callable[..., Hand]:
    """`start(role)`: a window of this way, on the first page."""

    def opened(role: str | None = "manager", at: str = "/") -> Hand:
        page = open_as(role, **way.options)
        page.goto(at)
        return way.hand(page)

    return opened


def whole(hand: Hand) -> None:
    """Nothing is cut off at the side; and with the keyboard one gets through the page and out of it."""
    if hand.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        raise AssertionError(f"{hand.page.url} scrolls sideways")
    if isinstance(hand, Keys):
        assert hand.round() > 10


def words_of(file: Path) -> str:
    """What a PDF says, without spaces, which narrow letters do not have for sure."""
    document = pypdfium2.PdfDocument(file)
    return "".join("".join(each.get_textpage().get_text_range().split()) for each in document)


def test_monday_ten_past_eight(start: Callable[..., Hand]) -> None:
    hand = start()
    page = hand.page
    found = re.match(r"(\d+) of \d+ therapists may not practice today", page.locator("h1").inner_text())
    assert found
    most = "(lists) => Math.max(...lists.map((each) => each.querySelectorAll('.button').length))"
    assert page.locator(".work > li").evaluate_all(most) == 1, "one next action a line"
    expect(page.locator(".facts li").last).to_contain_text(re.compile(r"(just now|minute).*since reminders", re.DOTALL))
    whole(hand)
    hand.press(page.locator(".facts").get_by_role("link", name=re.compile("may not practice today")))
    expect(page.locator("main tbody tr")).to_have_count(int(found[1]))
    page.go_back()
    hand.press(page.locator(".work").get_by_role("link", name=re.compile("^Check at the board")).first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Record what the board said")
    whole(hand)


def test_somebody_is_hired(start: Callable[..., Hand], way: Way) -> None:
    hand = start()
    page = hand.page
    hand.press(page.get_by_role("main").get_by_role("link", name="Add therapist"))
    hand.write(page.get_by_label("First name"), "Hana")
    hand.write(page.get_by_label("Last name"), f"Hired-{way.number}")
    hand.choose(page.get_by_label("Clinic", exact=True), "Tampa")
    hand.mark(page.get_by_label("Massage therapy", exact=True))
    hand.press(page.get_by_role("button", name="Add therapist"))
    verdict = page.locator(".verdict h1")
    expect(verdict).to_have_text(re.compile("Not cleared.*Tampa: Florida massage license missing"))
    whole(hand)
    hand.press(page.get_by_role("link", name=re.compile("^Add Florida massage license")).first)
    hand.write(page.locator("#number"), f"MA7100{way.number}")
    hand.write(page.locator("#issued_on"), "3/1/2024")
    hand.write(page.locator("#expires_on"), f"Aug 31, {ENDS}")
    hand.press(page.get_by_role("button", name="Record credential"))
    expect(verdict).to_have_text(re.compile("Florida massage license not verified"))
    hand.press(page.get_by_role("link", name=re.compile("^Check at the board")).first)
    hand.mark(page.get_by_label(re.compile("^Confirmed")))
    hand.write(page.get_by_label("Where", exact=True), "the board's website")
    hand.press(page.get_by_role("button", name="Record verification"))
    expect(verdict).to_have_text(re.compile(f"Cleared for massage therapy at Tampa until .*, {ENDS}"))


LETTERS = {
    1: ("AMTA membership ends", 1),
    2: ("AMTA membership ends", 2),
    3: ("Nevada massage license ends", 0),
    4: ("AMTA membership ends", 3),
    5: ("NCBTMB Board Certification ends", 0),
}
"""Whose reminder is answered in which way: about what, and its place among those (test_a_renewal has the first)."""


def test_a_renewal_is_sent_by_its_link_and_accepted_at_the_desk(
    start: Callable[..., Hand], open_as: Open, watches: list[Watch], way: Way, tmp_path: Path
) -> None:
    card = tmp_path / f"card-{way.number}.jpg"
    Image.new("RGB", (800, 600), (200, 40 * way.number, 90)).save(card)
    about, place = LETTERS[way.number]
    desk = start()
    link = link_for(desk.page, about, place)
    answer = start(None, link)
    page = answer.page
    first_name = str(page.locator("h1").inner_text()).split(",")[0]
    whole(answer)
    answer.give(page.get_by_label("Photo or PDF of the new one"), card)
    answer.write(page.get_by_label("New last day"), f"6/30/{ENDS + 1}")
    watches[-1].expect(422)  # a day that the rule does not expect is asked about once
    answer.press(page.get_by_role("button", name=re.compile("^Send to")))
    expect(page.get_by_role("main")).to_contain_text("It is sent")
    watches[0].expect(422)
    desk.page.goto("/decisions")
    review(desk, first_name)


def review(desk: Hand, first_name: str) -> None:
    """The manager looks at the picture, and accepts."""
    page = desk.page
    desk.press(page.get_by_role("link", name=re.compile(f"^Review renewal.*{first_name}")).first)
    expect(page.get_by_role("img", name=re.compile("card"))).to_be_visible()
    accept = page.get_by_role("button", name="Accept renewal")
    desk.press(accept)
    said = page.get_by_role("main")
    expect(said).to_contain_text(re.compile("is renewed until|to correct"))
    sure = page.get_by_role("checkbox", name="The dates are right, as printed")
    if sure.is_visible():
        desk.mark(sure)
        desk.press(accept)
    expect(said).to_contain_text("is renewed until")


def test_an_inspector_is_at_the_door(start: Callable[..., Hand], watches: list[Watch], tmp_path: Path) -> None:
    hand = start()
    watches[-1].expect(404)  # a browser that shows a PDF asks for /favicon.ico
    page = hand.page
    hand.go("Clinics")
    hand.press(page.get_by_role("main").get_by_role("link", name="Tampa", exact=True))
    expect(page.locator("h1")).to_contain_text("practice at Tampa today")
    names = page.locator("main tbody th bdi").all_inner_texts()
    whole(hand)
    opener = page.get_by_role("button", name="Inspector sheet")
    sheet = tmp_path / "sheet.pdf"
    sheet.write_bytes(sent(page, "/inspector-sheet"))
    with page.expect_response(lambda answer: answer.url.endswith("/inspector-sheet")) as opened:
        hand.press(opener)
    assert opened.value.header_value("content-type") == "application/pdf"
    words = words_of(sheet)
    assert len(names) > 5
    assert [name for name in names if name < "\u0590" and "".join(name.split()) not in words] == []


def sent(page: Page, ending: str) -> bytes:
    """What the page's form with that address is answered with, as a file."""
    form = page.locator(f"form[action$='{ending}']")
    token = str(form.locator("[name=csrf_token]").get_attribute("value"))
    asked = {"sec-fetch-site": "same-origin"}
    return page.request.post(str(form.get_attribute("action")), form={"csrf_token": token}, headers=asked).body()


def test_the_quarterly_audit(start: Callable[..., Hand], tmp_path: Path) -> None:
    hand = start()
    page = hand.page
    hand.go("Reports")
    hand.choose(page.get_by_label("Clinic", exact=True), "Tampa")
    hand.press(page.get_by_text("A period, and what was known when"))
    hand.write(page.get_by_label("Lapses since"), f"{QUARTER[0]:%m/%d/%Y}")
    hand.write(page.get_by_label("until", exact=True), f"{QUARTER[1]:%m/%d/%Y}")
    hand.press(page.get_by_role("button", name="Make the report"))
    opener = page.get_by_role("link", name="Open the PDF")
    expect(opener).to_be_visible(timeout=LATER)
    whole(hand)
    report = tmp_path / "report.pdf"
    report.write_bytes(page.request.get(str(opener.get_attribute("href"))).body())
    assert "Tampa" in words_of(report)
    page.goto("/verify")
    hand.give(page.get_by_label("The file"), report)
    hand.press(page.get_by_role("button", name="Check"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("was issued here")


def test_an_import_with_errors_is_mended_and_applied(start: Callable[..., Hand], way: Way, tmp_path: Path) -> None:
    hand = start(at="/therapists")
    page, told = hand.page, hand.page.get_by_role("heading", level=1)
    bad = tmp_path / f"roster-{way.number}.csv"
    head, right = "first_name,last_name,email,clinic,modality,birth_date", "Tampa,massage therapy"
    person = f"Ina,Mended-{way.number},ina{way.number}@demonstration.example,{right}"
    bad.write_text(f"{head}\n{person},31/02/1980\n", encoding="utf-8")
    hand.press(page.get_by_role("link", name=re.compile("^Import")).first)
    upload(hand, bad)
    look_again(hand, way)
    expect(told).to_contain_text("cannot be taken", timeout=LATER)
    expect(page.locator("main tbody")).to_contain_text("31/02/1980")
    whole(hand)
    bad.write_text(f"{head}\n{person},02/28/1980\n", encoding="utf-8")
    page.goto("/imports/new")
    upload(hand, bad)
    look_again(hand, way)
    hand.press(page.get_by_role("button", name="Import", exact=True))
    look_again(hand, way)
    expect(told).to_contain_text("1 therapist created", timeout=LATER)


def look_again(hand: Hand, way: Way) -> None:
    """Without scripts a page is not loaded anew by itself: its reader presses the link until the work is done."""
    again = hand.page.get_by_role("link", name="Look again")
    while not way.scripts and again.count():
        hand.press(again)
        hand.page.wait_for_timeout(300)


def upload(hand: Hand, roster: Path) -> None:
    hand.give(hand.page.get_by_label("The roster"), roster)
    hand.press(hand.page.get_by_role("button", name="Check the file"))
