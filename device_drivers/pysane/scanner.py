"""An open device of python-sane: options by attribute, parameters, and pages as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from device_drivers.pysane.wording import SYSTEM, translated
from device_drivers.sane.descriptors import Constraint, OptionDescriptor, Range, StringList, WordList
from device_drivers.sane.errors import SaneTextError
from device_drivers.sane.handle import SetOutcome
from device_protocol.vocabularies.sane import STATUS_TEXTS
from device_protocol.vocabularies.sane_abi import Cap, Info, Status, Unit, ValueType

GREY: Final = "gray"
"""What get_parameters calls a frame of one channel; anything else becomes a picture of three."""
OUT_OF_DOCUMENTS: Final = STATUS_TEXTS[Status.NO_DOCS]


@dataclass(frozen=True, slots=True)
class Shape:
    """Rows of packed pixels.

    Attributes:
        width, height: Pixels; the height is None if it is not known.
        channels: 1 or 3.
        depth: Bits per sample, 8 or 16.
    """

    width: int
    height: int | None
    channels: int
    depth: int

    @property
    def stride(self) -> int:
        """Bytes of a row."""
        return self.width * self.channels * self.depth // 8


@dataclass(frozen=True, slots=True)
class Picture:
    """What snap has given."""

    shape: Shape
    data: bytes


class Scanner:
    """An open device, as `OptionAccess` and with the verbs of a scan.

    Args:
        sane: The module.
        device: Its `SaneDev`.
        arrays: Take pages by `arr_snap`, as numpy arrays that can have 16 bits, and not by `snap`, as pictures of 8 bits.
    """

    def __init__(self, sane: ModuleType, device: Any, *, arrays: bool) -> None:
        self._sane = sane
        self._device = device
        self._arrays = arrays
        self._pages: Iterator[Any] | None = None
        self._options: dict[int, OptionDescriptor] = {}

    # -- options ------------------------------------------------------------------------------------------------------

    def option_descriptors(self) -> Sequence[OptionDescriptor]:
        """What `get_options` tells. An option whose constraint python-sane cannot express is left out by it."""
        with translated(self._sane):
            found = tuple(_descriptor(*told) for told in self._device.get_options())
        self._options = {option.index: option for option in found}
        return found

    def get_option(self, index: int) -> object:
        """The attribute. A bool comes as a number."""
        option = self._option(index)
        with translated(self._sane):
            value = getattr(self._device, _attribute(option))
        return bool(value) if option.type is ValueType.BOOL else value

    def set_option(self, index: int, value: object) -> SetOutcome:
        """Set the attribute, which tells nothing of what the back end made of it."""
        with translated(self._sane):
            setattr(self._device, _attribute(self._option(index)), value)
        return SetOutcome(None, Info(0))

    def set_auto(self, index: int) -> SetOutcome:
        """Let the back end choose."""
        with translated(self._sane):
            info = self._device.dev.set_auto_option(index)
        return SetOutcome(None, Info(info))

    def get_parameters(self) -> Shape:
        """The next page, or the one that has been started, as `snap` documents its result: packed rows of 8 bits, of 16 as an array."""
        with translated(self._sane):
            form, _, (width, lines), depth, _ = self._device.get_parameters()
        return Shape(
            width=width,
            height=lines if lines > 0 else None,
            channels=1 if form == GREY else 3,
            depth=16 if self._arrays and depth == 16 else 8,
        )

    # -- scanning -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start a page."""
        with translated(self._sane):
            self._device.start()

    def snap(self) -> Picture:
        """The whole page that was started; from another thread, `cancel` may come meanwhile."""
        with translated(self._sane):
            return _from_array(self._device.arr_snap()) if self._arrays else _from_image(self._device.snap())

    def next_of_feeder(self) -> Picture:
        """Start and take the next page of the feeder.

        Raises:
            SaneTextError: There is none, or the back end fails.
        """
        if self._arrays:  # there is no iterator that gives them
            self.start()
            return self.snap()
        with translated(self._sane):
            if self._pages is None:
                self._pages = self._device.multi_scan()
            try:
                return _from_image(next(self._pages))
            except StopIteration:
                raise SaneTextError(OUT_OF_DOCUMENTS, SYSTEM) from None

    def leave_feeder(self) -> None:
        """No page follows: the iterator cancels when it is dropped."""
        self._pages = None

    def cancel(self) -> None:
        """Cancel; from any thread."""
        with translated(self._sane):
            self._device.cancel()

    def close(self) -> None:
        """Give the device back."""
        self.leave_feeder()
        with translated(self._sane):
            self._device.close()

    def _option(self, index: int) -> OptionDescriptor:
        return self._options[index]


def _attribute(option: OptionDescriptor) -> str:
    return option.name.replace("-", "_")


def _descriptor(
    index: int,
    name: str | None,
    title: str | None,
    description: str | None,
    kind: int,
    unit: int,
    size: int,
    cap: int,
    constraint: object,
) -> OptionDescriptor:
    return OptionDescriptor(
        index,
        name or "",
        title or "",
        description or "",
        ValueType(kind),
        Unit(unit),
        size,
        Cap(cap),
        _told(constraint),
    )


def _told(constraint: object) -> Constraint:
    if isinstance(constraint, tuple):
        return Range(*constraint)
    if isinstance(constraint, list) and all(isinstance(item, str) for item in constraint):
        return StringList(tuple(constraint), tuple(item.encode("latin-1") for item in constraint))
    return WordList(tuple(constraint)) if isinstance(constraint, list) else None


def _from_image(image: Any) -> Picture:
    width, height = image.size
    return Picture(Shape(width, height, len(image.getbands()), 8), image.tobytes())


def _from_array(array: Any) -> Picture:
    height, width, channels = array.shape
    return Picture(Shape(width, height, channels, 8 * array.itemsize), array.tobytes())
