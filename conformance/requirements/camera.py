"""CAM: cameras."""

from conformance.requirements import gates
from conformance.requirements.model import Profile, Requirement
from conformance.verdicts import Level

M = Level.MUST

REQUIREMENTS = (
    Requirement(
        "CAM-01",
        M,
        "The frame size and format that were negotiated are those delivered.",
        ("V4L2 set format",),
        ("stale-size",),
        gate=gates.CAMERA,
        profile=Profile.CAMERA,
        why="A frame of another size is stretched, or overruns its buffer.",
    ),
    Requirement(
        "CAM-02",
        M,
        "The first frame after a change reflects it.",
        ("MediaCapture",),
        ("old-frame-first",),
        gate=gates.CAMERA,
        profile=Profile.CAMERA,
        why="The first picture after a change of settings is the one that is kept.",
    ),
    Requirement(
        "CAM-03",
        M,
        "Dropped frames are counted, and none is delivered twice as new.",
        (
            "V4L2 sequence counter",
            "vivid drop percentage",
        ),
        ("duplicates", "uncounted-drops"),
        gate=gates.CAMERA,
        profile=Profile.CAMERA,
        why="Measurements of motion count on every frame being new.",
    ),
    Requirement(
        "CAM-04",
        M,
        "Starting and stopping a stream can be repeated.",
        ("V4L2 stream on and off",),
        ("second-start-fails",),
        gate=gates.CAMERA,
        profile=Profile.CAMERA,
        why="Preview is switched on and off with each tab.",
    ),
    Requirement(
        "CAM-05",
        M,
        "A refused permission is ACCESS_DENIED, not an empty device.",
        (
            "MediaCapture",
            "SANE access denied",
        ),
        ("black-frames",),
        gate=gates.CAMERA,
        profile=Profile.CAMERA,
        why="Black pictures send the user to the lens, when the permission is what is missing.",
    ),
)
