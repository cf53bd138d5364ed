"""The oracle: reads a delivered page, whatever pipeline it came through, and says what it is and what happened to it."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from sheets.arrays import AnyArray, Bytes
from sheets.colours import read_colours
from sheets.compare import compare
from sheets.decode import decode_image, pixels_of
from sheets.detect import Code, Findings, find_codes
from sheets.errors import UnreadableImage
from sheets.expectation import Expectation
from sheets.geometry import Edges, Pose, fit_pose
from sheets.layout import Rect, layout_for
from sheets.measures.likeness import compare_document
from sheets.measures.measuring import Hidden, Subject, measure
from sheets.measures.overlap import Pair, find_pair
from sheets.payload import Mark
from sheets.reading import Reading
from sheets.refine import distortion_mm, refine
from sheets.settings import MM_PER_INCH
from sheets.sheet import Side
from sheets.view import View

MAX_SAMPLES = 2 * 2**30
_BLANK_LEVELS = 24
_BLANK_SHARE = 0.001
_BLANK_AVERAGE = 4  # pixels of the copy for reading, so that noise is no content
_SQUARE = 0.8

Page = AnyArray | Image.Image | bytes | bytearray | memoryview


def read_page(
    image: Page,
    *,
    dpi: tuple[float, float] | None = None,
    expected: Expectation | None = None,
    complete: bool = True,
) -> Reading:
    """Reads a page. Never raises for what the picture is: what cannot be looked at is a reading that says so.

    Args:
        image: Encoded bytes (PNG, JPEG, TIFF); a Pillow image; or an array of (height, width), (height, width, 1) or
            (height, width, 3), uint8 or uint16 with 0 = black, or bool with False = black. Packed 1-bit rows go
            through ``unpack_lineart`` first.
        dpi: Declared resolution, if the file does not declare one; it is also how pixels that are not square are known.
        expected: What the page should be. Only its area is used, to tell what is missing at the end;
            ``Reading.differences`` compares the rest. A document without marks is compared with what is expected at once.
        complete: Whether the data of pixels was all there, as far as the caller knows; encoded bytes say so themselves.
    """
    try:
        pixels, declared, whole = _pixels(image)
    except UnreadableImage as error:
        return Reading(found=False, unreadable=str(error))
    declared, complete = _sound(dpi) or declared, complete and whole
    view = View(pixels, declared)
    reading = _read(view, complete=complete, expected=expected)
    if pixels.dtype == np.uint16 and (reading.byte_swapped or not (reading.found or reading.blank)):
        # On a noisy page the lower byte alone, taken for the upper, shows no marks at all.
        swapped = _read(View(pixels.byteswap(), declared), complete=complete, expected=expected)
        if swapped.found:
            return replace(swapped, byte_swapped=True)
    if not reading.found and expected and expected.document:
        likeness, turned, mirrored = compare_document(view, expected.document, expected.side or Side.FRONT)
        return replace(reading, likeness=likeness, turned=turned, mirrored=mirrored, blank=False)
    return reading


def unpack_lineart(rows: AnyArray | bytes, width: int) -> Bytes:
    """Packed 1-bit rows, as ``render`` gives and SANE delivers them, to (height, width) uint8 with 0 = black.

    Args:
        rows: (height, ceil(width / 8)) uint8, or its bytes; leftmost pixel in the highest bit, 1 = black.
        width: Pixels in a row.

    Raises:
        UnreadableImage: If the bytes are not whole rows of that width.
    """
    packed: AnyArray = np.frombuffer(rows, np.uint8) if isinstance(rows, bytes | bytearray | memoryview) else rows
    stride = (width + 7) // 8
    if (
        width < 1
        or packed.dtype != np.uint8
        or packed.size % stride
        or (packed.ndim == 2 and packed.shape[1] != stride)
    ):
        raise UnreadableImage(f"{packed.shape} {packed.dtype} is not packed rows of {width} pixels")
    bits = np.unpackbits(packed.reshape(-1, stride), axis=1, count=width)
    return np.where(bits, np.uint8(0), np.uint8(255))


def _pixels(image: Page) -> tuple[AnyArray, tuple[float, float] | None, bool]:
    if isinstance(image, bytes | bytearray | memoryview):
        decoded = decode_image(image, allow_truncated=True)
        return decoded.pixels, decoded.dpi, decoded.complete
    if isinstance(image, Image.Image):
        try:
            return pixels_of(image), _sound(image.info.get("dpi")), True
        except (OSError, ValueError, SyntaxError) as error:  # it may be a file that was not loaded yet
            raise UnreadableImage(f"cannot be decoded: {error}") from error
    pixels = np.asarray(image)
    pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    if pixels.dtype == np.bool_:
        pixels = np.where(pixels, np.uint8(255), np.uint8(0))
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.dtype not in (np.uint8, np.uint16) or pixels.ndim not in {2, 3} or pixels.shape[2:] not in {(), (3,)}:
        raise UnreadableImage(f"an array of {pixels.shape} {pixels.dtype} is no page")
    if not 0 < pixels.size <= MAX_SAMPLES:
        raise UnreadableImage(f"{pixels.size} samples are outside 1..{MAX_SAMPLES}")
    return pixels, None, True


def _sound(dpi: Any) -> tuple[float, float] | None:
    try:
        x, y = (float(part) for part in dpi)
    except (TypeError, ValueError):
        return None
    return (x, y) if 1 < x < 1e6 and 1 < y < 1e6 else None


def _read(view: View, *, complete: bool, expected: Expectation | None) -> Reading:
    findings = find_codes(view)
    pose = fit_pose(findings.codes)
    if pose and not _SQUARE < (pose.dpi[0] / pose.dpi[1]) / view.aspect < 1 / _SQUARE:
        # Pixels that are not square, and nobody said so: look again with them made square.
        squared = View(view.pixels, view.dpi, aspect=pose.dpi[0] / pose.dpi[1])
        again = find_codes(squared)
        if len(again.codes) > len(findings.codes):
            view, findings, pose = squared, again, fit_pose(again.codes) or pose
    if pose is None:
        return Reading(
            found=False,
            width_px=view.width,
            height_px=view.height,
            declared_dpi=view.dpi,
            complete=complete,
            blank=_is_blank(view),
        )
    pair = find_pair(findings.codes, findings.foreign)
    if pair and pair.codes is not findings.codes:  # the sheet that leads is the page, however little is seen of it
        pose = fit_pose(pair.codes) or pose
    codes = findings.codes
    if pair:  # a mark on the edge of the other sheet may be read and is not whole
        codes = tuple(
            code for code in pair.codes if not _covered(pair, pose, layout_for(code.mark).tiles[code.mark.tile])
        )
        codes = codes or pair.codes
    return _describe(view, codes, pair, _others(findings, codes[0].mark), refine(pose, codes, view), complete, expected)


def _others(findings: Findings, mine: Mark) -> tuple[tuple[int, Side], ...]:
    """The pages of the marks that are not of the page of *mine*."""
    pages = {(page[0].mark.number, page[0].mark.side) for page in (findings.codes, *findings.foreign)}
    return tuple(sorted(pages - {(mine.number, mine.side)}))


def _is_blank(view: View) -> bool:
    x, y = view.work.scale
    gray = view.scaled(min(_BLANK_AVERAGE * x, view.width), min(_BLANK_AVERAGE * y, view.height)).gray.astype(np.int64)
    return bool((np.abs(gray - np.median(gray)) > _BLANK_LEVELS).mean() <= _BLANK_SHARE)


def _describe(
    view: View,
    codes: tuple[Code, ...],
    pair: Pair | None,
    others: tuple[tuple[int, Side], ...],
    pose: Pose,
    complete: bool,
    expected: Expectation | None,
) -> Reading:
    mark, size = codes[0].mark, codes[0].mark.size
    colours = read_colours(
        view,
        pose,
        tuple(
            code for code in codes if not (pair and _covered(pair, pose, layout_for(code.mark).strips[code.mark.tile]))
        ),
    )
    whole = Rect(0.0, 0.0, size.width_mm, size.height_mm)
    area = whole
    if expected and expected.area_mm:
        left, top, right, bottom = expected.area_mm
        area = Rect(max(0.0, left), max(0.0, top), min(whole.right, right), min(whole.bottom, bottom))
    shades = bool(colours and colours.mode != "lineart" and colours.channel_order in {None, "rgb"})
    subject = Subject(view, pose, codes, pair, shades)
    hidden = Hidden(subject)
    compared = compare(view, pose, codes, area, hidden, shades=shades)
    measures = measure(subject, hidden, compared.end_px, colours.grays if colours else None)
    shown = pose.visible_mm(view.width, view.height)
    crop = Edges(shown.left, shown.top, size.width_mm - shown.right, size.height_mm - shown.bottom)
    along_x, along_y = (math.hypot(*pose.matrix[:, axis]) for axis in (0, 1))
    return Reading(
        found=True,
        width_px=view.width,
        height_px=view.height,
        number=mark.number,
        side=mark.side,
        seed=mark.seed,
        size=size,
        marks_read=len(codes),
        marks_total=len(layout_for(mark).tiles),
        other_pages=others,
        turned=pose.turned,
        mirrored=pose.mirrored,
        inverted=sum(1 if code.light < code.dark else -1 for code in codes) > 0,
        mode=colours.mode if colours else None,
        channel_order=colours.channel_order if colours else None,
        byte_swapped=colours.byte_swapped if colours else None,
        colour_error=colours.error if colours else 0.0,
        dpi_x=pose.dpi[0],
        dpi_y=pose.dpi[1],
        declared_dpi=view.dpi,
        skew=pose.skew_by(codes),
        crop_mm=crop,
        crop_px=Edges(crop.left * along_x, crop.top * along_y, crop.right * along_x, crop.bottom * along_y),
        truncated=compared.truncated,
        damage=compared.damage,
        distortion_mm=distortion_mm(pose, codes, view.work),
        complete=complete,
        offset_mm=_offset(pose, view),
        measures=measures,
    )


def _covered(pair: Pair, pose: Pose, rect: Rect) -> bool:
    """Whether the second sheet lies over some of a rectangle."""
    ends = np.array([(x, y) for x in (rect.left, rect.right) for y in (rect.top, rect.bottom)])
    return bool(pair.covered(pose, ends).any())


def _offset(pose: Pose, view: View) -> tuple[float, float]:
    """How far the middle of the sheet is from where it would be with the sheet's corner in that of the picture."""
    middle = pose.to_mm(np.array([[view.width / 2, view.height / 2]]))[0]
    picture = view.width / pose.dpi[0] * MM_PER_INCH, view.height / pose.dpi[1] * MM_PER_INCH
    wide, high = picture if pose.turned % 180 == 0 else picture[::-1]
    x, y = float(wide / 2 - middle[0]), float(high / 2 - middle[1])
    skew = math.radians(-pose.skew if pose.mirrored else pose.skew)  # along the scanner's edges, not the sheet's
    return x * math.cos(skew) - y * math.sin(skew), x * math.sin(skew) + y * math.cos(skew)
