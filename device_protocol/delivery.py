"""Raw or encoded is asked for at the start of a scan.

NATIVE is what the driver really delivers: the suite judges that, and a device's own JPEG passes untouched. :class:`Encode` is a stage of the host
above the driver (device_host), never the driver's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias

PNG = "image/png"
JPEG = "image/jpeg"
ENCODINGS = (PNG, JPEG)
DEFAULT_QUALITY = 80


class Native(Enum):
    """The marker for "as the driver delivers it"."""

    NATIVE = "native"

    def __repr__(self) -> str:
        return "NATIVE"


NATIVE: Final[Literal[Native.NATIVE]] = Native.NATIVE


@dataclass(frozen=True, slots=True)
class Encode:
    """Pages as files.

    Attributes:
        type: a media type of :data:`ENCODINGS`; None leaves it to the wish of the oldest waiting reader, and to PNG when nobody waits.
        quality: of JPEG, 1 to 100; chroma is subsampled 4:2:0.
    """

    type: str | None = None
    quality: int = DEFAULT_QUALITY

    def __post_init__(self) -> None:
        if self.type is not None and self.type not in ENCODINGS:
            raise ValueError(f"{self.type!r} is none of {', '.join(ENCODINGS)}")
        if not 1 <= self.quality <= 100:
            raise ValueError(f"quality {self.quality} is not in 1...100")


Delivery: TypeAlias = Native | Encode
