"""The forms of a page with the values that a browser would send if nothing were touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class PageForm:
    """Where a form goes and what is in it; empty file fields are named apart. `kinds` of what somebody fills in: the
    type of an input, or its tag."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    method: str = "get"
    kinds: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.current: PageForm | None = None
        self.select: str | None = None
        self.area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.current = PageForm(given.get("action") or "", method=given.get("method") or "get")
            self.forms.append(self.current)
        if self.current is None:
            return
        name, value = given.get("name"), given.get("value") or ""
        if name:
            self.current.names.add(name)
        if name and tag in ("input", "select", "textarea") and given.get("type") not in ("hidden", "submit"):
            self.current.kinds[name] = (given.get("type") or "text") if tag == "input" else tag
            self.current.required |= {name} if "required" in given else set()
        if tag == "input" and name:
            self._input(name, given.get("type", "text") or "text", value, "checked" in given)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in given or self.select not in self.current.values):
            self.current.values[self.select] = value
        elif tag == "textarea" and name:
            self.area = name
            self.current.values[name] = ""

    def _input(self, name: str, kind: str, value: str, checked: bool) -> None:
        assert self.current is not None
        if kind == "file":
            self.current.files.append(name)
        elif kind in ("radio", "checkbox"):
            if checked:
                self.current.values[name] = value
        elif kind not in ("submit", "button"):
            self.current.values[name] = value

    def handle_data(self, data: str) -> None:
        if self.area and self.current:
            self.current.values[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.current = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None


def forms_of(page: str) -> list[PageForm]:
    """All forms of a page, in its order."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
