"""The one exception of the contract: every failure of a device is a :class:`DeviceError` (ERR-01)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from device_protocol.codes import FACTS, Code


class Phase(StrEnum):
    """During which part of the life of a session the failure happened."""

    DISCOVER = "discover"
    OPEN = "open"
    OPTIONS = "options"
    START = "start"
    PAGE = "page"
    READ = "read"
    CANCEL = "cancel"
    CLOSE = "close"
    CONTROL = "control"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class NativeError:
    """What the foreign system said, kept as it said it (ERR-01): for example ``NativeError("sane", 6, "Document feeder jammed")``."""

    system: str
    code: int | str
    text: str = ""


class DeviceError(Exception):
    """A failure with a code of the taxonomy.

    Attributes:
        code: one of the 21 codes.
        message: for people; what happened and, where it helps, what to do.
        phase: where in the life of the session it happened.
        retryable, needs_person, survives: see :class:`device_protocol.codes.CodeFacts`. An instance may only lower *retryable* and *survives*.
        page: the number of the page it concerns, from 1.
        option, value: the option that was refused and the value it was asked to take (SET-04).
        native: the foreign system's own words.
    """

    def __init__(
        self,
        code: Code,
        message: str = "",
        *,
        phase: Phase | None = None,
        retryable: bool | None = None,
        survives: bool | None = None,
        page: int | None = None,
        option: str | None = None,
        value: Any = None,
        native: NativeError | None = None,
    ) -> None:
        facts = FACTS[code]
        if (retryable and not facts.retryable) or (survives and not facts.survives):
            raise ValueError(f"an instance of {code} may lower retryable and survives, never raise them")
        self.code = code
        self.message = message or facts.text
        self.phase = phase
        self.retryable = facts.retryable if retryable is None else retryable
        self.needs_person = facts.needs_person
        self.survives = facts.survives if survives is None else survives
        self.page = page
        self.option = option
        self.value = value
        self.native = native
        super().__init__(f"{code}: {self.message}")

    @property
    def rest_code(self) -> int:
        """The number that the REST service gives for it (rest-api.md 1.6)."""
        return FACTS[self.code].rest_code

    def __repr__(self) -> str:
        details = [repr(self.message)]
        for name in ("phase", "page", "option", "native"):
            value = getattr(self, name)
            if value is not None:
                details.append(f"{name}={value!r}")
        return f"DeviceError({self.code}, {', '.join(details)})"

    def __reduce__(self) -> Any:
        raise TypeError("device errors cross borders as plain data (device_protocol.plain), never by pickle")
