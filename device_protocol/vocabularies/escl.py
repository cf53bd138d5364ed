"""eSCL's names, and what they are in the contract.

Sources: Mopria eSCL 2.97 (names, units of 1/300 inch); sane-escl 3.2 to 3.6 (what clients send and expect, as recorded).
"""

from __future__ import annotations

from enum import StrEnum

from device_protocol.capabilities import Colour
from device_protocol.codes import Code

SCAN_NS = "http://schemas.hp.com/imaging/escl/2011/05/03"
PWG_NS = "http://www.pwg.org/schemas/2010/12/sm"
VERSION = "2.6"

UNITS_PER_INCH = 300
"""``ContentRegionUnits`` of ``escl:ThreeHundredthsOfInches``, the only one in use."""

MM_PER_UNIT = 25.4 / UNITS_PER_INCH

COLOR_MODES: dict[str, tuple[Colour, int]] = {
    "BlackAndWhite1": (Colour.LINEART, 1),
    "Grayscale8": (Colour.GRAY, 8),
    "RGB24": (Colour.COLOR, 8),
}
"""``scan:ColorMode``: colour and bits per sample. 16 bits exist (``Grayscale16``, ``RGB48``); no format that clients ask for first can carry them."""

PLATEN, ADF = "Platen", "Adf"

INPUT_SOURCES: dict[str, str] = {"Platen": PLATEN, "Flatbed": PLATEN, "Feeder": ADF, "Adf": ADF, "ADF": ADF}
"""``InputSource`` as clients spell it (sane-escl 3.4, 3.6)."""


class ScannerState(StrEnum):
    """``pwg:State`` of ScannerStatus."""

    IDLE = "Idle"
    PROCESSING = "Processing"
    TESTING = "Testing"
    STOPPED = "Stopped"
    DOWN = "Down"


class AdfState(StrEnum):
    """``scan:AdfState`` of ScannerStatus."""

    LOADED = "ScannerAdfLoaded"
    EMPTY = "ScannerAdfEmpty"
    JAM = "ScannerAdfJam"
    DOOR_OPEN = "ScannerAdfDoorOpen"
    HATCH_OPEN = "ScannerAdfHatchOpen"
    MULTIPICK = "ScannerAdfMultipickDetected"
    PROCESSING = "ScannerAdfProcessing"


class EsclJobState(StrEnum):
    """``pwg:JobState`` of a JobInfo."""

    PENDING = "Pending"
    PROCESSING = "Processing"
    COMPLETED = "Completed"
    CANCELED = "Canceled"
    ABORTED = "Aborted"

    @property
    def over(self) -> bool:
        """Whether the job has ended."""
        return self in {EsclJobState.COMPLETED, EsclJobState.CANCELED, EsclJobState.ABORTED}


JOB_REASONS: dict[EsclJobState, str] = {
    EsclJobState.PENDING: "JobScanning",
    EsclJobState.PROCESSING: "JobScanning",
    EsclJobState.COMPLETED: "JobCompletedSuccessfully",
    EsclJobState.CANCELED: "JobCanceledByUser",
    EsclJobState.ABORTED: "AbortedBySystem",
}
"""``pwg:JobStateReason``; escl-scanner-cli insists on the one of COMPLETED (sane-escl 3.4)."""

ADF_STATES: dict[Code, AdfState] = {
    Code.NO_MEDIA: AdfState.EMPTY,
    Code.JAM: AdfState.JAM,
    Code.COVER_OPEN: AdfState.DOOR_OPEN,
    Code.MULTIFEED: AdfState.MULTIPICK,
}
"""What the feeder's state says of a condition (sane-escl 3.3)."""

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
FORMATS = (JPEG, PNG, PDF)
