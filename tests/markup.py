"""Markup read as a browser reads it, for claims about pages."""

from __future__ import annotations

from html.parser import HTMLParser


class Outline(HTMLParser):
    """Reads markup as a browser would and remembers what it must not contain."""

    VOID = frozenset({"meta", "link", "input", "hr", "br", "img", "rect", "path", "line", "circle", "use", "option"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        self.faults += [f"{name} on {tag}" for name in given if name == "style" or name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


def outline(markup: str) -> Outline:
    """What a browser would find: `tags`, `ids`, tags left `open`, and `faults`, which must be none."""
    reader = Outline()
    reader.feed(markup)
    reader.close()
    return reader
