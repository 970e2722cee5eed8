"""The demonstration clinics: people whose verdicts show every status, loaded and dropped as one organization."""

from __future__ import annotations

from compliance.services.demonstration.loading import (
    NAME,
    PEOPLE,
    THERAPISTS,
    DemonstrationPerson,
    drop,
    find,
    load,
    sign_in_links,
)

__all__ = ["NAME", "PEOPLE", "THERAPISTS", "DemonstrationPerson", "drop", "find", "load", "sign_in_links"]
