"""Finds data files: shipped within the wheel, or in the checkout."""

from __future__ import annotations

from pathlib import Path

_ROOM = Path(__file__).resolve().parent
ROOTS = (_ROOM / "_fixtures", _ROOM.parent / "fixtures")
"""Where fixtures may lie: the wheel maps ``fixtures/`` into this package, a checkout has it beside."""


def fixture(relative: str) -> Path:
    """The path of a data file or folder, for example ``devices/lab.toml``.

    Raises:
        FileNotFoundError: there is none, or the name leads out of the fixtures.
    """
    for root in ROOTS:
        path = (root / relative).resolve()
        if path.is_relative_to(root) and path.exists():
            return path
    raise FileNotFoundError(f"no fixture {relative!r} in {' or '.join(str(root) for root in ROOTS)}")


def fixture_names(folder: str, suffix: str = ".toml") -> tuple[str, ...]:
    """The names, without suffix, of the files in a folder of the fixtures."""
    names = {path.stem for root in ROOTS for path in (root / folder).glob(f"*{suffix}")}
    return tuple(sorted(names))
