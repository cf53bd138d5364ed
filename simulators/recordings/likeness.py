"""Answers off the record: what a device of which only a recording is known would most likely say.

Options behave as their descriptors promise, unless the very same call was recorded somewhere; a scan gives the pages of the recorded scan whose settings
are most like those that are set. What was never recorded in any form is refused with UNSUPPORTED, in words that say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from device_protocol import (
    AUTO,
    ApplyResult,
    Auto,
    Choice,
    Code,
    DeviceCaps,
    DeviceError,
    Option,
    PageEnd,
    PageInfo,
    PageParams,
    Phase,
    Range,
    SetResult,
    Settings,
    Value,
    ValueType,
)
from device_protocol.options import (
    AREA_NAMES,
    DEPTH,
    MODE,
    RESOLUTION,
    SOURCE,
    check_get,
    check_set,
    find_option,
    invalid,
)
from device_protocol.plain import PlainError, from_plain
from simulators.recordings.log import Ending, Entry, PageData, Recording, key_of, plain_or_text

WEIGHTS = {SOURCE: 16.0, MODE: 8.0, DEPTH: 4.0, RESOLUTION: 2.0} | dict.fromkeys(AREA_NAMES, 0.1)
"""How much it counts that a recorded scan has the same value. A page of the right source in the wrong resolution is better than the reverse."""

NEAR = 0.9
"""How much a number counts that is nearly the same."""


def off_record(what: str) -> DeviceError:
    """What a call ends with for which there is nothing to go by."""
    return DeviceError(Code.UNSUPPORTED, f"The recording has nothing for {what}.", phase=Phase.OPTIONS)


@dataclass(slots=True)
class LikePage:
    """A recorded page.

    Attributes:
        info: as it began.
        data: which bytes were read of it.
        end: as it ended; None if nobody asked.
    """

    info: PageInfo
    data: PageData
    end: PageEnd | None = None


@dataclass(slots=True)
class LikeScan:
    """A recorded job with at least one whole page.

    Attributes:
        values: options as far as they were known when it started.
        pages: its pages.
    """

    values: Mapping[str, Value]
    pages: list[LikePage] = field(default_factory=list)


class Likeness:
    """What a recording tells about its device, whatever the order of calls."""

    def __init__(self, recording: Recording) -> None:
        self.scans: list[LikeScan] = []
        self._caps: DeviceCaps | None = None
        self._options: list[tuple[dict[str, Value], tuple[Option, ...]]] = []
        self._sets: dict[str, SetResult] = {}
        self._params: PageParams | None = None
        self._read(recording)

    def caps(self) -> DeviceCaps:
        """Capabilities.

        Raises:
            DeviceError: UNSUPPORTED, there are none on record.
        """
        if self._caps is None:
            raise off_record("caps()")
        return self._caps

    def options(self, values: Mapping[str, Value]) -> tuple[Option, ...]:
        """The options with such values.

        Raises:
            DeviceError: UNSUPPORTED, there are none on record.
        """
        if not self._options:
            raise off_record("options()")
        return max(self._options, key=lambda item: alike(item[0], values))[1]

    def get(self, values: Mapping[str, Value], name: str) -> Value:
        """The value of an option.

        Raises:
            DeviceError: UNSUPPORTED, as of any device.
        """
        option = find_option(self.options(values), name)
        check_get(option)
        return values.get(name, option.default)

    def set(self, values: dict[str, Value], name: str, value: Value | Auto) -> SetResult:
        """Set an option in *values*.

        Raises:
            DeviceError: as of any device; nothing has changed then.
        """
        option = find_option(self.options(values), name)
        check_set(option, value)
        result = self._sets.get(key_of("", "set", [plain_or_text(name), plain_or_text(value)]))
        if result is None:
            actual = _actual(option, value)
            result = SetResult(name, value, actual, exact=value is AUTO or actual == value)
        if option.type is not ValueType.ACTION:
            values[name] = result.actual
        return result

    def apply(self, values: dict[str, Value], settings: Settings) -> ApplyResult:
        """Set all that *settings* names, or nothing.

        Raises:
            DeviceError: as of any device; nothing has changed then.
        """
        tried = dict(values)
        results = tuple(self.set(tried, name, value) for name, value in settings.as_options())
        values.update(tried)
        return ApplyResult(results)

    def reset(self, values: dict[str, Value], names: tuple[str, ...] | None) -> ApplyResult:
        """Restore defaults.

        Raises:
            DeviceError: UNSUPPORTED for an option that does not exist.
        """
        options = self.options(values)
        wanted = [find_option(options, name) for name in names] if names is not None else list(options)
        results = []
        for option in wanted:
            if option.writable and option.type is not ValueType.ACTION:
                values[option.name] = option.default
                results.append(SetResult(option.name, option.default, option.default))
        return ApplyResult(tuple(results))

    def scan(self, values: Mapping[str, Value]) -> LikeScan:
        """The recorded scan that is most like one with such values; among equals the one with most pages.

        Raises:
            DeviceError: UNSUPPORTED, there is no scan on record.
        """
        if not self.scans:
            raise off_record("a scan")
        return max(self.scans, key=lambda item: (alike(item.values, values), len(item.pages)))

    def params(self, values: Mapping[str, Value]) -> PageParams:
        """An estimate for the next page.

        Raises:
            DeviceError: UNSUPPORTED, there is nothing to go by.
        """
        if self.scans:
            return replace(self.scan(values).pages[0].info.params, final=False)
        if self._params is None:
            raise off_record("params()")
        return self._params

    # -- reading the log

    def _read(self, recording: Recording) -> None:
        pages = {(page.backend, page.page): page for page in recording.pages}
        values: dict[tuple[int, str], dict[str, Value]] = {}
        scans: dict[tuple[int, str], LikeScan] = {}
        begun: dict[tuple[int, str], LikePage] = {}
        for entry in recording.entries:
            if entry.ending is not Ending.ANSWER:
                continue
            place = (entry.backend, entry.handle)
            answer = _answer(entry)
            match entry.verb:
                case "start":
                    scans[entry.backend, entry.new] = LikeScan(dict(values.get(place, {}) | _named(entry)))
                case "next_page" if isinstance(answer, PageInfo) and place in scans:
                    data = pages.get((entry.backend, entry.new))
                    if data is not None:
                        begun[entry.backend, entry.new] = page = LikePage(answer, data)
                        scans[place].pages.append(page)
                case "end" if isinstance(answer, PageEnd) and place in begun:
                    begun[place].end = answer
                case _:
                    self._learn(entry, answer, values.setdefault(place, {}))
        for scan in scans.values():
            whole = [page for page in scan.pages if _whole(page)]
            if whole:
                self.scans.append(LikeScan(scan.values, whole))

    def _learn(self, entry: Entry, answer: object, values: dict[str, Value]) -> None:
        match answer:
            case DeviceCaps():
                self._caps = self._caps or answer
            case PageParams():
                self._params = self._params or answer
            case SetResult():
                self._sets[key_of("", "set", entry.arguments)] = answer
                values[answer.name] = answer.actual
            case ApplyResult():
                values.update({result.name: result.actual for result in answer.results})
            case tuple() if entry.verb == "options" and all(isinstance(item, Option) for item in answer):
                self._options.append((dict(values), answer))
            case None | bool() | int() | float() | str() | tuple() if entry.verb == "get":
                values[str(entry.arguments[0])] = answer


def alike(one: Mapping[str, Value], other: Mapping[str, Value]) -> float:
    """How much two sets of values have in common; near resolutions are better than far ones."""
    total = 0.0
    for name, weight in WEIGHTS.items():
        if name in one and name in other:
            a, b = one[name], other[name]
            if a == b:
                total += weight
            elif isinstance(a, int | float) and isinstance(b, int | float) and a > 0 and b > 0:
                total += NEAR * weight * min(a, b) / max(a, b)
    return total


def _answer(entry: Entry) -> object:
    try:
        return from_plain(entry.answer)
    except PlainError:
        return None


def _named(entry: Entry) -> dict[str, Value]:
    try:
        settings = from_plain(entry.arguments[0]) if entry.arguments else None
    except PlainError:
        return {}
    return dict(settings.as_options()) if isinstance(settings, Settings) else {}


def _whole(page: LikePage) -> bool:
    total = page.info.params.total if page.end is None else page.end.params.total
    return page.data.bytes > 0 and (total is None or page.data.bytes >= total)


def _actual(option: Option, value: Value | Auto) -> Value:
    if value is AUTO:
        return option.default
    assert not isinstance(value, Auto)
    if option.type is ValueType.ACTION or option.accepts(value):
        return value
    if isinstance(value, int | float) and isinstance(option.constraint, Range | Choice):
        return option.constraint.nearest(value)
    raise invalid(option, value, f"it takes {option.constraint}")
