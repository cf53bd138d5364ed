"""The two rules of every call, for guards and for drivers: what the state table refuses, and one call at a time on a handle.

The suite judges a driver without the guard, so a driver whose device would not refuse by itself uses these.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase
from device_protocol.states import State, Verb, refusal

PHASES = {
    Verb.DEVICES: Phase.DISCOVER,
    Verb.OPEN: Phase.OPEN,
    Verb.START: Phase.START,
    Verb.NEXT_PAGE: Phase.PAGE,
    Verb.READ: Phase.READ,
    Verb.END: Phase.PAGE,
    Verb.CANCEL: Phase.CANCEL,
    Verb.SETTLED: Phase.CANCEL,
    Verb.CLOSE: Phase.CLOSE,
}


def refused(verb: Verb, state: State) -> DeviceError | None:
    """The error with which the table refuses *verb* in *state*, or None."""
    code = refusal(verb, state)
    if code is None:
        return None
    return DeviceError(
        code, f"{verb.value} is not possible while {state.value}.", phase=PHASES.get(verb, Phase.OPTIONS)
    )


def refuse(verb: Verb, state: State) -> None:
    """Raise what the table says for *verb* in *state*, if it refuses.

    Raises:
        DeviceError: with the table's code.
    """
    error = refused(verb, state)
    if error is not None:
        raise error


class OneCall:
    """One call at a time on a handle; a second one gets BUSY (device_protocol.states, last paragraph)."""

    def __init__(self) -> None:
        self._under_way = False

    def check(self, verb: Verb) -> None:
        """Refuse *verb* while a call is under way.

        Raises:
            DeviceError: BUSY.
        """
        if self._under_way:
            raise DeviceError(
                Code.BUSY, f"{verb.value}: another call is under way.", phase=PHASES.get(verb, Phase.OPTIONS)
            )

    @contextmanager
    def __call__(self, verb: Verb) -> Iterator[None]:
        """Hold the handle for a call."""
        self.check(verb)
        self._under_way = True
        try:
            yield
        finally:
            self._under_way = False
