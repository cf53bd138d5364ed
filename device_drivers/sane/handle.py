"""An open device: the calls on a SANE handle, safe (SANE 4.3.5 to 4.3.13).

Every method but `request_cancel` belongs to the thread that made the library; from another one, or after close, it
raises SaneUsageError and nothing reaches C. So use after close, use after exit and close during read cannot happen.
Option descriptors are read at open and again after each RELOAD_OPTIONS, which the standard demands (4.3.7) and which
`test` enforces: an option that was not re-read refuses its next set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from device_drivers.sane.cancelling import GRACE_SECONDS, CancelGate, CancelRequestedError
from device_drivers.sane.descriptors import LIST_LIMIT, OptionDescriptor, parse_descriptor
from device_drivers.sane.errors import SaneContractError, SaneError, SaneUsageError, SaneValueError
from device_drivers.sane.native import Native
from device_drivers.sane.readerthread import ReaderThreadCare
from device_drivers.sane.values import Value, decode_value, encode_value, room
from device_protocol.vocabularies.sane_abi import Action, Info, Parameters, Status

if TYPE_CHECKING:
    from device_drivers.sane.library import Sane

GUARD: Final = b"\xa5\x5a\xc3\x3c" * 4
"""Stands behind every buffer that C writes to, and must be intact afterwards (as in SANE's own tstbackend)."""
READ_LIMIT: Final = 1 << 20
"""The most one native read asks for; larger ones are legal and pointless."""


@dataclass(frozen=True, slots=True)
class SetOutcome:
    """What a set did: the value as C left it in the buffer (None for a button or AUTO), and the info bits."""

    value: Value
    info: Info


class Handle:
    """An open device; made by `Sane.open`.

    Args:
        library: Its owner, for the thread rule and for `close`.
        native: The calls.
        address: The SANE_Handle.
        name: The device's name, for messages.
        grace: See `cancelling`.
        patience: See `readerthread`.
    """

    def __init__(
        self,
        library: Sane,
        native: Native,
        address: int,
        name: str,
        grace: float = GRACE_SECONDS,
        patience: float = 0.0,
    ) -> None:
        self.name = name
        self._library = library
        self._native = native
        self._address = address
        self._open = True
        self._care = ReaderThreadCare(patience)
        self._buffer = bytearray()
        self._gate = CancelGate(lambda: native.cancel(address), grace)
        self._descriptors: tuple[OptionDescriptor, ...] = ()

    # -- options ------------------------------------------------------------------------------------------------------

    def option_descriptors(self) -> tuple[OptionDescriptor, ...]:
        """All options as of the last reload, in the back end's order; number 0 is the count."""
        self._check()
        return self._descriptors

    def reload(self) -> None:
        """Read all descriptors again (4.2.9: option 0 tells how many there are).

        Raises:
            SaneContractError: The back end's descriptors make no sense.
            SaneError: The count cannot be read.
        """
        self._check()
        first = self._descriptor(0)
        count = self._get(first)
        if not isinstance(count, int) or not 1 <= count <= LIST_LIMIT:
            raise SaneContractError(f"{self.name}: option 0 says that there are {count!r} options")
        self._descriptors = (first, *(self._descriptor(index) for index in range(1, count)))

    def get_option(self, index: int) -> Value:
        """The current value.

        Raises:
            SaneValueError: There is no such option, or it cannot be read now.
            SaneError: The back end refuses.
        """
        option = self._option(index)
        if not option.readable:
            raise SaneValueError(f"option {option.name or index} cannot be read now")
        return self._get(option)

    def set_option(self, index: int, value: object) -> SetOutcome:
        """Set a value; None presses a button.

        Raises:
            SaneValueError: There is no such option, it cannot be set now, or the value does not fit its type.
            SaneError: The back end refuses.
        """
        option = self._option(index)
        if not option.settable:
            raise SaneValueError(f"option {option.name or index} cannot be set now")
        buffer = encode_value(option, value)
        info = self._control(option, Action.SET_VALUE, buffer)
        actual = decode_value(option, buffer)
        self._after_set(info)
        return SetOutcome(actual, info)

    def set_auto(self, index: int) -> SetOutcome:
        """Let the back end choose (SANE_ACTION_SET_AUTO).

        Raises:
            SaneValueError: There is no such option, or it does not choose by itself now.
            SaneError: The back end refuses.
        """
        option = self._option(index)
        if not option.automatic:
            raise SaneValueError(f"option {option.name or index} has no automatic value now")
        info = self._control(option, Action.SET_AUTO, None)
        self._after_set(info)
        return SetOutcome(None, info)

    # -- scanning -----------------------------------------------------------------------------------------------------

    def get_parameters(self) -> Parameters:
        """An estimate before start, the truth of the current frame after it (4.3.8)."""
        self._check()
        status, parameters = self._native.get_parameters(self._address)
        self._good(status, "sane_get_parameters")
        return parameters

    def rearm(self) -> None:
        """Forget an earlier cancel request; once, before the first start of a scan."""
        self._check()
        self._gate.rearm()

    def start(self) -> None:
        """Begin a frame.

        Raises:
            SaneError: Of the back end; CANCELLED if a cancel was requested before or meanwhile. The scan is then cancelled.
        """
        self._check()
        self._care.starting()
        try:
            with self._gate.native_call():
                status = self._native.start(self._address)
        except CancelRequestedError:
            status = Status.CANCELLED
        if status == Status.GOOD:
            self._care.started(self._announced())
        self._cancelled("sane_start")
        self._good(status, "sane_start")

    def read(self, max_length: int) -> bytes | None:
        """Bytes of the frame: at most *max_length*, `b""` if there are none yet, None at the end of the frame.

        Raises:
            SaneError: Of the back end; CANCELLED if a cancel was requested before or meanwhile. The scan is then cancelled
                and no bytes follow.
            SaneContractError: The back end wrote past the buffer or gave an impossible length.
        """
        self._check()
        if max_length < 1:
            raise SaneValueError(f"{max_length} bytes cannot be read")
        wanted = self._care.allow(min(max_length, READ_LIMIT))
        if len(self._buffer) < wanted + len(GUARD):
            self._buffer = bytearray(wanted + len(GUARD))
        self._buffer[wanted : wanted + len(GUARD)] = GUARD
        try:
            with self._gate.native_call():
                status, length = self._native.read(self._address, self._buffer, wanted)
        except CancelRequestedError:
            status, length = Status.CANCELLED, 0
        self._cancelled("sane_read")
        if self._buffer[wanted : wanted + len(GUARD)] != GUARD or not 0 <= length <= wanted:
            raise SaneContractError(f"{self.name}: sane_read wrote outside of {wanted} bytes (length {length})")
        if status == Status.EOF:
            self._care.ended()
            return None
        self._good(status, "sane_read")
        self._care.got(length)
        with memoryview(self._buffer) as view:  # a slice of the bytearray itself would copy twice
            return bytes(view[:length])

    def cancel(self) -> None:
        """sane_cancel on this thread: ends a scan, also one that has come to its end by itself (4.3.11, 4.4)."""
        self._check()
        self._cancel()

    def request_cancel(self) -> None:
        """Ask for a cancellation; the only method for every thread. See `cancelling` for what follows."""
        self._gate.request()

    @property
    def cancel_requested(self) -> bool:
        """Whether a cancellation was asked for since the last `rearm`."""
        return self._gate.requested

    def set_io_mode(self, *, non_blocking: bool) -> None:
        """Choose between waiting and empty reads (4.3.12); UNSUPPORTED by many back ends."""
        self._check()
        self._good(self._native.set_io_mode(self._address, non_blocking), "sane_set_io_mode")

    def get_select_fd(self) -> int:
        """A descriptor that is readable when data is there (4.3.13); UNSUPPORTED by many back ends."""
        self._check()
        status, descriptor = self._native.get_select_fd(self._address)
        self._good(status, "sane_get_select_fd")
        return descriptor

    def close(self) -> None:
        """Cancel what may run and close; a second close does nothing."""
        if not self._open:
            return
        self._check()
        self._cancel()
        self._open = False
        self._library.forget(self)
        self._native.close(self._address)

    # -- below --------------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        self._library.check_thread()
        if not self._open:
            raise SaneUsageError(f"{self.name} is closed")

    def _good(self, status: int, call: str) -> None:
        if status != Status.GOOD:
            raise self._library.error(status, call)

    def _cancel(self) -> None:
        self._care.wait()
        self._native.cancel(self._address)
        self._care.ended()

    def _announced(self) -> int | None:
        """Bytes of the frame that has begun, where the care for reader threads wants to know."""
        if not self._care.patience:
            return None
        status, parameters = self._native.get_parameters(self._address)
        return None if status or parameters.lines < 0 else parameters.lines * parameters.bytes_per_line

    def _cancelled(self, call: str) -> None:
        if self._gate.requested:
            self._cancel()
            raise SaneError(Status.CANCELLED, call, "the scan was cancelled on request")

    def _option(self, index: int) -> OptionDescriptor:
        self._check()
        if type(index) is not int or not 0 <= index < len(self._descriptors):
            raise SaneValueError(f"{self.name} has no option number {index!r}")
        return self._descriptors[index]

    def _descriptor(self, index: int) -> OptionDescriptor:
        raw = self._native.get_option_descriptor(self._address, index)
        if raw is None:
            raise SaneContractError(f"{self.name}: option {index} is counted and has no descriptor")
        return parse_descriptor(index, raw)

    def _get(self, option: OptionDescriptor) -> Value:
        buffer = bytearray(room(option))
        self._control(option, Action.GET_VALUE, buffer)
        return decode_value(option, buffer)

    def _control(self, option: OptionDescriptor, action: Action, value: bytearray | None) -> Info:
        """The native call; *value* is updated in place with what C left in it."""
        guarded = None if value is None else value + GUARD
        status, info = self._native.control_option(self._address, option.index, action, guarded)
        if value is not None and guarded is not None:
            if guarded[len(value) :] != GUARD:
                raise SaneContractError(f"{option.name}: sane_control_option wrote outside of {len(value)} bytes")
            value[:] = guarded[: len(value)]
        self._good(status, "sane_control_option")
        return Info(info)

    def _after_set(self, info: Info) -> None:
        if Info.RELOAD_OPTIONS in info:
            self.reload()
