"""The link in a reminder: the power to answer for one credential's cycle, and nothing else.

Its token is made from the installation's secret, so that the same reminder written twice has the same bytes; the
database knows it by hash alone. It ends with the cycle: `db/queries/renewal_pages.py` looks whether there still is one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.crypto.ids import new_id
from compliance.crypto.tokens import derive_key, token_hash
from compliance.db.bulk import put
from compliance.db.records import CapabilityRow, RenewalLinkRow
from compliance.domain.matching import fold_email
from compliance.services.mailing import MailSettings
from compliance.services.rows import Values, table

RENEWAL: Final = "renewal"
AFTER_THE_END: Final = timedelta(days=90)
"""How long after its last day a credential may still be answered for."""

AT_LEAST: Final = timedelta(days=30)
"""How long a link is good after it was mailed last, however long ago the term ended."""

_SOME: Final = 500


@dataclass(frozen=True, slots=True)
class Cycle:
    """One credential until one last day, as it is mailed to one person at one address."""

    organization_id: UUID
    therapist_id: UUID
    credential_id: UUID
    ends_on: date
    address: str

    @property
    def folded_email(self) -> str:
        """The address as it is compared."""
        return fold_email(self.address)


async def renewal_links(
    session: AsyncSession, *, mail: MailSettings, wanted: Collection[Cycle], now: datetime
) -> dict[Cycle, str]:
    """The whole URL of each cycle's link, made where it is missing; none for one that was ended by its reader.

    The same cycle at the same address has the same link for good. Wants a transaction that may write, and that has the
    organizations' turn. Raises ValueError without a secret.
    """
    key = derive_key(mail.secret, "renewal-link")
    tokens = {each: token_of(key, each) for each in wanted}
    hashes = {token_hash(token): each for each, token in tokens.items()}
    known = await _known(session, list(hashes))
    fresh = {digest: each for digest, each in hashes.items() if digest not in known}
    await _make(session, fresh, now)
    await _prolong(session, {digest: hashes[digest] for digest in known}, known, now)
    ended = {hashes[digest] for digest, row in known.items() if row.revoked_at is not None}
    return {each: mail.link(f"renew/{token}") for each, token in tokens.items() if each not in ended}


def token_of(key: bytes, cycle: Cycle) -> str:
    """43 characters that nobody can guess who does not have the key."""
    parts = (cycle.organization_id, cycle.therapist_id, cycle.credential_id, cycle.ends_on, cycle.folded_email)
    message = "\0".join(map(str, parts)).encode(errors="surrogatepass")
    return base64.urlsafe_b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode().rstrip("=")


def good_until(cycle: Cycle, now: datetime) -> datetime:
    """The instant after which the link is over in any case."""
    return max(datetime.combine(cycle.ends_on, time(), UTC) + AFTER_THE_END, now + AT_LEAST)


async def _known(session: AsyncSession, digests: list[str]) -> dict[str, Row[Any]]:
    link = CapabilityRow
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(digests), _SOME):
        some = digests[start : start + _SOME]
        query = select(link.token_hash, link.expires_at, link.revoked_at).where(link.token_hash.in_(some))
        found |= {row.token_hash: row for row in await session.execute(query)}
    return found


async def _make(session: AsyncSession, fresh: Mapping[str, Cycle], now: datetime) -> None:
    if not fresh:
        return
    links: list[Values] = []
    powers: list[Values] = []
    kept = await _kept(session, fresh)
    for digest, cycle in fresh.items():
        id_ = kept.get(_place(cycle)) or new_id(now)
        if _place(cycle) not in kept:
            links.append(_link_row(cycle, id_, now))
        powers.append(_power_row(cycle, digest, id_, now))
    await put(session, table(RenewalLinkRow), links)
    await put(session, table(CapabilityRow), powers)


async def _kept(session: AsyncSession, fresh: Mapping[str, Cycle]) -> dict[tuple[object, ...], UUID]:
    """Links of these cycles whose token was made from a secret that is no longer ours: the same link, a new token."""
    link = RenewalLinkRow
    found: dict[tuple[object, ...], UUID] = {}
    cycles = list(fresh.values())
    for start in range(0, len(cycles), _SOME):
        some = cycles[start : start + _SOME]
        mine = (
            link.organization_id.in_({each.organization_id for each in some}),
            link.credential_id.in_([each.credential_id for each in some]),
        )
        columns = (link.organization_id, link.therapist_id, link.credential_id, link.about_ends_on, link.folded_email)
        for row in await session.execute(select(*columns, link.id).where(*mine)):
            found[tuple(row[:5])] = row.id
    return found


def _place(cycle: Cycle) -> tuple[object, ...]:
    return (cycle.organization_id, cycle.therapist_id, cycle.credential_id, cycle.ends_on, cycle.folded_email)


def _link_row(cycle: Cycle, id_: UUID, now: datetime) -> Values:
    return {
        "organization_id": cycle.organization_id,
        "id": id_,
        "therapist_id": cycle.therapist_id,
        "credential_id": cycle.credential_id,
        "about_ends_on": cycle.ends_on,
        "folded_email": cycle.folded_email,
        "created_at": now,
    }


def _power_row(cycle: Cycle, digest: str, id_: UUID, now: datetime) -> Values:
    return {
        "token_hash": digest,
        "kind": RENEWAL,
        "organization_id": cycle.organization_id,
        "subject_id": id_,
        "created_at": now,
        "expires_at": good_until(cycle, now),
    }


async def _prolong(
    session: AsyncSession, cycles: Mapping[str, Cycle], known: Mapping[str, Row[Any]], now: datetime
) -> None:
    """A link that is mailed once more is good for some weeks from then on."""
    later: dict[datetime, list[str]] = {}
    for digest, cycle in cycles.items():
        if known[digest].revoked_at is None and known[digest].expires_at < (until := good_until(cycle, now)):
            later.setdefault(until, []).append(digest)
    for until, digests in later.items():
        mine = update(CapabilityRow).where(CapabilityRow.token_hash.in_(digests))
        await session.execute(mine.values(expires_at=until), execution_options={"synchronize_session": False})


async def end_link(session: AsyncSession, *, organization_id: UUID, link_id: UUID, now: datetime) -> None:
    """The link opens nothing any more. The caller writes the trail."""
    row = CapabilityRow
    mine = (row.kind == RENEWAL, row.organization_id == organization_id, row.subject_id == link_id)
    query = update(row).where(*mine, row.revoked_at.is_(None)).values(revoked_at=now)
    await session.execute(query, execution_options={"synchronize_session": False})


async def revive_links(session: AsyncSession, *, organization_id: UUID, therapist_id: UUID, folded_email: str) -> None:
    """The links of this person at this address open their pages again. The caller writes the trail."""
    row, link = CapabilityRow, RenewalLinkRow
    theirs = (
        link.organization_id == organization_id, link.therapist_id == therapist_id, link.folded_email == folded_email,
    )  # fmt: skip
    mine = (row.kind == RENEWAL, row.organization_id == organization_id)
    query = update(row).where(*mine, row.subject_id.in_(select(link.id).where(*theirs))).values(revoked_at=None)
    await session.execute(query, execution_options={"synchronize_session": False})
