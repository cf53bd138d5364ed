"""The kinds of faults, as data: the calls at which each can strike, what it needs of a machine, and what a client sees of it."""

from __future__ import annotations

from dataclasses import dataclass

from device_protocol import Code, Fault, FaultKind

OPEN, START, NEXT_PAGE, READ = "open", "start", "next_page", "read"
ALL_VERBS = (OPEN, START, NEXT_PAGE, READ)


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What holds for a kind.

    Attributes:
        verbs: the calls during which it can strike.
        natural: the one at which it strikes if a scenario does not say; empty: the feeding of the sheet, or reading if it says how far.
        codes: those that calls end with while it stands; empty: none.
        sees: what a client sees, in a sentence.
        lasts: whether ``seconds`` has a meaning.
        feeds: whether it needs a feeder.
        flaws: whether it is a property of the page, and no moment within it.
        camera: whether it needs a camera (True) or something to scan (False); None: either will do.
    """

    verbs: tuple[str, ...]
    natural: str
    codes: frozenset[Code]
    sees: str
    lasts: bool = False
    feeds: bool = False
    flaws: bool = False
    camera: bool | None = None


KINDS: dict[FaultKind, KindFacts] = {
    FaultKind.EMPTY: KindFacts(
        (OPEN, START, NEXT_PAGE),
        START,
        frozenset({Code.NO_MEDIA}),
        "The hopper is empty: NO_MEDIA before the first page, the end of the pages after that.",
        feeds=True,
    ),
    FaultKind.JAM: KindFacts(
        ALL_VERBS,
        "",
        frozenset({Code.JAM}),
        "JAM, and again at each start until somebody clears it. At open the session opens and the jam stands.",
        feeds=True,
    ),
    FaultKind.MULTIFEED: KindFacts(
        (NEXT_PAGE,),
        NEXT_PAGE,
        frozenset({Code.MULTIFEED}),
        "MULTIFEED, both sheets are put out; with the option `multifeed` at mark or ignore, pages that show both. Needs two sheets.",
        feeds=True,
    ),
    FaultKind.COVER_OPEN: KindFacts(
        ALL_VERBS,
        "",
        frozenset({Code.COVER_OPEN}),
        "COVER_OPEN, and again at each start until somebody closes it or `seconds` have passed. At open the session opens.",
        lasts=True,
    ),
    FaultKind.BUSY: KindFacts(
        (OPEN, START), OPEN, frozenset({Code.BUSY}), "BUSY; for `seconds`, or that once.", lasts=True
    ),
    FaultKind.UNPLUGGED: KindFacts(
        ALL_VERBS,
        "",
        frozenset({Code.DEVICE_LOST, Code.NOT_FOUND}),
        "DEVICE_LOST; the device is gone from the list, and NOT_FOUND at open, until it is plugged in or `seconds` have passed.",
        lasts=True,
    ),
    FaultKind.SLOW: KindFacts(
        ALL_VERBS,
        READ,
        frozenset(),
        "The call takes `seconds` longer; at read, the whole page.",
        lasts=True,
        flaws=True,
    ),
    FaultKind.HANG: KindFacts(
        ALL_VERBS,
        "",
        frozenset(),
        "The call does not answer for `seconds`, or for ever; the host's deadline ends the worker then, with TIMED_OUT.",
        lasts=True,
    ),
    FaultKind.CRASH: KindFacts(ALL_VERBS, "", frozenset(), "The driver's process dies; the host makes INTERNAL of it."),
    FaultKind.TRUNCATED: KindFacts(
        (READ,), READ, frozenset({Code.TRANSFER_BROKEN}), "The transfer breaks off within the page: TRANSFER_BROKEN."
    ),
    FaultKind.CANCELLED: KindFacts(
        (START, NEXT_PAGE), START, frozenset({Code.CANCELLED}), "CANCELLED, as if somebody had pressed the button."
    ),
    FaultKind.ERROR: KindFacts(
        ALL_VERBS,
        "",
        frozenset(),
        "The `code`, with the `message`; for `seconds`, or that once. Nothing happens to paper or covers.",
        lasts=True,
    ),
    FaultKind.CORRUPTED: KindFacts(
        (READ,),
        READ,
        frozenset(),
        "The page arrives whole, and a band of it has wrong bytes. No error.",
        flaws=True,
        camera=False,
    ),
    FaultKind.HALF_RESOLUTION: KindFacts(
        (READ,),
        READ,
        frozenset(),
        "The page claims its resolution and has half as many pixels. No error.",
        flaws=True,
        camera=False,
    ),
    FaultKind.DROPPED: KindFacts(
        (NEXT_PAGE,), NEXT_PAGE, frozenset(), "A frame never comes; it is counted as dropped. No error.", camera=True
    ),
    FaultKind.REPEATED: KindFacts(
        (NEXT_PAGE,), NEXT_PAGE, frozenset(), "A frame shows the picture of the one before. No error.", camera=True
    ),
    FaultKind.TORN: KindFacts(
        (READ,),
        READ,
        frozenset(),
        "The upper part of a frame, down to `at`, is that of the one before. No error.",
        flaws=True,
        camera=True,
    ),
    FaultKind.FROZEN: KindFacts(
        (NEXT_PAGE,),
        NEXT_PAGE,
        frozenset(),
        "Frames go on and show the same picture for `seconds`. No error.",
        lasts=True,
        camera=True,
    ),
}

FEEDING = frozenset(kind for kind, facts in KINDS.items() if facts.feeds)
"""Faults of the feeder: they strike when a sheet is picked."""

FLAWS = frozenset(kind for kind, facts in KINDS.items() if facts.flaws)
"""At reading, these are decided when the page comes to the scan bar."""

OF_CAMERAS = frozenset(kind for kind, facts in KINDS.items() if facts.camera)
"""Faults of a sensor's frames."""

