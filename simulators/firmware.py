"""The firmware's options: values, what depends on what, rounding, and the parameters that follow.

Numbers outside their constraint are rounded and reported; texts are refused (CAPS-08). The area is kept at least :data:`LEAST_MM` wide and high: an edge
that is moved over the opposite one pushes that along, and says so in the notice (SET-06, SET-12).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from device_protocol import (
    AUTO,
    ApplyResult,
    Auto,
    Choice,
    Mode,
    Option,
    Range,
    SetResult,
    Settings,
    SourceCaps,
    Value,
    ValueType,
)
from device_protocol.constraints import Constraint
from device_protocol.options import (
    BR_X,
    BR_Y,
    DEPTH,
    MODE,
    RESOLUTION,
    SOURCE,
    TL_X,
    TL_Y,
    Access,
    check_get,
    check_set,
    find_option,
    invalid,
)
from device_protocol.settings import check
from simulators.option_table import DETECT_SIZE, DISCARD_BLANK, LEAST_MM, Facts, build
from simulators.profile import Profile

_EDGES = ((TL_X, BR_X), (TL_Y, BR_Y))


class Firmware:
    """The options of one session.

    Args:
        profile: of the machine.
        serial: its number.
        values: what it remembers from the session before.
    """

    def __init__(self, profile: Profile, serial: str, values: Mapping[str, Value] | None = None) -> None:
        self._profile = profile
        self._caps = profile.caps()
        self._serial = serial
        self._values: dict[str, Value] = {SOURCE: profile.default_source}
        self._values |= {item.name: item.default for item in self.options() if item.type is not ValueType.ACTION}
        if values:
            self._values |= {name: value for name, value in values.items() if name in self._values}
            self._settle()

    @property
    def source(self) -> SourceCaps:
        """The source that is set."""
        found = self._caps.source(str(self._values[SOURCE]))
        assert found is not None
        return found

    @property
    def mode(self) -> Mode:
        """The mode that is set."""
        modes = {mode.value: mode for mode in self.source.modes}
        return modes.get(str(self._values.get(MODE)), self.source.modes[0])

    @property
    def values(self) -> dict[str, Value]:
        """All values, a copy."""
        return dict(self._values)

    def number(self, name: str) -> float:
        """The value of a numeric option, active or not."""
        value = self._values[name]
        assert isinstance(value, int | float)
        return value

    def text(self, name: str) -> str:
        """The value of a text option, active or not."""
        return str(self._values[name])

    @property
    def detects_size(self) -> bool:
        """Whether pages are as large as their sheets."""
        return bool(self._values[DETECT_SIZE]) and find_option(self.options(), DETECT_SIZE).active

    @property
    def drops_blank(self) -> bool:
        """Whether blank sides are not delivered."""
        return bool(self._values.get(DISCARD_BLANK)) and find_option(self.options(), DISCARD_BLANK).active

    def options(self) -> tuple[Option, ...]:
        """All options as they are now."""
        facts = Facts(self._profile, self.source, self.mode, self._serial)
        return build(facts)

    def get(self, name: str) -> Value:
        """The value of an option.

        Raises:
            DeviceError: UNSUPPORTED.
        """
        check_get(find_option(self.options(), name))
        return self._values[name]

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """Set one option.

        Raises:
            DeviceError: UNSUPPORTED, INVALID_VALUE; nothing has changed then.
        """
        option = find_option(self.options(), name)
        check_set(option, value)
        if option.type is ValueType.ACTION:
            return SetResult(name, value, None)
        before, old = self._picture(), self.values
        actual = option.default if value is AUTO else _fit(option, value)
        self._values[name] = actual
        self._settle(moved=name)
        after = self._picture()
        changed = tuple(item for item in after if item != name and after[item] != before[item])
        return SetResult(
            name=name,
            requested=value,
            actual=actual,
            exact=value is AUTO or actual == value,
            changed=changed,
            params_changed=any(self._values[item] != old[item] for item in _SHAPING),
        )

    def apply(self, settings: Settings) -> ApplyResult:
        """Set all that *settings* names, or nothing.

        Raises:
            DeviceError: UNSUPPORTED, INVALID_VALUE; nothing has changed then.
        """
        source = settings.source if settings.source is not None else self.source.name
        check(replace(settings, source=source), self._caps)
        return self._all(lambda: [self.set(name, value) for name, value in settings.as_options()])

    def reset(self, names: Iterable[str] | None = None) -> ApplyResult:
        """Restore defaults.

        Raises:
            DeviceError: UNSUPPORTED for a name that cannot be set.
        """
        if names is None:
            wanted = [item.name for item in self.options() if Access.WRITE in item.access]
        else:
            wanted = list(names)
            for name in wanted:
                option = find_option(self.options(), name)
                check_set(option, option.default)

        def restore() -> list[SetResult]:
            results = []
            for name in sorted(wanted, key=[item.name for item in self.options()].index):
                option = find_option(self.options(), name)
                if option.type is ValueType.ACTION:
                    continue
                if option.active:
                    results.append(self.set(name, option.default))
                else:
                    self._values[name] = option.default
            return results

        return self._all(restore)

    # -- inside

    def _all(self, steps: Callable[[], list[SetResult]]) -> ApplyResult:
        before = self.values
        try:
            return ApplyResult(tuple(steps()))
        except BaseException:
            self._values = before
            raise

    def _picture(self) -> dict[str, tuple[Option, Value]]:
        return {item.name: (item, self._values.get(item.name)) for item in self.options()}

    def _settle(self, moved: str = "") -> None:
        """Make everything fit again after *moved* was set."""
        self._values[MODE] = self.mode.value
        options = {item.name: item for item in self.options()}
        for name in (DEPTH, RESOLUTION, TL_X, TL_Y, BR_X, BR_Y):
            option = options[name]
            if not option.accepts(self._values[name]):
                self._values[name] = _nearest(option.constraint, self.number(name))
        for low, high in _EDGES:
            if self.number(high) - self.number(low) < LEAST_MM - 1e-9:
                if moved == high:
                    self._values[low] = self.number(high) - LEAST_MM
                else:
                    self._values[high] = self.number(low) + LEAST_MM


_SHAPING = (SOURCE, MODE, DEPTH, RESOLUTION, TL_X, TL_Y, BR_X, BR_Y, DETECT_SIZE)


def _fit(option: Option, value: Value | Auto) -> Value:
    """What the firmware takes for *value*, which has the right type."""
    assert value is not AUTO
    if option.accepts(value):
        return value
    if isinstance(value, int | float) and isinstance(option.constraint, Range | Choice):
        return _nearest(option.constraint, value)
    raise invalid(option, value, f"it takes {option.constraint}")


def _nearest(constraint: Constraint, value: float) -> float:
    assert isinstance(constraint, Range | Choice)
    return constraint.nearest(value)
