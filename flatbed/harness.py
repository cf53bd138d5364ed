"""What a ``check`` says when the tester itself has broken: exit status 3, and the traceback for whoever mends it."""

from __future__ import annotations

import traceback
from typing import NoReturn

from flatbed.exits import Exit
from flatbed.say import fail, note


def harness(error: Exception) -> NoReturn:
    """Say that *error* is ours and not the target's, and end.

    Raises:
        SystemExit: always, with status 3.
    """
    note("".join(traceback.format_exception(error)).rstrip())
    what = "the tester itself has broken, which says nothing about the target"
    fail(Exit.HARNESS, f"{what}: {error}", "Please report this with the lines above.")
