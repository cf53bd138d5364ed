"""The log of a recording: one entry for each call, in the order in which calls began.

Handles are named as people would: ``backend``, ``session 1``, ``job 2``, ``page 3``, ``control 1``, ``events 1``, counted within one backend. Arguments and
answers are plain data (:mod:`device_protocol.plain`); what is no value of the contract, such as the wrong type that a faulty driver returned, is kept as
its text, ``{"foreign": "..."}``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from device_protocol import DeviceInfo
from device_protocol.plain import PlainError, to_plain

SCHEMA = 1
"""Of the file; a reader refuses a newer one."""

SHORT_S = 0.001
"""What took less took no time."""

ROOT = "backend"
FOREIGN = "foreign"

ASKING = frozenset({"devices", "caps", "options", "get", "params", "status", "events", "control", "control_caps"})
"""Verbs that change nothing: a replayed client may ask more or less often than the recorded one did."""

EVENT = "event"
"""The verb of entries that are no calls but what happened by itself: an event that was put into a stream, the end of a stream (no answer), or that a page
says something else of itself than before."""


class Ending(StrEnum):
    """How a call ended."""

    ANSWER = "answer"
    ERROR = "error"
    """A ``DeviceError``."""
    RAISED = "raised"
    """Something that is no ``DeviceError``."""
    CANCELLED = "cancelled"
    """The caller gave up."""
    OPEN = "open"
    """The recording ended first."""


@dataclass(slots=True)
class Entry:
    """One call, or several reads that are alike.

    Attributes:
        backend: which of the backends that were opened, from 0.
        handle, verb: on what, and what.
        arguments: plain.
        at: seconds of trio's clock since the backend was opened.
        took: seconds until the answer.
        until: how many calls had begun on this backend when it ended; those behind it among them ran beside it. 0 if it did not end.
        ending: how it ended.
        answer: plain: what was returned, the error, or the text of what was raised. Of ``read``: the number of bytes.
        new: name of the handle that came of it; empty if none did.
        times: consecutive reads that asked for and got the same number of bytes are one entry.
    """

    backend: int
    handle: str
    verb: str
    arguments: list[Any] = field(default_factory=list)
    at: float = 0.0
    took: float = 0.0
    until: int = 0
    ending: Ending = Ending.OPEN
    answer: Any = None
    new: str = ""
    times: int = 1

    @property
    def key(self) -> str:
        """What a replayed call must equal."""
        return key_of(self.handle, self.verb, self.arguments)

    @property
    def given_up(self) -> bool:
        """Whether its caller gave up at once, perhaps before the driver heard of it."""
        return self.ending is Ending.CANCELLED and self.took < SHORT_S

    @property
    def asks(self) -> bool:
        """Whether it changed nothing."""
        return self.verb in ASKING


def key_of(handle: str, verb: str, arguments: list[Any]) -> str:
    """What makes two calls the same call."""
    return f"{handle}.{verb}{json.dumps(arguments, sort_keys=True)}"


@dataclass(slots=True)
class PageData:
    """The bytes of a page as they were read.

    Attributes:
        backend, page: whose.
        sha256: of the bytes; names them in :attr:`Recording.blobs`.
        bytes: how many.
    """

    backend: int
    page: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of the whole.

    Attributes:
        device: its id as it was typed, ``ENTRYPOINT:NATIVE_ID``.
        native: the native id, which stands in the log.
        info: the device as it was listed; None if it was not.
        made: when, UTC, ISO 8601.
        maker: name and version of what recorded it.
        revision: of the contract.
        seed: of whatever drove the device.
        drive: what that was: ``suite`` or ``scans``.
        suite: options of the suite and the verdicts by requirement; empty for ``scans``.
        private: whether pixels and serial numbers were replaced.
        complete: whether the recording was ended in peace, and not by a limit or an interruption.
    """

    device: str
    native: str
    info: DeviceInfo | None = None
    made: str = ""
    maker: str = ""
    revision: str = ""
    seed: int = 0
    drive: str = "suite"
    suite: dict[str, Any] = field(default_factory=dict)
    private: bool = False
    complete: bool = True


@dataclass(slots=True)
class Recording:
    """A whole recording.

    Attributes:
        head: what is known of it.
        entries: in the order in which calls began.
        pages: of all backends, in the order in which they ended.
        blobs: bytes of pages by their SHA-256, compressed by zlib.
    """

    head: Head
    entries: list[Entry] = field(default_factory=list)
    pages: list[PageData] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)


def plain_or_text(value: object) -> Any:
    """*value* as plain data; what is none as ``{"foreign": text}``, without addresses in memory."""
    try:
        return to_plain(value)
    except PlainError:
        text = repr(value)
        return {FOREIGN: type(value).__name__ if " object at 0x" in text else text[:500]}
