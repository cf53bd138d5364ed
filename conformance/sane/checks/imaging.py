"""How checks scan: which settings, how much of the glass, and a whole image by its frames."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.outcomes import NeedsOperator
from conformance.sane.desk import Opened
from conformance.sane.legal import CORNERS, DEEPEST
from conformance.sane.model import Frame, Option, expected_bytes
from device_protocol.vocabularies.sane_abi import (
    FIXED_ONE,
    ConstraintType,
    Parameters,
    Status,
    Unit,
    ValueType,
    status_name,
)

Settings = Mapping[str, int | str]

SMALL_MM, SMALL_PIXELS = (20, 12), (160, 96)
"""Width and height of what most checks scan."""
SLACK = 1 << 16
UNKNOWN_LIMIT = 64 << 20
"""Bytes of a frame of unknown height after which it is held to be endless."""
MOST_BYTES = 8 << 20
"""Of a frame that is scanned whole at the default level; a larger one is scanned in part."""
MOST_READS = 3000
MOST_FRAMES = 4
CHUNK = 32768
WANTED_DPI = (75, 150)


def shown(settings: Settings) -> str:
    """Settings for people."""
    return ", ".join(f"{name}={value}" for name, value in settings.items()) or "the defaults"


async def use(device: Opened, settings: Settings) -> bool:
    """Set options by name; whether all of them took it."""
    done = [await device.put(name, _native(device, name, value)) for name, value in settings.items()]
    return all(done)


def _native(device: Opened, name: str, value: int | str) -> int | str:
    """Resolutions are written in dpi, whatever the option's type."""
    option = device.find(name)
    fixed = option is not None and option.type == ValueType.FIXED and isinstance(value, int) and name == "resolution"
    return value * FIXED_ONE if fixed and isinstance(value, int) else value


