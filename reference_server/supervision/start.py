"""Starting a service under a monitor, or without one where the configuration or the system wants none."""

from __future__ import annotations

import secrets
import sys
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from reference_server.config import ServerConfig
from reference_server.errors import StartError
from reference_server.exits import EXIT_START
from reference_server.supervision.child import Run, run_alone, run_service
from reference_server.supervision.patience import Patience
from reference_server.supervision.sockets import open_again, open_doors

if TYPE_CHECKING:
    from reference_server.announcing import Announce

TOKEN_BYTES = 24
SYSTEM = "linux"
"""Where a listening socket can be shut for all processes that have it, and a process can be made to end with its parent."""


def supervise(
    config: ServerConfig, announce: Announce, *, patience: Patience | None = None, run: Run = run_service
) -> int:
    """Run the service until it is told to end.

    Args:
        config: see there.
        announce: takes lines for people.
        patience: see there.
        run: the service.

    Returns:
        0 after a proper end, 2 when it cannot start, 5 when it crashed again and again, 128 and a signal's number when that came before it was ready.
    """
    if config.supervise and sys.platform != SYSTEM:
        announce("flatbed: there is no monitor on this system; after a crash the service is gone")
    if not config.supervise or sys.platform != SYSTEM:
        return run_alone(config, announce)
    from reference_server.supervision.monitor import Monitor  # noqa: PLC0415  # other systems lack what it imports

    with ExitStack() as stack:
        try:
            sockets = open_doors(config, stack)
        except StartError as error:
            announce(f"flatbed: {error}")
            return EXIT_START
        if config.beyond_loopback and config.token is None:
            config = replace(config, token=secrets.token_urlsafe(TOKEN_BYTES))
        reopen = partial(open_again, config, sockets)
        return Monitor(config, sockets, reopen, announce, patience or Patience(), run).run()
