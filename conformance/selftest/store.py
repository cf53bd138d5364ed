"""The options of a machine of the zoo: descriptors that depend on each other, values, and what setting one does."""

from __future__ import annotations

import functools
from dataclasses import replace

from conformance.selftest.profile import MIN_MM, THRESHOLD, Profile
from device_protocol import (
    AUTO,
    RAW,
    Access,
    ApplyResult,
    Auto,
    Choice,
    Code,
    Colour,
    DeviceCaps,
    DeviceError,
    Mode,
    Option,
    PageParams,
    Phase,
    Range,
    SetResult,
    Settings,
    SourceCaps,
    Unit,
    Value,
    ValueType,
)
from device_protocol.options import (
    BR_X,
    BR_Y,
    DEPTH,
    MODE,
    RESOLUTION,
    SOURCE,
    TL_X,
    TL_Y,
    check_get,
    check_set,
    find_option,
    invalid,
)
from device_protocol.pages import packed_row
from device_protocol.settings import MM_PER_INCH, check

PARAMETER_NAMES = frozenset({SOURCE, MODE, DEPTH, RESOLUTION, TL_X, TL_Y, BR_X, BR_Y})


@functools.lru_cache(maxsize=512)
def descriptors(profile: Profile, source_name: Value, mode_name: Value) -> tuple[Option, ...]:
    """The options of a machine with that source and mode."""
    caps, fixed = profile.caps, ValueType.FIXED
    source = next(item for item in caps.sources if item.name == source_name)
    mode = next(item for item in source.modes if item.value == mode_name)
    return (
        Option(
            SOURCE,
            ValueType.STRING,
            constraint=Choice(tuple(item.name for item in caps.sources)),
            default=caps.default_source,
            affects=(MODE, RESOLUTION, BR_X, BR_Y),
        ),
        Option(
            MODE,
            ValueType.STRING,
            constraint=Choice(tuple(item.value for item in source.modes)),
            default=source.modes[0].value,
            affects=(DEPTH, THRESHOLD),
        ),
        Option(
            DEPTH,
            ValueType.INT,
            unit=Unit.BIT,
            constraint=Choice(mode.depths),
            default=min(mode.depths, key=lambda bits: abs(bits - 8)),
        ),
        Option(
            RESOLUTION,
            fixed,
            unit=Unit.DPI,
            constraint=source.resolutions,
            default=source.resolutions.nearest(profile.default_dpi),
        ),
        _edge(TL_X, 0.0, source.width_mm - MIN_MM, 0.0, BR_X),
        _edge(TL_Y, 0.0, source.height_mm - MIN_MM, 0.0, BR_Y),
        _edge(BR_X, MIN_MM, source.width_mm, source.width_mm, TL_X),
        _edge(BR_Y, MIN_MM, source.height_mm, source.height_mm, TL_Y),
        *(_vendor(item, mode) for item in profile.vendor),
    )


def _edge(name: str, low: float, high: float, default: float, other: str) -> Option:
    return Option(name, ValueType.FIXED, unit=Unit.MM, constraint=Range(low, high), default=default, affects=(other,))


def _vendor(option: Option, mode: Mode) -> Option:
    if option.name == THRESHOLD and mode.colour is not Colour.LINEART:
        return replace(option, access=option.access | Access.INACTIVE)
    return option


