"""The runner's side of a worker: start it, ask it, and tell a hang from a crash from a slow scan."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio

from conformance.sane.autopsy import native_stack
from conformance.sane.nest import START_S, Nest, SaneLibraryError, WorkerSettings
from conformance.sane.worker import frames
from conformance.sane.worker.ring import last_calls, make_ring, progress

QUICK_S, SLOW_S = 10.0, 60.0
"""Seconds without any native call coming back after which a worker hangs: where nothing has to move, and where a lamp or a network may."""
OVERALL_S = 120.0
"""Seconds after which one command has gone on for too long, whatever came back meanwhile."""
SLOW = frozenset({"init", "get_devices", "open", "start", "read", "drain", "dash", "race", "close", "exit"})
END_S = 5.0
OUTPUT_BYTES = 1 << 16
"""What is kept of what a back end prints."""


class WorkerBrokenError(Exception):
    """The worker's own code failed: our fault, not the library's."""


_PAUSE_S = 0.15
"""Without a further word after which a crash report is whole."""


@dataclass(frozen=True, slots=True)
class Loss:
    """How a worker was lost.

    Attributes:
        kind: ``hang`` or ``crash``.
        what: in a sentence.
        calls: the last native calls, oldest first.
        native: the native stacks, or what is missing to tell them.
        python: the worker's Python stack.
        output: the end of what the process printed.
    """

    kind: str
    what: str
    calls: tuple[str, ...]
    native: str
    python: str
    output: str

    def report(self) -> str:
        """All of it, for evidence."""
        parts = [self.what, f"native stack:\n{self.native}"]
        if self.python:
            parts.append(f"worker:\n{self.python}")
        if self.output:
            parts.append(f"it printed, last:\n{self.output}")
        return "\n".join(parts)


class WorkerLostError(Exception):
    """The library crashed or hung in its worker, which is dead now."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss.what)
        self.loss = loss


@asynccontextmanager
async def worker(nest: Nest, settings: WorkerSettings | None = None) -> AsyncIterator[Worker]:
    """A new worker with the library loaded and nothing called.

    Args:
        nest: makes it.
        settings: other ones than the nest's, with the same wrapper.

    Raises:
        SaneLibraryError: it does not start.
    """
    settings = settings or nest.settings
    with tempfile.TemporaryDirectory(prefix="flatbed-sane-") as folder:
        ring = Path(folder) / "ring"
        make_ring(ring)
        ours, theirs = socket.socketpair()
        (faults_read, faults_write), (output_read, output_write) = os.pipe(), os.pipe()
        mark = nest.mark()
        try:
            pid = await nest.spawn(settings, ring, (theirs.fileno(), faults_write, output_write))
        except BaseException:
            ours.close()
            os.close(faults_read)
            os.close(output_read)
            raise
        finally:
            theirs.close()
            os.close(faults_write)
            os.close(output_write)
        async with trio.open_nursery() as nursery:
            made = Worker(nest, settings, pid, ring, trio.SocketStream(trio.socket.from_stdlib_socket(ours)), mark)
            nursery.start_soon(made.keep_output, output_read)
            nursery.start_soon(made.watch_faults, faults_read)
            nursery.start_soon(made.receive)
            try:
                await made.begin()
                yield made
            finally:
                with trio.CancelScope(shield=True):
                    await made.kill()
                nursery.cancel_scope.cancel()


