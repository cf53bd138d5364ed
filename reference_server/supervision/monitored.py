"""What a service is told by its monitor, and what it says to it."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import TextIO

from reference_server.wire.doors import Door


class Word(Enum):
    """What the service says, a byte each."""

    BEAT = b"."
    """Its loop turns."""
    READY = b"r"
    """It answers."""
    SIGNALLED = b"s"
    """It ends because somebody sent it a signal."""


@dataclass(frozen=True, slots=True)
class Monitored:
    """See the module.

    Attributes:
        sockets: of the doors. The monitor has them too, so they stay when the service ends.
        pid: of the monitor, the top process.
        control_token: of the control API, the same after a restart.
        words: pipe to the monitor, which never blocks.
        terminal: where people read along; None: nobody does.
        restarts: how often the service was started again.
        last_end: how the service before this one ended; empty for the first.
    """

    sockets: Mapping[Door, socket.socket]
    pid: int
    control_token: str
    words: int
    terminal: TextIO | None = None
    restarts: int = 0
    last_end: str = ""

    def tell(self, word: Word) -> None:
        """Say *word*. When the monitor is stopped and the pipe full, nobody hears it, and nothing waits."""
        with suppress(OSError):
            os.write(self.words, word.value)
