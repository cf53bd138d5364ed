"""The encoding stage above a session of the trio form, in whichever process the driver runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from typing import TypeAlias

import trio

from device_host.filepage import FilePage
from device_host.messages import as_device_error
from device_host.stage import EncodedPage, Encoder, Stage, Taken, encode_with_codecs, outcome_of
from device_protocol.aio import Job, hold
from device_protocol.aio.interfaces import EncodingJob
from device_protocol.delivery import Encode
from device_protocol.errors import DeviceError, Phase
from device_protocol.pages import PageEnd, PageInfo
from device_protocol.states import JobState

__all__ = ["EncodingJob", "StagedJob", "TrioFilePage"]

STRIP = 1 << 20
Spawn: TypeAlias = Callable[[Callable[[], Awaitable[None]]], None]


class StagedJob:
    """A job whose pages are files; an :class:`EncodingJob`."""

    def __init__(self, inner: Job, wish: Encode, spawn: Spawn, encoder: Encoder = encode_with_codecs) -> None:
        self._inner = inner
        self._stage = Stage(wish, encoder)
        self._token = trio.lowlevel.current_trio_token()
        self._changed = trio.Event()
        self._inside = (
            0  # pages that the stage has and the consumer has not, so that only real time matters to who waits
        )
        self._asked = False
        self._given: list[Taken] = []
        self._over: tuple[DeviceError | None] | None = None
        self._page: TrioFilePage | None = None
        self._stopped = False
        self._state: JobState | None = None
        self._outcome = trio.Event()
        spawn(self._pump)

    @property
    def progress_at(self) -> float:
        """``time.monotonic()`` when the stage last got somewhere."""
        return self._stage.progress_at

    def prefer(self, media_type: str | None) -> None:
        """The type of the oldest waiting reader; None: nobody waits."""
        self._stage.prefer(media_type)

    async def next_page(self) -> TrioFilePage | None:
        """See :class:`Job`; a page whose caller went away before it came is given to the next caller."""
        await trio.lowlevel.checkpoint_if_cancelled()
        if self._over is None:
            if not self._asked:
                self._asked = True
                self._stage.take(self._take)
            while not self._given:
                with hold() if self._inside else nullcontext():
                    await self._changed.wait()
            self._asked = False
            given = self._given.pop()
            if isinstance(given, EncodedPage):
                self._inside -= 1
                self._page = TrioFilePage(given)
                return self._page
            self._over = (given,)
            self._end_as(outcome_of(given))
        await trio.lowlevel.cancel_shielded_checkpoint()
        if self._over[0] is not None:
            raise self._over[0]
        return None

    async def cancel(self) -> None:
        """See :class:`Job`."""
        self.stop()
        await self._inner.cancel()

    async def settled(self) -> JobState:
        """See :class:`Job`; a job whose last pages wait to be taken has not ended, though the device has done its part."""
        await self._outcome.wait()
        state = await self._inner.settled()
        return self._state or state

    def stop(self, error: DeviceError | None = None) -> None:
        """Drop what is held; whoever waits gets *error*, or CANCELLED."""
        self._stopped = True
        self._end_as(JobState.CANCELED)
        if self._over is None:
            self._stage.stop(error)
            if self._page is not None:
                self._page.cancel()

    def _end_as(self, state: JobState) -> None:
        self._state = self._state or state
        self._outcome.set()

    async def _pump(self) -> None:
        stage = self._stage
        try:
            while not stage.over:
                page = await self._inner.next_page()
                if page is None:
                    stage.finish_input()
                    return
                stage.begin(page.info)
                while await self._room():
                    strip = await page.read(STRIP)
                    if not strip:
                        break
                    stage.strip(strip)
                stage.finish(await page.end())
                self._inside += 1
                self._wake()
            if not self._stopped:  # a page could not be encoded: nobody wants the rest
                await self._inner.cancel()
        except DeviceError as error:
            stage.finish_input(error)
        except Exception as error:  # noqa: BLE001  # a driver that fails is an error of this job, not of the host (ERR-08)
            stage.finish_input(as_device_error(error, Phase.READ))
        except BaseException:
            stage.stop()
            raise

    async def _room(self) -> bool:
        event = trio.Event()
        if not self._stage.may_read(lambda: self._soon(event.set)):
            await event.wait()
        return not self._stage.over

    def _take(self, taken: Taken) -> None:
        self._soon(lambda: self._arrived(taken))

    def _arrived(self, taken: Taken) -> None:
        self._given.append(taken)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    def _soon(self, call: Callable[[], object]) -> None:
        with suppress(trio.RunFinishedError):  # the encoder may be busy when everything else has ended
            self._token.run_sync_soon(call)


class TrioFilePage:
    """A page of a :class:`StagedJob`."""

    def __init__(self, page: EncodedPage) -> None:
        self._page = FilePage(page)

    @property
    def info(self) -> PageInfo:
        """See :class:`Page`."""
        return self._page.info

    def cancel(self) -> None:
        """The job was cancelled."""
        self._page.cancel()

    async def read(self, max_bytes: int) -> bytes:
        """See :class:`Page`."""
        await trio.lowlevel.checkpoint()
        return self._page.read(max_bytes)

    async def end(self) -> PageEnd:
        """See :class:`Page`."""
        await trio.lowlevel.checkpoint()
        return self._page.end()
