"""What the lab says of a frame; with the settings of the moment it can be drawn. Plain data, so that it crosses a socket."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame that was taken.

    Attributes:
        sequence: counts every frame that the sensor took since the start, from 0; what was lost is missing.
        stamp_ms: when, in ms since the lab opened.
        picture, picture_ms: number and time that stand in the picture; those of an earlier frame where it is shown again.
        before, before_ms: of the frame whose rows stand above the tear.
        torn_at: where the tear is, as a share of the height; 0: it is whole.
        black: the shutter is closed.
        dropped: frames that were lost since the start.
    """

    sequence: int
    stamp_ms: int
    picture: int
    picture_ms: int
    before: int = 0
    before_ms: int = 0
    torn_at: float = 0.0
    black: bool = False
    dropped: int = 0


def shot_to_plain(shot: Shot | None) -> dict[str, Any] | None:
    """*shot* as plain data."""
    return None if shot is None else asdict(shot)


def shot_from_plain(data: dict[str, Any] | None) -> Shot | None:
    """The shot in *data*."""
    return None if data is None else Shot(**data)
