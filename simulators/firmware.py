"""The firmware's options: values, what depends on what, rounding, and the parameters that follow.

Numbers outside their constraint are rounded and reported; texts are refused (CAPS-08). The area is kept at least :data:`LEAST_MM` wide and high: an edge
that is moved over the opposite one pushes that along, and says so in the notice (SET-06, SET-12).

Inside, every option has its usual name and is there. What the outside sees is :meth:`Firmware.options`: without those that the machine does not have, and
under the names and with the lies of its defects (:mod:`simulators.profiles.defects`).
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
    SetResult,
    Settings,
    SourceCaps,
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
    Access,
    check_get,
    check_set,
    find_option,
    invalid,
)
from device_protocol.settings import check
from simulators.option_table import DETECT_SIZE, DISCARD_BLANK, LEAST_MM, THREE_PASS, Facts, build
from simulators.profile import Profile
from simulators.profiles.model import OPTIONAL, PASSES
from simulators.rounding import fit, nearest

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
        self._defects = profile.defects
        self._caps = profile.caps()
        self._outer = dict(self._defects.option_names)
        self._inner = {outer: name for name, outer in self._outer.items()}
        self._absent = set(OPTIONAL) - set(profile.traits.options)
        if self._defects.hides_sources:
            self._absent.add(SOURCE)
        self._serial = serial
        self._values: dict[str, Value] = {}
        self._tables: dict[
            tuple[str, Mode], tuple[Option, ...]
        ] = {}  # of what else they depend on, nothing ever changes
        self.forget()
        if values:
            self._values |= {name: value for name, value in values.items() if name in self._values}
            self._settle()

    @property
    def source(self) -> SourceCaps:
        """The source that is set."""
        found = next((item for item in self._sources if item.name == self._values[SOURCE]), None)
        assert found is not None
        return found

    @property
    def _sources(self) -> tuple[SourceCaps, ...]:
        """The sources that can be set, or all of a machine that names none."""
        return self._caps.sources or self._profile.sources

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
        return bool(self._values[DETECT_SIZE]) and self._option(DETECT_SIZE).active

    @property
    def drops_blank(self) -> bool:
        """Whether blank sides are not delivered."""
        if self._defects.ignores_blank_discard:
            return False
        return bool(self._values.get(DISCARD_BLANK)) and self._option(DISCARD_BLANK).active

    @property
    def passes(self) -> int:
        """Exposures that a page takes."""
        three = next((item for item in self._all() if item.name == THREE_PASS), None)
        return PASSES if three is not None and three.active and self._values[THREE_PASS] else 1

    def forget(self) -> None:
        """Go back to the defaults."""
        self._values = {SOURCE: self._profile.default_source}
        for _ in range(2):  # the mode of the default source decides about the others
            self._values |= {item.name: item.default for item in self._all() if item.type is not ValueType.ACTION}

    def options(self) -> tuple[Option, ...]:
        """The options that the machine shows now."""
        return tuple(self._shown(item) for item in self._all() if self._is_there(item))

    def is_live(self, name: str) -> bool:
        """Whether an option can be set while a job runs."""
        return any(item.name == name and Access.LIVE in item.access for item in self.options())

    def get(self, name: str) -> Value:
        """The value of an option.

        Raises:
            DeviceError: UNSUPPORTED.
        """
        option = self._find(name)
        if not (self._defects.writes_inactive and Access.READ in option.access):
            check_get(self._shown(option))
        return self._values[option.name]

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """Set one option.

        Raises:
            DeviceError: UNSUPPORTED, INVALID_VALUE; nothing has changed then.
        """
        option = self._find(name)
        limits = option.constraint
        if self._defects.refuses_single_value and isinstance(limits, Choice) and len(limits.values) == 1:
            raise invalid(self._shown(option), value, "it cannot be set")
        return self._set(option, value)

    def _set(self, option: Option, value: Value | Auto) -> SetResult:
        defects = self._defects
        shown = self._shown(option)
        check_set(self._permissive(shown), value)
        name = shown.name
        if option.type is ValueType.ACTION:
            return SetResult(name, value, None)
        before, old = self._picture(), self.values
        actual = option.default if value is AUTO else fit(shown, value, self._profile.rounding.step(option.name))
        self._values[option.name] = actual
        self._settle(moved=option.name)
        after = self._picture()
        names = dict.fromkeys([*after, *before])
        changed = tuple(item for item in names if item != name and after.get(item) != before.get(item))
        exact = value is AUTO or actual == value
        said = value if defects.silent_rounding and not isinstance(value, Auto) else actual
        return SetResult(
            name=name,
            requested=value,
            actual=said,
            exact=exact or defects.silent_rounding,
            changed=() if defects.silent_changes else changed,
            params_changed=not defects.silent_changes and any(self._values[item] != old[item] for item in _SHAPING),
        )

    def apply(self, settings: Settings) -> ApplyResult:
        """Set all that *settings* names, or nothing.

        Raises:
            DeviceError: UNSUPPORTED, INVALID_VALUE; nothing has changed then.
        """
        source = settings.source if settings.source is not None else self.source.name
        check(replace(settings, source=source), replace(self._caps, sources=self._sources, default_source=source))
        extra = {name for name, _ in settings.extra}
        return self._together(
            lambda: [
                # the firmware's own client, its driver, knows what it calls its options
                self._set(self._find(name) if name in extra else self._option(name), value)
                for name, value in settings.as_options()
            ]
        )

    def reset(self, names: Iterable[str] | None = None) -> ApplyResult:
        """Restore defaults.

        Raises:
            DeviceError: UNSUPPORTED for a name that cannot be set.
        """
        if names is None:
            wanted = [item.name for item in self._all() if Access.WRITE in item.access]
        else:
            wanted = []
            for name in names:
                option = self._find(name)
                check_set(self._permissive(self._shown(option)), option.default)
                wanted.append(option.name)

        def restore() -> list[SetResult]:
            results = []
            for name in sorted(wanted, key=[item.name for item in self._all()].index):
                option = self._option(name)
                if option.type is ValueType.ACTION:
                    continue
                if option.active and self._is_there(option):
                    results.append(self._set(option, option.default))
                else:
                    self._values[name] = option.default
            return results

        return self._together(restore)

    # -- inside

    def _all(self) -> tuple[Option, ...]:
        """Every option, under its usual name."""
        key = self.source.name, self.mode
        if key not in self._tables:
            self._tables[key] = build(Facts(self._profile, self.source, self.mode, self._serial))
        return self._tables[key]

    def _option(self, name: str) -> Option:
        """The option of a usual name."""
        return find_option(self._all(), name)

    def _find(self, name: str) -> Option:
        """The option that the outside calls *name*."""
        if name in self._outer or name in self._absent:
            return find_option((), name)  # there is none of that name
        return self._option(self._inner.get(name, name))

    def _is_there(self, option: Option) -> bool:
        if option.name in self._absent:
            return False
        return option.active or not self._profile.traits.vanishing_options

    def _shown(self, option: Option) -> Option:
        return replace(option, name=self._outer[option.name]) if option.name in self._outer else option

    def _permissive(self, option: Option) -> Option:
        """The option as far as the firmware looks at its access."""
        access = option.access
        if self._defects.writes_inactive:
            access &= ~Access.INACTIVE
        if self._defects.writes_read_only:
            access |= Access.WRITE
        return option if access == option.access else replace(option, access=access)

    def _together(self, steps: Callable[[], list[SetResult]]) -> ApplyResult:
        before = self.values
        try:
            return ApplyResult(tuple(steps()))
        except BaseException:
            self._values = before
            raise

    def _picture(self) -> dict[str, tuple[Option, Value]]:
        """What the outside can see of the options, by the names that it knows."""
        return {
            self._outer.get(item.name, item.name): (item, self._values.get(item.name))
            for item in self._all()
            if self._is_there(item)
        }

    def _settle(self, moved: str = "") -> None:
        """Make everything fit again after *moved* was set."""
        self._values[MODE] = self.mode.value
        options = {item.name: item for item in self._all()}
        for name in (DEPTH, RESOLUTION, TL_X, TL_Y, BR_X, BR_Y):
            option = options[name]
            if not option.accepts(self._values[name]):
                self._values[name] = nearest(option.constraint, self.number(name))
        for low, high in _EDGES:
            if self.number(high) - self.number(low) < LEAST_MM - 1e-9:
                if moved == high:
                    self._values[low] = self.number(high) - LEAST_MM
                else:
                    self._values[high] = self.number(low) + LEAST_MM


_SHAPING = (SOURCE, MODE, DEPTH, RESOLUTION, TL_X, TL_Y, BR_X, BR_Y, DETECT_SIZE)
