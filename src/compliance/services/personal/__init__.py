"""One person's file as a whole: handed out, erased, and kept no longer than it must be."""

from compliance.services.personal.erasing import Erased, erase
from compliance.services.personal.exporting import export

__all__ = ["Erased", "erase", "export"]
