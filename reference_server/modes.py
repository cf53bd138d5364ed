"""The modes of the service: what every part may ask for without knowing the whole configuration."""

from __future__ import annotations

from enum import StrEnum


class Compat(StrEnum):
    """Which side of the contradictions register is taken (rest-api.md 10)."""

    LENIENT = "lenient"
    STRICT = "strict"


class AccessMode(StrEnum):
    """Who is let in (:mod:`reference_server.access.table`) and which devices are shown (:mod:`reference_server.policy`)."""

    LAB = "lab"
    LOCKED = "locked"


class LicenceMode(StrEnum):
    """What a licence key is worth (rest-api.md 1.3): the value itself is never looked at."""

    IGNORE = "ignore"
    REQUIRE = "require"
    REJECT = "reject"
