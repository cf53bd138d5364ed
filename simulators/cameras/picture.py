"""The bytes of a frame, as a page of the contract has them."""

from __future__ import annotations

from device_protocol import Colour, PageParams
from simulators.cameras.frames import draw, jpeg
from simulators.cameras.model import MJPG
from simulators.cameras.optics import Shooting
from simulators.cameras.shot import Shot

JPEG_TYPE = "image/jpeg"


def frame_params(shooting: Shooting, fourcc: str, *, final: bool = True) -> PageParams:
    """The parameters of a frame; there is no resolution, since nobody knows how far away things are."""
    encoded = fourcc == MJPG
    return PageParams(
        width=shooting.width,
        height=shooting.height,
        stride=0 if encoded else shooting.width * 3,
        depth=8,
        channels=3,
        colour=Colour.COLOR,
        format=JPEG_TYPE if encoded else "raw",
        final=final,
    )


class FramePicture:
    """See :class:`simulators.imaging.Picture`.

    Args:
        shooting: the settings when the frame was fetched.
        fourcc: the format.
        quality: of a JPEG.
        shot: which frame.
    """

    blank = False

    def __init__(self, shooting: Shooting, fourcc: str, quality: int, shot: Shot) -> None:
        self.params = frame_params(shooting, fourcc)
        picture = draw(shooting, shot)
        self._data = jpeg(picture, quality) if fourcc == MJPG else picture.tobytes()
        self.size = len(self._data)
        self.rows = shooting.height

    def bytes(self, start: int, end: int) -> bytes:
        """Bytes *start* to *end*."""
        return self._data[start:end]

    def release(self) -> None:
        """Give the drawn bytes back; nobody asks for them again."""
        self._data = b""
