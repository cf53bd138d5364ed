"""Defects of setting options."""

from __future__ import annotations

from dataclasses import replace

from conformance.selftest.defects.defect import (
    NEXT,
    OPEN,
    PARAMS,
    apply,
    defect,
    get,
    put,
    reset,
    start,
    steps,
)
from conformance.selftest.profile import BRIGHTNESS
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import (
    AUTO,
    Access,
    ApplyResult,
    Auto,
    DeviceError,
    Option,
    PageParams,
    SessionState,
    SetResult,
    Settings,
    Value,
    ValueType,
)
from device_protocol.states import Verb

RUNNING = frozenset({SessionState.ARMED, SessionState.TRANSFERRING, SessionState.PAGE_GAP, SessionState.DRAINING})


class OffByOne(Store):
    """Keeps one less than it says."""

    def put(self, option: Option, actual: Value) -> None:
        """See the contract."""
        if option.name == "panel-light" and isinstance(actual, int) and actual > 0:
            actual -= 1
        super().put(option, actual)


class SilentRounding(Store):
    """Rounds, and calls it exact."""

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        return replace(super().set(name, value), exact=True)


class ReportsRequested(Store):
    """Rounds, and reports what was asked for as actual."""

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        result = super().set(name, value)
        if result.exact or not isinstance(value, int | float):
            return result
        other = value - 1 if isinstance(result.actual, int | float) and value > result.actual else value + 1
        return replace(result, actual=other)


class CreepingRounding(Store):
    """Setting what it has rounded to rounds again."""

    def choose(self, option: Option, value: Value | Auto) -> Value:
        """See the contract."""
        actual = super().choose(option, value)
        if option.name == BRIGHTNESS and isinstance(actual, int) and actual and actual == self.values[BRIGHTNESS]:
            return actual - 10 if actual > 0 else actual + 10
        return actual


class ValueCleared(Store):
    """A refused value takes the old one with it."""

    def beyond(self, option: Option, value: Value) -> Value:
        """See the contract."""
        try:
            return super().beyond(option, value)
        except DeviceError:
            self.values[option.name] = option.default
            raise


class NamelessRefusal(Store):
    """A refusal names neither option nor value."""

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        try:
            return super().set(name, value)
        except DeviceError as error:
            raise DeviceError(error.code, "no", phase=error.phase) from None


class Coerces(Store):
    """Takes "5" for 5."""

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        numeric = any(item.name == name and item.type in {ValueType.INT, ValueType.FIXED} for item in self.describe())
        if numeric and isinstance(value, str):
            try:
                return replace(super().set(name, int(value)), requested=value)
            except ValueError:
                pass
        return super().set(name, value)


class SilentChange(Store):
    """Switching the lamp changes the paper type, without a word."""

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        result = super().set(name, value)
        if name == "lamp":
            self.values["paper-type"] = "card" if result.actual is False else "photo"
        return result


class SilentParams(Store):
    """Never says that the parameters changed."""

    def result(
        self, option: Option, value: Value | Auto, actual: Value, changed: tuple[str, ...], params: PageParams
    ) -> SetResult:
        """See the contract."""
        return replace(super().result(option, value, actual, changed, params), params_changed=False)


class RestoresPrevious(Store):
    """reset goes back to the value before, not to the default."""

    def put(self, option: Option, actual: Value) -> None:
        """See the contract."""
        self.previous = {**getattr(self, "previous", {}), option.name: self.values.get(option.name)}
        super().put(option, actual)

    def restore(self, option: Option) -> SetResult:
        """See the contract."""
        before = getattr(self, "previous", {}).get(option.name, option.default)
        return super().set(option.name, before if option.name == "panel-light" else option.default)


class AppliedMidPage(ZooSession):
    """set works in the middle of a page."""

    def refuse(self, verb: Verb) -> None:
        """See the contract."""
        if verb is not Verb.SET or self.state not in RUNNING:
            super().refuse(verb)


class RefusedButApplied(ZooSession):
    """set in the middle of a job is refused, and done."""

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        if self.state in RUNNING and self.setting(name) is Verb.SET:
            self.store.set(name, value)
        return await super().set(name, value)


class AutoEverywhere(Store):
    """Takes AUTO for everything."""

    def check(self, option: Option, value: Value | Auto) -> None:
        """See the contract."""
        if not (value is AUTO and Access.WRITE in option.access and option.active):
            super().check(option, value)


class AutoIllegal(Store):
    """AUTO leads to a value that is none of the choices."""

    def choose(self, option: Option, value: Value | Auto) -> Value:
        """See the contract."""
        return 3 if value is AUTO and option.name == "exposure" else super().choose(option, value)


