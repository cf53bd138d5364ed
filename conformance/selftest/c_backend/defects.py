"""The seeded defects of ``zoo.c``: what each does wrong, by which requirement it must die, and calls that show it."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.selftest.c_backend.proof import (
    CANCEL,
    CLOSE,
    END,
    EXIT,
    IDLE_READ,
    INIT,
    LISTED,
    LOCAL,
    OPEN,
    PARAMETERS,
    SCAN,
    SNAPSHOT,
    START,
    Script,
    call,
    control,
    drain,
    opened,
    script,
)

GET, SET, AUTO = 0, 1, 2
MODE, RESOLUTION, SOURCE, PREVIEW, INVERT, THRESHOLD, SERIAL, LABEL, LAMP, KEY = 2, 4, 5, 6, 13, 14, 15, 16, 17, 19
TEXT = 32
"""Bytes of a text."""
_LOOK = script(OPEN, SNAPSHOT)
_FEED = script(OPEN, control(SOURCE, SET, "ADF", size=TEXT), *[(START, drain())] * 6)
_RACE = script(OPEN, START, call("race", size=40, limit=1 << 20, delay=0.0, reads=3, patience=0.3))


@dataclass(frozen=True, slots=True)
class Defect:
    """A back end that breaks one requirement.

    Attributes:
        name: for ZOO_DEFECT.
        requirement: the id by which it must die.
        what: what it does wrong, in a sentence.
        proof: calls that give something else than on the back end it was made from.
        habits: legal habits of that one (``family``).
    """

    name: str
    requirement: str
    what: str
    proof: Script
    habits: tuple[str, ...] = ()


def _of(number: int, *defects: tuple[str, str, Script] | tuple[str, str, Script, tuple[str, ...]]) -> list[Defect]:
    return [Defect(name, f"SANE-{number:02}", what, proof, *more) for name, what, proof, *more in defects]


DEFECTS: tuple[Defect, ...] = (
    *_of(1, ("second-init-fails", "a second sane_init gives IO_ERROR", script(INIT, EXIT, INIT))),
    *_of(
        2,
        ("version-changes", "a second sane_init tells another version", script(INIT, EXIT, INIT)),
        ("major-two", "it says that it speaks version 2", script(INIT)),
    ),
    *_of(
        3,
        ("no-device-list", "sane_get_devices is GOOD without a list", script(INIT, LISTED)),
        ("local-only-ghost", "a device is listed only when local ones are asked for", script(INIT, LISTED, LOCAL)),
    ),
    *_of(
        4,
        ("null-vendor", "the vendor of a device is a null pointer", script(INIT, LISTED)),
        ("two-equal-names", "two devices have one name", script(INIT, LISTED)),
    ),
    *_of(5, ("invented-type", "a type of its own invention", script(INIT, LISTED))),
    *_of(6, ("opens-anything", "any name opens a scanner", script(INIT, opened("nobody")))),
    *_of(7, ("unknown-is-io-error", "an unknown name gives IO_ERROR", script(INIT, opened("nobody")))),
    *_of(8, ("refuses-empty-name", "the empty name is unknown", script(INIT, opened("")))),
    *_of(
        9,
        ("opens-once", "after four opens the device is busy for ever", script(INIT, *[(opened(), CLOSE)] * 6)),
        ("null-handle", "sane_open is GOOD and gives a null pointer", script(INIT, opened())),
    ),
    *_of(10, ("leaks-file", "each open leaves a file open", script(OPEN, CLOSE, call("resources")))),
    *_of(
        11,
        (
            "list-changes-when-opened",
            "opening writes into the list",
            script(INIT, LISTED, opened(), call("devices_again")),
        ),
    ),
    *_of(12, ("null-strstatus", "NO_DOCS has no words", script(INIT, call("strstatus", status=7)))),
    *_of(13, ("same-handle-twice", "a second open gives the first handle again", script(OPEN, opened()))),
    *_of(
        14,
        ("crash-at-exit", "sane_exit crashes when a device is open", script(OPEN, EXIT)),
        ("exit-status-7", "sane_exit ends the process", script(OPEN, EXIT, END)),
    ),
    *_of(15, ("option-0-settable", "the count of options can be set", _LOOK)),
    *_of(
        16,
        ("descriptor-behind-the-last", "there is one descriptor too many", script(OPEN, call("descriptor", index=21))),
    ),
    *_of(
        17,
        ("capital-name", "an option is called Mode", _LOOK),
        ("two-equal-options", "two options are called lamp", _LOOK),
    ),
    *_of(18, ("null-desc", "a description is a null pointer", _LOOK)),
    *_of(19, ("switch-in-mm", "a switch has the unit mm", _LOOK)),
    *_of(20, ("switch-of-one-byte", "a switch has the size of one byte", _LOOK)),
    *_of(
        21,
        ("both-selects", "a switch is selected by software and by hardware", _LOOK),
        ("select-without-detect", "a switch can be set and not be read", _LOOK),
        ("unknown-capability", "a capability bit that nobody knows", _LOOK),
    ),
    *_of(
        22,
        ("range-upside-down", "a range from 255 to 0", _LOOK),
        ("range-on-a-text", "a text with a range", _LOOK),
        ("text-longer-than-size", "a list has a text that is longer than the option", _LOOK),
    ),
    *_of(23, ("settable-group", "a group can be set", _LOOK)),
    *_of(24, ("resolution-in-mm", "the resolution is in mm", _LOOK)),
    *_of(
        25,
        ("descriptor-moves", "descriptors move to another address after a while", script(OPEN, *[SNAPSHOT] * 4)),
        ("descriptor-changes", "a title changes after a while", script(OPEN, *[SNAPSHOT] * 4)),
    ),
    *_of(
        26,
        ("get-of-inactive", "an inactive option can be read", script(OPEN, control(THRESHOLD, GET))),
        ("get-refused", "an active option cannot be read", script(OPEN, control(LAMP, GET))),
    ),
    *_of(
        27,
        ("set-of-read-only", "a key of the panel can be set", script(OPEN, control(KEY, SET, 1))),
        ("set-refused", "a settable switch refuses its own value", script(OPEN, control(LAMP, SET, 0))),
    ),
    *_of(28, ("auto-without-automatic", "auto is GOOD for every option", script(OPEN, control(LAMP, AUTO, None)))),
    *_of(29, ("info-bit-8", "a set gives an information bit that nobody knows", script(OPEN, control(LAMP, SET, 1)))),
    *_of(30, ("info-in-get", "a get gives RELOAD_PARAMS", script(OPEN, control(LAMP, GET)))),
    *_of(
        31,
        (
            "writes-behind-a-text",
            "a get writes behind the buffer of a text",
            script(OPEN, control(LABEL, GET, size=TEXT)),
        ),
        ("writes-before-a-word", "a get writes before the buffer of a switch", script(OPEN, control(LAMP, GET))),
    ),
    *_of(
        32, ("crash-on-null-info", "a null pointer for the bits crashes", script(OPEN, control(LAMP, GET, info=False)))
    ),
    *_of(33, ("switch-is-stuck", "a switch stays off", script(OPEN, control(LAMP, SET, 1), control(LAMP, GET)))),
    *_of(34, ("bool-two", "a switch takes any number", script(OPEN, control(LAMP, SET, 2)))),
    *_of(
        35,
        ("range-unchecked", "a resolution of 301 is taken", script(OPEN, control(RESOLUTION, SET, 301))),
        (
            "range-corrected-in-silence",
            "values are corrected without INEXACT",
            script(OPEN, control(RESOLUTION, SET, 301)),
        ),
    ),
    *_of(
        36, ("last-entry-refused", "the last mode is refused", script(OPEN, control(MODE, SET, "Lineart", size=TEXT)))
    ),
    *_of(37, ("word-outside-of-list", "a depth that is not in the list is taken", script(OPEN, control(3, SET, 9)))),
    *_of(
        38,
        ("text-without-end", "a text fills its buffer without an end", script(OPEN, control(SERIAL, GET, size=TEXT))),
    ),
    *_of(
        39, ("inexact-lies", "with INEXACT the buffer says another value", script(OPEN, control(RESOLUTION, SET, 301)))
    ),
    *_of(
        40,
        (
            "reload-options-missing",
            "the mode switches options on and off without saying so",
            script(OPEN, control(MODE, SET, "Lineart", size=TEXT)),
        ),
    ),
    *_of(
        41,
        (
            "reload-params-missing",
            "the resolution changes the size without saying so",
            script(OPEN, control(RESOLUTION, SET, 100)),
        ),
    ),
    *_of(
        42,
        ("crash-on-bad-index", "an index that no option has crashes", script(OPEN, control(-1, GET))),
        ("unknown-action-good", "an action that is none is GOOD", script(OPEN, control(LAMP, 77))),
    ),
    *_of(43, ("default-out-of-range", "the resolution is 1000 of 300 when the device is opened", _LOOK)),
    *_of(
        44,
        ("depth-12", "the depth is 12", script(OPEN, PARAMETERS)),
        ("last-frame-2", "last_frame is 2", script(OPEN, PARAMETERS)),
    ),
    *_of(45, ("line-too-short", "a line has half the bytes of its pixels", script(OPEN, PARAMETERS))),
    *_of(46, ("read-before-start", "a read before the scan gives a byte", script(OPEN, IDLE_READ))),
    *_of(
        47,
        (
            "io-mode-any-time",
            "the mode can be set before a scan",
            script(OPEN, call("set_io_mode", non_blocking=False)),
        ),
    ),
    *_of(
        48,
        (
            "blocking-unsupported",
            "blocking mode is UNSUPPORTED",
            script(OPEN, START, call("set_io_mode", non_blocking=False)),
        ),
        ("file-is-not-open", "the file to wait for is not open", script(OPEN, START, call("get_select_fd"))),
    ),
    *_of(
        49,
        ("one-line-short", "the last line does not come", SCAN),
        ("eof-never", "data goes on for ever", SCAN),
        ("crash-in-read", "the third read crashes", script(OPEN, START, drain(100))),
        ("device-error-in-read", "half of the page, then IO_ERROR", SCAN),
    ),
    *_of(
        50,
        (
            "parameters-change-in-scan",
            "parameters have a line more after two reads",
            script(OPEN, START, drain(100, stop_after=3), PARAMETERS),
        ),
    ),
    *_of(51, ("longer-than-asked", "a read gives one byte more than asked for", script(OPEN, START, drain(100)))),
    *_of(52, ("read-writes-behind", "a read writes a byte behind its buffer", script(OPEN, START, drain(100)))),
    *_of(53, ("good-and-empty", "every fifth read is GOOD and empty", script(OPEN, START, drain(100)))),
    *_of(54, ("eof-with-length", "EOF comes with a length of 1", SCAN)),
    *_of(
        55,
        ("loses-a-byte", "reads of one byte skip one", script(OPEN, START, drain(1, 1, 4096))),
        ("leaves-buffer-unwritten", "every hundredth byte is not written", script(OPEN, START, drain(4096))),
    ),
    *_of(56, ("data-after-eof", "after EOF comes another byte", script(SCAN, IDLE_READ, IDLE_READ))),
    *_of(
        57, ("set-during-scan", "options can be set during a scan", script(OPEN, START, control(RESOLUTION, SET, 100)))
    ),
    *_of(
        58,
        ("start-twice", "a second start within a frame is GOOD", script(OPEN, START, drain(64, stop_after=1), START)),
    ),
    *_of(59, ("crash-on-idle-cancel", "a cancel without a scan aborts", script(OPEN, CANCEL))),
    *_of(
        60,
        (
            "hang-in-cancel",
            "a cancel after four reads never comes back",
            script(OPEN, START, drain(64, stop_after=5), CANCEL),
        ),
        ("data-after-cancel", "a read after a cancel is GOOD", script(OPEN, START, CANCEL, IDLE_READ)),
        (
            "remainder-after-cancel",
            "the next scan gives what the cancelled one has left",
            script(OPEN, START, drain(64, stop_after=5), CANCEL, START, drain()),
        ),
    ),
    *_of(
        61,
        ("cancel-waits-for-read", "a cancel from another thread never comes back", _RACE),
        ("thread-cancel-ignored", "a cancel from another thread does nothing", _RACE),
    ),
    *_of(62, ("cancel-leaves-busy", "after a cancel the device is busy for ever", script(OPEN, START, CANCEL, START))),
    *_of(
        63,
        ("close-leaves-scanning", "a close during a scan leaves the device busy", script(OPEN, START, CLOSE, opened())),
    ),
    *_of(
        64,
        ("feeder-ends-with-io-error", "the feeder ends with IO_ERROR", _FEED),
        ("feeder-never-ends", "the feeder has always another sheet", _FEED),
    ),
    *_of(
        65,
        (
            "last-frame-too-early",
            "the first of three frames says that it is the last",
            script(OPEN, control(MODE, SET, "Color", size=TEXT), START, PARAMETERS),
            ("three-pass",),
        ),
        (
            "green-twice",
            "the third frame is green again",
            script(OPEN, control(MODE, SET, "Color", size=TEXT), *[(START, PARAMETERS, drain())] * 3),
            ("three-pass",),
        ),
    ),
    *_of(66, ("ragged-end", "the last line is three bytes short", SCAN, ("unknown-height",))),
    *_of(
        67,
        ("jam-at-open", "opening a device that is in use gives JAMMED", script(OPEN, opened())),
        ("status-99", "a read outside of a scan gives a status that nobody knows", script(OPEN, IDLE_READ)),
    ),
    *_of(
        68,
        (
            "non-blocking-loses-bytes",
            "in non-blocking mode each read loses a byte",
            script(OPEN, START, call("set_io_mode", non_blocking=True), drain(4096)),
        ),
    ),
)
"""In the order of the requirements."""

HANGS = frozenset({"hang-in-cancel", "cancel-waits-for-read"})
"""Those that never come back."""
