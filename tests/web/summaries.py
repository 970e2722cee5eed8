"""What a form that came back must have: a summary that takes the focus, and a sentence beside each field it names."""

from __future__ import annotations

from html.parser import HTMLParser


class _Reader(HTMLParser):
    """The summary's links, and what each id of the page is, with the fieldset around it."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.summary: dict[str, str | None] = {}
        self.links: list[str] = []
        self.entries = 0
        self.fields: dict[str, dict[str, str | None]] = {}
        self._inside = ""
        self._sets: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "title":
            self._inside = tag
        elif tag == "div" and given.get("class") == "problems" and not self.summary:
            self.summary, self._inside = given, "problems"
        elif self._inside == "problems" and tag == "li":
            self.entries += 1
        elif self._inside == "problems" and tag == "a":
            self.links.append((given.get("href") or "").removeprefix("#"))
        if tag == "fieldset":
            self._sets.append(given)
        if given.get("id"):
            around = self._sets[-1] if self._sets and tag == "input" else {}
            self.fields[given["id"] or ""] = around | given

    def handle_endtag(self, tag: str) -> None:
        if tag == "fieldset":
            self._sets.pop()
        elif tag == "title" or (tag == "div" and self._inside == "problems"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data


def faults_of(page: str, *, all_links: bool = True) -> list[str]:
    """What a form that came back lacks; none: a person with a keyboard or a screen reader finds all that is wrong.

    `all_links`: each line of the summary leads to a field.
    """
    it = _Reader()
    it.feed(page)
    faults = [] if it.title.strip().startswith("Error:") else ["the title does not begin with “Error:”"]
    if not it.summary:
        return [*faults, "there is no summary"]
    wanted = {"role": "alert", "tabindex": "-1", "autofocus": None}
    faults += [f"the summary has no {name}" for name, value in wanted.items() if it.summary.get(name, 0) != value]
    if all_links and it.entries != len(it.links):
        faults.append(f"{it.entries - len(it.links)} of the summary's lines lead nowhere")
    for name in it.links:
        faults += _of_field(name, it.fields)
    return faults


def _of_field(name: str, fields: dict[str, dict[str, str | None]]) -> list[str]:
    field = fields.get(name)
    if field is None:
        return [f"#{name} is nowhere"]
    said = (field.get("aria-describedby") or "").split()
    strangers = [f"#{name} is described by #{each}, which is nowhere" for each in said if each not in fields]
    unsaid = [] if f"{name}-e" in said else [f"#{name} has no sentence of its own"]
    valid = [] if field.get("aria-invalid") == "true" else [f"#{name} is not marked as invalid"]
    return strangers + unsaid + valid
