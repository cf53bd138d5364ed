"""Watching one service, from its start to its end."""

from __future__ import annotations

import os
import select
import signal
import time
from dataclasses import dataclass

from reference_server.supervision.ending import Ending
from reference_server.supervision.monitored import Word
from reference_server.supervision.output import Output
from reference_server.supervision.patience import Patience
from reference_server.supervision.signals import Signals

LATE_SECONDS = 1.0
"""When a round of the loop took so much longer than it was to take, we were stopped ourselves, and may have missed signs of life."""


@dataclass(frozen=True, slots=True)
class Started:
    """A service that was started.

    Attributes:
        pid: of its process.
        words: pipe on which it speaks.
    """

    pid: int
    words: int


def watch(service: Started, signals: Signals, output: Output, patience: Patience) -> Ending:
    """Wait for its end. Tell it to end when we are; end it when it gives no sign of life."""
    begun = now = time.monotonic()
    poll = _poll(service.words, signals.read_end, output.read_end)
    deadline, said = begun + patience.start, b""
    told: signal.Signals | None = None
    silent = hung = False
    while True:
        poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
        before, now = now, time.monotonic()
        output.pump()
        words = _hear(service.words)
        if words == b"" and not silent:
            poll.unregister(service.words)  # it is about to end
            silent = True
        said = bytes(set(said + (words or b"")))
        first = told is None
        told = told or signals.take()
        if told is not None and first:
            deadline = now + patience.end
            os.kill(service.pid, signal.SIGTERM)
        elif told is None and not hung and (words or now > max(before, deadline) + LATE_SECONDS):
            deadline = now + patience.hang
        gone, status = os.waitpid(service.pid, os.WNOHANG)
        if gone:
            os.close(service.words)
            return Ending(
                service.pid,
                os.waitstatus_to_exitcode(status),
                now - begun,
                ready=Word.READY.value in said,
                hung=hung,
                signalled=Word.SIGNALLED.value in said,
                told=told,
            )
        if now >= deadline:
            os.kill(service.pid, signal.SIGKILL if hung else signal.SIGABRT)
            hung, deadline = True, now + patience.last_words


def told_while_waiting(seconds: float, signals: Signals, output: Output) -> bool:
    """Wait; at once True if we are told to end meanwhile."""
    poll, until = _poll(signals.read_end, output.read_end), time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        poll.poll(left * 1000)
        output.pump()
        if signals.take() is not None:
            return True
    return False


def _poll(*descriptors: int) -> select.poll:
    """Without a descriptor of its own, which a child would have too."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return poll


def _hear(words: int) -> bytes | None:
    """What was said; None: nothing, empty: there will be no more."""
    try:
        return os.read(words, 4096)
    except BlockingIOError:
        return None
