"""The options of one open device: what they are, what they are worth, and what setting one does to the others.

While a scan runs the back ends refuse even to be read (measured: `test` answers every sane_control_option with INVAL),
and the contract lets `get` and `options` be called at any time. So `freeze` takes a snapshot that answers until `thaw`.

SANE has no defaults. What an option is worth when it can first be read in this process is taken as its default, and
`open` puts a device back to that which an earlier session of the process has left otherwise: `test` remembers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from device_drivers.sane.descriptors import OptionDescriptor
from device_drivers.sane.errors import SaneBindingError
from device_drivers.sane.handle import SetOutcome
from device_drivers.sane.optionmap import Entry, from_native, map_options, to_native
from device_drivers.sane.statuses import device_error
from device_protocol.errors import DeviceError, Phase
from device_protocol.options import ApplyResult, Option, SetResult, check_get, check_set, find_option
from device_protocol.values import Auto, Value, ValueType
from device_protocol.vocabularies.sane_abi import Info

RESET_PASSES: Final = 4
"""Options that activate others may need that many rounds; two are enough for every back end known."""


class OptionAccess(Protocol):
    """The calls on an open device that are about options. All of them raise SaneBindingError for what the device refuses."""

    def option_descriptors(self) -> Sequence[OptionDescriptor]:
        """All options as they are now, in the back end's order; number 0 is the count."""
        ...

    def get_option(self, index: int) -> object:
        """The current value."""
        ...

    def set_option(self, index: int, value: object) -> SetOutcome:
        """Set a value; None presses a button."""
        ...

    def set_auto(self, index: int) -> SetOutcome:
        """Let the back end choose."""
        ...

    def get_parameters(self) -> object:
        """An estimate of the next page, comparable."""
        ...


class OptionTable:
    """Options by name over an open device.

    Args:
        handle: The open device.
        defaults: Known from earlier sessions of this process; completed here.
    """

    def __init__(self, handle: OptionAccess, defaults: dict[str, Value]) -> None:
        self._handle = handle
        self._defaults = defaults
        self._entries: dict[str, Entry] = {}
        self._values: dict[str, Value] = {}
        self._frozen = False
        self._refresh()

    def options(self) -> tuple[Option, ...]:
        """All options as they are now."""
        return tuple(entry.option for entry in self._entries.values())

    def option(self, name: str) -> Option | None:
        """The option of that name, if there is one."""
        entry = self._entries.get(name)
        return None if entry is None else entry.option

    def value(self, name: str) -> Value:
        """What is known of an option's value, without a native call; None if nothing is."""
        return self._values.get(name)

    def number(self, name: str) -> float | None:
        """The same, if it is a number."""
        value = self._values.get(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def snapshot(self) -> dict[str, Value]:
        """All known values, for `restore`."""
        return dict(self._values)

    def freeze(self) -> None:
        """A scan begins: answer from what is known."""
        self._frozen = True

    def thaw(self) -> None:
        """No scan runs any more."""
        self._frozen = False

    def get(self, name: str) -> Value:
        """The value.

        Raises:
            DeviceError: UNSUPPORTED for what cannot be read; what the back end says.
        """
        option = find_option(self.options(), name)
        check_get(option)
        if self._frozen and name in self._values:
            return self._values[name]
        descriptor = self._entries[name].descriptor
        try:
            return from_native(descriptor, self._handle.get_option(descriptor.index))
        except SaneBindingError as error:
            raise device_error(error, Phase.OPTIONS, option=name) from error

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """Set, read back, and find out what else it changed.

        Raises:
            DeviceError: UNSUPPORTED, INVALID_VALUE; what the back end says. The option is then as it was.
        """
        option = find_option(self.options(), name)
        check_set(option, value)
        descriptor = self._entries[name].descriptor
        before, values = self._entries, self._values
        parameters = self._parameters()
        try:
            if isinstance(value, Auto):
                info = self._handle.set_auto(descriptor.index).info
            else:
                info = self._handle.set_option(descriptor.index, to_native(descriptor, value)).info
        except SaneBindingError as error:
            raise device_error(error, Phase.OPTIONS, option=name, value=value) from error
        self._refresh()
        actual = self._values.get(name)
        return SetResult(
            name=name,
            requested=value,
            actual=actual,
            exact=isinstance(value, Auto) or option.type is ValueType.ACTION or actual == value,
            changed=self._changed(before, values, name),
            # Back ends forget RELOAD_PARAMS (measured: ppl-loss of `test`), so the parameters themselves are asked too.
            params_changed=Info.RELOAD_PARAMS in info or parameters != self._parameters(),
        )

    def set_all(self, pairs: Iterable[tuple[str, Value | Auto]]) -> ApplyResult:
        """Set several in order, or none: what was set is put back if a later one is refused (SET-11).

        Raises:
            DeviceError: As `set`.
        """
        results: list[SetResult] = []
        before = dict(self._values)
        try:
            for name, value in pairs:
                results.append(self.set(name, value))
        except DeviceError:
            self.restore(before)
            raise
        return ApplyResult(tuple(results))

    def reset(self, names: Iterable[str] | None = None) -> ApplyResult:
        """Restore defaults; options that are inactive now, or whose default is not known, stay as they are.

        Raises:
            DeviceError: UNSUPPORTED for a name that does not exist; what the back end says.
        """
        wanted = None if names is None else tuple(names)
        for name in wanted or ():
            find_option(self.options(), name)
        return ApplyResult(tuple(self.restore(self._defaults, wanted)))

    def restore(self, values: dict[str, Value], names: tuple[str, ...] | None = None) -> list[SetResult]:
        """Bring options to *values*, as far as they can be set: backwards, since later options depend on earlier ones."""
        results: list[SetResult] = []
        for turn in range(RESET_PASSES):
            done = True
            order = [name for name in self._entries if names is None or name in names]
            for name in reversed(order) if turn % 2 == 0 else order:
                option = self._entries[name].option
                if name not in values or not option.writable or not option.readable:
                    continue
                if self._values.get(name) != values[name]:
                    result = self.set(name, values[name])
                    results.append(result)
                    done = done and result.exact
                    done = False if result.changed else done
            if done:
                break
        return results

    def _parameters(self) -> object:
        try:
            return self._handle.get_parameters()
        except SaneBindingError:
            return None

    def _refresh(self) -> None:
        """Read all descriptors (the binding has them) and all values anew; remember first values as defaults."""
        descriptors = self._handle.option_descriptors()
        entries = map_options(descriptors, self._defaults)
        self._values = {}
        for name, entry in entries.items():
            if not entry.descriptor.readable:
                continue
            try:
                value = from_native(entry.descriptor, self._handle.get_option(entry.descriptor.index))
            except SaneBindingError:
                continue  # `get` will say so to whoever asks
            self._values[name] = value
            self._defaults.setdefault(name, value)
        self._entries = map_options(descriptors, self._defaults)

    def _changed(self, before: dict[str, Entry], values: dict[str, Value], name: str) -> tuple[str, ...]:
        """Names of other options that are not what they were; values of what only the hardware sets do not count."""
        changed = []
        for other in before | self._entries:
            if other == name:
                continue
            old, new = before.get(other), self._entries.get(other)
            same = old is not None and new is not None and old.descriptor == new.descriptor
            if not same or (old and old.option.writable and values.get(other) != self._values.get(other)):
                changed.append(other)
        return tuple(changed)
