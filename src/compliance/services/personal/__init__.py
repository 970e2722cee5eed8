"""One person's file as a whole: handed out, erased, and kept no longer than it must be."""

from compliance.services.personal.approving import approve, erase_approved, erase_certificates, withdraw_approval
from compliance.services.personal.erasing import Erased, erase
from compliance.services.personal.exporting import Told, hand_out, read, write
from compliance.services.personal.keeping import CERTIFICATES, FILE, Due, Terms, due, set_terms, terms_of
from compliance.services.personal.previewing import Preview, preview
from compliance.services.personal.removing import sweep

__all__ = [
    "CERTIFICATES", "FILE", "Due", "Erased", "Preview", "Terms", "Told", "approve", "due", "erase", "erase_approved",
    "erase_certificates", "hand_out", "preview", "read", "set_terms", "sweep", "terms_of", "withdraw_approval", "write",
]  # fmt: skip
