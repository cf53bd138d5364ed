"""The options of a virtual scanner as they are for a source and a mode."""

from __future__ import annotations

from dataclasses import dataclass

from device_protocol import Access, Choice, Colour, Mode, Option, Pattern, Range, SourceCaps, Unit, ValueType
from device_protocol.options import BR_X, BR_Y, DEPTH, MODE, READ_WRITE, RESOLUTION, SOURCE, TL_X, TL_Y
from simulators.profile import Profile

BRIGHTNESS = "brightness"
THRESHOLD = "threshold"
DETECT_SIZE = "detect-size"
DISCARD_BLANK = "discard-blank"
MULTIFEED = "multifeed"
SERIAL = "serial"
CALIBRATE = "calibrate"
THREE_PASS = "three-pass"  # noqa: S105  # an option, no password
THREE_PASS_ORDER = "three-pass-order"  # noqa: S105  # the same

MULTIFEED_ACTIONS = ("stop", "mark", "ignore")
PASS_ORDERS = ("RGB", "RBG", "GBR", "GRB", "BRG", "BGR")
"""As SANE's test back end has them (sane-escl 1.2)."""

USUAL_DPI = 300
LEAST_MM = 1.0
"""The least width and height of an area."""

_SCAN, _AREA, _PICTURE, _DEVICE = "Scan", "Area", "Picture", "Device"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the options depend on."""

    profile: Profile
    source: SourceCaps
    mode: Mode
    serial: str


def build(facts: Facts) -> tuple[Option, ...]:
    """All options, in the order in which later ones depend on earlier ones."""
    return (*_scan(facts), *_area(facts), *_picture(facts), *_device(facts))


def default_depth(mode: Mode) -> int:
    """The depth of *mode* that is closest to eight bits."""
    return min(mode.depths, key=lambda bits: (abs(bits - 8), bits))


def _active(access: Access, condition: bool) -> Access:
    return access if condition else access | Access.INACTIVE


def _scan(facts: Facts) -> tuple[Option, ...]:
    profile, source = facts.profile, facts.source
    caps = profile.caps()
    return (
        Option(
            SOURCE,
            ValueType.STRING,
            "Scan source",
            "Where the paper lies.",
            constraint=Choice(tuple(item.name for item in caps.sources or profile.sources)),
            default=profile.default_source,
            affects=(MODE, DEPTH, RESOLUTION, TL_X, TL_Y, BR_X, BR_Y, DETECT_SIZE, *_drops(facts), MULTIFEED),
            group=_SCAN,
        ),
        Option(
            MODE,
            ValueType.STRING,
            "Scan mode",
            "Colour, grey or black and white.",
            constraint=Choice(tuple(mode.value for mode in source.modes)),
            default=source.modes[0].value,
            affects=(DEPTH, THRESHOLD, *((THREE_PASS, THREE_PASS_ORDER) if facts.profile.traits.three_pass else ())),
            group=_SCAN,
        ),
        Option(
            DEPTH,
            ValueType.INT,
            "Bit depth",
            "Bits per sample.",
            unit=Unit.BIT,
            constraint=Choice(facts.mode.depths),
            default=default_depth(facts.mode),
            group=_SCAN,
        ),
        Option(
            RESOLUTION,
            ValueType.FIXED,
            "Resolution",
            "Of both axes.",
            unit=Unit.DPI,
            constraint=source.resolutions,
            default=source.resolutions.nearest(facts.profile.defaults.resolution or USUAL_DPI),
            group=_SCAN,
        ),
    )


def _area(facts: Facts) -> tuple[Option, ...]:
    width, height = facts.source.width_mm, facts.source.height_mm
    left, top, right, bottom = facts.profile.defaults.area_mm or (0.0, 0.0, width, height)

    def edge(name: str, title: str, low: float, high: float, default: float, other: str) -> Option:
        return Option(
            name,
            ValueType.FIXED,
            title,
            "Pushes the opposite edge along.",
            unit=Unit.MM,
            constraint=Range(low, high),
            default=default,
            affects=(other,),
            group=_AREA,
        )

    return (
        edge(TL_X, "Left edge", 0.0, width - LEAST_MM, left, BR_X),
        edge(TL_Y, "Top edge", 0.0, height - LEAST_MM, top, BR_Y),
        edge(BR_X, "Right edge", LEAST_MM, width, right, TL_X),
        edge(BR_Y, "Bottom edge", LEAST_MM, height, bottom, TL_Y),
    )


def _picture(facts: Facts) -> tuple[Option, ...]:
    measures = facts.source.name in facts.profile.measuring
    return (
        *_passes(facts),
        Option(
            BRIGHTNESS,
            ValueType.INT,
            "Brightness",
            "Added to every sample; a change takes effect with the next page.",
            unit=Unit.PERCENT,
            constraint=Range(-100, 100, 1),
            default=0,
            access=READ_WRITE | Access.LIVE | Access.AUTO,
            group=_PICTURE,
        ),
        Option(
            THRESHOLD,
            ValueType.INT,
            "Threshold",
            "Samples below it are black.",
            constraint=Range(1, 255, 1),
            default=128,
            access=_active(READ_WRITE | Access.AUTO, facts.mode.colour is Colour.LINEART),
            group=_PICTURE,
            vendor=True,
        ),
        Option(
            DETECT_SIZE,
            ValueType.BOOL,
            "Detect the size",
            "Pages are as large as their sheets, within the area.",
            default=False,
            access=_active(READ_WRITE, measures),
            group=_PICTURE,
            vendor=True,
        ),
        *(
            Option(
                name,
                ValueType.BOOL,
                "Drop blank sides",
                "Sides with nothing on them are fed, but not delivered, and have no number.",
                default=False,
                access=_active(READ_WRITE, facts.source.kind.feeds),
                group=_PICTURE,
                vendor=True,
            )
            for name in _drops(facts)
        ),
    )


def _passes(facts: Facts) -> tuple[Option, ...]:
    """Three exposures instead of one, of a machine that knows it; the order is what its lamps do, and shows nowhere."""
    if not facts.profile.traits.three_pass:
        return ()
    access = _active(READ_WRITE, facts.mode.colour is Colour.COLOR)
    return (
        Option(
            THREE_PASS,
            ValueType.BOOL,
            "Three passes",
            "Red, green and blue one after the other, which takes three times as long.",
            default=True,
            access=access,
            group=_PICTURE,
            vendor=True,
        ),
        Option(
            THREE_PASS_ORDER,
            ValueType.STRING,
            "Order of the passes",
            constraint=Choice(PASS_ORDERS),
            default=PASS_ORDERS[0],
            access=access,
            group=_PICTURE,
            vendor=True,
        ),
    )


def _drops(facts: Facts) -> tuple[str, ...]:
    """The option for dropping blank sides, if the feeder can do that."""
    feeder = facts.profile.feeder
    return (DISCARD_BLANK,) if feeder is not None and feeder.blank_detection else ()


def _device(facts: Facts) -> tuple[Option, ...]:
    feeder = facts.profile.feeder
    senses = facts.source.kind.feeds and feeder is not None and feeder.multifeed_sensor
    return (
        Option(
            MULTIFEED,
            ValueType.STRING,
            "On a double feed",
            "Stop with an error, mark the page, or do not look.",
            constraint=Choice(MULTIFEED_ACTIONS),
            default="stop",
            access=_active(READ_WRITE, senses),
            group=_DEVICE,
            vendor=True,
        ),
        Option(
            SERIAL,
            ValueType.STRING,
            "Serial number",
            constraint=Pattern(40),
            default=facts.serial,
            access=Access.READ,
            group=_DEVICE,
            vendor=True,
        ),
        Option(
            CALIBRATE,
            ValueType.ACTION,
            "Calibrate",
            "Adjusts the scan bar; takes a while.",
            access=Access.WRITE,
            group=_DEVICE,
            vendor=True,
        ),
    )
