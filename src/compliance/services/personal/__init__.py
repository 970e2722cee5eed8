"""One person's file as a whole: handed out, erased, and kept no longer than it must be."""

from compliance.services.personal.erasing import Erased, erase
from compliance.services.personal.exporting import Told, hand_out, read, write
from compliance.services.personal.previewing import Preview, preview
from compliance.services.personal.removing import sweep

__all__ = ["Erased", "Preview", "Told", "erase", "hand_out", "preview", "read", "sweep", "write"]
