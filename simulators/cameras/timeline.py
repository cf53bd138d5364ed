"""When a sensor takes its frames, and which of them come to harm: a pure function of camera, rate and seed."""

from __future__ import annotations

import math
import random

from simulators.cameras.model import Habits


class Timeline:
    """Frames 0, 1, 2, ... of one start.

    Args:
        habits: of the camera.
        rate: frames a second.
        seed: of everything random.
        start: device time of frame 0.
    """

    def __init__(self, habits: Habits, rate: float, seed: int, start: float) -> None:
        self._habits = habits
        self._period = 1.0 / rate
        self._seed = seed
        self._start = start

    def due(self, frame: int) -> float:
        """Device time at which *frame* is there; frames never overtake each other."""
        late = self._dice(frame, "jitter") * self._habits.jitter_ms / 1000
        return self._start + frame * self._period + min(late, self._period * 0.9)

    def newest(self, now: float) -> int:
        """The latest frame that is there at *now*; -1: none."""
        frame = math.floor((now - self._start) / self._period + 1e-9)
        return frame if frame < 0 or self.due(frame) <= now + 1e-9 else frame - 1

    def lost(self, frame: int) -> bool:
        """Whether *frame* never comes."""
        return self._dice(frame, "lost") < self._habits.lost

    def repeated(self, frame: int) -> bool:
        """Whether *frame* shows the picture before."""
        return self._dice(frame, "repeated") < self._habits.repeated

    def torn(self, frame: int) -> float:
        """Where the tear of *frame* is; 0: it is whole."""
        if self._dice(frame, "torn") >= self._habits.torn:
            return 0.0
        return 0.1 + 0.8 * self._dice(frame, "seam")

    def _dice(self, frame: int, what: str) -> float:
        return random.Random(f"{self._seed}/{what}/{frame}").random()  # noqa: S311  # reproducible, not secret
