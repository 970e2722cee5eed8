"""The outbox: messages written with what caused them, claimed, marked before the irrevocable moment, settled.

pending -> leased -> transmitting -> sent, or back to pending (retry, unknown outcome), held, dead; pending or leased ->
withdrawn; pending -> kept where nothing leaves. `claim`, `mark` and `settle` each have a transaction of their own: none
is ever open over the network.
"""

from __future__ import annotations

from compliance.services.outbox.deciding import CAN_BE_STOPPED, CAN_BE_TRIED, give_up_waiting, try_now
from compliance.services.outbox.keeping import keep
from compliance.services.outbox.leases import Claimed, claim, mark, release, written
from compliance.services.outbox.pace import PACE, Pace
from compliance.services.outbox.settling import Terms, settle, settle_sent
from compliance.services.outbox.workers import (
    Watch,
    beat,
    bury,
    heartbeats,
    holds_leases,
    register,
    retire,
    take_leases,
)

__all__ = [
    "CAN_BE_STOPPED", "CAN_BE_TRIED", "PACE", "Claimed", "Pace", "Terms", "Watch", "beat", "bury", "claim",
    "give_up_waiting", "heartbeats", "holds_leases", "keep", "mark", "register", "release", "retire", "settle",
    "settle_sent", "take_leases", "try_now", "written",
]  # fmt: skip
