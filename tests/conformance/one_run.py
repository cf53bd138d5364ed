"""One run of the suite as text, without times: for tests that compare runs of several processes.

``python -m tests.conformance.one_run SEED FAMILY...`` prints it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import sys
from typing import Any

from conformance.runner.check import check_device
from conformance.runner.events import RunEvent
from conformance.runner.options import CheckOptions
from conformance.runner.targets import make_target

TIMES = {"at", "took", "seconds", "environment"}
ADDRESS = re.compile(r"0x[0-9a-f]+")


def plain(value: Any) -> str:
    """A value as text: with every field but times, sets in order, bytes as their digest."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (item.name for item in dataclasses.fields(value) if item.name not in TIMES)
        return f"{type(value).__name__}({', '.join(f'{name}={plain(getattr(value, name))}' for name in fields)})"
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()[:16]
    if isinstance(value, tuple | list):
        return f"({', '.join(plain(item) for item in value)})"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(plain(item) for item in value))}}}"
    return ADDRESS.sub("0x", repr(value))


def main(seed: int, only: list[str]) -> None:
    """Judge a device that breaks SET-01, and print every event."""

    def tell(event: RunEvent) -> None:
        sys.stdout.write(f"{plain(event)}\n")

    target = make_target("scanner", driver="tests.conformance.zoo_drivers:off_by_one")
    check_device(target, CheckOptions(only=only or None, seed=seed, programs=10, replay_dir=None), [tell])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
