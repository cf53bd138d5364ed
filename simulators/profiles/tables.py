"""The tables of a profile and their keys, in the order of the documentation."""

from __future__ import annotations

from dataclasses import dataclass

from device_protocol import ByteOrder, Colour, EarlyEnd, OptionPolicy, ReportPoint
from sheets.sheet import MAX_NOISE
from simulators.profiles import defects, escl
from simulators.profiles.keys import Documented, Flag, Integer, Key, Number, Numbers, OneOf, Some, Text
from simulators.profiles.model import OPTIONAL, Defaults, Feeder, Rounding, Timing, Traits
from simulators.stacks.wear import LIMITS

MAX_DPI = 9600
MAX_MM = 3000.0
MAX_SECONDS = 3600.0
MAX_CAPACITY = 10_000
MAX_READ = 1 << 24
DEPTHS: dict[Colour, tuple[int, ...]] = {Colour.LINEART: (1,), Colour.GRAY: (8, 16), Colour.COLOR: (8, 16)}
KINDS = ("flatbed", "feeder", "feeder-duplex", "automatic")
DEVICE_KINDS = ("scanner", "camera")
NAME = Text(40, r"[^\x00-\x1f\x7f]+")

TOP = (
    Key("schema", Documented("1"), "version of the format"),
    Key("kind", OneOf(DEVICE_KINDS), "what it is; a camera has tables of its own, see below", default='"scanner"'),
    Key("maker", NAME, "who makes it, as applications show it", default='"flatbed"'),
    Key("model", Text(80, r"[^\x00-\x1f\x7f]+"), "what it is called"),
    Key(
        "description",
        Text(2000, r"[^\x00-\x08\x0b-\x1f\x7f]*"),
        "what is special about it, in a sentence or two",
        default='""',
    ),
    Key(
        "default_source", Documented("name of a source"), "the source that is set at the start", default="the first one"
    ),
)

MACHINE = (
    Key("scan_ahead", Integer(0, 100), "pages that it feeds into its memory ahead of the reader"),
    Key(
        "option_policy",
        OneOf(tuple(OptionPolicy)),
        "whether a session opens with the defaults or with the values of the session before",
        "sane-escl 1.4; LIFE-10",
    ),
    Key(
        "early_end",
        OneOf(tuple(EarlyEnd)),
        "whether a page that is left early is followed by the next one or ends the job",
        "TWAIN end transfer; PAGE-08",
    ),
    Key("row_padding", Integer(0, 4096), "zero bytes after each row", "test: ppl-loss; DATA-05"),
    Key(
        "byte_order",
        OneOf(tuple(ByteOrder)),
        "of samples of 16 bits",
        "test: invert-endianess; DATA-07",
        default="that of this computer",
    ),
    Key("cover", Flag(), "whether it has a cover that can be opened, and notices"),
    Key("buttons", Some(), "its buttons"),
    Key(
        "options",
        Some(OPTIONAL),
        "which options it has beside source, mode, depth, resolution and area, as far as its hardware gives them a meaning",
        "S-102: WIA offers only few",
        default="all of them",
    ),
    Key(
        "vanishing_options",
        Flag(),
        "whether options that mean nothing at the moment are absent, instead of present and inactive",
        "SANE 4.2.9; CAPS-01",
    ),
    Key(
        "read_limit",
        Integer(0, MAX_READ),
        "most bytes that one read gives; 0: as many as are asked for",
        "test: read-limit; DATA-01",
    ),
    Key(
        "three_pass",
        Flag(),
        "takes colour pages in three passes, which lasts three times as long, unless the option `three-pass` is switched off; it puts the passes "
        "together itself, since a page of the contract has interleaved samples",
        "test: three-pass; SANE 3.2.1; DATA-09",
    ),
)

_S = Number(0, MAX_SECONDS)
TIMING = (
    Key("open_s", _S, "until the firmware has a session ready"),
    Key(
        "warm_up_s",
        _S,
        "until a cold lamp is warm, before the first page after a pause of `cool_down_s`",
        "WIA, eSCL testing; SCAN-10",
    ),
    Key("cool_down_s", _S, "until a warm lamp is cold"),
    Key("feed_s", _S, "from the pick until a sheet is at the scan bar, or until the bar of a flatbed is at its start"),
    Key("page_s", _S, "from the first row to the last, up to `full_speed_dpi`; beyond, in proportion"),
    Key("full_speed_dpi", Integer(1, MAX_DPI), "the resolution up to which a page takes `page_s`"),
    Key("cancel_s", _S, "until a cancelled machine has come to rest", "SANE 4.3.11; CANC-04"),
    Key("calibrate_s", _S, "of the calibration"),
    Key(
        "option_s",
        Number(0, 10),
        "each time that an option is looked at or set",
        "4d: slow property reads needing a cache",
    ),
)

FEEDER = (
    Key("capacity", Integer(1, MAX_CAPACITY), "sheets that the hopper holds"),
    Key("multifeed_sensor", Flag(), "whether it notices that two sheets were picked", "TWAIN 11; PAGE-06"),
    Key("length_sensor", Flag(), "whether it can end a page where its sheet ends (option `detect-size`)", "PAGE-09"),
    Key("blank_detection", Flag(), "whether it can drop blank sides by itself (option `discard-blank`)", "S-107"),
    Key(
        "unknown_height",
        Flag(),
        "whether the height of such a page is known at its end only; needs `length_sensor`",
        "SANE 4.3.8; DATA-06",
    ),
)

