"""Options as data: descriptors, results of setting them, and the checks on values that both sides use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Flag, auto

from device_protocol.codes import Code
from device_protocol.constraints import Constraint
from device_protocol.errors import DeviceError, Phase
from device_protocol.values import AUTO, Auto, Unit, Value, ValueType, has_type

NAME = re.compile(r"[a-z][a-z0-9-]*")
"""Option names (CAPS-02; SANE 4.2.9.1)."""


class Access(Flag):
    """Who may do what with an option."""

    NONE = 0
    READ = auto()
    WRITE = auto()
    AUTO = auto()
    """The device can choose the value by itself."""
    LIVE = auto()
    """May be set while a job runs."""
    INACTIVE = auto()
    """Present, but at the moment neither read nor written (CAPS-11)."""
    HARDWARE = auto()
    """Set by a switch on the device, not by software."""
    ADVANCED = auto()
    EMULATED = auto()


READ_WRITE = Access.READ | Access.WRITE

# The names that every driver gives to these matters, if it has them (SANE 4.5 and Settings of this package).
SOURCE = "source"
MODE = "mode"
DEPTH = "depth"
RESOLUTION = "resolution"
X_RESOLUTION = "x-resolution"
Y_RESOLUTION = "y-resolution"
TL_X, TL_Y, BR_X, BR_Y = "tl-x", "tl-y", "br-x", "br-y"
AREA_NAMES = (TL_X, TL_Y, BR_X, BR_Y)

# Of cameras: a four-character code, WIDTHxHEIGHT in pixels, and frames a second (FrameMode of this package).
PIXEL_FORMAT = "pixel-format"
FRAME_SIZE = "frame-size"
FRAME_RATE = "frame-rate"


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a device.

    Attributes:
        name: see :data:`NAME`; unique within a device.
        type, unit, constraint: what values it takes; *constraint* of an array speaks of each element.
        default: what ``reset`` restores (SET-08); None for actions and while the driver cannot tell.
        access: who may do what now.
        affects: names of options that may change when this one is set (SET-06 judges the notice, not this hint).
        length: number of elements of an array, or None if it varies or for scalars.
        group: heading to show it under.
        vendor: not one of the well-known options.
        native: number or name in the foreign system.
    """

    name: str
    type: ValueType
    title: str = ""
    description: str = ""
    unit: Unit = Unit.NONE
    constraint: Constraint = None
    default: Value = None
    access: Access = READ_WRITE
    affects: tuple[str, ...] = ()
    length: int | None = None
    group: str = ""
    vendor: bool = False
    native: str = ""

    @property
    def active(self) -> bool:
        """Whether it can be read or written at all now."""
        return Access.INACTIVE not in self.access

    @property
    def readable(self) -> bool:
        """Whether ``get`` is legal now. Actions have no value."""
        return self.active and Access.READ in self.access and self.type is not ValueType.ACTION

    @property
    def writable(self) -> bool:
        """Whether ``set`` is legal now."""
        return self.active and Access.WRITE in self.access

    def accepts(self, value: Value) -> bool:
        """Whether *value* has the type and satisfies the constraint, so that setting it must be exact (SET-01)."""
        if not has_type(value, self.type):
            return False
        if isinstance(value, tuple):
            if self.length is not None and len(value) != self.length:
                return False
            return self.constraint is None or all(self.constraint.accepts(item) for item in value)
        return self.constraint is None or self.constraint.accepts(value)


@dataclass(frozen=True, slots=True)
class SetResult:
    """What became of a value that was set.

    Attributes:
        name: the option.
        requested: what was asked for.
        actual: what the device took, and what reads back (SET-02); None for actions.
        exact: whether actual is what was requested.
        changed: other options whose descriptor or value may have changed (SET-06).
        params_changed: whether ``params()`` may answer something else now (SET-07).
    """

    name: str
    requested: Value | Auto
    actual: Value
    exact: bool = True
    changed: tuple[str, ...] = ()
    params_changed: bool = False


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What became of a snapshot of settings: one result for each option that was touched, in the order of application (SET-11)."""

    results: tuple[SetResult, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether every value was taken as it was asked for."""
        return all(result.exact for result in self.results)


def find_option(options: tuple[Option, ...], name: str) -> Option:
    """The option called *name*.

    Raises:
        DeviceError: UNSUPPORTED, when the device has no such option.
    """
    for option in options:
        if option.name == name:
            return option
    raise DeviceError(Code.UNSUPPORTED, f"The device has no option {name!r}.", phase=Phase.OPTIONS, option=name)


def check_get(option: Option) -> None:
    """Refuse to read what cannot be read.

    Raises:
        DeviceError: UNSUPPORTED for actions, write-only and inactive options (CAPS-11).
    """
    if not option.readable:
        why = "inactive" if not option.active else "not readable"
        raise DeviceError(
            Code.UNSUPPORTED, f"Option {option.name!r} is {why}.", phase=Phase.OPTIONS, option=option.name
        )


def check_set(option: Option, value: Value | Auto) -> None:
    """Refuse what no device may accept: an inactive or read-only option, AUTO where it is not declared, a value of the wrong type.

    A value of the right type outside the constraint is the driver's business: it rounds and says so, or refuses (CAPS-08).

    Raises:
        DeviceError: UNSUPPORTED for the option, INVALID_VALUE for the value (SET-04, SET-05, SET-10, CAPS-12).
    """
    if not option.writable:
        why = "inactive" if not option.active else "read-only"
        raise DeviceError(
            Code.UNSUPPORTED, f"Option {option.name!r} is {why}.", phase=Phase.OPTIONS, option=option.name, value=value
        )
    if value is AUTO:
        if Access.AUTO not in option.access:
            raise invalid(option, value, "the device does not choose it by itself")
    elif not has_type(value, option.type):
        raise invalid(option, value, f"it takes {option.type.value}, not {type(value).__name__}")
    elif isinstance(value, tuple) and option.length is not None and len(value) != option.length:
        raise invalid(option, value, f"it takes {option.length} elements, not {len(value)}")


def invalid(option: Option, value: object, why: str) -> DeviceError:
    """The INVALID_VALUE error that names the option and the value (SET-04)."""
    return DeviceError(
        Code.INVALID_VALUE, f"Option {option.name!r}: {why}.", phase=Phase.OPTIONS, option=option.name, value=value
    )
