"""Who is there: device identities, lists, and changes of the list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase


class DeviceKind(StrEnum):
    """What sort of device it is. Being virtual is a flag beside it, not a kind."""

    SCANNER = "scanner"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A device as enumeration shows it.

    Attributes:
        id: stable id. A driver gives its native id; the host puts the driver's entry point and a colon in front (``sanelab:test:0``).
        maker, model, kind: for people and menus.
        transport: how it is reached ("usb", "net", "virtual", ...).
        virtual: no hardware behind it.
        rest_type: device type bit that the REST service shows it as (rest-api.md 4); 0 means "any": the first that the client's mask contains.
        native: opaque words of the driver.
    """

    id: str
    model: str
    maker: str = ""
    kind: DeviceKind = DeviceKind.SCANNER
    transport: str = ""
    virtual: bool = False
    rest_type: int = 0
    native: str = ""


@dataclass(frozen=True, slots=True)
class TransportFailure:
    """A way of finding devices that did not work; it hides no devices of the others (DISC-04)."""

    transport: str
    code: Code
    message: str


@dataclass(frozen=True, slots=True)
class DeviceList:
    """A finished enumeration: immutable (DISC-02), ids unique and not empty (DISC-01)."""

    devices: tuple[DeviceInfo, ...] = ()
    failures: tuple[TransportFailure, ...] = ()

    def __iter__(self) -> Iterator[DeviceInfo]:
        return iter(self.devices)

    def __len__(self) -> int:
        return len(self.devices)


class ChangeKind(StrEnum):
    """What ``watch`` tells."""

    LIST = "list"
    ARRIVED = "arrived"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """One message of ``Backend.watch()``: first a LIST with everything, then single changes; *revision* grows by one each."""

    kind: ChangeKind
    revision: int
    devices: tuple[DeviceInfo, ...]
    failures: tuple[TransportFailure, ...] = ()


def split_id(device_id: str) -> tuple[str, str]:
    """Split ``ENTRYPOINT:NATIVE_ID`` at the first colon.

    Raises:
        DeviceError: NOT_FOUND, when it has no driver or no native part.
    """
    driver, colon, native = device_id.partition(":")
    if not (driver and colon and native):
        raise DeviceError(
            Code.NOT_FOUND, f"{device_id!r} is not a device id; one looks like virtual:feeder.", phase=Phase.OPEN
        )
    return driver, native
