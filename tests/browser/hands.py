"""The ways to use a page: with a pointer or a finger, and by keyboard alone, where every stop must be seen."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page

MOST = 250
"""Stops of Tab on the way to anything."""

STOP = """() => {
  const each = document.activeElement;
  if (!each || each === document.body || each.tagName === "IFRAME") return "";
  const look = getComputedStyle(each), box = each.getBoundingClientRect(), word = each.outerHTML.slice(0, 120);
  if (look.outlineStyle === "none" || parseFloat(look.outlineWidth) < 2) return "no ring around " + word;
  const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  if (!seen) return "out of sight: " + word;
  const x = Math.min(Math.max(box.x + Math.min(box.width / 2, 20), 1), innerWidth - 1);
  const y = Math.min(Math.max(box.y + Math.min(box.height / 2, 20), 1), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  if (each.contains(top) || (top && top.contains(each))) return "";
  return "covered by " + (top && top.outerHTML.slice(0, 80)) + ": " + word;
}"""
"""What is wrong with the place that has the focus: no ring, out of sight, or beneath something else."""


class Hand:
    """A pointer or a finger."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        """Follows a link, presses a button, opens what opens."""
        target.click()

    def write(self, field: Locator, text: str) -> None:
        """Types into a field, in place of what stands there."""
        field.fill(text)

    def choose(self, field: Locator, label: str) -> None:
        """Chooses from a list."""
        field.select_option(label=label)

    def mark(self, box: Locator) -> None:
        """Sets a check mark, or chooses one of several."""
        box.check()

    def give(self, field: Locator, file: Path) -> None:
        """Chooses a file."""
        field.set_input_files(file)

    def go(self, name: str) -> None:
        """To a page of the main navigation, through the menu where the screen is small."""
        menu = self.page.locator(".menu")
        if menu.is_visible():
            self.press(menu)
        self.press(self.page.locator("#nav > ul").get_by_role("link", name=re.compile(f"^{name}")))


class Keys(Hand):
    """Tab, Enter, Space, arrows and letters, and nothing else."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        page.on("filechooser", lambda _: None)  # asked for once, so that none opens before it is listened to

    def reach(self, target: Locator) -> None:
        """Tabs on until the target has the focus; fails at a stop that a person does not see."""
        target.wait_for()
        wanted = target.element_handle()
        for _ in range(MOST):
            if self.page.evaluate("(wanted) => wanted === document.activeElement", wanted):
                return
            self._tab()
        raise AssertionError(f"{target} is not reached by {MOST} tabs")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def choose(self, field: Locator, label: str) -> None:
        self.reach(field)
        self.page.keyboard.type(label)
        assert field.locator("option:checked").inner_text().strip() == label

    def mark(self, box: Locator) -> None:
        if box.get_attribute("type") == "radio":
            return self._arrow_to(box)
        self.reach(box)
        self.page.keyboard.press("Space")
        assert box.is_checked()
        return None

    def _arrow_to(self, box: Locator) -> None:
        """Tab stops once at a group, at the one that is chosen or at the first; arrows choose among them."""
        group = self.page.locator(f"input[type=radio][name='{box.get_attribute('name')}']")
        chosen = group.and_(self.page.locator(":checked"))
        self.reach(chosen.first if chosen.count() else group.first)
        self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if box.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{box} is not chosen by arrows")

    def give(self, field: Locator, file: Path) -> None:
        self.reach(field)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(file)

    def round(self) -> int:
        """Tabs through the whole page and out of it again; how many stops there were. None may hold the focus fast."""
        self.page.evaluate("document.activeElement.blur(), getSelection().removeAllRanges()")
        for count in range(MOST):
            self._tab()
            if count and self.page.evaluate("document.activeElement === document.body"):
                return count
        raise AssertionError(f"the focus does not leave {self.page.url}")

    def _tab(self) -> None:
        self.page.keyboard.press("Tab")
        wrong = self.page.evaluate(STOP)
        if wrong:
            raise AssertionError(f"{self.page.url}: {wrong}")
