"""What can go wrong below the driver, as types. The SANE status number is never lost (python-sane loses it)."""

from __future__ import annotations

from device_protocol.vocabularies.sane_abi import status_name


class SaneBindingError(Exception):
    """Anything this binding raises on purpose."""


class SaneError(SaneBindingError):
    """A native call answered with a status other than GOOD (SANE 4.2.7).

    Attributes:
        status: The number as libsane gave it, known to us or not.
        name: Its name, `STATUS_99` for one that the standard does not have.
        call: The native function, for example `sane_start`.
        text: What sane_strstatus says, or our own words when no native call was made.
    """

    def __init__(self, status: int, call: str, text: str = "") -> None:
        self.status = status
        self.name = status_name(status)
        self.call = call
        self.text = text
        super().__init__(f"{call}: {self.name} ({status}){': ' if text else ''}{text}")

    def __reduce__(self) -> tuple[type[SaneError], tuple[int, str, str]]:
        return (type(self), (self.status, self.call, self.text))


class SaneTextError(SaneBindingError):
    """Libsane's words without its number: all that a wrapper in between has left of a status.

    Attributes:
        system: The wrapper.
    """

    def __init__(self, text: str, system: str) -> None:
        self.system = system
        super().__init__(text)


class SaneMissingError(SaneBindingError):
    """Libsane is not on this machine, or is not a libsane. The text says what to install."""


class SaneUsageError(SaneBindingError):
    """The caller broke a rule that would be undefined behaviour in C: wrong thread, closed handle, second init."""


class SaneValueError(SaneBindingError):
    """A value does not fit its option: wrong type, out of a word's range, too long. Nothing reached C."""


class SaneContractError(SaneBindingError):
    """The back end broke the SANE standard in a way that would corrupt us: a write past a buffer, an absurd size."""