def useful_dpi(option: Option | None, level: int) -> list[int]:
    """What is scanned at, dpi: the lowest and two usual ones; from level 3 the highest too."""
    if option is None or not option.settable:
        return []
    scale = FIXED_ONE if option.type == ValueType.FIXED else 1
    if option.constraint.range is not None:
        low, high, step = (part // scale for part in option.constraint.range)
        usual = [low + (max(low, min(high, dpi)) - low) // max(1, step) * max(1, step) for dpi in WANTED_DPI]
        found = [max(1, low), *usual, *([high] if level >= 3 else [])]
    elif option.constraint.kind == ConstraintType.WORD_LIST:
        listed = sorted(word // scale for word in option.constraint.words)
        usual = [min(listed, key=lambda word: abs(word - dpi)) for dpi in WANTED_DPI] if listed else []
        found = listed if level >= 3 else [*listed[:1], *usual]
    else:
        found = []
    return sorted(set(found))


def combinations(device: Opened, *, level: int = 2, resolutions: bool = True) -> Iterator[dict[str, int | str]]:
    """Settings that are worth a scan each: modes, depths and resolutions that the descriptors offer now."""
    mode, depth, resolution = (device.find(name) for name in ("mode", "depth", "resolution"))
    modes: list[dict[str, int | str]] = [{}]
    if mode is not None and mode.settable and mode.constraint.texts:
        modes = [{"mode": text} for text in mode.constraint.texts]
    depths: list[dict[str, int | str]] = [{}]
    if depth is not None and depth.constraint.words:
        depths = [{"depth": word} for word in depth.constraint.words]
    found = useful_dpi(resolution, level) if resolutions else []
    dpis: list[dict[str, int | str]] = [{"resolution": dpi} for dpi in found] or [{}]
    for parts in itertools.product(modes, depths, dpis):
        yield {key: value for part in parts for key, value in part.items()}


async def small(device: Opened) -> None:
    """Choose a small area from the upper left, if the area can be chosen, and the usual resolution."""
    dpi = useful_dpi(device.find("resolution"), 2)
    if dpi:
        await use(device, {"resolution": min(dpi, key=lambda found: abs(found - WANTED_DPI[0]))})
    for name in CORNERS:
        option = device.find(name)
        if option is None or option.constraint.range is None:
            return
        low, high, _ = option.constraint.range
        length = (SMALL_PIXELS if option.unit == Unit.PIXEL else SMALL_MM)[name.endswith("y")]
        wanted = low if name.startswith("tl") else low + length * (FIXED_ONE if option.type == ValueType.FIXED else 1)
        await device.put(name, min(high, wanted))


async def bytes_of_a_read(device: Opened) -> float:
    """How much a large read gives on average, by a small image; a back end may give a byte at a time."""
    await small(device)
    found = await image(device)
    return sum(frame.total for frame in found.frames) / max(1, sum(frame.reads for frame in found.frames))


async def full(device: Opened, per_read: float = CHUNK, level: int = 2) -> None:
    """Choose all of it, or a small part if that would be too much for the level: in bytes, or in reads of *per_read* bytes each."""
    for name in CORNERS:
        option = device.find(name)
        if option is not None and option.constraint.range is not None:
            await device.put(name, option.constraint.range[name.startswith("br")])
    _, parameters = await device.parameters()
    expected = expected_bytes(parameters)
    most = min(MOST_BYTES, per_read * MOST_READS)
    if level < DEEPEST and (expected is None or expected > most):
        resolution = device.find("resolution")
        value = (await device.get(resolution)).value if resolution is not None and resolution.readable else None
        await small(device)
        if resolution is not None and value is not None and resolution.settable:
            await device.set(resolution, value)


@dataclass(frozen=True, slots=True)
class Image:
    """A whole scan.

    Attributes:
        parameters: of each frame, between its start and its first read.
        frames: what its reads gave.
    """

    parameters: tuple[Parameters, ...]
    frames: tuple[Frame, ...]

    @property
    def whole(self) -> bool:
        """Whether each frame ended with EOF, and had the bytes that were announced."""
        return all(
            frame.whole and expected_bytes(parameters) in {None, frame.total}
            for parameters, frame in zip(self.parameters, self.frames, strict=True)
        )

    @property
    def sha(self) -> tuple[str, ...]:
        """Of the bytes of all frames."""
        return tuple(frame.sha for frame in self.frames)

    def told(self) -> str:
        """What came, for people."""
        return "; ".join(
            f"frame {number}: {frame.total} of {expected_bytes(parameters)} bytes, then {frame.name}"
            + ("" if frame.ended == "status" else f" ({frame.ended})")
            for number, (parameters, frame) in enumerate(zip(self.parameters, self.frames, strict=True), 1)
        )


def limit(parameters: Parameters) -> int:
    """Bytes after which a frame is held to be endless."""
    expected = expected_bytes(parameters)
    return UNKNOWN_LIMIT if expected is None else max(0, expected) + SLACK


async def started(device: Opened) -> Parameters:
    """Start a frame that other requirements promise to work.

    Raises:
        NeedsOperator: there is no paper.
        Untestable: it does not start.
    """
    status = await device.start()
    if status == Status.NO_DOCS:
        raise NeedsOperator("load paper: sane_start gives NO_DOCS")
    device.desk.promised(status == Status.GOOD, f"sane_start gives {status_name(status)}")
    status, parameters = await device.parameters()
    device.desk.promised(status == Status.GOOD, f"sane_get_parameters in a scan gives {status_name(status)}")
    return parameters


async def image(device: Opened, sizes: list[int] | None = None, *, fill: int = 0xA5) -> Image:
    """Scan a whole image, and end the scan as the standard's code flow does."""
    parameters: list[Parameters] = []
    frames: list[Frame] = []
    while True:
        parameters.append(await started(device))
        frames.append(await device.drain(sizes or [CHUNK], limit(parameters[-1]), fill=fill))
        if parameters[-1].last_frame or not frames[-1].whole or len(frames) >= MOST_FRAMES:
            break
    await device.cancel()
    return Image(tuple(parameters), tuple(frames))
