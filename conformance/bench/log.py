"""The log of commands: what was done to the device, with what result. It becomes the trace, the reproducer in a report and part of the replay file."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from conformance.shapes import attempt, stable

if TYPE_CHECKING:
    from conformance.bench.scans import ScannedPage
    from device_protocol import Area

LIMIT = 2000
SHOWN = 160
MOST_SHOWN = 20_000
"""Longer things are not even turned into text."""


@dataclass(slots=True)
class Command:
    """One verb.

    Attributes:
        number: from 1 within a run.
        at: seconds since the run began, in real time.
        check: id of the requirement under check; empty while the target is opened.
        handle: ``backend``, ``control``, ``session 1``, ``job 2``, ``page 3``.
        verb, arguments: as called.
        result, error: how it ended; both empty while it is under way.
        took: seconds.
        times: consecutive reads of one page are one entry.
        bytes: how many they gave.
        over: it has come back.
    """

    number: int
    at: float
    check: str
    handle: str
    verb: str
    arguments: str
    result: str = ""
    error: str = ""
    took: float = 0.0
    times: int = 1
    bytes: int = 0
    over: bool = False

    @property
    def under_way(self) -> bool:
        """Whether it has not come back yet."""
        return not self.over

    @property
    def call(self) -> str:
        """As one would write it."""
        return f"{self.handle}.{self.verb}({self.arguments})"

    def __str__(self) -> str:
        text = self.call
        if self.times > 1:
            text += f" x {self.times}"
        if self.error:
            return f"{text}  raised {self.error}"
        return f"{text}  -> {self.result}" if self.result else text

    def as_data(self) -> dict[str, Any]:
        """For the trace file, which has commands that have come back."""
        return {name: value for name, value in asdict(self).items() if name != "over"}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A page as an image file.

    Attributes:
        media_type: as declared, for example ``image/jpeg``.
        data: the file.
    """

    media_type: str
    data: bytes = field(repr=False)


See: TypeAlias = "Callable[[str, str, ScannedPage | Encoded, Area | None], None]"
"""Gets each page that came: the requirement under check, where it came from, the page, and what part of the sheet was asked for."""


def shown(value: object) -> str:
    """*value* for people, of bounded length."""
    if isinstance(value, str | tuple | list | set | frozenset | dict) and len(value) > MOST_SHOWN:
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = attempt(lambda: stable(value))[0] or f"<{type(value).__name__} that cannot be shown>"
    if text.startswith("<") and " object at " in text:
        return type(value).__name__
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


class Log:
    """The commands of a run; the last ones of each check are kept, and a listener gets all of them.

    Args:
        listener: gets each command when it has come back.
        see: gets each page.
    """

    def __init__(self, listener: Callable[[Command], None] | None = None, see: See | None = None) -> None:
        self._listener = listener
        self._see = see
        self._began = time.monotonic()
        self._number = 0
        self._kept: deque[Command] = deque(maxlen=LIMIT)
        self._handles: dict[str, int] = {}
        self.check = ""

    def begin_check(self, requirement: str) -> None:
        """From now on commands belong to *requirement*; handles are counted from 1 again."""
        self.check = requirement
        self._kept.clear()
        self._handles.clear()

    def see(self, title: str, page: ScannedPage | Encoded, area: Area | None = None) -> None:
        """A page has come whole, of *area*; whoever wants to show pages listens."""
        if self._see is not None:
            self._see(self.check, title, page, area)

    def handle(self, kind: str) -> str:
        """A name for a new handle, for example ``job 2``."""
        self._handles[kind] = number = self._handles.get(kind, 0) + 1
        return f"{kind} {number}"

    def begin(self, handle: str, verb: str, arguments: str) -> Command:
        """A command starts."""
        self._number += 1
        command = Command(self._number, time.monotonic() - self._began, self.check, handle, verb, arguments)
        self._kept.append(command)
        return command

    def finish(self, command: Command, result: str = "", error: str = "", count: int = 0) -> None:
        """It has come back; *count* bytes came with it."""
        command.result, command.error, command.bytes, command.over = result, error, count, True
        command.took = time.monotonic() - self._began - command.at
        if self._listener is not None:
            self._listener(command)
        self._merge(command)

    def steps(self) -> tuple[str, ...]:
        """The commands of this check so far."""
        return tuple(str(command) for command in self._kept)

    @property
    def last(self) -> Command | None:
        """The newest command of this check."""
        return self._kept[-1] if self._kept else None

    def _merge(self, command: Command) -> None:
        """Make one entry of two reads of the same page that follow each other."""
        if not command.bytes or len(self._kept) < 2 or self._kept[-1] is not command:
            return
        before = self._kept[-2]
        if before.bytes and before.call == command.call:
            self._kept.pop()
            before.times += command.times
            before.bytes += command.bytes
            before.took += command.took
            before.result = f"{before.bytes} bytes"
