"""Requirements on SANE back ends: how scans end, and what each call may say."""

from conformance.requirements.sane.gates import FEEDER
from conformance.requirements.sane.row import row
from conformance.verdicts import Level

M = Level.MUST

REQUIREMENTS = (
    row(
        59,
        M,
        "4.3.11",
        "sane_cancel outside of a scan does nothing: before the first, twice, and after EOF.",
        "The standard's own code flow ends each scan with it, whatever happened.",
        "crash-on-idle-cancel",
    ),
    row(
        60,
        M,
        "4.3.11; 4.4",
        "sane_cancel comes back after any number of reads, no data comes after it, and the next scan is whole.",
        "Users cancel whenever they like; a scanner that then needs its plug pulled is remembered.",
        "hang-in-cancel",
        "data-after-cancel",
        "remainder-after-cancel",
    ),
    row(
        61,
        M,
        "4.3.11",
        "sane_cancel from another thread ends a read that is under way, and the next scan is whole.",
        "It is the only call that the standard allows at any time, and what a cancel button does.",
        "cancel-waits-for-read",
        "thread-cancel-ignored",
    ),
    row(
        62,
        M,
        "4.3.11; 4.4",
        "After sane_cancel options can be set, and the device can be closed and opened again.",
        "Otherwise one cancelled job blocks the scanner until the service is restarted.",
        "cancel-leaves-busy",
    ),
    row(
        63,
        M,
        "4.3.5",
        "sane_close during a scan ends it, and the device can be used again.",
        "A client that crashes closes without cancelling.",
        "close-leaves-scanning",
    ),
    row(
        64,
        M,
        "4.3.9; 4.2.7",
        "A feeder gives its sheets, and at their end NO_DOCS: no other error, and no page that nobody put in.",
        "It is how every front end knows that the stack is through.",
        "feeder-ends-with-io-error",
        "feeder-never-ends",
        gate=FEEDER,
    ),
    row(
        65,
        M,
        "4.3.8",
        "An image of several frames has each colour once, in frames of one size, and last_frame with the last one only.",
        "Front ends merge the frames by exactly that.",
        "last-frame-too-early",
        "green-twice",
    ),
    row(
        66,
        M,
        "4.3.8; 4.5",
        "A frame whose height is not known has whole lines, and ends.",
        "Front ends grow the picture line by line.",
        "ragged-end",
    ),
    row(
        67,
        M,
        "4.2.7; 4.3",
        "Each call gives a status that the standard knows, and only one that this call can give.",
        "An error that a front end does not know, or does not expect here, is told to the user as something else.",
        "jam-at-open",
        "status-99",
    ),
    row(
        68,
        M,
        "4.3.12; 4.3.10",
        "In non-blocking mode the frame has the same bytes.",
        "It is the mode in which event loops scan.",
        "non-blocking-loses-bytes",
    ),
)
