"""What credentials and requirements are called on pages: short, in the catalog's words, with the place in front."""

from __future__ import annotations

from datetime import date

from compliance.catalog import load
from compliance.domain.credentials import Credential, Term
from compliance.domain.requirements import Requirement


def place(code: str | None) -> str:
    """`Florida`; a code that the catalog does not know reads as it is."""
    found = load().jurisdictions.get(code or "")
    return found.name if found else code or ""


def type_title(code: str, jurisdiction: str | None = None) -> str:
    """`Florida massage license`, `AMTA membership`."""
    found = load().types.get(code)
    title = found.title if found else code.replace("-", " ")
    return f"{place(jurisdiction)} {in_sentence(title)}" if jurisdiction else title


def credential_label(credential: Credential) -> str:
    """`Florida massage license MA 92644`, `MBLEx`."""
    return f"{type_title(credential.type, credential.jurisdiction)} {credential.number}".strip()


def modality_title(code: str) -> str:
    """`trigger point therapy`, as it stands inside a sentence."""
    found = load().modalities.get(code)
    return in_sentence(found.title) if found else code.replace("-", " ")


def requirement_title(requirement: Requirement | None, code: str) -> str:
    """`Florida massage license`, or the code made readable where nothing asks for it any more."""
    if requirement is not None:
        return requirement.title
    return "Works here" if code == "assignment" else code.replace("-", " ").capitalize()


def in_sentence(title: str) -> str:
    """A title inside a sentence: `Massage license` is `massage license`; names and abbreviations stay as they are."""
    first = title.split(" ", 1)[0].rstrip(",")
    plain = first[1:].islower() and first not in _NAMES
    return title[:1].lower() + title[1:] if plain else title


_NAMES = frozenset(
    word for each in load().jurisdictions.values() for word in (each.name.split(" ", 1)[0].rstrip(","),)
) | {"National", "Certified"}


def current_term(credential: Credential, day: date) -> Term | None:
    """The term that holds the day, else the last one."""
    ordered = sorted(credential.terms, key=lambda each: (each.starts_on, each.ends_on))
    return next((each for each in ordered if each.starts_on <= day <= each.ends_on), ordered[-1] if ordered else None)
