"""How a service ended, and what that means."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from reference_server.exits import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, EXIT_START


@dataclass(frozen=True, slots=True)
class Ending:
    """See the module.

    Attributes:
        pid: it had.
        code: exit code, or the negative number of a signal.
        ran: seconds that it lived.
        ready: whether it had answered.
        hung: ended by the monitor, for it gave no sign of life.
        signalled: it ended in order since somebody sent it a signal.
        told: the signal to end that the monitor was sent.
    """

    pid: int
    code: int
    ran: float
    ready: bool
    hung: bool
    signalled: bool
    told: signal.Signals | None

    @property
    def words(self) -> str:
        """For people, to be read after "the service"."""
        if self.hung:
            return f"hung (no sign of life, process {self.pid})"
        if self.code < 0:
            return f"was ended by {_signal_name(-self.code)} (process {self.pid})"
        if self.code == EXIT_OK:
            return f"was told to end by a signal (process {self.pid})"
        return f"ended with exit code {self.code} (process {self.pid})"

    def crashed(self, restarts: int) -> bool:
        """Whether there is something to be found out.

        Args:
            restarts: that there were before.
        """
        if self.hung:
            return True
        if self.told is not None:
            return self.code not in {EXIT_OK, -signal.SIGTERM, -self.told, EXIT_INTERRUPTED}
        return self.code != EXIT_OK and self.exit_code(restarts) is None

    def exit_code(self, restarts: int) -> int | None:
        """Of the monitor, if it ends too; None if the service has to be started again.

        Args:
            restarts: that there were before.
        """
        if self.told is not None:
            if self.code == EXIT_OK:
                return EXIT_OK
            return EXIT_FAILED if self.crashed(restarts) else 128 + self.told  # as a shell says it
        if self.code == EXIT_OK and not self.signalled:
            return EXIT_OK
        if self.code == EXIT_START and not self.ready and restarts == 0:
            return EXIT_START
        return None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
