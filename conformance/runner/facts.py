"""First contact with a target: what it declares, or why it cannot be reached."""

from __future__ import annotations

import trio

from conformance.bench import BenchBackend, BenchSession, Limits, Log, OpenBackend
from conformance.bench.proxies import Wire
from conformance.foreign import foreign
from conformance.outcomes import DeviceCrashed, DeviceHung, HarnessError, leaf
from conformance.requirements import Facts
from conformance.shapes import worded
from device_protocol import Code, ControlCaps, DeviceError, DeviceInfo
from device_protocol.aio import Backend


class Unreachable(Exception):  # noqa: N818  # exit status 4, said in a sentence
    """The target cannot be opened at all, so that nothing can be judged."""


async def first_contact(open_backend: OpenBackend, device_id: str, log: Log, limits: Limits) -> Facts:
    """:func:`learn` in a backend of its own.

    Raises:
        Unreachable: the backend or the device does not open, or the device says nothing of itself.
    """
    try:
        async with open_backend() as backend:
            return await learn(backend, device_id, log, limits)
    except BaseException as error:
        if not foreign(error):
            raise
        cause = leaf(error)
        if isinstance(cause, Unreachable | HarnessError):
            raise cause from None
        if isinstance(cause, DeviceError):
            raise Unreachable(f"{device_id}: {cause}") from None
        raise Unreachable(f"{device_id}: the driver raised {worded(cause)}, which is no DeviceError") from error


async def learn(raw: Backend, device_id: str, log: Log, limits: Limits) -> Facts:
    """Open the device once and note what it declares.

    Raises:
        Unreachable: it does not open, or says nothing of itself.
    """
    backend = BenchBackend(Wire(log, limits), raw)
    try:
        listed = await backend.devices()
        info = next((item for item in listed.devices if item.id == device_id), DeviceInfo(device_id, "unlisted"))
        session = await backend.open(device_id)
        try:
            caps = await session.caps()
            options = await session.options()
        finally:
            with trio.CancelScope(shield=True):
                await _close(session)
        control = await _control(backend, device_id)
    except (DeviceError, DeviceHung, DeviceCrashed) as error:
        raise Unreachable(f"{device_id}: {error}") from error
    return Facts(info, caps, options, control)


async def _control(backend: BenchBackend, device_id: str) -> ControlCaps | None:
    try:
        return await (await backend.control(device_id)).caps()
    except DeviceError as error:
        if error.code in {Code.UNSUPPORTED, Code.NOT_FOUND}:
            return None
        raise


async def _close(session: BenchSession) -> None:
    try:
        await session.close()
    except (DeviceError, DeviceHung, DeviceCrashed):
        return  # LIFE-04 and LIFE-05 judge close