class Store:
    """Options and their values; every method leaves them consistent."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.values: dict[str, Value] = {}
        self.restore_all()

    @property
    def caps(self) -> DeviceCaps:
        """What the device declares."""
        return self.profile.caps

    @property
    def source(self) -> SourceCaps:
        """The source that is set."""
        return next(item for item in self.caps.sources if item.name == self.values[SOURCE])

    @property
    def mode(self) -> Mode:
        """The mode that is set."""
        return next(item for item in self.source.modes if item.value == self.values[MODE])

    def restore_all(self) -> None:
        """Every option as it is after open."""
        source = next(item for item in self.caps.sources if item.name == self.caps.default_source)
        self.values = {SOURCE: source.name, MODE: source.modes[0].value}
        self.values |= {item.name: item.default for item in self.describe() if item.type is not ValueType.ACTION}

    def describe(self) -> tuple[Option, ...]:
        """All options as they are now."""
        return descriptors(self.profile, self.values[SOURCE], self.values[MODE])

    def get(self, name: str) -> Value:
        """The value of an option."""
        check_get(find_option(self.describe(), name))
        return self.values[name]

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """Set one option."""
        option = find_option(self.describe(), name)
        self.check(option, value)
        actual = self.choose(option, value)
        before, params = self._look(), self.params()
        self.put(option, actual)
        self.settle(option)
        return self.result(option, value, actual, self._changed(before, name), params)

    def check(self, option: Option, value: Value | Auto) -> None:
        """Refuse what no device may take."""
        check_set(option, value)

    def choose(self, option: Option, value: Value | Auto) -> Value:
        """What the device makes of *value*: itself if the constraint takes it, else the nearest, or a refusal."""
        if value is AUTO:
            return option.default
        assert not isinstance(value, Auto)
        if option.accepts(value):
            return value
        return self.beyond(option, value)

    def beyond(self, option: Option, value: Value) -> Value:
        """What to do with a value of the right type outside the constraint."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if option.name in self.profile.rounds and number and isinstance(option.constraint, Range | Choice):
            return option.constraint.nearest(value)  # type: ignore[arg-type]  # it is a number
        raise invalid(option, value, f"it takes {option.constraint}")

    def put(self, option: Option, actual: Value) -> None:
        """Keep the value."""
        if option.type is not ValueType.ACTION:
            self.values[option.name] = actual

    def settle(self, option: Option) -> None:
        """What follows for other options from a new value of *option*."""
        if option.name == SOURCE:
            self._settle_source()
        if option.name in {SOURCE, MODE} and self.values[DEPTH] not in self.mode.depths:
            self.values[DEPTH] = min(self.mode.depths, key=lambda bits: abs(bits - 8))
        for low, high in ((TL_X, BR_X), (TL_Y, BR_Y)):
            left, right = self._number(low), self._number(high)
            if right - left < MIN_MM:
                if option.name == low:
                    self.values[high] = left + MIN_MM
                else:
                    self.values[low] = right - MIN_MM

    def _settle_source(self) -> None:
        source = self.source
        if self.values[MODE] not in {item.value for item in source.modes}:
            self.values[MODE] = source.modes[0].value
        if not source.resolutions.accepts(self.values[RESOLUTION]):
            self.values[RESOLUTION] = source.resolutions.nearest(self._number(RESOLUTION))
        for name, limit in ((BR_X, source.width_mm), (BR_Y, source.height_mm)):
            self.values[name] = min(self._number(name), limit)

    def result(
        self, option: Option, value: Value | Auto, actual: Value, changed: tuple[str, ...], params: PageParams
    ) -> SetResult:
        """What the device says about it."""
        exact = value is AUTO or option.type is ValueType.ACTION or value == actual
        return SetResult(option.name, value, actual, exact, changed, self.params() != params)

    def reset(self, names: tuple[str, ...] | None) -> ApplyResult:
        """Restore the declared defaults of *names*, or of everything that can be written."""
        if names is not None:
            for name in names:
                if not find_option(self.describe(), name).writable:
                    raise DeviceError(
                        Code.UNSUPPORTED, f"Option {name!r} cannot be written.", phase=Phase.OPTIONS, option=name
                    )
        wanted = names if names is not None else tuple(item.name for item in self.describe())
        results = []
        for name in wanted:
            option = find_option(self.describe(), name)
            if option.writable and option.type is not ValueType.ACTION:
                results.append(self.restore(option))
        return ApplyResult(tuple(results))

    def restore(self, option: Option) -> SetResult:
        """Restore one default."""
        return self.set(option.name, option.default)

    def apply(self, settings: Settings) -> ApplyResult:
        """Set all of it, or nothing."""
        check(replace(settings, source=settings.source or self.source.name), self.caps)
        before = dict(self.values)
        try:
            return ApplyResult(tuple(self.set(name, value) for name, value in settings.as_options()))
        except DeviceError:
            self.undo(before)
            raise

    def undo(self, before: dict[str, Value]) -> None:
        """Back to what was before a snapshot that could not be applied."""
        self.values = before

    def _number(self, name: str) -> float:
        value = self.values[name]
        assert isinstance(value, int | float)
        return value

    def area(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom in mm."""
        return self._number(TL_X), self._number(TL_Y), self._number(BR_X), self._number(BR_Y)

    def params(self, paper_mm: float | None = None) -> PageParams:
        """The parameters of a page on paper of that length, or an estimate for paper of unknown length."""
        left, top, right, bottom = self.area()
        dpi, mode, depth = self._number(RESOLUTION), self.mode, self.values[DEPTH]
        assert isinstance(depth, int)
        if paper_mm is not None:
            bottom = max(top + MIN_MM, min(bottom, paper_mm))
        width = max(1, round((right - left) / MM_PER_INCH * dpi))
        height = max(1, round((bottom - top) / MM_PER_INCH * dpi))
        channels = 3 if mode.colour is Colour.COLOR else 1
        raw = self.profile.format == RAW
        return PageParams(
            width,
            height,
            packed_row(width, channels, depth) + self.profile.padding if raw else 0,
            depth,
            channels,
            mode.colour,
            self.profile.format,
            dpi_x=dpi,
            dpi_y=dpi,
            polarity=self.profile.polarity,
            byte_order=self.profile.byte_order,
            final=paper_mm is not None,
        )

    def _look(self) -> tuple[tuple[Option, ...], dict[str, Value]]:
        return self.describe(), dict(self.values)

    def _changed(self, before: tuple[tuple[Option, ...], dict[str, Value]], name: str) -> tuple[str, ...]:
        options, values = self.describe(), self.values
        if options == before[0]:
            return tuple(item for item in values if item != name and values[item] != before[1].get(item))
        old = {item.name: item for item in before[0]}
        return tuple(
            item.name
            for item in options
            if item.name != name and (item != old.get(item.name) or values.get(item.name) != before[1].get(item.name))
        )
