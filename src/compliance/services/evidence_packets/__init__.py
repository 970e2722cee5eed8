"""Evidence packets: a report and every piece of evidence that it names, in one ZIP file that is made as it goes out."""

from __future__ import annotations

from compliance.services.evidence_packets.listing import Holder, Piece, Plan, gather
from compliance.services.evidence_packets.task import KIND, plan_of, start
from compliance.services.evidence_packets.zipping import MEDIA_TYPE, pieces

__all__ = ["KIND", "MEDIA_TYPE", "Holder", "Piece", "Plan", "gather", "pieces", "plan_of", "start"]
