"""The points at which a quirk can change an answer, and answers themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

TEXT, XML = "text/plain; charset=utf-8", "text/xml"


class Point(StrEnum):
    """Where an answer is made; what passes through is named beside it."""

    CAPABILITIES = "capabilities"
    """The :class:`~simulators.escl.markup.Node` of ScannerCapabilities."""
    STATUS = "status"
    """The :class:`~simulators.escl.markup.Node` of ScannerStatus."""
    POSTED = "posted"
    """The :class:`Answer` to a POST of ScanJobs, before the device is asked: made a refusal, no job begins; else its status is that of an accepted job."""
    LOCATION = "location"
    """The text of its ``Location``."""
    NEXT = "next"
    """The :class:`Answer` to NextDocument, with or without a page."""
    HEADERS = "headers"
    """Any :class:`Answer` at last, whatever it is about."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a request.

    Attributes:
        status: HTTP status.
        body: whole.
        media: its type; empty for none.
        headers: further ones, in canonical case.
        chunked: send the body in chunks instead of with its length.
        cut: break the connection off after so many bytes of the body, or before anything was sent for -1; None: never.
        length: what to claim as ``Content-Length`` instead of the truth; -1: nothing, and close at the end.
        version: of HTTP, ``1.1`` or ``1.0``; the connection is closed after the latter.
        delay_s: wait before the first byte.
        done: called when the last byte was written, with True, or when it could not be, with False.
    """

    status: int
    body: bytes = b""
    media: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    chunked: bool = False
    cut: int | None = None
    length: int | None = None
    version: str = "1.1"
    delay_s: float = 0.0
    done: Callable[[bool], None] | None = None

    @property
    def odd(self) -> bool:
        """Whether it is not as HTTP/1.1 wants answers to be."""
        return self.cut is not None or self.length is not None or self.version != "1.1"

    def but(self, **changes: Any) -> Answer:
        """The same with some fields changed."""
        return replace(self, **changes)


def told(status: int, words: str = "", *headers: tuple[str, str]) -> Answer:
    """An answer with a sentence for people."""
    return Answer(status, f"{words}\n".encode() if words else b"", TEXT if words else "", headers)


@dataclass(slots=True)
class Moment:
    """What a quirk may know.

    Attributes:
        scanner: name of the device.
        page: pages of the job that were given away; 0 outside of a job.
        feeder: whether the job uses the feeder.
        ended: whether there is no further page.
        asked: how often this point was passed.
    """

    scanner: str
    page: int = 0
    feeder: bool = False
    ended: bool = False
    asked: int = 0


class Quirk(Protocol):
    """Something that a scanner does differently."""

    @property
    def name(self) -> str:
        """As profiles and scenarios name it."""
        ...

    @property
    def changes(self) -> Mapping[Point, Callable[[Any, Moment], Any]]:
        """What becomes of what passes through a point."""
        ...


@dataclass(slots=True)
class Quirks:
    """The quirks of one scanner, in order."""

    active: list[Quirk] = field(default_factory=list)
    _asked: dict[Point, int] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Of the quirks."""
        return [quirk.name for quirk in self.active]

    def at(self, point: Point, value: Any, moment: Moment) -> Any:
        """What becomes of *value* at *point*."""
        self._asked[point] = moment.asked = self._asked.get(point, 0) + 1
        for quirk in self.active:
            change = quirk.changes.get(point)
            if change is not None:
                value = change(value, moment)
        return value

    def restart(self) -> None:
        """Counting begins anew, as for a new job."""
        self._asked.clear()
