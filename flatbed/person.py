"""Asking the person at the terminal to do what only hands can do."""

from __future__ import annotations

import sys

import trio

from flatbed.exits import Exit
from flatbed.say import fail


def need_terminal() -> None:
    """See to it that there is somebody to ask.

    Raises:
        SystemExit: standard input is no terminal.
    """
    if not sys.stdin.isatty():
        fail(Exit.USAGE, "--operator ask needs a terminal.")


async def ask(what: str) -> bool:
    """Ask for something, and wait for as long as it takes; s: it cannot be done."""

    def wait() -> bool:
        sys.stderr.write(f"\n  {what}, then press Enter (s and Enter: it cannot be done). ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() != "s"

    return await trio.to_thread.run_sync(wait, abandon_on_cancel=True)
