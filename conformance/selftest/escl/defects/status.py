"""Defects of ScannerStatus (ESCL-24 to ESCL-33)."""

from __future__ import annotations

from conformance.selftest.escl.build import Changes
from conformance.selftest.escl.defects.defect import Defect, defect
from conformance.selftest.escl.edits import lacking, merged, swapped, texts
from conformance.selftest.escl.proof import DELETE, FEED, NEXT, STATUS, Step, act, post, wait
from simulators.escl.points import Moment, Point
from simulators.escl.quirks import CHANGES

OTHER = "6f1d2c5e-3b58-5d0f-9c76-6d3a9f2f1e21"
COUNTED = 3


def _down(text: str, _moment: Moment) -> str:
    """Five, four, three: right at the end alone."""
    number = int(text)
    return str(2 * COUNTED - number) if number else text


def _seen(name: str, requirement: str, what: str, changes: Changes, *proof: Step) -> Defect:
    return defect(name, requirement, what, *(proof or (STATUS,)), changes=changes)


DEFECTS = (
    _seen("state-is-ready", "ESCL-24", "says Ready for Idle", texts("pwg:State", swapped(Idle="Ready"))),
    _seen("post-503", "ESCL-25", "says Idle, and 503 to every job", CHANGES["post-503"], post()),
    _seen("post-409", "ESCL-25", "says Idle, and 409 to every job", CHANGES["post-409"], post()),
    _seen("post-401", "ESCL-25", "says Idle, and 401 to every job", CHANGES["post-401"], post()),
    _seen(
        "idle-while-pages-remain",
        "ESCL-26",
        "says Idle while pages wait for their client",
        texts("pwg:State", swapped(Processing="Idle")),
        post(),
        STATUS,
    ),
    _seen("state-processing", "ESCL-27", "says Processing for ever", CHANGES["state-processing"]),
    _seen("state-stopped", "ESCL-27", "says Stopped, and scans", CHANGES["state-stopped"]),
    _seen("state-down", "ESCL-27", "says Down, and scans", CHANGES["state-down"]),
    _seen("without-adf-state", "ESCL-28", "does not say AdfState", lacking("scan:AdfState", point=Point.STATUS)),
    _seen("adf-state-is-full", "ESCL-28", "says ScannerAdfFull", texts("scan:AdfState", "ScannerAdfFull")),
    _seen("lists-no-jobs", "ESCL-29", "lists no jobs", lacking("scan:Jobs", point=Point.STATUS), post(), STATUS),
    _seen(
        "job-uri-is-another",
        "ESCL-29",
        "lists jobs by another path than that of their Location",
        texts("pwg:JobUri", lambda text, _: text.replace("ScanJobs", "Jobs")),
        post(),
        STATUS,
    ),
    _seen(
        "job-uuid-is-another",
        "ESCL-30",
        "lists jobs by a UUID that is not in their Location",
        texts("pwg:JobUuid", f"urn:uuid:{OTHER}"),
        post(),
        STATUS,
    ),
    _seen(
        "reason-is-fine",
        "ESCL-31",
        "gives Fine as the reason of a job's state",
        texts("pwg:JobStateReason", "Fine"),
        post(),
        STATUS,
    ),
    _seen(
        "completed-is-aborted",
        "ESCL-31",
        "calls a job Aborted of which all pages were fetched",
        texts("pwg:JobState", swapped(Completed="Aborted")),
        post(),
        NEXT,
        STATUS,
    ),
    _seen(
        "canceled-is-completed",
        "ESCL-31",
        "calls a deleted job Completed",
        merged([texts("pwg:JobState", swapped(Canceled="Completed"))]),
        post(),
        DELETE,
        STATUS,
    ),
    _seen("counts-nothing", "ESCL-32", "counts no images", texts("pwg:ImagesCompleted", "0"), post(), NEXT, STATUS),
    _seen(
        "counts-down",
        "ESCL-32",
        "counts images down",
        texts("pwg:ImagesCompleted", _down),
        act("load", COUNTED),
        post(FEED),
        NEXT,
        STATUS,
    ),
    _seen("age-stands-still", "ESCL-33", "says the same age for ever", texts("scan:Age", "7"), post(), STATUS),
    _seen(
        "age-in-words", "ESCL-33", "says new for the age of a job", texts("scan:Age", "new"), post(), wait(3), STATUS
    ),
)
