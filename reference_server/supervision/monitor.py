"""The monitor: one loop over a few pipes that starts the service, hears its heartbeat, and starts it again.

The service is forked, not executed: it has the sockets and the configuration as they are, Python is started once, and most of the monitor's memory is shared
with it. That is safe because the monitor has one thread, and none of trio.
"""

from __future__ import annotations

import gc
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from socket import socket
from typing import TYPE_CHECKING

from reference_server.config import ServerConfig
from reference_server.exits import EXIT_GAVE_UP, EXIT_OK
from reference_server.supervision.child import Run, become_service
from reference_server.supervision.dumps import write_dump
from reference_server.supervision.ending import Ending
from reference_server.supervision.monitored import Monitored
from reference_server.supervision.output import Output
from reference_server.supervision.patience import Crashes, Patience
from reference_server.supervision.signals import Signals, watched_signals
from reference_server.supervision.watching import Started, told_while_waiting, watch
from reference_server.wire.doors import Door

if TYPE_CHECKING:
    from reference_server.announcing import Announce


class Monitor:
    """See the module.

    Args:
        config: of the service; its token, if it needs one, stands in it.
        sockets: of the doors.
        reopen: has them listen again.
        announce: takes lines for people.
        patience: see there.
        run: the service.
    """

    def __init__(
        self,
        config: ServerConfig,
        sockets: Mapping[Door, socket],
        reopen: Callable[[], None],
        announce: Announce,
        patience: Patience,
        run: Run,
    ) -> None:
        self._config = config
        self._sockets = sockets
        self._reopen = reopen
        self._announce = announce
        self._patience = patience
        self._run = run
        self._control_token = secrets.token_urlsafe(24)
        self._crashes = Crashes(patience)
        self._restarts = 0
        self._last_end = ""

    def run(self) -> int:
        """Until the service has ended for good; the exit code."""
        output = Output()
        with watched_signals() as signals:
            try:
                return self._keep(signals, output)
            finally:
                output.close()

    def _keep(self, signals: Signals, output: Output) -> int:
        while True:
            ending = watch(self._start(signals, output), signals, output, self._patience)
            code = ending.exit_code(self._restarts)
            dump = self._dump(ending, output.take_tail())
            if code is not None:
                if dump:
                    self._say(f"flatbed: the service {ending.words}.{dump}")
                self._remove_ready_file()
                return code
            self._reopen()
            delay = self._crashes.another(ending.ran)
            if delay is None:
                self._say(
                    f"flatbed: the service {ending.words}, for the {self._crashes.in_a_row}th time in a row; given up.{dump}"
                )
                self._remove_ready_file()
                return EXIT_GAVE_UP
            self._say(f"flatbed: the service {ending.words}; it is started again in {delay:g} s.{dump}")
            if told_while_waiting(delay, signals, output):
                self._remove_ready_file()
                return EXIT_OK
            self._restarts += 1
            self._last_end = ending.words

    def _start(self, signals: Signals, output: Output) -> Started:
        """A new service."""
        heard, words = os.pipe()
        os.set_blocking(heard, False)
        os.set_blocking(words, False)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()  # or the service has it too
        monitored = Monitored(
            self._sockets, os.getpid(), self._control_token, words, restarts=self._restarts, last_end=self._last_end
        )
        gc.freeze()  # pages that the collector does not touch stay shared
        with signals.held():
            pid = os.fork()
            if pid == 0:
                signals.leave_to_child()
                os.close(heard)
                os.close(output.read_end)
                run = partial(self._run, self._config, self._announce)
                become_service(run, monitored, output.write_end)
        os.close(words)
        return Started(pid, heard)

    def _say(self, line: str) -> None:
        """Tell people, if anybody is left who reads."""
        with suppress(OSError):
            self._announce(line)

    def _dump(self, ending: Ending, output: bytes) -> str:
        """Write a dump of a crash; a sentence about it, empty when it was none."""
        if not ending.crashed(self._restarts):
            return ""
        facts = (
            f"the service {ending.words}",
            f"it had run for {ending.ran:.1f} s; restarts before: {self._restarts}",
        )
        hidden = [self._control_token, *([self._config.token] if self._config.token else [])]
        try:
            path = write_dump(self._config.data_dir, datetime.now(UTC), facts, output, hidden)
        except OSError as error:
            return f" No dump could be written to {self._config.data_dir}: {error.strerror}."
        return f" Dump: {path}"

    def _remove_ready_file(self) -> None:
        """Remove what a service that crashed has left there."""
        path = self._config.ready_file
        if path is None:
            return
        with suppress(OSError, ValueError, AttributeError):
            if json.loads(path.read_text()).get("pid") == os.getpid():
                path.unlink()
