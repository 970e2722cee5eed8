"""What the reports of the tests are signed with."""

from __future__ import annotations

from compliance.crypto.certificates import SigningSettings

SIGNING = SigningSettings(b"a secret of the tests, 32 bytes or more", "https://clinics.example.org")