OF_PAGES = frozenset(kind for kind, facts in KINDS.items() if facts.camera is False)
"""Faults of what was scanned; a frame cannot have them."""

ERROR_VERBS: dict[Code, tuple[str, ...]] = {
    #                      the natural one first
    Code.NOT_FOUND: (OPEN,),
    Code.BUSY: (OPEN, START),
    Code.ACCESS_DENIED: (OPEN, START),
    Code.LOCKED: (OPEN, START),
    Code.UNSUPPORTED: (START, OPEN),
    Code.INVALID_VALUE: (START,),
    Code.NO_MEDIA: (START, NEXT_PAGE),
    Code.JAM: (NEXT_PAGE, START, READ),
    Code.MULTIFEED: (NEXT_PAGE, READ),
    Code.COVER_OPEN: (NEXT_PAGE, START, READ),
    Code.DAMAGED_SHEET: (NEXT_PAGE, READ),
    Code.WARMING_UP: (START, OPEN),
    Code.CANCELLED: (START, NEXT_PAGE, READ),
    Code.TRANSFER_BROKEN: (READ, NEXT_PAGE, START, OPEN),
    Code.DEVICE_LOST: (NEXT_PAGE, OPEN, START, READ),
    Code.NO_MEMORY: (START, OPEN, NEXT_PAGE, READ),
    Code.TIMED_OUT: (NEXT_PAGE, OPEN, START, READ),
    Code.INTERNAL: (NEXT_PAGE, OPEN, START, READ),
    Code.OTHER: (NEXT_PAGE, OPEN, START, READ),
}
"""The codes that a device can end a call with, and at which calls. WRONG_STATE and CLOSED are the state table's own and no fault of a device."""

OF_FEEDER = frozenset({Code.NO_MEDIA, Code.JAM, Code.MULTIFEED, Code.DAMAGED_SHEET})
"""Codes that only a machine with a feeder has."""

HALFWAY = 0.5


def verbs_of(fault: Fault) -> tuple[str, ...]:
    """The calls during which *fault* can strike, whichever it says."""
    return ERROR_VERBS[code_of(fault)] if fault.kind is FaultKind.ERROR else KINDS[fault.kind].verbs


def code_of(fault: Fault) -> Code:
    """The code of an ERROR."""
    return fault.code or Code.OTHER


def codes_of(fault: Fault) -> frozenset[Code]:
    """The codes that calls end with because of *fault*."""
    return frozenset({code_of(fault)}) if fault.kind is FaultKind.ERROR else KINDS[fault.kind].codes


def moment_of(fault: Fault) -> str:
    """The verb at which *fault* strikes."""
    if fault.verb:
        return fault.verb
    later = (fault.sheet or 1) > 1 or (fault.page or 1) > 1
    if fault.kind is FaultKind.EMPTY and later:
        return NEXT_PAGE
    within = fault.at > 0 or fault.byte is not None
    if fault.kind is FaultKind.ERROR:
        verbs = verbs_of(fault)
        wanted = READ if within else NEXT_PAGE if later else verbs[0]
        return wanted if wanted in verbs else verbs[0]
    return KINDS[fault.kind].natural or (READ if within else NEXT_PAGE)


def point_of(fault: Fault) -> float:
    """How far through its page a fault at READ strikes; a transfer that breaks off before it began is no transfer."""
    halfway = fault.kind in {FaultKind.TRUNCATED, FaultKind.CORRUPTED} and fault.at == 0 and fault.byte is None
    return HALFWAY if halfway else fault.at
