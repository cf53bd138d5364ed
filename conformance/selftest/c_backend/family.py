"""Legal but odd: habits of ``zoo.c`` that keep every clause of the standard. The suite must not say a word about them."""

from __future__ import annotations

HABITS: dict[str, str] = {
    "three-pass": "colour comes as three frames",
    "unknown-height": "a hand scanner: lines is -1",
    "padded-lines": "lines have bytes behind their pixels",
    "sixteen-bits": "depths 8 and 16 in the list",
    "small-strips": "a read never gives more than 977 bytes",
    "estimates": "parameters before a scan are estimates that change",
    "nameless-groups": "groups have a null pointer for a name",
    "strict-ranges": "values outside of ranges are refused rather than corrected",
    "blocking-only": "there is neither a non-blocking mode nor a file to wait for",
    "two-handles": "a device can be opened twice",
}
"""Name for ZOO_VARIANT -> what is odd."""

FAMILY: tuple[tuple[str, ...], ...] = (
    (),
    ("three-pass", "two-handles"),
    ("unknown-height", "nameless-groups"),
    ("padded-lines", "sixteen-bits", "small-strips"),
    ("estimates", "strict-ranges", "blocking-only"),
)
"""The back ends that are judged every day: each habit is in one of them."""
