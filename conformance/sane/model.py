"""What a back end says, as values: descriptors, parameters, answers to control calls, frames. Plain data from the worker, typed here."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from device_protocol.vocabularies.sane_abi import (
    WORD_SIZE,
    Cap,
    ConstraintType,
    Parameters,
    Status,
    ValueType,
    status_name,
)

CHANNELS = {0: 1, 1: 3, 2: 1, 3: 1, 4: 1}
"""Samples of a pixel by frame format (4.3.8)."""
WORDS = frozenset({ValueType.BOOL, ValueType.INT, ValueType.FIXED})


@dataclass(frozen=True, slots=True)
class Device:
    """An entry of the device list; None where the pointer is NULL."""

    name: str | None
    vendor: str | None
    model: str | None
    type: str | None


@dataclass(frozen=True, slots=True)
class Constraint:
    """The constraint of an option; ``null`` where the pointer that its kind needs is NULL."""

    kind: int
    null: bool = False
    range: tuple[int, int, int] | None = None
    count: int = 0
    words: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """A descriptor, with the address it was at."""

    index: int
    address: int
    name: str | None
    title: str | None
    desc: str | None
    type: int
    unit: int
    size: int
    cap: int
    constraint: Constraint

    @property
    def label(self) -> str:
        """For people."""
        return f"option {self.index} ({self.name or self.title or 'no name'})"

    @property
    def group(self) -> bool:
        """Whether it is only a heading."""
        return self.type == ValueType.GROUP

    @property
    def active(self) -> bool:
        """4.2.9.7."""
        return not self.cap & Cap.INACTIVE

    @property
    def readable(self) -> bool:
        """Whether a get must work: active, and software can detect it."""
        return bool(self.active and self.cap & Cap.SOFT_DETECT and not self.group and self.type != ValueType.BUTTON)

    @property
    def settable(self) -> bool:
        """Whether a set must work: active, and software can select it."""
        return bool(self.active and self.cap & Cap.SOFT_SELECT and not self.group)

    @property
    def automatic(self) -> bool:
        """Whether the back end can choose a value."""
        return bool(self.settable and self.cap & Cap.AUTOMATIC)

    @property
    def has_words(self) -> bool:
        """Whether its value is words."""
        return self.type in WORDS

    def words(self, data: bytes) -> tuple[int, ...]:
        """The words in a value."""
        return tuple(
            int.from_bytes(data[at : at + WORD_SIZE], sys.byteorder, signed=True)
            for at in range(0, len(data), WORD_SIZE)
        )

    def text(self, data: bytes) -> str:
        """The text in a value, up to its end."""
        return data.partition(b"\0")[0].decode("latin-1")

    def shown(self, data: bytes) -> str:
        """A value for people."""
        if self.type == ValueType.STRING:
            return repr(self.text(data))
        words = self.words(data)
        return str(words[0]) if len(words) == 1 else f"[{', '.join(map(str, words[:4]))}{', ...' * (len(words) > 4)}]"

    def from_word(self, word: int) -> bytes:
        """A value with *word* in every place."""
        return pack(word) * (self.size // WORD_SIZE)

    def from_text(self, text: str) -> bytes:
        """A value with *text*, of the option's size."""
        return text.encode("latin-1")[: self.size - 1].ljust(self.size, b"\0")

    def allows(self, data: bytes) -> bool:
        """Whether a value is within the constraint; of a quantum, only from a quarter of it."""
        constraint = self.constraint
        if self.type == ValueType.BOOL:
            return all(word in (0, 1) for word in self.words(data))
        if constraint.kind == ConstraintType.RANGE and constraint.range is not None:
            low, high, _ = constraint.range
            return all(low <= word <= high for word in self.words(data))
        if constraint.kind == ConstraintType.WORD_LIST:
            return set(self.words(data)) <= set(constraint.words)
        if constraint.kind == ConstraintType.STRING_LIST:
            return self.text(data) in constraint.texts
        return True

    def without_address(self) -> Option:
        """What it says, wherever it stands."""
        return replace(self, address=0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a control call gave.

    Attributes:
        status: of the call.
        value: the buffer afterwards; empty if there was none.
        info: the information bits.
        hurt: damage to guard words, in words.
    """

    status: int
    value: bytes
    info: int
    hurt: str

    @property
    def good(self) -> bool:
        """Whether it was GOOD."""
        return self.status == Status.GOOD

    @property
    def name(self) -> str:
        """Of the status."""
        return status_name(self.status)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All descriptors, and the values that could be read, by index."""

    options: tuple[Option, ...]
    values: Mapping[int, bytes]

    def differences(self, other: Snapshot, but: int) -> list[str]:
        """What another one says otherwise, except of the option *but*."""
        found = []
        for old, new in zip(self.options, other.options, strict=False):
            if old.index == but:
                continue
            if old.without_address() != new.without_address():
                found.append(f"the descriptor of {old.label}")
            elif self.values.get(old.index) != other.values.get(old.index):
                found.append(f"the value of {old.label}")
        if len(self.options) != len(other.options):
            found.append("the number of options")
        return found


@dataclass(frozen=True, slots=True)
class Frame:
    """What reads of a frame gave; see ``worker.reading``."""

    reads: int
    total: int
    status: int
    length: int
    surplus: int
    empty: int
    hurt: str
    sha: str
    ended: str
    unset: int = 0
    late: int = 0
    cancel_s: float | None = None

    @property
    def name(self) -> str:
        """Of the last status."""
        return status_name(self.status)

    @property
    def whole(self) -> bool:
        """Whether it ended as a frame ends."""
        return self.ended == "status" and self.status == Status.EOF


def pack(word: int) -> bytes:
    """A word as the back end finds it."""
    return word.to_bytes(WORD_SIZE, sys.byteorder, signed=True)


def option_from(data: Mapping[str, Any]) -> Option:
    """A descriptor of the worker."""
    raw = data["constraint"]
    limits: Sequence[int] | None = raw.get("range")
    constraint = Constraint(
        raw["kind"],
        raw["null"],
        (limits[0], limits[1], limits[2]) if limits is not None else None,
        raw.get("count", 0),
        tuple(raw.get("words", ())),
        tuple(raw.get("texts", ())),
    )
    return Option(**{**data, "constraint": constraint})


def described(parameters: Parameters) -> str:
    """Parameters for people."""
    size = f"{parameters.pixels_per_line} x {parameters.lines} pixels"
    last = "" if parameters.last_frame else ", not the last frame"
    return f"{size}, format {parameters.format}, depth {parameters.depth}, lines of {parameters.bytes_per_line} bytes{last}"


def expected_bytes(parameters: Parameters) -> int | None:
    """Bytes of a frame; None when its height is not known."""
    return None if parameters.lines < 0 else parameters.bytes_per_line * parameters.lines


def least_line(parameters: Parameters) -> int:
    """Bytes that the pixels of a line need."""
    samples = parameters.pixels_per_line * CHANNELS.get(parameters.format, 1)
    return (samples * parameters.depth + 7) // 8
