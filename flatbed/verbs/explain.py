"""``flatbed explain``: one requirement in full."""

from __future__ import annotations

from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, out

app = typer.Typer(add_completion=False)


@app.command()
def explain(
    requirement: Annotated[str, typer.Argument(metavar="ID", help="Of a requirement, for example SET-01.")],
    as_json_: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> int:
    """Say what a requirement demands, where that comes from, whom it hurts if it is broken, and how a defect dies by it."""
    from flatbed.explaining import as_data, explained, find  # noqa: PLC0415  # imports the suite

    try:
        row = find(requirement)
    except ValueError as error:
        fail(Exit.USAGE, str(error))
    if as_json_:
        as_json({"schema": 1, **as_data(row)})
    else:
        for line in explained(row):
            out(line)
    return Exit.OK
