"""libsane as a backend of the contract: devices, sessions, and the end of the library. Shared by the drivers that reach it by different bindings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar

from device_drivers.sane.errors import SaneBindingError
from device_drivers.sane.library import Device
from device_drivers.sane.names import backend_of, openable_unlisted, transport_of
from device_drivers.sane.optiontable import OptionAccess
from device_drivers.sane.statuses import device_error
from device_protocol.blocking import BlockingSession, Inbox, run_queue
from device_protocol.codes import Code
from device_protocol.control import ControlCaps
from device_protocol.devices import DeviceInfo, DeviceList
from device_protocol.errors import DeviceError, Phase
from device_protocol.values import Value
from device_protocol.vocabularies.rest import DeviceType

LAB_BACKEND: Final = "test"


class OpenDevice(OptionAccess, Protocol):
    """An open device as the library gives it."""

    def close(self) -> None:
        """Give it back."""
        ...


OpenT = TypeVar("OpenT", bound=OpenDevice)
OpenT_co = TypeVar("OpenT_co", bound=OpenDevice, covariant=True)
SessionT = TypeVar("SessionT", bound=BlockingSession)
SessionT_co = TypeVar("SessionT_co", bound=BlockingSession, covariant=True)
OpenT_contra = TypeVar("OpenT_contra", bound=OpenDevice, contravariant=True)


class Library(Protocol[OpenT_co]):
    """What a binding of libsane has to offer a backend. All of it raises SaneBindingError."""

    def get_devices(self, *, local_only: bool = False) -> tuple[Device, ...]:
        """The devices there are now."""
        ...

    def open(self, name: str) -> OpenT_co:
        """Open a device."""
        ...

    def exit(self) -> None:
        """End it; nothing is called afterwards."""
        ...


class MakeSession(Protocol[OpenT_contra, SessionT_co]):
    """Makes the session of an open device; see `SaneSession`."""

    def __call__(
        self,
        handle: OpenT_contra,
        defaults: dict[str, Value],
        *,
        deterministic: bool,
        later: Callable[[Callable[[], None]], None] | None,
        read_ahead: bool,
        closed: Callable[[], None],
    ) -> SessionT_co:
        """A session."""
        ...


class LibraryBackend(Generic[OpenT, SessionT]):
    """Libsane as a backend of the contract, whatever binding reaches it.

    Args:
        make: Initialises the library; called on the driver's thread, at the first verb.
        session: Makes the session of an open device.
        network: Whether enumeration asks the network too.
        read_ahead: See `SaneJob`.
    """

    def __init__(
        self,
        make: Callable[[], Library[OpenT]],
        session: MakeSession[OpenT, SessionT],
        *,
        network: bool = False,
        read_ahead: bool = False,
    ) -> None:
        self._make = make
        self._session = session
        self._network = network
        self._read_ahead = read_ahead
        self._library: Library[OpenT] | None = None
        self._inbox: Inbox | None = None
        self._closed = False
        self._sessions: dict[str, SessionT] = {}
        self._defaults: dict[str, dict[str, Value]] = {}
        self._listed: set[str] = set()

    def devices(self) -> DeviceList:
        """A new enumeration. libsane leaves out back ends that fail without a word, so there are never failures."""
        found = self._list(Phase.DISCOVER)
        return DeviceList(tuple({device.name: _info(device) for device in found}.values()))

    def open(self, device_id: str) -> SessionT:
        """Open a device by its native id; what is not listed is held to `names`.

        Raises:
            DeviceError: NOT_FOUND, BUSY, ACCESS_DENIED, DEVICE_LOST, ...
        """
        library = self._running(Phase.OPEN)
        if device_id in self._sessions:
            raise DeviceError(Code.BUSY, f"{device_id} is open in this driver.", phase=Phase.OPEN)
        if device_id not in self._listed and not openable_unlisted(device_id):
            self._list(Phase.OPEN)
            if device_id not in self._listed:
                raise DeviceError(Code.NOT_FOUND, f"SANE has no device {device_id!r}.", phase=Phase.OPEN)
        try:
            handle = library.open(device_id)
        except SaneBindingError as error:
            raise device_error(error, Phase.OPEN) from error
        try:
            session = self._session(
                handle,
                self._defaults.setdefault(device_id, {}),
                deterministic=backend_of(device_id) == LAB_BACKEND,
                later=None if self._inbox is None else self._inbox.put,
                read_ahead=self._read_ahead,
                closed=lambda: self._forget(device_id),
            )
        except SaneBindingError as error:
            handle.close()
            raise device_error(error, Phase.OPEN) from error
        except BaseException:
            handle.close()
            raise
        self._sessions[device_id] = session
        return session

    def control_caps(self, device_id: str) -> ControlCaps:
        """Nothing of a SANE device's surroundings can be controlled."""
        del device_id
        self._running(Phase.CONTROL)
        return ControlCaps()

    def control(self, device_id: str, action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Always refused.

        Raises:
            DeviceError: UNSUPPORTED.
        """
        self._running(Phase.CONTROL)
        raise DeviceError(
            Code.UNSUPPORTED,
            f"{device_id} has no {action!r} to control ({len(arguments)} arguments).",
            phase=Phase.CONTROL,
        )

    def run(self, inbox: Inbox) -> None:
        """Execute calls until the host goes away."""
        self._inbox = inbox
        run_queue(inbox)

    def close(self) -> None:
        """Close all sessions and end libsane; idempotent."""
        if self._closed:
            return
        for session in tuple(self._sessions.values()):
            session.close()
        self._closed = True
        if self._library is not None:
            self._library.exit()

    def _running(self, phase: Phase) -> Library[OpenT]:
        if self._closed:
            raise DeviceError(Code.CLOSED, phase=phase)
        if self._library is None:
            try:
                self._library = self._make()
            except SaneBindingError as error:
                raise device_error(error, phase) from error
        return self._library

    def _list(self, phase: Phase) -> tuple[Device, ...]:
        library = self._running(phase)
        try:
            found = tuple(device for device in library.get_devices(local_only=not self._network) if device.name)
        except SaneBindingError as error:
            raise device_error(error, phase) from error
        self._listed = {device.name for device in found}
        return found

    def _forget(self, device_id: str) -> None:
        self._sessions.pop(device_id, None)


def _info(device: Device) -> DeviceInfo:
    transport = transport_of(device.name)
    return DeviceInfo(
        id=device.name,
        model=device.model,
        maker=device.vendor,
        transport=transport,
        virtual=transport == "virtual",
        rest_type=int(DeviceType.SANE),
        native=device.type,
    )
