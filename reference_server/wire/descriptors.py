"""How many connections the open-file limit of the system leaves room for (service-behaviour.md S-073: long-poll exhaustion)."""

from __future__ import annotations

from dataclasses import dataclass

from reference_server.config import Limits

ENOUGH = 65_536
"""More is never asked for: some systems allow a thousand million, and whoever then closes "all" files in a child does so for minutes."""
UNKNOWN = 1024
"""Taken where the system does not tell."""
FEW = 256
"""Below this the service works, but people should know."""
SPARE_SHARE = 4
"""One descriptor of so many is kept for everything that is no connection: workers, logs, spilled pages, documents."""
SPARE_MOST = 512


def raise_limit() -> int:
    """Raise the limit of open files as far as this process may, for the usual soft limit of 1,024 is soon reached; what it is now."""
    try:
        import resource  # noqa: PLC0415  # Unix only
    except ImportError:
        return UNKNOWN
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < most:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        except (OSError, ValueError):
            return soft  # the system allows less than it says (macOS)
        return most
    return ENOUGH if soft == resource.RLIM_INFINITY else soft


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be open at the same time.

    Attributes:
        descriptors: of the process.
        connections: at all; the part above *seats* is the reserve.
        seats: connections whose requests are all served. Beyond them idle connections are closed, and of new ones only requests that never wait are served.
        polls: requests that wait for a page, so few that they leave most seats free.
        requests: requests under way, without those that never wait.
    """

    descriptors: int
    connections: int
    seats: int
    polls: int
    requests: int


def budget(descriptors: int, limits: Limits) -> Budget:
    """The limits of the configuration, or less where the system does not allow as much.

    Args:
        descriptors: that this process may have.
        limits: see there.
    """
    connections = descriptors - min(SPARE_MOST, descriptors // SPARE_SHARE)
    seats = max(1, min(limits.connections, connections * 3 // 4))
    return Budget(
        descriptors,
        connections,
        seats,
        polls=max(1, min(limits.polls, seats // 2)),
        requests=max(1, min(limits.requests, seats * 3 // 4)),
    )
