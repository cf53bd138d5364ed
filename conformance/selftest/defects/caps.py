"""Defects of capabilities and options."""

from __future__ import annotations

from dataclasses import replace

from conformance.selftest.defects.defect import (
    CAPS,
    OPEN,
    OPTIONS,
    Defect,
    defect,
    get,
    put,
    start,
    steps,
)
from conformance.selftest.profile import LEGAL_CAPS, MODES
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import (
    Access,
    Auto,
    Choice,
    Code,
    Colour,
    DeviceCaps,
    DeviceError,
    Mode,
    Option,
    Phase,
    Range,
    SetResult,
    Value,
    ValueType,
)


class ExtraOption(Store):
    """An option appears once the lamp is off, without a word."""

    def describe(self) -> tuple[Option, ...]:
        """See the contract."""
        extra = () if self.values.get("lamp", True) else (Option("extra", ValueType.BOOL, default=None),)
        self.values.setdefault("extra", False)
        return (*super().describe(), *extra)

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        result = super().set(name, value)
        return replace(result, changed=tuple(item for item in result.changed if item != "extra"))


class Changed(Store):
    """One option is described in another way."""

    name = ""

    def describe(self) -> tuple[Option, ...]:
        """See the contract."""
        return tuple(self.other(item) if item.name == self.name else item for item in super().describe())

    def other(self, option: Option) -> Option:
        """The wrong description."""
        return option


class DuplicateName(Store):
    """Two options have one name."""

    def describe(self) -> tuple[Option, ...]:
        """See the contract."""
        found = super().describe()
        return (*found, next(item for item in found if item.name == "lamp"))


class BadName(Store):
    """An option's name has capitals and an underscore."""

    def describe(self) -> tuple[Option, ...]:
        """See the contract."""
        self.values.setdefault("Paper_Type", True)
        return (*super().describe(), Option("Paper_Type", ValueType.BOOL, default=True))


class StringWithRange(Changed):
    """A string has a range."""

    name = "serial-number"

    def other(self, option: Option) -> Option:
        """See the contract."""
        return replace(option, constraint=Range(0, 10))


class DefaultOutside(Changed):
    """A default is none of the choices."""

    name = "exposure"

    def other(self, option: Option) -> Option:
        """See the contract."""
        return replace(option, default=3)

    def restore_all(self) -> None:
        """See the contract."""
        super().restore_all()
        self.values["exposure"] = 2


class ValueOutside(Store):
    """The value after open is none of the choices."""

    def restore_all(self) -> None:
        """See the contract."""
        super().restore_all()
        self.values["exposure"] = 3


class MinAboveMax(Changed):
    """A range goes backwards."""

    name = "panel-light"

    def other(self, option: Option) -> Option:
        """See the contract."""
        return replace(option, constraint=Range(10, 0, 1))


class RepeatedChoice(Changed):
    """A choice is offered twice."""

    name = "exposure"

    def other(self, option: Option) -> Option:
        """See the contract."""
        return replace(option, constraint=Choice((1, 2, 2, 4, 8)))


class NoDefaultSource(ZooSession):
    """Declares a default source that does not exist."""

    async def caps(self) -> DeviceCaps:
        """See the contract."""
        return replace(await super().caps(), default_source="Nowhere")


class RefusesChoice(Store):
    """Refuses one of the choices it offers."""

    def check(self, option: Option, value: Value | Auto) -> None:
        """See the contract."""
        super().check(option, value)
        if option.name == "paper-type" and value == "card":
            raise DeviceError(Code.INVALID_VALUE, phase=Phase.OPTIONS, option=option.name, value=value)


class StoresAnything(Store):
    """Stores 301 dpi."""

    def beyond(self, option: Option, value: Value) -> Value:
        """See the contract."""
        return value if option.name == "panel-light" else super().beyond(option, value)


class DropsUpperBits(Store):
    """Takes what is left of a number in 32 bits."""

    def beyond(self, option: Option, value: Value) -> Value:
        """See the contract."""
        if option.name == "panel-light" and isinstance(value, int):
            left = value % (1 << 32)
            return left if option.accepts(left) else super().beyond(option, value)
        return super().beyond(option, value)


class ReadResetsArea(ZooSession):
    """Reading the options puts the area back."""

    async def options(self) -> tuple[Option, ...]:
        """See the contract."""
        found = await super().options()
        for item in found:
            if item.name in {"tl-x", "tl-y", "br-x", "br-y"}:
                self.store.values[item.name] = item.default
        return found


class WriteOnly(Changed):
    """A value can be written but not read."""

    name = "lamp"

    def other(self, option: Option) -> Option:
        """See the contract."""
        return replace(option, access=Access.WRITE)


class HiddenToggle(Store):
    """An option becomes active without a notice."""

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        result = super().set(name, value)
        return replace(result, changed=tuple(item for item in result.changed if item != "threshold"))


class InactiveAnswers(Store):
    """An inactive option can be read and written."""

    def get(self, name: str) -> Value:
        """See the contract."""
        return self.values[name] if name == "threshold" else super().get(name)

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        if name == "threshold" and isinstance(value, int):
            self.values[name] = value
            return SetResult(name, value, value)
        return super().set(name, value)