class Worker:
    """A process with a SANE library in it, and the line to it. Made by :func:`worker`.

    Attributes:
        prefix: what the library's symbols begin with.
        deadline_scale: by which its deadlines are multiplied.
        lost: how it was lost; None while it lives.
        status: exit status once it has ended by itself.
    """

    def __init__(
        self, nest: Nest, settings: WorkerSettings, pid: int, ring: Path, stream: trio.SocketStream, mark: int
    ) -> None:
        self.prefix = ""
        self.lost: Loss | None = None
        self.status: int | None = None
        self.deadline_scale = settings.deadline_scale
        self._stacks = settings.stacks
        self._wrap = settings.wrap
        self._nest = nest
        self._mark = mark
        self._pid = pid
        self._ring = ring
        self._stream = stream
        self._tell, self._news = trio.open_memory_channel[tuple[str, dict[str, Any]]](8)
        self._output = bytearray()
        self._python = bytearray()
        self._hanging = False

    # -- what runs beside ----------------------------------------------------------------------------------------------

    async def keep_output(self, descriptor: int) -> None:
        """Keep the end of what the process prints."""
        async with trio.lowlevel.FdStream(descriptor) as stream:
            async for data in stream:
                self._output += data
                del self._output[:-OUTPUT_BYTES]

    async def watch_faults(self, descriptor: int) -> None:
        """Take what ``faulthandler`` writes: of a crash, or because it was asked to."""
        async with trio.lowlevel.FdStream(descriptor) as stream:
            while data := await stream.receive_some(OUTPUT_BYTES):
                self._python += data
                while data:
                    with trio.move_on_after(_PAUSE_S) as scope:
                        data = await stream.receive_some(OUTPUT_BYTES)
                        self._python += data
                    if scope.cancelled_caught:
                        break
                del self._python[:-OUTPUT_BYTES]
                if not self._hanging:
                    await self._tell.send(("fault", {}))

    async def receive(self) -> None:
        """Take what the worker answers."""
        buffer = bytearray()
        try:
            while True:
                head = await self._exactly(buffer, frames.LENGTH.size)
                (size,) = frames.LENGTH.unpack(head)
                message = frames.unpack(await self._exactly(buffer, frames.bounded(size)))
                await self._tell.send(("answer", message))
        except (EOFError, trio.BrokenResourceError, trio.ClosedResourceError):
            await self._tell.send(("end", {"words": "the process ended"}))
        except ValueError as error:
            await self._tell.send(
                ("end", {"words": f"the worker's line carries nonsense ({error}): something wrote to it"})
            )

    async def _exactly(self, buffer: bytearray, size: int) -> bytes:
        while len(buffer) < size:
            data = await self._stream.receive_some(1 << 16)
            if not data:
                raise EOFError
            buffer += data
        taken = bytes(buffer[:size])
        del buffer[:size]
        return taken

    # -- for whoever drives it -----------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Wait for the library.

        Raises:
            SaneLibraryError: it cannot be loaded.
        """
        kind, value = "end", dict[str, Any]()
        with trio.move_on_after(START_S * max(1.0, self.deadline_scale)):
            kind, value = await self._news.receive()
        if kind != "answer":
            said = self.printed()
            raise SaneLibraryError(f"the worker did not start{': ' + said if said else ''}")
        if not value.get("ready"):
            raise SaneLibraryError(str(value.get("error")))
        self.prefix = str(value.get("prefix"))

    async def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """Have a command done.

        Raises:
            WorkerLostError: the library crashed or hung.
            WorkerBrokenError: the worker's own code failed.
        """
        if self.lost is not None:
            raise WorkerLostError(self.lost)
        scale = self.deadline_scale
        quiet = (SLOW_S if verb in SLOW else QUICK_S) * scale
        overall = trio.current_time() + OVERALL_S * scale
        with suppress(trio.BrokenResourceError):  # it has gone: the news say how
            await self._stream.send_all(frames.pack({"verb": verb, **arguments}))
        seen = progress(self._ring)
        while True:
            kind, value = "", dict[str, Any]()
            with trio.move_on_after(quiet):
                kind, value = await self._news.receive()
            if kind == "answer":
                if "broken" in value:
                    raise WorkerBrokenError(value["broken"])
                return dict(value)
            if kind == "fault":
                raise WorkerLostError(await self._crashed())
            if kind == "end":
                raise WorkerLostError(await self._ended(str(value["words"])))
            now = progress(self._ring)
            if now == seen:
                raise WorkerLostError(await self._hung(f"did not come back within {quiet:g} s"))
            if trio.current_time() > overall:
                raise WorkerLostError(await self._hung(f"{verb} still went on after {OVERALL_S * scale:g} s"))
            seen = now

    def last_calls(self, most: int = 20) -> tuple[str, ...]:
        """The last native calls, oldest first."""
        return last_calls(self._ring, most)

    def printed(self) -> str:
        """The end of what the process printed."""
        own = self._output[-4096:].decode(errors="replace").strip()
        return "\n".join(filter(None, (own, self._nest.said(self._mark))))

    async def end(self) -> int | None:
        """Have the worker end by itself, with every exit handler of the library; gives its exit status.

        Raises:
            WorkerLostError: it crashes or hangs on its way out.
        """
        if self.lost is not None:
            raise WorkerLostError(self.lost)
        with suppress(trio.BrokenResourceError):
            await self._stream.send_all(frames.pack({"verb": "end"}))
        with trio.move_on_after(SLOW_S * self.deadline_scale):
            while True:
                kind, value = await self._news.receive()
                if kind == "fault":
                    raise WorkerLostError(await self._crashed())
                if kind == "end":
                    status = await self._wait()
                    if status < 0:
                        raise WorkerLostError(await self._ended(str(value["words"])))
                    return status
        raise WorkerLostError(await self._hung("did not end after its last call"))

    async def kill(self) -> None:
        """End it now, and whatever it started in its own name."""
        if self.status is None:
            for kill in (os.killpg, os.kill):  # its session, if it has come so far
                with suppress(ProcessLookupError):
                    kill(self._pid, signal.SIGKILL)
            await self._wait()
        await self._stream.aclose()

    async def _wait(self) -> int:
        """How it ended; the nest keeps its pid from being used again until then."""
        if self.status is None:
            self.status = int((await self._nest.news())["status"])
        return self.status

    # -- how it was lost -----------------------------------------------------------------------------------------------

    async def _crashed(self) -> Loss:
        head = self._python.decode(errors="replace").partition("\n")[0].removeprefix("Fatal Python error: ")
        return await self._loss("crash", f"{self._culprit()} crashed: {head}", await self._native_stack())

    async def _ended(self, words: str) -> Loss:
        with trio.move_on_after(END_S):
            await self._wait()
        how = "is still there" if self.status is None else f"exit status {self.status}"
        if self.status is not None and self.status < 0:
            how = signal.Signals(-self.status).name
        native = "no native stack: the process has gone"
        return await self._loss("crash", f"{self._culprit()}: {words} ({how})", native)

    async def _hung(self, words: str) -> Loss:
        self._hanging = True
        native = await self._native_stack()
        os.kill(self._pid, signal.SIGUSR1)
        await trio.sleep(_PAUSE_S)
        return await self._loss("hang", f"{self._culprit()} {words}", native)

    async def _native_stack(self) -> str:
        if not self._stacks:
            return "no native stack: none was wanted"
        if self._wrap:  # a debugger would see the wrapper's machine, not the library's
            return f"no native stack: {self._wrap!r} tells it, below"
        return await native_stack(self._pid)

    def _culprit(self) -> str:
        calls = self.last_calls()
        waiting = [call for call in calls if " -> " not in call]
        return (waiting or [*calls] or ["the worker"])[-1]

    async def _loss(self, kind: str, what: str, native: str) -> Loss:
        python = self._python.decode(errors="replace").strip()
        self.lost = Loss(kind, what, self.last_calls(), native, python, self.printed())
        with trio.CancelScope(shield=True):
            await self.kill()
        return self.lost
