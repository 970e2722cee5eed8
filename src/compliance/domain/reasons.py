"""Why a finding has its status, as one sentence. The one file of such sentences: another language is another file."""

from __future__ import annotations

from compliance.domain.covers import Cover, Status, Why
from compliance.domain.credentials import otherwise
from compliance.domain.months import in_words
from compliance.domain.periods import FOREVER, day_after
from compliance.domain.requirements import Provision


def reason(cover: Cover, status: Status, provision: Provision | None, following: Cover | None = None) -> str:
    """The sentence for a cover; `status` is the finding's, which may be `expiring` where the cover is `met`.

    `following` is the cover that comes next: what is missing today, or will be, may already be on record.
    """
    if cover.why is Why.NOTHING and following is not None and following.term is not None:
        return f"None is in force yet; one on record begins {in_words(following.term.starts_on)}."
    if cover.why is Why.IN_FORCE:
        return _in_force(cover, status, following)
    if cover.why is Why.CORRECTED:
        return _corrected(cover)
    if cover.why is Why.ENDED:
        return _ended(cover)
    if cover.why in (Why.STANDING, Why.RESTRICTED, Why.PRACTICE_GOES_ON):
        return _standing(cover)
    if cover.why is Why.WAIVER and cover.waiver:
        waiver = cover.waiver
        return f"Waived by {waiver.granted_by} until {in_words(waiver.ends_on)}: {waiver.reason}"
    if cover.why is Why.PROVISION:
        return _provision(status, provision)
    return _PLAIN[cover.why]


_UNSEEN = (Why.NOT_PROVEN, Why.CORRECTED)
_PLAIN = {
    Why.NOT_PROVEN: "In force by its dates, but nobody has confirmed this term at the source.",
    Why.STALE: "The last look at the source is older than allowed.",
    Why.EARLIER_TERMS: "There is no record of the earlier terms.",
    Why.NOTHING: "None is recorded.",
    Why.APPLIED_FOR: "Applied for, not issued.",
}


def _in_force(cover: Cover, status: Status, following: Cover | None) -> str:
    end = cover.term.ends_on if cover.term else FOREVER
    looked = _looked(cover)
    if end == FOREVER:
        return f"On record, and does not end{looked}."
    if status is Status.EXPIRING and following and following.why in _UNSEEN and following.term:
        renewed = in_words(following.term.ends_on)
        return f"Ends {in_words(end)}. Renewed until {renewed}, but nobody has confirmed that at the source."
    if status is Status.EXPIRING:
        return f"Ends {in_words(end)}, and nothing in force follows it yet{looked}."
    return f"In force through {in_words(end)}{looked}."


def _looked(cover: Cover) -> str:
    """When the term was last confirmed, if anybody did."""
    if cover.credential is None or cover.term is None:
        return ""
    looks = cover.credential.proofs(cover.term)
    return f", verified {in_words(looks[-1].verified_on)}" if looks else ""


def _corrected(cover: Cover) -> str:
    """What the last look that confirmed the term named, and what it is about now."""
    if cover.credential is None or cover.term is None:
        return _PLAIN[Why.NOT_PROVEN]
    last = cover.credential.confirmed(cover.term)[-1]
    facts = " and the ".join(otherwise(last.named, cover.credential))
    return (
        f"Confirmed {in_words(last.verified_on)} for another {facts.replace(' and the ', ' and ')}: the {facts} "
        f"{'were' if ' and ' in facts else 'was'} corrected since, and nobody has confirmed this term as it is now."
    )


def _ended(cover: Cover) -> str:
    if cover.term is None:
        return "It has ended."
    if cover.ends_on == FOREVER:
        return f"Ended {in_words(cover.term.ends_on)}, and no later term is recorded."
    return f"Ended {in_words(cover.term.ends_on)}; the next term began {in_words(day_after(cover.ends_on))}."


def _standing(cover: Cover) -> str:
    standing = cover.standing
    if standing is None:
        return "The issuing authority's word forbids practice."
    since, note = in_words(standing.starts_on), f" {standing.note}".rstrip()
    if cover.why is Why.RESTRICTED:
        return f"In force with a restriction since {since}.{note}"
    word = standing.standing.value.replace("-", " ")
    if cover.why is Why.PRACTICE_GOES_ON:
        return f"Renewal is under way ({word} since {since}); the law lets practice go on meanwhile.{note}"
    if cover.status is Status.UNVERIFIED:
        return f"The issuing authority's word of {since} was not understood; a person must look.{note}"
    if cover.status is Status.LAPSED and word in ("pending renewal", "grace"):
        return f"Listed as {word} since {since}; the law recorded here does not say that practice goes on.{note}"
    return f"Listed as {word} by the issuing authority since {since}.{note}"


def _provision(status: Status, provision: Provision | None) -> str:
    if status is Status.UNKNOWN:
        asked = provision.question if provision else ""
        return f"Not known whether this is asked here. {asked}".rstrip()
    return "Not asked here."
