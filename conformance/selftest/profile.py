"""What a machine of the zoo is, as data. The odd family is made by changing this data; defects are made by changing the classes that act on it."""

from __future__ import annotations

from dataclasses import dataclass

from device_protocol import (
    RAW,
    Access,
    ByteOrder,
    Choice,
    Code,
    Colour,
    DeviceCaps,
    FaultKind,
    Mode,
    Option,
    Polarity,
    Range,
    SourceCaps,
    SourceKind,
    Unit,
    ValueType,
)
from device_protocol.options import READ_WRITE
from device_protocol.pages import NATIVE_ORDER

SCANNER, SECOND = "scanner", "second"
"""The ids of the two devices of every backend of the zoo."""

TRANSPORTS = {SCANNER: "usb", SECOND: "network"}
"""How each of them is found."""

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
MIN_MM = 5.0
"""The smallest area: a corner that comes too close pushes the other one."""

RESOLUTIONS = Choice((10, 20, 50, 75))
"""Small pages are fast pages; at 75 dpi the marks of a sheet can be read."""

MODES = (
    Mode("Color", Colour.COLOR, (8, 16)),
    Mode("Gray", Colour.GRAY, (8, 16)),
    Mode("Lineart", Colour.LINEART, (1,)),
)
FEEDER_CONDITIONS = frozenset({Code.NO_MEDIA, Code.JAM, Code.MULTIFEED, Code.COVER_OPEN})

FLATBED = SourceCaps("Flatbed", SourceKind.FLATBED, WIDTH_MM, HEIGHT_MM, MODES, RESOLUTIONS)
FEEDER = SourceCaps(
    "Feeder",
    SourceKind.FEEDER,
    WIDTH_MM,
    HEIGHT_MM + 59,  # Legal paper
    MODES,
    RESOLUTIONS,
    detectable=FEEDER_CONDITIONS,
    paper_detectable=True,
)
DUPLEX = SourceCaps(
    "Duplex",
    SourceKind.FEEDER_DUPLEX,
    WIDTH_MM,
    HEIGHT_MM,
    MODES,
    RESOLUTIONS,
    detectable=FEEDER_CONDITIONS,
    paper_detectable=True,
    sides=("front", "back"),
)

LEGAL_CAPS = DeviceCaps((FLATBED, FEEDER, DUPLEX), "Flatbed", deterministic=True)

BRIGHTNESS, THRESHOLD = "brightness", "threshold"

VENDOR_OPTIONS = (
    Option(BRIGHTNESS, ValueType.INT, unit=Unit.PERCENT, constraint=Range(-100, 100, 10), default=0),
    Option(THRESHOLD, ValueType.INT, constraint=Range(0, 255, 1), default=128),
    Option("paper-type", ValueType.STRING, constraint=Choice(("plain", "photo", "card")), default="plain", vendor=True),
    Option("lamp", ValueType.BOOL, default=True, vendor=True),
    Option("serial-number", ValueType.STRING, default="ZOO-1", access=Access.READ, vendor=True),
    Option(
        "panel-light",
        ValueType.INT,
        constraint=Range(0, 10, 1),
        default=5,
        access=READ_WRITE | Access.LIVE,
        vendor=True,
    ),
    Option(
        "exposure",
        ValueType.INT,
        constraint=Choice((1, 2, 4, 8)),
        default=2,
        access=READ_WRITE | Access.AUTO,
        vendor=True,
    ),
    Option("gamma", ValueType.INT_ARRAY, constraint=Range(0, 255, 1), default=(0, 85, 170, 255), length=4, vendor=True),
    Option("calibrate", ValueType.ACTION, access=Access.WRITE, vendor=True),
)

ALL_FAULTS = frozenset(FaultKind) - {
    FaultKind.ERROR,  # what is wrong with it are its defects
    FaultKind.CORRUPTED,
    FaultKind.HALF_RESOLUTION,
}


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A machine. Compared by identity, so that descriptors can be kept for each cheaply.

    Attributes:
        caps: what it declares, all of it true.
        vendor: options beside source, mode, depth, resolution and the area.
        default_dpi: resolution at the start.
        rounds: options that round a value outside their constraint and say so; the others refuse it.
        format: of pages: rows of pixels, or JPEG files that the machine makes itself.
        padding: bytes added to each row.
        byte_order, polarity: of samples.
        strips: sizes of the strips that ``read`` gives, taken in turn; empty: as much as was asked for.
        sheets: how many lie in the hopper at the start, and again after each job if *refills*.
        refills: somebody always puts new paper in.
        controlled: whether there is a control.
        cancel_s, page_s: device seconds that a cancellation and a page take.
        multifeed_flagged: a double feed is a flag at the end of the page instead of an error.
        cut_is_error: a cut transfer is TRANSFER_BROKEN instead of an incomplete page.
        estimates: the parameters at the beginning of a page are marked as an estimate.
    """

    caps: DeviceCaps = LEGAL_CAPS
    vendor: tuple[Option, ...] = VENDOR_OPTIONS
    default_dpi: float = 20
    rounds: frozenset[str] = frozenset({BRIGHTNESS, "tl-x", "tl-y", "br-x", "br-y"})
    format: str = RAW
    padding: int = 0
    byte_order: ByteOrder = NATIVE_ORDER
    polarity: Polarity = Polarity.ONE_IS_BLACK
    strips: tuple[int, ...] = ()
    sheets: int = 3
    refills: bool = False
    controlled: bool = True
    cancel_s: float = 0.0
    page_s: float = 0.0
    multifeed_flagged: bool = False
    cut_is_error: bool = False
    estimates: bool = False
