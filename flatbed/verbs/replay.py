"""``flatbed replay``: run a saved failure again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, out

app = typer.Typer(add_completion=False)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="File that `flatbed check` wrote.", exists=True, dir_okay=False)],
    as_json_: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> int:
    """Run the failure in FILE again. Exit status 1 if it fails again, 0 if it does not."""
    from conformance import Unreachable  # noqa: PLC0415  # imports the suite
    from conformance.runner.replay import replay_file  # noqa: PLC0415  # the same
    from conformance.runner.targets import UsageError  # noqa: PLC0415  # the same
    from flatbed.judging import importing_from_here  # noqa: PLC0415  # the same

    importing_from_here()
    try:
        result = replay_file(file)
    except UsageError as error:
        fail(Exit.USAGE, str(error))
    except Unreachable as error:
        fail(Exit.UNREACHABLE, str(error))
    judgement = result.judgement
    if as_json_:
        as_json(
            {
                "schema": 1,
                "id": judgement.id,
                "verdict": judgement.verdict.value,
                "evidence": judgement.evidence,
                "same": result.same,
            }
        )
    else:
        out(f"{judgement.id} {judgement.verdict.value}: {judgement.evidence}")
        for step in judgement.steps:
            out(f"  {step}")
        if int(result.exit) == Exit.FAILED:
            out("It failed again in the same way." if result.same else "It failed again, in another way.")
    return int(result.exit)
