"""``flatbed simulate``: the virtual machines, one sub-command a file.

A sub-command is a function in a module of its own and a line here. What may come in: command lines of the virtual machines and of their doors. What may
not: what a machine does, which belongs to ``simulators``, and imports of it outside of functions.
"""

from __future__ import annotations

import typer

from flatbed.verbs.simulate.escl import escl
from flatbed.verbs.simulate.generate import generate
from flatbed.verbs.simulate.listing import list_
from flatbed.verbs.simulate.mjpeg import mjpeg
from flatbed.verbs.simulate.replay import replay
from flatbed.verbs.simulate.show import show
from flatbed.verbs.simulate.validate import validate
from flatbed.verbs.simulate.watch import watch
from flatbed.verbs.simulate.y4m import y4m

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def simulate() -> None:
    """Virtual machines: which there are, what they are like, and doors to them for other software."""


app.command("list")(list_)
app.command("show")(show)
app.command("validate")(validate)
app.command("generate")(generate)
app.command("replay")(replay)
app.command("escl")(escl)
app.command("mjpeg")(mjpeg)
app.command("y4m")(y4m)
app.command("watch")(watch)
