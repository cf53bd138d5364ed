"""Defects of sequences: for each invariant a machine that nothing else sees, neither the model's judgement of a command nor another invariant.

Most of them show for one look only: the first answer after something has happened is wrong, and being asked mends it. The checks ask at moments of their
own, so these defects are not among those that a check has to kill.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from conformance.programs import Command, Do, Program
from conformance.selftest.build import LEGAL, Build
from conformance.selftest.defects.defect import (
    CANCEL,
    CLOSE,
    HEAR,
    LISTEN,
    NEXT,
    OPEN,
    OPTIONS,
    PAGE,
    PARAMS,
    READ_ALL,
    STATUS,
    Defect,
    act,
    defect,
    get,
    put,
    read,
    start,
    steps,
)
from conformance.selftest.defects.sequence_machines import (
    BeyondTheEnd,
    CanceledEarly,
    ComesBack,
    CountsSheets,
    FallsWhenDone,
    GhostJob,
    Gossip,
    HotOption,
    LateSensor,
    Leftover,
    LooksOnce,
    MixesSensors,
    Narrower,
    NeverHushed,
    NoParams,
    OddDefault,
    OldError,
    OtherValue,
    Overtakes,
    PendingAgain,
    PredictsBytes,
    Renumbers,
    RepeatedChoice,
    StaleState,
    StandsWhileScanning,
    Stutters,
    TakesPaperOut,
    Twice,
    WiderRows,
)
from device_protocol import (
    SourceKind,
)
from device_protocol.options import RESOLUTION, SOURCE


@dataclass(frozen=True)
class Seeded:
    """A defect, and the one invariant that sees it."""

    invariant: str
    defect: Defect


SLOW = replace(LEGAL, profile=replace(LEGAL.profile, cancel_s=1.5))
DUPLEX = next(source.name for source in LEGAL.profile.caps.sources if source.kind is SourceKind.FEEDER_DUPLEX)


def _seeded(invariant: str, requirement: str, what: str, proof: Program, base: Build = LEGAL, **parts: Any) -> Seeded:
    return Seeded(invariant, defect(f"seen-by-{invariant}", requirement, what, proof, base, **parts))


SEEDED: tuple[Seeded, ...] = (
    _seeded(
        "reads-are-answered",
        "CAPS-10",
        "cannot predict anything when a page has just begun",
        steps(OPEN, start(), NEXT, PARAMS),
        session=NoParams,
    ),
    _seeded(
        "one-session",
        "LIFE-02",
        "answers once on a closed session when the next is open",
        steps(OPEN, CLOSE, OPEN, Command(Do.STATUS, age=1)),
        session=ComesBack,
    ),
    _seeded(
        "state-agrees",
        "STAT-01",
        "tells of a transfer for one look after the page was ended",
        steps(OPEN, start(), PAGE, STATUS),
        session=StaleState,
    ),
    _seeded(
        "no-job-without-start",
        "LIFE-01",
        "tells of a job right after open",
        steps(OPEN, STATUS),
        session=GhostJob,
    ),
    _seeded(
        "job-agrees",
        "STAT-02",
        "has a pending job for one look after a page",
        steps(OPEN, start(), PAGE, STATUS),
        session=PendingAgain,
    ),
    _seeded(
        "terminal-stays",
        "STAT-02",
        "has a canceled job that is cancelled again",
        steps(OPEN, start(), NEXT, CANCEL, STATUS, STATUS),
        SLOW,
        job=CanceledEarly,
    ),
    _seeded(
        "error-of-the-job",
        "ERR-06",
        "carries the error of the job before in the one that runs",
        steps(OPEN, start(), CANCEL, start(), STATUS),
        job=OldError,
    ),
    _seeded(
        "revision-never-falls",
        "STAT-04",
        "has a lower revision after each job",
        steps(OPEN, STATUS, start(), PAGE, NEXT, STATUS),
        session=FallsWhenDone,
    ),
    _seeded(
        "revision-counts-changes",
        "STAT-04",
        "has one revision for a whole job",
        steps(OPEN, start(), STATUS, NEXT, STATUS),
        session=StandsWhileScanning,
    ),
    _seeded(
        "progress-grows",
        "STAT-05",
        "goes on beyond the end",
        steps(OPEN, start(), NEXT, READ_ALL, STATUS),
        page=BeyondTheEnd,
    ),
    _seeded(
        "pages-are-counted",
        "PAGE-01",
        "counts sheets for pages",
        steps(OPEN, start(DUPLEX), PAGE, PAGE, STATUS),
        job=CountsSheets,
    ),
    _seeded(
        "options-stay",
        "CAPS-01",
        "has one more option for one look after a page",
        steps(OPEN, start(), PAGE, OPTIONS),
        session=HotOption,
    ),
    _seeded(
        "names-are-sound",
        "CAPS-02",
        "lists an option twice with the feeder",
        steps(OPEN, put(SOURCE, "Feeder"), OPTIONS),
        store=Twice,
    ),
    _seeded(
        "constraints-are-sound",
        "CAPS-05",
        "repeats a choice with the feeder",
        steps(OPEN, put(SOURCE, "Feeder"), OPTIONS),
        store=RepeatedChoice,
    ),
    _seeded(
        "defaults-are-legal",
        "CAPS-04",
        "declares a default of the wrong type with the feeder",
        steps(OPEN, put(SOURCE, "Feeder"), OPTIONS),
        store=OddDefault,
    ),
    _seeded(
        "values-stay",
        "CAPS-09",
        "has another resolution for one look after a page",
        steps(OPEN, start(), PAGE, get(RESOLUTION)),
        session=OtherValue,
    ),
    _seeded(
        "values-are-legal",
        "CAPS-04",
        "keeps a value that the narrower choice of the feeder excludes",
        steps(OPEN, put(SOURCE, "Feeder"), OPTIONS),
        store=Narrower,
    ),
    _seeded(
        "prediction-stays",
        "SET-07",
        "predicts wider rows for one look after a job",
        steps(OPEN, start(), CANCEL, PARAMS),
        session=WiderRows,
    ),
    _seeded(
        "prediction-agrees",
        "SCAN-09",
        "predicts 8 bits for 16",
        steps(OPEN, put("depth", 16), PARAMS),
        store=PredictsBytes,
    ),
    _seeded(
        "feeder-is-true",
        "PAGE-07",
        "still sees paper for one look after it was taken out",
        steps(act("unload"), OPEN, STATUS),
        machine=LateSensor,
        control=TakesPaperOut,
        session=LooksOnce,
    ),
    _seeded(
        "conditions-stand",
        "ERR-06",
        "tells of an open cover when the hopper is empty",
        steps(act("unload"), OPEN, STATUS),
        session=MixesSensors,
    ),
    _seeded(
        "pages-keep-their-word",
        "SCAN-07",
        "renumbers a page when the next begins",
        steps(OPEN, start("Feeder"), PAGE, PAGE, Command(Do.INFO, age=1)),
        page=Renumbers,
    ),
    _seeded(
        "nothing-after-cancel",
        "CANC-02",
        "gives a byte after cancel",
        steps(OPEN, start(), NEXT, CANCEL, read(1)),
        page=Leftover,
    ),
    _seeded(
        "events-in-order",
        "STAT-03",
        "tells of events out of order",
        steps(OPEN, LISTEN, start(), NEXT, HEAR),
        session=Overtakes,
    ),
    _seeded(
        "events-come-once",
        "STAT-03",
        "tells of each event twice",
        steps(OPEN, LISTEN, start(), HEAR),
        session=Stutters,
    ),
    _seeded(
        "no-event-after-close",
        "STAT-03",
        "tells a closed session of the next one",
        steps(OPEN, LISTEN, start(), HEAR, CLOSE, OPEN, start(), Command(Do.HEAR, age=1)),
        machine=Gossip,
        session=NeverHushed,
    ),
)
"""One for each invariant, by its name."""
