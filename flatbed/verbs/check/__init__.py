"""``flatbed check``: judge a target by the requirements, one sub-command a file.

A sub-command is a function in a module of its own and a line here. What may come in: command lines of what can be judged, and the options that they share.
What may not: judging, which belongs to ``conformance``, and imports of it outside of functions.
"""

from __future__ import annotations

import typer

from flatbed.verbs.check.device import device
from flatbed.verbs.check.escl import escl
from flatbed.verbs.check.listing import list_
from flatbed.verbs.check.sane import sane
from flatbed.verbs.check.service import service

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def check() -> None:
    """Judge a target. Exit status: 0 clean, 1 failures or a stale baseline, 2 usage, 3 a defect of ours, 4 unreachable."""


app.command("device")(device)
app.command("escl")(escl)
app.command("sane")(sane)
app.command("service")(service)
app.command("list")(list_)
