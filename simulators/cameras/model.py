"""A camera as it left the factory: the values that the camera part of a profile becomes."""

from __future__ import annotations

from dataclasses import dataclass

from device_protocol import FrameMode

RGB, YUYV, MJPG = "RGB3", "YUYV", "MJPG"
FORMATS = (RGB, YUYV, MJPG)
"""Four-character codes as V4L2 has them. RGB3 and YUYV come as rows of RGB (the driver converts, and half of the colours is lost on the way from YUYV);
MJPG as a JPEG file for each frame."""


BLACK, REFUSES = "black", "refuses"
"""What a closed shutter does."""


@dataclass(frozen=True, slots=True)
class Control:
    """A control: where it can be set to, and where it is. :data:`simulators.cameras.tables.CONTROL` says what each means."""

    minimum: float = 0.0
    maximum: float = 0.0
    step: float = 0.0
    default: float = 0.0
    auto: bool = False


@dataclass(frozen=True, slots=True)
class Habits:
    """What a camera does to its frames. :data:`simulators.cameras.tables.HABITS` says what each means."""

    start_s: float = 0.0
    buffers: int = 4
    jitter_ms: float = 0.0
    lost: float = 0.0
    repeated: float = 0.0
    torn: float = 0.0
    jpeg_quality: int = 85
    shutter: str = BLACK
    shutter_closed: bool = False

    @property
    def lawful(self) -> bool:
        """Whether each frame is whole, and new if it says so (CAM-03)."""
        return not (self.repeated or self.torn)


@dataclass(frozen=True, slots=True)
class Camera:
    """The camera part of a profile.

    Attributes:
        modes: in the order in which they are offered; the first one is the default.
        controls: by name, those that it has.
        habits: see there.
    """

    modes: tuple[FrameMode, ...]
    controls: dict[str, Control]
    habits: Habits = Habits()

    def mode(self, fourcc: str, width: int, height: int) -> FrameMode | None:
        """The mode of that format and size."""
        return next((m for m in self.modes if (m.fourcc, m.width, m.height) == (fourcc, width, height)), None)
