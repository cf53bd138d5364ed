"""The revision of the contract.

A worker tells its revision in the first frame; a host refuses one that is newer than its own, with a clear error, since it cannot know what the newer
revision promises. An older one is accepted as long as it is at least :data:`OLDEST_SUPPORTED`.
"""

CONTRACT_REVISION = 1
OLDEST_SUPPORTED = 1


def supported(revision: int) -> bool:
    """Whether this side of the contract can talk to a driver built against *revision*."""
    return OLDEST_SUPPORTED <= revision <= CONTRACT_REVISION
