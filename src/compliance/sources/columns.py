"""Which column is which: the roster's fields, the headers that people write for them, and what is left over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "first_name": ("First", "Given Name", "Forename", "FName"),
    "last_name": ("Last", "Surname", "Family Name", "LName"),
    "email": ("E-mail", "E-mail Address", "Email Address", "Mail", "Work Email"),
    "phone": ("Mobile", "Cell", "Phone #", "Mobile #", "Mobile Phone", "Cell Phone", "Telephone", "Tel", "Telephone #"),
    "npi": ("NPI #", "National Provider Identifier"),
    "birth_date": ("DOB", "Date of Birth", "Birthdate", "Birthday", "Born"),
    "clinic": ("Location", "Clinic Name", "Site", "Practice", "Facility", "Office", "Branch", "Work Location"),
    "modalities": ("Services", "Modality", "Service", "Treatments", "Specialties"),
    "started_on": ("Start Date", "Started", "Start", "Hire Date", "Hired", "Hired On", "Date of Hire", "First Day"),
    "left_on": ("End Date", "Left", "Termination Date", "Terminated On", "Last Day", "Leave Date", "Date Left"),
    "credential_type": (
        "Type of Credential", "Credential", "Type", "License Type", "Certification Type", "Certification",
    ),
    "jurisdiction": ("State", "License State", "Issuing State", "State Code", "State of Issue"),
    "issuing_authority": ("Issued By", "Issuer", "Authority", "Board", "Issuing Body", "Issuing Board", "Granted By"),
    "number": (
        "License #", "Lic #", "Credential #", "Certificate #", "Certification #", "Membership #", "Member #", "Card #",
        "License ID", "Credential ID", "Member ID", "ID #", "Policy #",
    ),
    "issued_on": ("Issue Date", "Issued", "Date Issued", "Date of Issue", "Original Issue Date", "First Issued"),
    "renewed_on": ("Renewal Date", "Renewed", "Last Renewal", "Last Renewed", "Date Renewed", "Last Renewal Date"),
    "expires_on": (
        "Expiration Date", "Expiry Date", "Expires", "Expiration", "Expiry", "Exp Date", "Exp", "Expire Date",
        "Valid Until", "Valid Through", "Valid To", "Date of Expiry", "Date of Expiration",
    ),
    "standing": ("Board Status", "Status", "License Status", "Credential Status", "Licence Status"),
    "verified_on": ("Last Verified", "Verification Date", "Date Verified", "Verified", "Verified Date"),
    "verified_by": ("Verifier", "Checked By"),
    "verification_source": ("Verified Where", "Source", "Verified At", "Verified With"),
    "notes": ("Note", "Remarks", "Remark", "Comments", "Comment"),
    "therapist_notes": ("Notes on the Therapist",),
    "therapist_id": (),
    "verification_method": ("Method", "Verified How", "How Verified", "Verified Via"),
    "clinic_license_number": (
        "Clinic License #", "Clinic License", "Clinic Lic #", "Establishment License #", "Establishment License",
        "Establishment Lic #", "Establishment #", "Facility License #", "Facility License", "Facility Permit #",
        "Facility Permit", "Practice License #", "Shop License #", "Shop License",
    ),
    "clinic_license_issued_on": (
        "Clinic License Issue Date", "Clinic License Issued", "Establishment License Issue Date",
        "Establishment License Issued", "Establishment Issue Date", "Facility License Issue Date",
        "Facility License Issued",
    ),
    "clinic_license_expires_on": (
        "Clinic License Expiration Date", "Clinic License Expiration", "Clinic License Expires", "Clinic License Exp",
        "Clinic License Expiry", "Establishment License Expiration Date", "Establishment License Expiration",
        "Establishment License Expires", "Establishment Expiration Date", "Facility License Expiration Date",
        "Facility License Expiration", "Facility License Expires", "Facility Permit Expiration Date",
    ),
}  # fmt: skip
FIELDS: Final = tuple(ALIASES)
PLACE: Final[Mapping[str, int]] = {name: place for place, name in enumerate(FIELDS)}
DETAIL: Final = "detail_"
NEEDED: Final = ("last_name",)


class Column(msgspec.Struct, frozen=True):
    """One column: its header as written, and the field it is; "" for one that is kept as notes.

    A column `detail_NAME` has the field "detail_NAME".
    """

    header: str
    field: str = ""


def fold(header: str) -> str:
    """A header as it is compared: "License No." -> "license number"; the British licence becomes license."""
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode().lower()
    plain = plain.replace("#", " number ").replace("licence", "license").replace("organisation", "organization")
    words = re.sub(r"[^a-z0-9]+", " ", plain).replace("e mail", "email").split()
    return " ".join("number" if each in ("no", "num", "nr", "nbr") else each for each in words)


def _spellings() -> Mapping[str, str]:
    found = {fold(field): field for field in FIELDS}
    for field, aliases in ALIASES.items():
        for alias in aliases:
            found.setdefault(fold(alias), field)
    return found


SPELLINGS: Final = _spellings()


def field_of(header: str) -> str:
    """The field that a header means; "" for an unknown one."""
    known = SPELLINGS.get(fold(header))
    if known:
        return known
    words = fold(header).split()
    return DETAIL + "_".join(words[1:]) if words[:1] == ["detail"] and words[1:] else ""


def columns_of(headers: Sequence[str], own: Mapping[str, str] | None = None) -> tuple[Column, ...]:
    """Every column in the file's order; a header without a name is called by its place. `own`: what an organization has
    said that headers mean, by `fold`; "" keeps such a column as notes."""
    said = own or {}
    named = [each.strip() or f"Column {place}" for place, each in enumerate(headers, 1)]
    return tuple(Column(each, said.get(fold(each), field_of(each))) for each in named)


def header_problem(columns: Sequence[Column]) -> str | None:
    """Why these headers cannot be a roster's: none is known, one is there twice, or the name is missing."""
    if not any(each.field for each in columns):
        shown = ", ".join(repr(each.header) for each in columns[:6])
        return (
            f"The first row holds no header that is known here (it holds {shown}). "
            f"Put a row of headers on top, such as {', '.join(FIELDS[:7])}."
        )
    first: dict[str, str] = {}
    for each in columns:
        if each.field and each.field in first:
            return (
                f"The columns {first[each.field]!r} and {each.header!r} both mean {each.field}. "
                "Delete one of them, or give it another header."
            )
        first[each.field] = each.header
    missing = [each for each in NEEDED if each not in first]
    if missing:
        return (
            f"No column is called {missing[0]} (or {', '.join(ALIASES[missing[0]])}). "
            "Put first and last names into columns of their own."
        )
    return None


def remarks_on(columns: Sequence[Column]) -> tuple[str, ...]:
    """What should be known about the columns: those that are kept as notes."""
    extra = [each.header for each in columns if not each.field]
    if not extra:
        return ()
    shown = ", ".join(f"“{each}”" for each in extra)
    if len(extra) == 1:
        return (f"The column {shown} is not one of the roster's; it is kept as a note.",)
    return (f"The columns {shown} are not the roster's; they are kept as notes.",)
