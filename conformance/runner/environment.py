"""What the suite runs on, for reports and replay files."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

_PARTS = ("flatbed", "trio", "numpy", "h11")


@cache
def _found() -> tuple[tuple[str, str], ...]:
    parts = [("python", platform.python_version()), ("system", f"{platform.system()} {platform.machine()}")]
    for name in _PARTS:
        try:
            parts.append((name, version(name)))
        except PackageNotFoundError:
            parts.append((name, "not installed"))
    return tuple(sorted(parts))


def environment() -> dict[str, str]:
    """Versions by name, in alphabetical order; nothing in it tells whose machine it is."""
    return dict(_found())
