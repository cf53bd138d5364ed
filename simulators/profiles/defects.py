"""What can be wrong with a machine: the defects that drivers and scanners in the field have, each a key of ``[defects]``.

A machine without the table keeps the contract, however odd it is. Sources: "4d" is the catalogue of defects behind libinsane's layers (device-models 4d), S-102
to S-107 are the devices of service-behaviour 11, "test" is SANE's test back end (sane-escl 1.2), ids such as SCAN-06 the requirement whose mutant it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from device_protocol import Code
from simulators.profiles.keys import Flag, Integer, Key, Number, OneOf, Renamed, Some

STALL = 3600.0
END_CODES = ("", *(code.value for code in (Code.CANCELLED, Code.NO_MEDIA, Code.JAM, Code.OTHER)))
CRASH_POINTS = ("", "open", "start", "next-page")
PROTOCOLS = ("usb", "wia", "twain", "sane", "escl", "wsd")
SENSOR_LIES = ("", "loaded", "empty")

RENAMABLE = ("source", "mode", "depth", "resolution", "tl-x", "tl-y", "br-x", "br-y", "brightness", "threshold")
"""Options that libinsane's aliases speak of."""


@dataclass(frozen=True, slots=True)
class Defects:
    """What is wrong with a machine; :data:`KEYS` says what each means. The standard is a machine with nothing wrong."""

    option_names: Mapping[str, str] = field(default_factory=dict)
    writes_inactive: bool = False
    writes_read_only: bool = False
    refuses_single_value: bool = False
    silent_rounding: bool = False
    silent_changes: bool = False
    needs_reread: bool = False
    forgets_values: bool = False
    forgets_after_s: float = 0.0
    hides_sources: bool = False
    hides_real_sources: bool = False
    endless_flatbed: bool = False
    end_code: str = ""
    ignores_page_count: bool = False
    ignores_blank_discard: bool = False
    paper_sensor_says: str = ""
    claimed_height_mm: float = 0.0
    real_dpi: int = 0
    wrong_byte_order: bool = False
    wrong_polarity: bool = False
    lamp_stays_on: bool = False
    protocols: tuple[str, ...] = ()
    offline_s: float = 0.0
    crashes_at: str = ""


KEYS: tuple[Key, ...] = (
    Key(
        "option_names",
        Renamed(RENAMABLE),
        'calls options by other names than everybody else, as in `{ resolution = "Scan_DPI" }`',
        "4d: wrong option names, aliases",
        ("CAPS-02", "SCAN-09"),
    ),
    Key(
        "writes_inactive",
        Flag(),
        "lets options be read and set while they are inactive",
        "4d: operations allowed on inactive options; CAPS-11",
        ("CAPS-11",),
    ),
    Key(
        "writes_read_only",
        Flag(),
        "lets options be set that are read-only",
        "4d: operations allowed on read-only options; CAPS-12",
        ("CAPS-12",),
    ),
    Key(
        "refuses_single_value",
        Flag(),
        "refuses to set an option that has one value only, to that value",
        "4d: operations allowed on single-valued options; CAPS-07",
        ("CAPS-07",),
    ),
    Key(
        "silent_rounding",
        Flag(),
        "rounds a value and says that it took it as it was",
        "SANE 4.3.7; SET-02",
        ("CAPS-08", "SET-01", "SET-02"),
    ),
    Key(
        "silent_changes",
        Flag(),
        "does not say which other options a setting has changed",
        "SANE 4.3.7, SET-06, SET-07",
        ("CAPS-11", "SET-06", "SET-07"),
    ),
    Key(
        "needs_reread",
        Flag(),
        "refuses to set an option that has changed and was not looked at since",
        'test: the next set fails "not loaded" (E3 of device-models 9)',
        ("CAPS-07",),
    ),
    Key(
        "forgets_values",
        Flag(),
        'promises to remember its options and opens with the defaults; needs `option_policy = "remembered"`',
        "LIFE-10",
        ("LIFE-10",),
    ),
    Key(
        "forgets_after_s",
        Number(0, STALL),
        "falls back to its defaults without a word after so many seconds in which nobody called it, as an idle network device does; 0: never",
        "SET-06, NAPS2 session time-outs",
    ),
    Key(
        "hides_sources",
        Flag(),
        "names no source at all",
        "4d: at least one source, options on every source; CAPS-06",
        ("CAPS-06",),
    ),
    Key(
        "hides_real_sources",
        Flag(),
        "names its automatic source alone; needs a `[[source]]` of the kind `automatic`",
        "4d: automatic source that hides the real ones",
        ("CANC-03", "CANC-05", "CANC-06", "CANC-07"),
    ),
    Key(
        "endless_flatbed",
        Flag(),
        "delivers the same sheet on the glass for ever",
        "4d: flatbed delivering the same page for ever; SCAN-06",
        ("SCAN-06",),
    ),
    Key(
        "end_code",
        OneOf(END_CODES),
        "reports this error after the last page where the end of the job should be",
        'S-102: ends a good scan with "user cancelled"; S-105: code 1029 after good scans; PAGE-02',
        ("PAGE-02",),
    ),
    Key(
        "ignores_page_count",
        Flag(),
        "feeds until the hopper is empty, however many pages were asked for",
        "S-107: XferCount depends on the driver; SCAN-05",
        ("SCAN-05",),
    ),
    Key(
        "ignores_blank_discard",
        Flag(),
        "has the option to drop blank sides and delivers them all the same",
        "S-107: blank-page discarding depends on the driver",
    ),
    Key(
        "paper_sensor_says",
        OneOf(SENSOR_LIES),
        "has a paper sensor that is stuck and always says this",
        "S-105; AirSane #135 and #136; PAGE-07",
        ("PAGE-07",),
    ),
    Key(
        "claimed_height_mm",
        Number(0, 20_000),
        "claims that its feeders take sheets of this height, and ends the page where its area really ends; 0: it claims what it has",
        "4d: impossible page height; SCAN-08",
        ("SCAN-08",),
    ),
    Key(
        "real_dpi",
        Integer(0, 10_000),
        "delivers no more than this many dots per inch, whatever it advertises and says of the page; 0: it delivers what it says",
        "SCAN-08, SCAN-09; CAPS-07: a scanner that offers 600 and gives 300 dpi",
        ("SCAN-08",),
    ),
    Key(
        "wrong_byte_order",
        Flag(),
        "delivers samples of 16 bits in the other byte order than it declares",
        "test: invert-endianess; DATA-07",
        ("DATA-07",),
    ),
    Key(
        "wrong_polarity",
        Flag(),
        "delivers black for white in 1-bit pages",
        "SANE 3.2.1; DATA-08",
        ("DATA-08",),
    ),
    Key(
        "lamp_stays_on",
        Flag(),
        "leaves its lamp on when the session is closed; the front panel shows it",
        "4d: lamp left on (no requirement can see it)",
    ),
    Key(
        "protocols",
        Some(PROTOCOLS),
        "is in the list once more for each of these protocols, as ID-PROTOCOL, and in use under all names if it is under one",
        "S-104: one device can appear several times; LIFE-09",
        ("LIFE-09",),
    ),
    Key(
        "offline_s",
        Number(0, STALL),
        "is listed although it is switched off: opening it stalls for so many seconds and fails; 0: it is there",
        "S-103: some drivers stay listed while offline",
    ),
    Key(
        "crashes_at",
        OneOf(CRASH_POINTS),
        "kills the process of its driver at this call; without a worker process, an unexpected exception comes up",
        "4d: process crash isolation; ERR-08",
    ),
)
"""Every defect, in the order of the documentation."""
