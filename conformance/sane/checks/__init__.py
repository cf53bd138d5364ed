"""The checks of back ends: importing this room fills ``conformance.sane.registry.CHECKS``.

One module for each chapter of the requirements. A check is an async function on a desk; it says what is wrong by ``expect`` and ``require``, and nothing
about verdicts. May come in: checks and what several of them share. May not: pointers, processes, names of back ends.
"""

from conformance.sane.checks import (  # noqa: F401  # each registers its checks
    cancelling,
    control,
    descriptors,
    feeding,
    frames,
    library,
    parameters,
    reads,
    reloading,
    statuses,
    values,
)