_ROUND = "step in which the firmware takes {}, which it then says; 0: as they are"
ROUNDING = (
    Key("area_mm", Number(0, 50), _ROUND.format("the edges of the area"), "SANE 4.3.7 inexact; SET-02"),
    Key("resolution", Number(0, 1000), _ROUND.format("resolutions out of a range"), "the same"),
    Key("brightness", Number(0, 100), _ROUND.format("brightnesses"), "the same"),
    Key("threshold", Number(0, 100), _ROUND.format("thresholds"), "the same"),
)

DEFAULTS = (
    Key("resolution", Integer(0, MAX_DPI), "default resolution, or the nearest that the source has; 0: 300"),
    Key(
        "area_mm",
        Numbers(4, 0, MAX_MM),
        "default area: left, top, right, bottom",
        "4d: safe defaults with full area",
        default="the whole area",
    ),
)

OPTICS = (
    Key("dust", Documented("table: `count`, `size_mm`, `seed`"), "specks on the glass of a flatbed", default="none"),
    Key(
        "streaks",
        Documented("array of tables: `x_mm`, `width_mm`, `shade`"),
        "dirt on the narrow glass of a feeder",
        default="none",
    ),
    Key("cast", Documented("list of three gains: red, green, blue"), "colour cast", default="none"),
    Key(
        "light",
        Documented(f"number, {LIMITS['light'][0]:g} to {LIMITS['light'][1]:g}"),
        "how much darker its light is at the left and right edge",
        default="0",
    ),
    Key("noise", Documented(f"number, 0 to {MAX_NOISE:g}"), "of the sensor, in levels of 256", default="0"),
    Key(
        "skew",
        Documented(f"degrees, {LIMITS['skew'][0]:g} to {LIMITS['skew'][1]:g}"),
        "how far its feeder pulls sheets askew",
        default="0",
    ),
    *(
        Key(
            name,
            Documented(f"mm, {LIMITS[name][0]:g} to {LIMITS[name][1]:g}"),
            f"how far its feeder shifts sheets {where}",
            default="0",
        )
        for name, where in (("offset_x_mm", "to the right"), ("offset_y_mm", "down"))
    ),
)

MODE = (
    Key("colour", OneOf(tuple(Colour)), "what it delivers"),
    Key(
        "name",
        NAME,
        "value of the option `mode`; of any language",
        "4d: localised or vendor values",
        default="as `colour`",
    ),
    Key(
        "depths",
        Documented("list of 1 for lineart, of 8 and 16 for the others"),
        "bits per sample",
        default="the first of these",
    ),
)

SOURCE = (
    Key(
        "kind",
        OneOf(KINDS),
        "where the paper lies; `automatic` takes the feeder if there is paper in it and the glass if not, and needs both",
    ),
    Key(
        "name",
        NAME,
        "value of the option `source`; of any language",
        "4d: localised or vendor values, source names",
        default="as `kind`",
    ),
    Key("width_mm", Number(20, MAX_MM), "width of the largest area"),
    Key("height_mm", Number(20, MAX_MM), "height of the largest area"),
    Key("modes", Documented("list of names of modes"), "what it can deliver", default="all modes"),
    Key(
        "resolutions",
        Documented(f"list of integers, or `{{ minimum = 75, maximum = 600, step = 1 }}`, 1 to {MAX_DPI}"),
        "dots per inch",
        "4d: resolution range to list",
        default="75 to 600",
    ),
    Key(
        "paper_sensor",
        Flag(),
        "of a feeder: whether it tells before a scan if there is paper",
        "S-105; PAGE-07",
        default="true",
    ),
    Key(
        "conditions_at",
        OneOf(tuple(ReportPoint)),
        "the call that reports an empty feeder or an open cover",
        "simple-scan #49; SCAN-03",
        default='"start"',
    ),
    Key(
        "length_sensor",
        Flag(),
        "whether it can end a page where its sheet ends",
        "test: hand-scanner",
        default="that of the feeder; false for a glass",
    ),
    Key(
        "unknown_height",
        Flag(),
        "whether the height of a page is known at its end only: of a feeder with `detect-size` on, of a glass always",
        "test: hand-scanner; DATA-06",
        default="that of the feeder; false for a glass",
    ),
)


@dataclass(frozen=True, slots=True)
class TableKeys:
    """A table of the file.

    Attributes:
        name: its header.
        words: what it is about.
        keys: in it.
        standard: what holds where the table is absent; None: there is none.
    """

    name: str
    words: str
    keys: tuple[Key, ...]
    standard: object | None = None


TABLES = (
    TableKeys("", "At the top of the file:", TOP),
    TableKeys("[machine]", "What is odd about it, within the contract.", MACHINE, Traits()),
    TableKeys(
        "[timing]",
        "How long things take, in seconds. The device clock can run faster, or not at all (`time` of the devices file).",
        TIMING,
        Timing(),
    ),
    TableKeys("[feeder]", "A machine without this table has no feeder.", FEEDER, Feeder()),
    TableKeys("[[mode]]", "At least one; the first one is the default.", MODE),
    TableKeys("[[source]]", "At least one.", SOURCE),
    TableKeys(
        "[rounding]",
        "Values that the firmware rounds although its constraints allow them. It says so, as the contract wants it.",
        ROUNDING,
        Rounding(),
    ),
    TableKeys("[defaults]", "Defaults that differ from the usual ones.", DEFAULTS, Defaults()),
    TableKeys(
        "[optics]", "What it does to the picture of each page; a devices file can say it of one machine too.", OPTICS
    ),
    TableKeys(
        "[defects]",
        "What is wrong with it. A machine without this table keeps the contract and passes `flatbed check device`; one with it fails by the "
        "requirements that stand beside each defect.",
        defects.KEYS,
        defects.Defects(),
    ),
    TableKeys("[escl]", "What it says of itself on the network.", escl.KEYS, escl.EsclIdentity()),
)
"""Every table of a profile."""
