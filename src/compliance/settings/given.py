"""The environment's values by their names, and what is wrong with one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PREFIX: Final = "COMPLIANCE_"
ADDRESS: Final = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+")


class WrongSetting(ValueError):
    """A value of the environment that cannot be used; its text is the sentence to print."""


class Given:
    """The environment's values by their names without the prefix; an empty value counts as not given."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str) -> str:
        return self._environ.get(PREFIX + name, "").strip() or default

    def secret(self, name: str) -> str | None:
        """The variable, or the content of the file that NAME_FILE names."""
        value, path = self.text(name, ""), self.text(f"{name}_FILE", "")
        if value and path:
            raise WrongSetting(f"{PREFIX}{name} and {PREFIX}{name}_FILE are both given; give one of them.")
        return self._content(name, path) if path else value or None

    def file(self, name: str) -> bytes | None:
        """The content of the file that the variable names."""
        path = self.text(name, "")
        try:
            return Path(path).read_bytes() if path else None
        except OSError as error:
            raise WrongSetting(f"{PREFIX}{name} is {path!r}, which cannot be read ({error.strerror}).") from None

    def folder(self, name: str) -> Path | None:
        """The folder that the variable names."""
        text = self.text(name, "")
        path = Path(text).expanduser().resolve()
        if text and not path.is_dir():
            raise WrongSetting(f"{PREFIX}{name} is {text!r}, which is no folder; give one that is there.")
        return path if text else None

    def _content(self, name: str, path: str) -> str:
        try:
            content = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise WrongSetting(
                f"{PREFIX}{name}_FILE is {path!r}, which cannot be read ({why}); give a readable file of text."
            ) from None
        if not content:
            raise WrongSetting(f"{PREFIX}{name}_FILE is {path!r}, which is empty; put the value into it.")
        return content