class WritesAnyway(Store):
    """A read-only option can be written."""

    def check(self, option: Option, value: Value | Auto) -> None:
        """See the contract."""
        if option.name != "serial-number":
            super().check(option, value)


class ReadOnlyLies(Store):
    """Writing a read-only option is refused, and happens all the same."""

    def check(self, option: Option, value: Value | Auto) -> None:
        """See the contract."""
        if option.name == "serial-number" and isinstance(value, str):
            self.values[option.name] = value
        super().check(option, value)


class FailsToScan(ZooSession):
    """A mode is offered, can be set, and cannot be scanned."""

    async def ready(self) -> None:
        """See the contract."""
        await super().ready()
        if self.store.mode.colour is Colour.LINEART:
            raise DeviceError(Code.UNSUPPORTED, "not in this firmware", phase=Phase.START)


class LossyField(ZooSession):
    """Declares something that is no value of the contract, and is lost on the way."""

    async def caps(self) -> DeviceCaps:
        """See the contract."""
        return replace(await super().caps(), sources=list(LEGAL_CAPS.sources))  # type: ignore[arg-type]  # that is the defect


BAD_MODES = (MODES[0], Mode("Gray", Colour.GRAY, (8, 24)), MODES[2])


class GrayOf24(ZooSession):
    """Declares 24 bits for gray."""

    async def caps(self) -> DeviceCaps:
        """See the contract."""
        caps = await super().caps()
        return replace(caps, sources=tuple(replace(source, modes=BAD_MODES) for source in caps.sources))


DEFECTS: tuple[Defect, ...] = (
    defect(
        "extra-option",
        "CAPS-01",
        "an option appears without a notice",
        steps(OPEN, put("lamp", False), OPTIONS),
        store=ExtraOption,
    ),
    defect("duplicate-name", "CAPS-02", "two options have one name", steps(OPEN, OPTIONS), store=DuplicateName),
    defect("bad-name", "CAPS-02", "a name has capitals", steps(OPEN, OPTIONS), store=BadName),
    defect("string-with-range", "CAPS-03", "a string has a range", steps(OPEN, OPTIONS), store=StringWithRange),
    defect("default-outside", "CAPS-04", "a default is no choice", steps(OPEN, OPTIONS), store=DefaultOutside),
    defect("value-outside", "CAPS-04", "a value is no choice", steps(OPEN, get("exposure")), store=ValueOutside),
    defect("min-above-max", "CAPS-05", "a range goes backwards", steps(OPEN, OPTIONS), store=MinAboveMax),
    defect("repeated-choice", "CAPS-05", "a choice is offered twice", steps(OPEN, OPTIONS), store=RepeatedChoice),
    defect("no-default", "CAPS-06", "the default source does not exist", steps(OPEN, CAPS), session=NoDefaultSource),
    defect(
        "refuses-choice",
        "CAPS-07",
        "refuses a choice it offers",
        steps(OPEN, put("paper-type", "card")),
        store=RefusesChoice,
    ),
    defect(
        "stores-anything",
        "CAPS-08",
        "stores a value that is too large",
        steps(OPEN, put("panel-light", 11)),
        store=StoresAnything,
    ),
    defect(
        "drops-upper-bits",
        "CAPS-08",
        "takes 4294967298 as 2",
        steps(OPEN, put("panel-light", (1 << 32) + 2)),
        store=DropsUpperBits,
    ),
    defect(
        "read-resets-area",
        "CAPS-09",
        "reading the options resets the area",
        steps(OPEN, put("tl-x", 50.0), OPTIONS, get("tl-x")),
        session=ReadResetsArea,
    ),
    defect("write-only", "CAPS-10", "a value cannot be read", steps(OPEN, get("lamp")), store=WriteOnly),
    defect(
        "hidden-toggle",
        "CAPS-11",
        "an option becomes active without a notice",
        steps(OPEN, put("mode", "Lineart")),
        store=HiddenToggle,
    ),
    defect(
        "inactive-answers",
        "CAPS-11",
        "an inactive option answers",
        steps(OPEN, get("threshold")),
        store=InactiveAnswers,
    ),
    defect(
        "writes-anyway",
        "CAPS-12",
        "a read-only option can be written",
        steps(OPEN, put("serial-number", "X")),
        store=WritesAnyway,
    ),
    defect(
        "read-only-lies",
        "CAPS-12",
        "writing a read-only option is refused and done",
        steps(OPEN, put("serial-number", "X"), get("serial-number")),
        store=ReadOnlyLies,
    ),
    defect("gray-of-24", "CAPS-13", "declares 24 bits for gray", steps(OPEN, CAPS), session=GrayOf24),
    defect(
        "mode-cannot-scan",
        "CAPS-14",
        "offers a mode that it cannot scan",
        steps(OPEN, put("mode", "Lineart"), start()),
        session=FailsToScan,
    ),
    defect("lossy-field", "CAPS-15", "declares what gets lost on the way", steps(OPEN, CAPS), session=LossyField),
)
