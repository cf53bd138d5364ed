"""The session: an open virtual scanner, in the process where pages are wanted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import trio

from device_protocol import (
    ALL,
    NATIVE,
    ApplyResult,
    Auto,
    Code,
    Delivery,
    DeviceCaps,
    DeviceError,
    EventKind,
    JobState,
    JobStatus,
    Option,
    OptionPolicy,
    PageParams,
    Phase,
    SessionState,
    SetResult,
    Settings,
    Status,
    Value,
    ValueType,
)
from device_protocol.aio import DeviceClock, EventStream
from device_protocol.legality import OneCall, refused
from device_protocol.options import FRAME_RATE
from device_protocol.settings import check_page_target
from device_protocol.states import JobHandle, PageHandle, Verb
from simulators.board import Board
from simulators.cameras.firmware import CameraFirmware
from simulators.cameras.picture import FramePicture
from simulators.crash import crash_to_error
from simulators.duties import Duty
from simulators.firmware import Firmware
from simulators.imaging import Look, Picture, params_of
from simulators.job import VirtualJob
from simulators.link import MachineLink
from simulators.messages import Changed, CrashError, Interrupted, Lease, Lost, Notice, Plan, Pressed, Request
from simulators.option_table import BRIGHTNESS, LEAST_MM, MULTIFEED, THRESHOLD
from simulators.profile import Profile, profile_from_data
from simulators.waits import EndedError, Waits
from simulators.wrong_bytes import halved

Spawn = Callable[..., None]


class Mailbox:
    """Where notices go before the session exists; they are few, and wait in order."""

    def __init__(self) -> None:
        self._waiting: list[Notice] = []
        self._take: Callable[[Notice], None] = self._waiting.append

    def tell(self, notice: Notice) -> None:
        """See :class:`simulators.link.Listener`."""
        self._take(notice)

    async def heard(self) -> None:
        """See :class:`simulators.link.Listener`: notices are taken at once here."""
        await trio.lowlevel.checkpoint()

    def deliver_to(self, take: Callable[[Notice], None]) -> None:
        """From now on, and beginning with what waits, notices go to *take*."""
        self._take = take
        for notice in self._waiting:
            take(notice)
        self._waiting.clear()


class VirtualSession:
    """See :class:`device_protocol.aio.Session`.

    Args:
        link: to the machine.
        lease: what the lab said when it was taken.
        mailbox: where the machine's notices come in.
        clock: the device's time, in this process.
        spawn: starts a task that lives as long as the backend.
    """

    def __init__(self, link: MachineLink, lease: Lease, mailbox: Mailbox, clock: DeviceClock, spawn: Spawn) -> None:
        self.link = link
        self.clock = clock
        self.profile: Profile = profile_from_data(lease.profile)
        self.firmware: Firmware | CameraFirmware = (
            Firmware(self.profile, lease.serial, lease.values)
            if self.profile.camera is None
            else CameraFirmware(self.profile, lease.serial, lease.values)
        )
        self.board = Board(lease.view, self.profile.scan_ahead, lease.pressed)
        self.waits = Waits()
        self._caps = self.profile.caps()
        self._spawn = spawn
        self._one = OneCall()
        self._job: VirtualJob | None = None
        self._unread: set[str] = set()
        self._called = clock.now()
        mailbox.deliver_to(self._take)

    @property
    def state(self) -> SessionState:
        """Where it stands in the state table."""
        return self.board.state

    # -- reading

    async def caps(self) -> DeviceCaps:
        """See :class:`device_protocol.aio.Session`."""
        await self._legal(Verb.CAPS)
        return self._caps

    async def options(self) -> tuple[Option, ...]:
        """See :class:`device_protocol.aio.Session`."""
        await self._slowly(Verb.OPTIONS)
        self._unread.clear()
        return self.firmware.options()

    async def get(self, name: str) -> Value:
        """See :class:`device_protocol.aio.Session`."""
        await self._slowly(Verb.GET)
        value = self.firmware.get(name)
        self._unread.discard(name)
        return value

    async def params(self) -> PageParams:
        """See :class:`device_protocol.aio.Session`."""
        await self._legal(Verb.PARAMS)
        if isinstance(self.firmware, CameraFirmware):
            return self.firmware.params()
        return params_of(self.look(), height_known=not self.height_unknown, final=False)

    async def status(self) -> Status:
        """See :class:`device_protocol.aio.Session`."""
        await trio.lowlevel.checkpoint()
        await self.refuse(Verb.STATUS)
        return self.board.status()

    def events(self) -> EventStream:
        """See :class:`device_protocol.aio.Session`."""
        error = refused(Verb.EVENTS, self.state)
        if error is not None:
            raise error
        return self.board.stream()

    # -- changing

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See :class:`device_protocol.aio.Session`."""
        verb = Verb.SET
        if self.state is not SessionState.IDLE:
            verb = Verb.SET_LIVE if self.firmware.is_live(name) else Verb.SET
        await self._slowly(verb)
        with self._one(verb):
            if name in self._unread and self.profile.defects.needs_reread:
                await self.note(Duty.OPTIONS_NOT_REREAD, name)
                raise DeviceError(
                    Code.INVALID_VALUE, f"Option {name!r} is not loaded.", phase=Phase.OPTIONS, option=name, value=value
                )
            is_action = any(item.name == name and item.type is ValueType.ACTION for item in self.firmware.options())
            result = self.firmware.set(name, value)
            unread = name in self._unread
            await self._changed((result,))
            if unread:
                await self.note(Duty.OPTIONS_NOT_REREAD, name)
            if is_action:
                await self._calibrate()
            return result

    async def apply(self, settings: Settings) -> ApplyResult:
        """See :class:`device_protocol.aio.Session`."""
        await self._legal(Verb.APPLY)
        with self._one(Verb.APPLY):
            result = self.firmware.apply(settings)
            await self._changed(result.results)
            return result

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """See :class:`device_protocol.aio.Session`."""
        await self._legal(Verb.RESET)
        with self._one(Verb.RESET):
            result = self.firmware.reset(names)
            await self._changed(result.results)
            return result

    # -- scanning

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> VirtualJob:
        """See :class:`device_protocol.aio.Session`."""
        await self._legal(Verb.START)
        with self._one(Verb.START):
            check_page_target(pages)
            if delivery is not NATIVE:
                raise DeviceError(
                    Code.UNSUPPORTED, "The machine delivers raw rows; the host encodes.", phase=Phase.START
                )
            if settings is not None:
                await self._changed(self.firmware.apply(settings).results)
            request = self._request(pages if isinstance(pages, int) else None)
            try:
                await self.waits.on(lambda: self.link.start(request))
            except EndedError:
                raise self.ended(Verb.START) from None
            except CrashError as crash:
                raise crash_to_error(crash) from None
            except DeviceError as error:
                self.note_loss(error)
                raise
            if self.state is not SessionState.IDLE:  # lost or closed while the answer was on its way
                raise self.ended(Verb.START)
            self._job = VirtualJob(self)
            self.board.show_job(JobStatus(JobState.PENDING))
            self.board.enter(SessionState.ARMED)
            return self._job

    async def cancel(self) -> None:
        """See :class:`device_protocol.aio.Session`."""
        await trio.lowlevel.checkpoint()
        await self.refuse(Verb.CANCEL)
        if self._job is not None:
            self._job.begin_cancel()

    async def close(self) -> None:
        """See :class:`device_protocol.aio.Session`."""
        if self.state is SessionState.CLOSED:
            await trio.lowlevel.checkpoint()
            return
        running = self._job is not None and self._job.running
        self._shut()
        with trio.CancelScope(shield=True):
            if running:
                await self.note(Duty.CANCEL_FORGOTTEN, "closed while a job was running")
            with suppress(DeviceError):  # the lab is gone, and with it the machine
                await self.link.release()

    def abandon(self) -> None:
        """The backend goes away, and with it this session; nothing more is said to the machine."""
        if self.state is not SessionState.CLOSED:
            self._shut()

    # -- for job and page

    def look(self) -> Look:
        """The settings of a picture, as the options are now."""
        firmware, defects = self.firmware, self.profile.defects
        assert isinstance(firmware, Firmware)
        dpi = round(firmware.number("resolution"))
        top, bottom = firmware.number("tl-y"), firmware.number("br-y")
        end = self.profile.real_height(firmware.source)
        return Look(
            colour=firmware.mode.colour,
            depth=int(firmware.number("depth")),
            dpi=min(dpi, defects.real_dpi) if defects.real_dpi else dpi,
            area=(firmware.number("tl-x"), min(top, end - LEAST_MM), firmware.number("br-x"), min(bottom, end)),
            detect_size=firmware.detects_size,
            brightness=int(firmware.number(BRIGHTNESS)),
            threshold=int(firmware.number(THRESHOLD)),
            row_padding=self.profile.row_padding,
            byte_order=self.profile.byte_order,
            said_dpi=dpi,
            swapped=defects.wrong_byte_order,
            inverted=defects.wrong_polarity,
        )

    def picture(self, plan: Plan) -> Picture | FramePicture:
        """What *plan* looks like with the options as they are now."""
        if isinstance(self.firmware, CameraFirmware):
            assert plan.shot is not None
            return self.firmware.picture(plan.shot)
        look = halved(self.look()) if plan.half else self.look()
        return Picture(look, plan.sheet, back=plan.back)

    @property
    def height_unknown(self) -> bool:
        """Whether pages begin without a height (DATA-06)."""
        source = self.firmware.source
        if isinstance(self.firmware, CameraFirmware):
            return False
        return source.unknown_height and (self.firmware.detects_size or not source.kind.feeds)

    async def refuse(self, verb: Verb) -> None:
        """Refuse what the table refuses, and note it in the report on the client.

        Raises:
            DeviceError: with the table's code.
        """
        error = refused(verb, self.state)
        if error is not None:
            await self.note_refusal(error, verb)
            raise error

    async def note_refusal(self, error: DeviceError, verb: Verb) -> None:
        """A client made a call that the table refuses. After close or loss there is nobody left to tell."""
        if error.code in {Code.WRONG_STATE, Code.BUSY}:
            await self.note(Duty.WRONG_CALL, f"{verb.value}: {error.message}")

    async def note(self, duty: Duty, detail: str) -> None:
        """Put something into the report on the client; if the lab is gone, there is no report."""
        with suppress(DeviceError):
            await self.link.note(duty, detail)

    def ended(self, verb: Verb) -> DeviceError:
        """Why a wait of the session was ended."""
        return refused(verb, self.state) or DeviceError(Code.CANCELLED, "The call was cancelled.")

    def note_loss(self, error: DeviceError) -> None:
        """Notice a loss that a call has brought to light."""
        if error.code is Code.DEVICE_LOST:
            self._lose()

    def spawn(self, task: Callable[..., object], *arguments: object) -> None:
        """Start a task that outlives the call."""
        self._spawn(task, *arguments)

    # -- inside

    def _request(self, pages: int | None) -> Request:
        """What the machine needs to know of a job."""
        firmware = self.firmware
        if isinstance(firmware, CameraFirmware):
            return Request(firmware.source.name, pages, dpi=0, rate=firmware.number(FRAME_RATE))
        look = self.look()
        return Request(
            source=firmware.source.name,
            pages=pages,
            dpi=look.dpi,
            on_multifeed=firmware.text(MULTIFEED),
            discard_blank=firmware.drops_blank,
            passes=firmware.passes,
            look=look,
        )

    async def _legal(self, verb: Verb) -> None:
        await trio.lowlevel.checkpoint()
        await self.refuse(verb)
        self._one.check(verb)
        now, forgets = self.clock.now(), self.profile.defects.forgets_after_s
        if forgets and self.state is SessionState.IDLE and now - self._called > forgets:
            self.firmware.forget()
        self._called = now

    async def _slowly(self, verb: Verb) -> None:
        """As :meth:`_legal`, after the time that the machine takes for an option."""
        await self._legal(verb)
        if self.profile.timing.option_s:
            await self.clock.sleep(self.profile.timing.option_s)
            await self._legal(verb)

    async def _calibrate(self) -> None:
        try:
            await self.waits.on(self.link.calibrate)
        except EndedError:
            raise self.ended(Verb.SET) from None
        except DeviceError as error:
            self.note_loss(error)
            raise

    async def _changed(self, results: tuple[SetResult, ...]) -> None:
        """Say what changed, and have it remembered if that is the policy."""
        if not results:
            return
        changed = dict.fromkeys(name for result in results for name in result.changed)
        self._unread |= changed.keys()
        self.board.revision += 1
        if changed:
            self.board.tell(EventKind.OPTIONS_CHANGED, " ".join(changed))
        if self._caps.option_policy is OptionPolicy.REMEMBERED:
            await self.link.remember(self.firmware.values)

    def _take(self, notice: Notice) -> None:
        if self.state in {SessionState.LOST, SessionState.CLOSED}:
            return
        match notice:
            case Changed(view):
                self.board.see(view)
                if self._job is not None:
                    self._job.look()
            case Pressed(button):
                self.board.tell(EventKind.BUTTON, button)
            case Interrupted(error):
                if self._job is not None:
                    self._job.interrupt(error)
            case Lost():
                self._lose()

    def _lose(self) -> None:
        if self.state in {SessionState.LOST, SessionState.CLOSED}:
            return
        if self._job is not None:
            self._job.overtake(JobHandle.LOST, PageHandle.LOST, Code.DEVICE_LOST)
        self.board.enter(SessionState.LOST)
        self.waits.end()

    def _shut(self) -> None:
        if self._job is not None:
            self._job.overtake(JobHandle.CLOSED, PageHandle.CLOSED, Code.CLOSED)
        self.board.close()
        self.waits.end()
