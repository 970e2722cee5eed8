"""The summary on top of a form that came back: each sentence with its field's own label, and a link that leads there.

The labels are those of the page itself: it is drawn once, read, and drawn again with the summary that fits it. So no
form names its fields twice, and no link of a summary leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Final, NamedTuple

LONGEST: Final = 60
"""A longer label is a sentence itself; the summary then says only what is wrong."""
_IDS: Final = re.compile(r'\sid="([^"]+)"')
_LABEL: Final = re.compile(r'<label for="([^"]+)"[^>]*>(.*?)</label>', re.DOTALL)
_SET: Final = re.compile(r"<fieldset\b.*?<legend[^>]*>(.*?)</legend>(.*?)</fieldset>", re.DOTALL)
_WORD: Final = re.compile(r"[^\W_]+")
_INPUT: Final = re.compile(r'<input [^>]*?\sid="([^"]+)"')


class Entry(NamedTuple):
    """A line of the summary; `target` is the id of its field, empty where the page has none of that name."""

    target: str
    sentence: str


class Problems(dict[str, str]):
    """Sentences by field, as they stand beside the fields; `summary` is what stands on top, in the page's order."""

    summary: tuple[Entry, ...]

    def __init__(self, errors: Mapping[str, str], markup: str) -> None:
        super().__init__(errors)
        place = {name: number for number, name in enumerate(_IDS.findall(markup))}
        labels = labels_of(markup)
        there = sorted((name for name in errors if name in place), key=place.__getitem__)
        self.summary = (
            *(Entry(name, _named(labels.get(name, ""), errors[name])) for name in there),
            *(Entry("", errors[name]) for name in errors if name not in place),
        )


def labels_of(markup: str) -> dict[str, str]:
    """What the fields of a page are called, by their ids. The first of several choices is called as their legend.

    A box to tick has none: what stands beside it is a sentence that only holds once it is ticked.
    """
    labels = {name: _text(words) for name, words in _LABEL.findall(markup)}
    for legend, inside in _SET.findall(markup):
        first = _INPUT.search(inside)
        if first:
            labels[first.group(1)] = _text(legend)
    return labels


def _text(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def _named(label: str, sentence: str) -> str:
    """`Last day: “x” cannot be read as a day.`; the sentence alone where it says itself which field is meant."""
    if not label or len(label) > LONGEST or _words(label) in _words(sentence):
        return sentence
    return f"{label} {sentence}" if label[-1] in "?.!:" else f"{label}: {sentence}"


def _words(text: str) -> str:
    return " " + " ".join(_WORD.findall(text.casefold())) + " "
