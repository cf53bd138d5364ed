"""The tables of a camera's profile and their keys, in the order of the documentation."""

from __future__ import annotations

from simulators.cameras.controls import KINDS
from simulators.cameras.model import BLACK, FORMATS, REFUSES, Habits
from simulators.profiles.keys import Documented, Flag, Integer, Key, Number, OneOf
from simulators.profiles.tables import TableKeys

HABITS = (
    Key("start_s", Number(0, 60), "seconds from the start to the first frame"),
    Key(
        "buffers",
        Integer(1, 32),
        "frames that it keeps for a reader who is late; older ones are lost, and counted",
        "V4L2 REQBUFS; CAM-03",
    ),
    Key("jitter_ms", Number(0, 10_000), "by up to so many ms a frame is taken late, drawn from the seed"),
    Key(
        "lost",
        Number(0, 0.9),
        "share of frames that get lost, drawn from the seed; they are counted",
        "vivid drop percentage",
    ),
    Key("repeated", Number(0, 0.9), "share of frames that show the picture of the one before"),
    Key("torn", Number(0, 0.9), "share of frames whose upper part is still that of the one before"),
    Key("jpeg_quality", Integer(10, 100), "of the frames of MJPG modes"),
    Key(
        "shutter",
        OneOf((BLACK, REFUSES)),
        "a closed shutter gives black pictures, or is refused with ACCESS_DENIED",
        "CAM-05",
    ),
    Key("shutter_closed", Flag(), "whether its shutter is closed at the start"),
)

CONTROL = (
    Key("minimum", Number(-1e6, 1e6), "the lowest value"),
    Key("maximum", Number(-1e6, 1e6), "the highest value"),
    Key("step", Number(0, 1e6), "between two values; 0: any"),
    Key("default", Number(-1e6, 1e6), "where it is at the start, and where the camera itself sets it"),
    Key("auto", Flag(), "whether the camera can choose by itself"),
)

MODE = (
    Key("format", OneOf(FORMATS), "four-character code", "V4L2 pixel formats"),
    Key("width", Integer(320, 4096), "in pixels"),
    Key("height", Integer(180, 3072), "in pixels"),
    Key("rates", Documented("list of numbers"), "frames a second, the usual one first", default="[30]"),
)

CONTROLS = tuple(
    Key(
        name,
        Documented("table: `minimum`, `maximum`, `step`, `default`, `auto`; `{}` for the usual ones"),
        f"{kind.title.lower()}. {kind.words[:-1]}",
        "V4L2 controls",
        default="there is none",
    )
    for name, kind in KINDS.items()
)

CAMERA_TABLES = (
    TableKeys("[[mode]]", "Of a camera. At least one; the first one is the default.", MODE),
    TableKeys("[controls]", "Of a camera. They act on the picture, and can be set while frames come.", CONTROLS),
    TableKeys("[camera]", "What a camera does to its frames.", HABITS, Habits()),
)
"""The tables that only a camera has, beside ``[timing]``."""
