"""What eSCL scanners do differently, and what a real driver makes of it: the matrix of sane-escl 3.3 as data.

How each is done is in :mod:`simulators.escl.quirks`. They are named in a profile (``quirks`` in ``[escl]``), and at any time by the control action
``quirks``, so in scenarios too.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Sane(IntEnum):
    """How ``scanimage`` ends: the status of SANE (sane-escl 1.3)."""

    GOOD = 0
    NOT_OPENED = 1
    """Exit status of scanimage for a device that cannot be opened."""
    DEVICE_BUSY = 3
    INVAL = 4
    JAMMED = 6
    NO_DOCS = 7
    COVER_OPEN = 8
    IO_ERROR = 9


@dataclass(frozen=True, slots=True)
class QuirkRow:
    """A row of the matrix.

    Attributes:
        name: as profiles, scenarios and the control name it.
        served: what is different.
        sane: how a scan by sane-airscan 0.99.27 ends.
        pages: how many pages it has then; of a feeder that holds three sheets, scanned with ``--batch``.
        feeder: whether that is a scan from the feeder.
        seconds: how long the driver goes on trying, where that is long.
        source: who says so.
    """

    name: str
    served: str
    sane: Sane = Sane.GOOD
    pages: int = 1
    feeder: bool = False
    seconds: float = 0.0
    source: str = "sane-escl 3.3"


def _bad(name: str, served: str, sane: Sane, seconds: float = 0.0) -> QuirkRow:
    return QuirkRow(name, served, sane, 0, seconds=seconds)


def _feeder(name: str, served: str, sane: Sane = Sane.GOOD, pages: int = 3, seconds: float = 0.0) -> QuirkRow:
    return QuirkRow(name, served, sane, pages, feeder=True, seconds=seconds)


QUIRKS: tuple[QuirkRow, ...] = (
    QuirkRow("http-1.0", "answers are HTTP/1.0"),
    QuirkRow("no-content-length", "answers have no length, the connection is closed after each"),
    QuirkRow("chunked", "answers come in chunks"),
    QuirkRow("without-make-and-model", "capabilities without `MakeAndModel`"),
    QuirkRow("without-version", "capabilities without `Version`"),
    QuirkRow("without-intents", "capabilities without `SupportedIntents`"),
    QuirkRow("without-least-size", "capabilities without `MinWidth` and `MinHeight`"),
    QuirkRow("without-format-ext", "capabilities without `DocumentFormatExt`"),
    QuirkRow("page-octet-stream", "pages have the type `application/octet-stream`"),
    QuirkRow("location-path", "`Location` is a path"),
    QuirkRow("location-slash", "`Location` ends with a slash"),
    QuirkRow("location-bare", "`Location` is `ScanJobs/...` without a root"),
    _bad("location-other-host", "`Location` names a host that does not exist", Sane.IO_ERROR),
    _bad("location-empty", "`Location` is empty", Sane.IO_ERROR),
    _bad("post-200", "a job is accepted with 200 instead of 201, and the state stays `Idle`", Sane.IO_ERROR),
    _bad("post-400", "every job is answered 400", Sane.IO_ERROR),
    _bad("post-401", "every job is answered 401", Sane.IO_ERROR),
    _bad("post-409", "every job is answered 409", Sane.IO_ERROR),
    _bad("post-503", "every job is answered 503, while the state is `Idle`", Sane.DEVICE_BUSY, 10.0),
    QuirkRow("post-503-twice", "a job is answered 503 twice, then accepted"),
    _bad("next-503", "pages are never ready: 503, with `Retry-After`", Sane.DEVICE_BUSY, 30.0),
    QuirkRow("next-503-twice", "each job's first page is answered 503 twice"),
    _feeder("empty-post-409", "the feeder is empty: 409", Sane.NO_DOCS, 0),
    _feeder("empty-post-503", "the feeder is empty: 503", Sane.NO_DOCS, 0),
    _feeder("empty-late", "the feeder is empty: the job is accepted, its first page is 404", Sane.GOOD, 0),
    _feeder("end-404-loaded", "after the last page: 404, while the feeder seems to be loaded"),
    _feeder("end-404-processing", "after the last page: 404, while the feeder seems to be at work"),
    _feeder("end-410", "after the last page: 410"),
    _feeder("end-500", "after the last page: 500"),
    _feeder("end-410-loaded", "after the last page: 410, while the feeder seems to be loaded", Sane.IO_ERROR),
    _feeder("end-500-loaded", "after the last page: 500, while the feeder seems to be loaded", Sane.IO_ERROR),
    _feeder("end-503", "after the last page: 503", seconds=30.0),
    _feeder("jam-404", "a jam at the second page: 404", Sane.JAMMED, 1),
    _feeder("jam-500", "a jam at the second page: 500", Sane.JAMMED, 1),
    _feeder("door-open-500", "the feeder's door opens at the second page: 500", Sane.COVER_OPEN, 1),
    _feeder("hatch-open-500", "the feeder's hatch opens at the second page: 500", Sane.IO_ERROR, 1),
    _feeder("multipick-500", "two sheets at once at the second page: 500", Sane.IO_ERROR, 1),
    QuirkRow("state-processing", "the state is always `Processing`"),
    QuirkRow("state-stopped", "the state is always `Stopped`"),
    QuirkRow("state-down", "the state is always `Down`"),
    _bad("page-truncated", "the connection breaks in the middle of a page", Sane.IO_ERROR),
    _bad("page-garbage", "a page is no picture", Sane.IO_ERROR),
    _bad("page-empty", "a page has no bytes", Sane.IO_ERROR),
    _bad("page-dropped", "the connection breaks before a page", Sane.IO_ERROR),
    QuirkRow("page-wider", "pages are 100 pixels wider than asked for"),
    QuirkRow("page-narrower", "pages are 100 pixels narrower than asked for"),
    QuirkRow("page-taller", "pages are 100 pixels taller than asked for"),
    QuirkRow("page-shorter", "pages are 100 pixels shorter than asked for"),
    QuirkRow("only-jpeg", "JPEG is the only format"),
    _bad("only-tiff", "TIFF is the only format", Sane.NOT_OPENED),
    _bad("only-pdf", "PDF is the only format", Sane.NOT_OPENED),
    _bad("only-black-and-white", "`BlackAndWhite1` is the only colour mode", Sane.NOT_OPENED),
    QuirkRow("only-gray", "`Grayscale8` is the only colour mode"),
    _bad("without-color-modes", "capabilities without `ColorModes`", Sane.NOT_OPENED),
    _bad("without-formats", "capabilities without `DocumentFormats`", Sane.NOT_OPENED),
    _bad("without-resolutions", "capabilities without `SupportedResolutions`", Sane.NOT_OPENED),
    _bad("without-sources", "capabilities with neither `Platen` nor `Adf`", Sane.NOT_OPENED),
    _bad("without-most-size", "capabilities without `MaxWidth` and `MaxHeight`", Sane.INVAL),
    _bad("range-xy", "resolutions as a range of `XResolution` and `YResolution`", Sane.NOT_OPENED),
    _bad("range-x-range", "resolutions as a range of `XResolutionRange` and `YResolutionRange`", Sane.INVAL),
)
"""Every row that is something of the door; rows that are something of the machine (PNG, duplex, an empty feeder that says so) are profiles, and names
of models are the profiles called ``network-...``."""

NAMES = tuple(row.name for row in QUIRKS)
