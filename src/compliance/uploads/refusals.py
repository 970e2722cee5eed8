"""Why a file is not taken: what was given, what is allowed, what to do."""

from __future__ import annotations

from compliance.uploads.names import clean_name

LARGEST_FILE = 15 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_PAGES = 100

_ALLOWED = "Allowed are PDF, PNG and JPEG files of up to 15 MB."

_REASONS = {
    "empty": ("is empty", "Choose the file again."),
    "too-large": ("has {found} MB", "Scan it at a lower resolution and upload it again."),
    "suffix": ("is {found}", "Save or scan the document as a PDF and upload that."),
    "head": ("is named as {found}", "Upload the document itself, not a renamed file."),
    "heic": ("is an HEIC photo", "Save or send the photo as JPEG and upload that."),
    "broken": ("cannot be read; it may be damaged", "Save or scan it again and upload that."),
    "pixels": ("has more than 40 million pixels", "Save a smaller picture and upload that."),
    "pages": ("has {found} pages, more than 100", "Upload only the pages that prove the credential."),
    "encrypted": ("is protected by a password", "Print it to a new PDF without protection and upload that."),
    "active": ("contains {found}", "Print it to a new PDF, which leaves that out, and upload that."),
    "virus": ("holds something that the virus scanner knows as harmful", "Scan the paper itself and upload that."),
    "slow": ("takes too long or too much memory to read", "Print or scan it to a new, simpler file."),
}


class Refused(ValueError):
    """The file is not taken. Its text is one or more sentences for the person who sent it; `reason` is a
    code.
    """

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def refusal(declared_name: str, reason: str, found: str = "") -> Refused:
    """The refusal for one of the reasons above."""
    given, remedy = _REASONS[reason]
    sentence = f"“{clean_name(declared_name)}” {given.format(found=found)}. {_ALLOWED} {remedy}"
    return Refused(sentence, reason)


def knows(reason: str) -> bool:
    """Is there a sentence for this reason?"""
    return reason in _REASONS