class HalfApplied(Store):
    """apply that fails in the middle leaves the first half."""

    def undo(self, before: dict[str, Value]) -> None:
        """See the contract."""


class NegativeWidth(Store):
    """Takes an area whose right edge is left of its left one."""

    def apply(self, settings: Settings) -> ApplyResult:
        """See the contract."""
        area = settings.area
        if area is None or (area.right > area.left and area.bottom > area.top):
            return super().apply(settings)
        result = super().apply(replace(settings, area=None))
        edges = (("tl-x", area.left), ("tl-y", area.top), ("br-x", area.right), ("br-y", area.bottom))
        self.values.update(edges)
        return ApplyResult((*result.results, *(SetResult(name, value, value) for name, value in edges)))


class Drifts(Store):
    """The third time that a value is set, it is another one."""

    def put(self, option: Option, actual: Value) -> None:
        """See the contract."""
        last, times = getattr(self, "last", (None, 0))
        times = times + 1 if last == (option.name, actual) else 1
        self.last = ((option.name, actual), times)
        if option.name == "panel-light" and isinstance(actual, int) and times >= 3:
            actual = actual - 1 if actual else 1
        super().put(option, actual)


DEFECTS = (
    defect(
        "off-by-one",
        "SET-01",
        "keeps one less than it says",
        steps(OPEN, put("panel-light", 7), get("panel-light")),
        store=OffByOne,
    ),
    defect(
        "silent-rounding",
        "SET-02",
        "calls a rounded value exact",
        steps(OPEN, put(BRIGHTNESS, 7)),
        store=SilentRounding,
    ),
    defect(
        "reports-another",
        "SET-02",
        "reports another value than it rounded to",
        steps(OPEN, put(BRIGHTNESS, 7)),
        store=ReportsRequested,
    ),
    defect(
        "creeping-rounding",
        "SET-03",
        "rounds again what it has rounded",
        steps(OPEN, put(BRIGHTNESS, 17), put(BRIGHTNESS, 20)),
        store=CreepingRounding,
    ),
    defect(
        "value-cleared",
        "SET-04",
        "a refused value clears the old one",
        steps(OPEN, put("panel-light", 7), put("panel-light", 99), get("panel-light")),
        store=ValueCleared,
    ),
    defect(
        "nameless-refusal",
        "SET-04",
        "a refusal does not name the option",
        steps(OPEN, put("panel-light", 99)),
        store=NamelessRefusal,
    ),
    defect("coerces", "SET-05", 'takes "5" for 5', steps(OPEN, put("panel-light", "5")), store=Coerces),
    defect(
        "silent-change",
        "SET-06",
        "setting one option changes another, silently",
        steps(OPEN, put("lamp", False), get("paper-type")),
        store=SilentChange,
    ),
    defect(
        "silent-params",
        "SET-07",
        "does not say that the parameters changed",
        steps(OPEN, put("resolution", 50), PARAMS),
        store=SilentParams,
    ),
    defect(
        "restores-previous",
        "SET-08",
        "reset restores the value before",
        steps(OPEN, put("panel-light", 7), put("panel-light", 8), reset("panel-light"), get("panel-light")),
        store=RestoresPrevious,
    ),
    defect(
        "applied-mid-page",
        "SET-09",
        "set works in the middle of a page",
        steps(OPEN, start(), NEXT, put("lamp", False)),
        session=AppliedMidPage,
    ),
    defect(
        "refused-but-applied",
        "SET-09",
        "set during a job is refused and done",
        steps(OPEN, start(), put("lamp", False), get("lamp")),
        session=RefusedButApplied,
    ),
    defect(
        "auto-everywhere",
        "SET-10",
        "takes AUTO for everything",
        steps(OPEN, put("panel-light", {"auto": True})),
        store=AutoEverywhere,
    ),
    defect(
        "auto-illegal",
        "SET-10",
        "AUTO leads to an illegal value",
        steps(OPEN, put("exposure", {"auto": True})),
        store=AutoIllegal,
    ),
    defect(
        "half-applied",
        "SET-11",
        "a failed apply leaves the first half",
        steps(OPEN, apply(mode="Gray", extra=[["panel-light", 99]]), get("mode")),
        store=HalfApplied,
    ),
    defect(
        "negative-width",
        "SET-12",
        "takes an area of negative width",
        steps(OPEN, apply(area=[50, 0, 40, 20])),
        store=NegativeWidth,
    ),
    defect(
        "drifts",
        "SET-13",
        "the third time that a value is set it is another one",
        steps(OPEN, *(put("panel-light", 7) for _ in range(3)), get("panel-light")),
        store=Drifts,
    ),
)
