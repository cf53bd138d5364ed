"""The options of a camera: format, size and rate, which depend on each other, and the controls, which can be set while frames come."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping

from device_protocol import (
    AUTO,
    Access,
    ApplyResult,
    Auto,
    Choice,
    FrameMode,
    Mode,
    Option,
    PageParams,
    Range,
    SetResult,
    Settings,
    SourceCaps,
    Value,
    ValueType,
)
from device_protocol.options import (
    DEPTH,
    FRAME_RATE,
    FRAME_SIZE,
    MODE,
    PIXEL_FORMAT,
    READ_WRITE,
    RESOLUTION,
    SOURCE,
    check_get,
    check_set,
    find_option,
)
from device_protocol.settings import check
from simulators.cameras.controls import BRIGHTNESS, EXPOSURE, FOCUS, KINDS, WHITE_BALANCE, ZOOM
from simulators.cameras.model import YUYV, Camera
from simulators.cameras.optics import Shooting
from simulators.cameras.picture import FramePicture, frame_params
from simulators.cameras.shot import Shot
from simulators.profile import Profile
from simulators.rounding import fit

_SHAPING = (PIXEL_FORMAT, FRAME_SIZE)
_FIXED = (DEPTH, RESOLUTION)
"""What a scan may name and a camera has only one value of."""


class CameraFirmware:
    """The options of one session; see :class:`simulators.firmware.Firmware`.

    Args:
        profile: of a camera.
        serial: its number; the colours of the scene follow from it, so that two cameras do not see the same.
        values: what it remembers from the session before.
    """

    detects_size = False
    drops_blank = False
    passes = 1

    def __init__(self, profile: Profile, serial: str, values: Mapping[str, Value] | None = None) -> None:
        assert profile.camera is not None
        self._profile = profile
        self._camera: Camera = profile.camera
        self._seed = zlib.crc32(serial.encode())
        self._values: dict[str, Value] = {}
        self.forget()
        if values:
            self._values |= {name: value for name, value in values.items() if name in self._values}
            self._settle()

    @property
    def source(self) -> SourceCaps:
        """The only one."""
        return self._profile.sources[0]

    @property
    def mode(self) -> Mode:
        """The only one."""
        return self.source.modes[0]

    @property
    def frame_mode(self) -> FrameMode:
        """Format and size that are set."""
        width, height = (int(part) for part in str(self._values[FRAME_SIZE]).split("x"))
        found = self._camera.mode(str(self._values[PIXEL_FORMAT]), width, height)
        assert found is not None
        return found

    @property
    def values(self) -> dict[str, Value]:
        """All values, a copy."""
        return dict(self._values)

    def number(self, name: str) -> float:
        """The value of a numeric option."""
        value = self._values[name]
        assert isinstance(value, int | float)
        return value

    def text(self, name: str) -> str:
        """The value of a text option."""
        return str(self._values[name])

    def params(self) -> PageParams:
        """Of the next frame."""
        return frame_params(self.shooting(), self.text(PIXEL_FORMAT), final=False)

    def picture(self, shot: Shot) -> FramePicture:
        """The frame, as the options are now (CAM-02)."""
        quality = self._camera.habits.jpeg_quality
        return FramePicture(self.shooting(), self.text(PIXEL_FORMAT), quality, shot)

    def shooting(self) -> Shooting:
        """The settings of a picture, as the options are now."""
        mode, controls = self.frame_mode, self._camera.controls
        focus, balance = controls.get(FOCUS), controls.get(WHITE_BALANCE)
        defocus = 0.0
        if focus is not None and focus.maximum > focus.minimum:
            defocus = abs(self.number(FOCUS) - focus.default) / (focus.maximum - focus.minimum)
        return Shooting(
            width=mode.width,
            height=mode.height,
            exposure=self.number(EXPOSURE) if EXPOSURE in controls else 0.0,
            brightness=self.number(BRIGHTNESS) if BRIGHTNESS in controls else 0.0,
            defocus=defocus,
            zoom=self.number(ZOOM) if ZOOM in controls else 1.0,
            warmth=1.0 if balance is None else self.number(WHITE_BALANCE) / balance.default,
            halved=mode.fourcc == YUYV,
            seed=self._seed,
        )

    def forget(self) -> None:
        """Go back to the defaults."""
        first = self._camera.modes[0]
        self._values = {PIXEL_FORMAT: first.fourcc, FRAME_SIZE: first.size, FRAME_RATE: first.rates[0]}
        self._values = {item.name: item.default for item in self.options()}

    def options(self) -> tuple[Option, ...]:
        """The options as they are now."""
        fourcc, size = self._values[PIXEL_FORMAT], self._values[FRAME_SIZE]
        same = [mode for mode in self._camera.modes if mode.fourcc == fourcc]
        rates = next((mode.rates for mode in same if mode.size == size), same[0].rates)
        first = self._camera.modes[0]
        sizes = tuple(mode.size for mode in same)
        return (
            _option(SOURCE, "Source", "What is looked through.", (self.source.name,), self.source.name),
            _option(MODE, "Mode", "Frames are coloured.", (self.mode.value,), self.mode.value),
            _option(
                PIXEL_FORMAT,
                "Pixel format",
                "Four-character code.",
                tuple(dict.fromkeys(mode.fourcc for mode in self._camera.modes)),
                first.fourcc,
                (FRAME_SIZE, FRAME_RATE),
            ),
            _option(
                FRAME_SIZE,
                "Frame size",
                "Width x height in pixels.",
                sizes,
                first.size if first.size in sizes else sizes[0],
                (FRAME_RATE,),
            ),
            Option(
                FRAME_RATE,
                ValueType.FIXED,
                "Frame rate",
                "Frames a second.",
                constraint=Choice(rates),
                default=rates[0],
                group="Frames",
            ),
            *(self._control(name) for name in self._camera.controls),
        )

    def is_live(self, name: str) -> bool:
        """Whether an option can be set while frames come."""
        return name in self._camera.controls

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
        before = self._picture()
        limits = option.constraint
        step = limits.step if isinstance(limits, Range) else 0.0
        actual = option.default if value is AUTO else fit(option, value, step)
        self._values[name] = actual
        self._settle()
        after = self._picture()
        return SetResult(
            name=name,
            requested=value,
            actual=actual,
            exact=value is AUTO or actual == value,
            changed=tuple(item for item in after if item != name and after[item] != before[item]),
            params_changed=any(after[item][1] != before[item][1] for item in _SHAPING),
        )

    def apply(self, settings: Settings) -> ApplyResult:
        """Set all that *settings* names, or nothing.

        Raises:
            DeviceError: UNSUPPORTED, INVALID_VALUE; nothing has changed then.
        """
        check(settings, self._profile.caps())
        wanted = [(name, value) for name, value in settings.as_options() if name not in _FIXED]
        return self._together(lambda: [self.set(name, value) for name, value in wanted])

    def reset(self, names: Iterable[str] | None = None) -> ApplyResult:
        """Restore defaults.

        Raises:
            DeviceError: UNSUPPORTED for a name that cannot be set.
        """
        known = [item.name for item in self.options()]
        if names is None:
            wanted = known
        else:
            wanted = list(names)
            for name in wanted:
                find_option(self.options(), name)
            wanted.sort(key=known.index)
        return self._together(lambda: [self.set(name, find_option(self.options(), name).default) for name in wanted])

    def _together(self, steps: Callable[[], list[SetResult]]) -> ApplyResult:
        before = self.values
        try:
            return ApplyResult(tuple(steps()))
        except BaseException:
            self._values = before
            raise

    def _picture(self) -> dict[str, tuple[Option, Value]]:
        return {item.name: (item, self._values.get(item.name)) for item in self.options()}

    def _settle(self) -> None:
        """Make size and rate fit the format again: the nearest there is."""
        same = [mode for mode in self._camera.modes if mode.fourcc == self._values[PIXEL_FORMAT]]
        if self._values[FRAME_SIZE] not in {mode.size for mode in same}:
            wanted = _pixels(str(self._values[FRAME_SIZE]))
            self._values[FRAME_SIZE] = min(same, key=lambda mode: abs(mode.width * mode.height - wanted)).size
        rates = Choice(self.frame_mode.rates)
        if not rates.accepts(self._values[FRAME_RATE]):
            self._values[FRAME_RATE] = rates.nearest(self.number(FRAME_RATE))

    def _control(self, name: str) -> Option:
        kind, control = KINDS[name], self._camera.controls[name]
        number: type[int | float] = int if kind.type is ValueType.INT else float
        access = READ_WRITE | Access.LIVE | (Access.AUTO if control.auto else Access.NONE)
        return Option(
            name,
            kind.type,
            kind.title,
            kind.words,
            unit=kind.unit,
            constraint=Range(number(control.minimum), number(control.maximum), number(control.step)),
            default=number(control.default),
            access=access,
            group="Controls",
        )


def _option(
    name: str, title: str, words: str, values: tuple[str, ...], default: str, affects: tuple[str, ...] = ()
) -> Option:
    return Option(
        name,
        ValueType.STRING,
        title,
        words,
        constraint=Choice(values),
        default=default,
        affects=affects,
        group="Frames",
    )


def _pixels(size: str) -> int:
    width, height = (int(part) for part in size.split("x"))
    return width * height
