"""axe-core on an open page: every rule of WCAG 2.2 A and AA, and nothing measured twice that cannot differ.

Letters take two thirds of axe's time. Their contrast depends on their color, size and weight and on the grounds beneath
them, so each such look is measured once in a run, wherever it is met first. What a second width shows in addition gets
all rules; what both widths show gets those that depend on where things stand.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
LETTERS = "color-contrast"
PLACED = ["target-size", "scrollable-region-focusable", "link-in-text-block"]
"""Rules that depend on where things stand, besides the contrast of letters."""
COLORED = ["link-in-text-block"]

RUN = """([rules, among]) => {
  const context = among ? { include: window.axeAmong } : document;
  const off = rules.tags ? { rules: { "color-contrast": { enabled: false } } } : {};
  const runOnly = { type: rules.tags ? "tag" : "rule", values: rules.tags || rules.rules };
  return axe.run(context, { runOnly, resultTypes: ["violations"], preload: false, ...off })
    .then((each) => each.violations);
}"""

ADDED = """() => {
  const shown = new Set([...document.body.querySelectorAll("*")].filter((each) => each.checkVisibility()));
  const before = window.axeShown || shown;
  const roots = new Set([...before, document.body]);
  window.axeShown = shown;
  window.axeAmong = [...shown].filter((each) => !before.has(each) && roots.has(each.parentElement));
  return window.axeAmong.length;
}"""
"""Marks what is shown now and was not at the width before."""

LOOKS = """(known) => {
  const before = new Set(known), grounds = new Map([[document, ""]]), fresh = new Map();
  const ground = (each) => {
    if (!each) return "";
    if (!grounds.has(each)) {
      const look = getComputedStyle(each), clear = look.backgroundColor === "rgba(0, 0, 0, 0)";
      const own = [clear ? "" : look.backgroundColor, look.backgroundImage === "none" ? "" : look.backgroundImage,
        look.opacity === "1" ? "" : look.opacity, look.position === "static" ? "" : look.position + each.className];
      const word = own.join("") && own.join(" ");
      grounds.set(each, ground(each.parentElement) + (word && "/" + word));
    }
    return grounds.get(each);
  };
  const written = (each) => each.matches("input, select, textarea, button")
    || [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  for (const each of document.body.querySelectorAll("*")) {
    if (!each.checkVisibility() || !written(each)) continue;
    const look = getComputedStyle(each);
    const word = [ground(each), look.color, look.fontSize, look.fontWeight, look.textShadow].join(" | ");
    if (!before.has(word) && !fresh.has(word)) fresh.set(word, each);
  }
  window.axeAmong = [...fresh.values()];
  return [...fresh.keys()];
}"""
"""Marks one place for each look of letters that is not known yet, and tells these looks."""


class Axe:
    """What axe says of pages that are opened one after the other."""

    def __init__(self) -> None:
        self._looks: set[str] = set()

    def everything(self, page: Page) -> list[str]:
        """All rules; on a page that was looked at in another width, what can differ there."""
        first = not page.evaluate("'axe' in window")
        if first:
            page.evaluate(AXE)
        added = page.evaluate(ADDED)
        if first:
            return self._said(page, {"tags": TAGS}) + self.letters(page)
        news = self._said(page, {"tags": TAGS}, among=True) if added else []
        return news + self._said(page, {"rules": PLACED}) + self.letters(page)

    def colors(self, page: Page) -> list[str]:
        """Only what depends on colors, after a change to the dark or the light ones."""
        return self._said(page, {"rules": COLORED}) + self.letters(page)

    def letters(self, page: Page) -> list[str]:
        """The contrast of letters that look as none did before."""
        fresh: list[str] = page.evaluate(LOOKS, sorted(self._looks))
        if not fresh:
            return []
        said = self._said(page, {"rules": [LETTERS]}, among=True)
        if not said:
            self._looks |= set(fresh)
        return said

    def _said(self, page: Page, rules: dict[str, list[str]], *, among: bool = False) -> list[str]:
        found: list[dict[str, Any]] = page.evaluate(RUN, [rules, among])
        return [_told(each) for each in found]


def _told(violation: dict[str, Any]) -> str:
    nodes = "; ".join(f"{' '.join(map(str, node['target']))} ({node['html'][:160]})" for node in violation["nodes"][:4])
    return f"{violation['id']}: {violation['help']}: {nodes}"
