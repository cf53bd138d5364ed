"""Where workers come from: a process that has everything loaded but the library, and forks."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

import device_protocol
from conformance.sane.worker import frames

LAUNCH = Path(__file__).parent / "worker" / "launch.py"
START_S = 30.0
"""Seconds in which it must be there; valgrind takes some."""
SAID_BYTES = 1 << 14


class SaneLibraryError(Exception):
    """No worker could be started with that library; says why."""


@dataclass(frozen=True)
class WorkerSettings:
    """How workers are started.

    Attributes:
        library: file or name for the loader.
        config: becomes SANE_CONFIG_DIR; None leaves the environment's.
        wrap: words before the command line, such as ``valgrind -q --error-exitcode=9``.
        deadline_scale: by which every deadline is multiplied.
        environment: further variables of a worker.
        stacks: whether a debugger is asked for the native stacks of a crash or a hang.
    """

    library: str = "libsane.so.1"
    config: Path | None = None
    wrap: str = ""
    deadline_scale: float = 1.0
    environment: Mapping[str, str] = field(default_factory=dict)
    stacks: bool = True

    def command(self, control: int) -> list[str]:
        """The command line of a nest."""
        protocol = str(Path(device_protocol.__file__).parent)
        return [*shlex.split(self.wrap), sys.executable, "-I", "-S", str(LAUNCH), protocol, str(control)]

    def variables(self) -> dict[str, str]:
        """What a worker's environment has beside the nest's."""
        config = {} if self.config is None else {"SANE_CONFIG_DIR": str(self.config.resolve())}
        return {**config, **self.environment}


class Nest:
    """The process. It ends when this object is closed or forgotten."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the nest
        self._ready = False
        self._closing = weakref.finalize(self, _close, self._words)

    async def spawn(self, settings: WorkerSettings, ring: Path, files: tuple[int, int, int]) -> int:
        """Have a worker made; its pid.

        Args:
            settings: its library and environment; what it is wrapped in is the nest's matter.
            ring: its file of last calls.
            files: its line, where it tells faults, its output.

        Raises:
            SaneLibraryError: the process cannot be started.
        """
        if self._control is None:
            self._begin()
        assert self._control is not None
        if not self._ready:
            await self.news()
            self._ready = True
        order = {"library": settings.library, "ring": str(ring), "environment": settings.variables()}
        try:
            socket.send_fds(self._control, [frames.plain(order)], list(files))
        except OSError as error:
            raise SaneLibraryError(f"no worker could be made: {error.strerror}; {self.said(0)}") from None
        return int((await self.news())["pid"])

    async def news(self) -> dict[str, Any]:
        """The next thing that it says: that a worker is there, or how it ended.

        Raises:
            SaneLibraryError: it has ended.
        """
        assert self._control is not None
        with trio.move_on_after(START_S * max(1.0, self.settings.deadline_scale)):
            await trio.lowlevel.wait_readable(self._control)
            data = self._control.recv(frames.MAX_ORDER)
            if data:
                return frames.unpack(data)
        raise SaneLibraryError(f"the worker did not start: {self.said(0) or 'it says nothing'}")

    def mark(self) -> int:
        """How much it has said so far, bytes."""
        return os.fstat(self._words.fileno()).st_size

    def said(self, since: int) -> str:
        """What it, or the wrapper, has said since a mark; the end of it."""
        end = self.mark()
        return os.pread(self._words.fileno(), SAID_BYTES, max(since, end - SAID_BYTES)).decode(errors="replace").strip()

    def _begin(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = self.settings.command(theirs.fileno())
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._words,
                stderr=self._words,
                pass_fds=(theirs.fileno(),),
            )
        except OSError as error:
            ours.close()
            raise SaneLibraryError(f"{command[0]} cannot be started: {error.strerror}") from None
        finally:
            theirs.close()
        self._control = ours
        self._closing.detach()
        self._closing = weakref.finalize(self, _close, self._words, ours, self._process)

    def close(self) -> None:
        """End it."""
        self._closing()


def _close(words: Any, control: socket.socket | None = None, process: subprocess.Popen[bytes] | None = None) -> None:
    words.close()
    if control is not None:
        control.close()
    if process is not None:
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:  # a worker of it is still there
            process.kill()
            process.wait()
