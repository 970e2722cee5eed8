"""How much one request may carry, in bytes."""

from __future__ import annotations

from typing import Final

BODY_LIMIT: Final = 256 * 1024
"""An ordinary form; routes that take files name one of the others (`request_max_body_size=`)."""

RENEWAL_LIMIT: Final = 30 * 2**20
ROSTER_LIMIT: Final = 30 * 2**20
PARTS_LIMIT: Final = 200
