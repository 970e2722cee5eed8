"""The outbox: messages written with what caused them, claimed, marked before the irrevocable moment, settled.

pending -> leased -> transmitting -> sent, or back to pending (retry, unknown outcome), held, dead; pending or leased ->
withdrawn; pending -> kept where nothing leaves. `claim`, `mark` and `settle` each have a transaction of their own: none
is ever open over the network.
"""

from __future__ import annotations

from compliance.services.outbox.keeping import keep
from compliance.services.outbox.leases import Claimed, claim, mark, release
from compliance.services.outbox.settling import back_off, settle
from compliance.services.outbox.workers import BEAT, Watch, beat, bury, heartbeats, register, retire

__all__ = [
    "BEAT", "Claimed", "Watch", "back_off", "beat", "bury", "claim", "heartbeats", "keep", "mark", "register",
    "release", "retire", "settle",
]  # fmt: skip
