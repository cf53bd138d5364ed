"""Work in a child of this warm process: what it says comes back line by line, and neither a hang nor a crash nor hunger for memory gets out."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Say = Callable[[dict[str, Any]], None]
MEMORY_BYTES = 3 << 30
"""Address space of a child."""


@dataclass(slots=True)
class Told:
    """What a child said, and how it ended.

    Attributes:
        messages: in order.
        ending: "done", "error" (it raised; the last message has the traceback), "time", or the number of the signal that ended it.
        seconds: of real time.
    """

    messages: list[dict[str, Any]] = field(default_factory=list)
    ending: str = "done"
    seconds: float = 0.0


def in_child(work: Callable[[Say], None], *, cpu_seconds: int, seconds: float) -> Told:
    """Run *work* in a child.

    Args:
        work: gets a function that sends a message home.
        cpu_seconds: of processor time that it may take; what counts where other processes share the machine.
        seconds: of real time, for a child that waits for ever.
    """
    began = time.monotonic()
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of numpy sleep; none of ours runs
        child = os.fork()
    if child == 0:
        os.close(reader)
        _child(work, writer, cpu_seconds)
    os.close(writer)
    told = Told()
    try:
        whole = _listen(reader, told, began + seconds)
    finally:
        os.close(reader)
        if time.monotonic() >= began + seconds:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    told.seconds = time.monotonic() - began
    if not whole:
        told.ending = "time"
    elif os.WIFSIGNALED(status):
        told.ending = "time" if os.WTERMSIG(status) == signal.SIGXCPU else str(os.WTERMSIG(status))
    elif os.WEXITSTATUS(status):
        told.ending = "error"
    return told


def _listen(reader: int, told: Told, until: float) -> bool:
    """Take messages until the child closes its end; False if that takes too long."""
    buffer = b""
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return False
        chunk = os.read(reader, 1 << 16)
        if not chunk:
            return True
        *lines, buffer = (buffer + chunk).split(b"\n")
        told.messages += [json.loads(line) for line in lines]


def _child(work: Callable[[Say], None], writer: int, cpu_seconds: int) -> None:
    """The life of the child; it never returns."""
    status = 1
    try:
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        def say(message: dict[str, Any]) -> None:
            line = json.dumps(message).encode() + b"\n"
            while line:
                line = line[os.write(writer, line) :]

        try:
            work(say)
            status = 0
        except BaseException:  # noqa: BLE001  # whatever the mutant does, the parent hears of it
            say({"raised": traceback.format_exc(limit=-6)[-2000:]})
    finally:
        os._exit(status)
