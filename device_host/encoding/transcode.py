"""From one file type to the other. A PNG made from a JPEG holds what the JPEG has kept of the page: the caller knows, the file does not say.

Run it where a damaged file may cost a process: in the host's codec process. Limits are checked against the header, before anything is decoded.
"""

from __future__ import annotations

from device_host.encoding.describe import EncodedInfo, describe
from device_host.encoding.errors import BadImage, CannotEncode
from device_host.encoding.limits import check_file, check_size
from device_host.encoding.pages import check_wish, no_jpeg
from device_protocol.delivery import DEFAULT_QUALITY, JPEG, PNG

MAX_SCANS = 100
"""Scans of a progressive JPEG; a usual one has 10. Each costs a pass over the whole picture, however few bytes it has."""


def transcode(data: bytes, source_type: str, target_type: str, quality: int = DEFAULT_QUALITY) -> bytes:
    """*data* as a file of *target_type*, with the same resolution; unchanged if it is of that type already.

    Args:
        data: a file.
        source_type: what it is said to be, ``image/png`` or ``image/jpeg``.
        target_type: the same choice.
        quality: of JPEG, 1 to 100.

    Raises:
        BadImage: *data* is not of *source_type*, or damaged.
        CannotEncode: a 1-bit PNG, or one beyond 65500 pixels, as JPEG.
        TooLarge: beyond :mod:`device_host.encoding.limits`.
        EncodingError: another media type or quality.
    """
    check_wish(source_type, quality)
    check_wish(target_type, quality)
    info = check_image(data)
    if info.type != source_type:
        raise BadImage(f"a file of {info.type}, said to be {source_type}")
    if source_type == target_type:
        return data
    if target_type == JPEG:
        why = no_jpeg(info.depth, info.width, info.height)
        if why is not None:
            raise CannotEncode(why)
    from device_host.encoding.decode import jpeg_to_png, png_to_jpeg  # noqa: PLC0415  # slow to import, see the package

    return jpeg_to_png(data, info) if target_type == PNG else png_to_jpeg(data, info, quality)


def check_image(data: bytes) -> EncodedInfo:
    """The header of *data*, whose limits it keeps.

    Raises:
        BadImage: it is neither PNG nor JPEG, or damaged before its picture begins.
        TooLarge: see :mod:`device_host.encoding.limits`.
    """
    check_file(len(data))
    info = describe(data)
    check_size(info.width, info.height, info.height * -(-info.width * info.channels * info.depth // 8))
    if info.type == JPEG and data.count(b"\xff\xda") > MAX_SCANS:
        raise BadImage(f"a JPEG with more than {MAX_SCANS} scans")
    return info
