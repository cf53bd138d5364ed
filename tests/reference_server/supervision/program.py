"""A monitor over services that misbehave, in a process of its own: ``python -m tests.reference_server.supervision.program FOLDER SERVICE PORT HANG``.

Each service is a function; it appends a line to FOLDER/starts when it starts.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from reference_server.config import ServerConfig
from reference_server.supervision.monitored import Monitored, Word
from reference_server.supervision.patience import Patience
from reference_server.supervision.start import supervise
from reference_server.wire.doors import HTTP

PATIENCE = Patience(first_delay=0.02, factor=1.5, most_delay=0.1, crashes=4, start=20, hang=0.4, last_words=0.3, end=1)


def say(line: str) -> None:
    """A line on standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def crash(_monitored: Monitored) -> int:
    """Fails again and again."""
    raise RuntimeError("the reason of the crash")


def exits(_monitored: Monitored) -> int:
    """Ends again and again with 3."""
    return 3


def start_error(_monitored: Monitored) -> int:
    """Cannot start."""
    say("cannot start")
    return 2


def recovers(monitored: Monitored) -> int:
    """Is killed twice, then ends in order."""
    if monitored.restarts < 2:
        os.kill(os.getpid(), signal.SIGKILL)
    say(f"{monitored.restarts} restarts, {monitored.last_end}, {monitored.control_token}")
    return 0


def hangs(monitored: Monitored) -> int:
    """Lives, then its loop is blocked; the second one ends in order."""
    if monitored.restarts:
        return 0
    monitored.tell(Word.READY)
    blocked_here()
    return 0


def blocked_here() -> None:
    """A name to look for in the stack."""
    time.sleep(60)


def deaf(monitored: Monitored) -> int:
    """Hangs, and does not even hear SIGABRT."""
    signal.signal(signal.SIGABRT, signal.SIG_IGN)
    return hangs(monitored)


def stubborn(monitored: Monitored) -> int:
    """Does not end when it is told."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return beats(monitored)


def beats(monitored: Monitored) -> int:
    """Lives until it is killed."""
    monitored.tell(Word.READY)
    say("ready")
    while True:
        monitored.tell(Word.BEAT)
        time.sleep(0.05)


def starts_slowly(_monitored: Monitored) -> int:
    """Is not ready, and gives no sign of life yet."""
    time.sleep(60)
    return 0


def answers_late(monitored: Monitored) -> int:
    """The first lets a connection wait and dies; the second answers it."""
    listener = monitored.sockets[HTTP]
    listener.setblocking(True)
    if monitored.restarts == 0:
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)
    client, _ = listener.accept()
    client.sendall(b"answered")
    client.close()
    return 0


def shuts(monitored: Monitored) -> int:
    """The first stops listening, as a fault does, and dies; the second does nothing of the kind."""
    if monitored.restarts == 0:
        monitored.sockets[HTTP].shutdown(socket.SHUT_RDWR)
        return 1
    return answers_late(monitored)


SERVICES: dict[str, Callable[[Monitored], int]] = {
    function.__name__: function
    for function in (
        crash,
        exits,
        start_error,
        recovers,
        hangs,
        deaf,
        stubborn,
        beats,
        starts_slowly,
        answers_late,
        shuts,
    )
}


def main(folder: Path, name: str, port: int, hang: float) -> int:
    """Supervise the service *name*, which hangs when nothing was heard of it for *hang* seconds."""

    def run(_config: ServerConfig, _announce: object, monitored: Monitored) -> int:
        with (folder / "starts").open("a") as file:
            file.write(f"{os.getpid()}\n")
        return SERVICES[name](monitored)

    config = ServerConfig(folder, port=port, https_port="off", status_port="off", status_https_port="off")
    return supervise(config, say, patience=replace(PATIENCE, hang=hang), run=run)


if __name__ == "__main__":
    for number in (signal.SIGHUP, signal.SIGQUIT):  # `nohup make test &` would have them ignored
        signal.signal(number, signal.SIG_DFL)
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
