"""``flatbed replay``: run a saved failure again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, out

if TYPE_CHECKING:
    from conformance.runner.replay import Replayed

app = typer.Typer(add_completion=False)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="File that `flatbed check` wrote.", exists=True, dir_okay=False)],
    as_json_: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    trace: Annotated[bool, typer.Option("--trace", help="Show what came of each command of a program.")] = False,
) -> int:
    """Run the failure in FILE again, and say whether it is fixed, failed, failed otherwise, or could not run.

    Exit status 0 if it is fixed, 1 if it fails in whatever way, 2 if FILE is no replay file, 3 if the suite itself fails, 4 if it could not run.
    """
    from conformance import Unreachable  # noqa: PLC0415  # imports the suite
    from conformance.runner.replay import Outcome, replay_file  # noqa: PLC0415  # the same
    from conformance.runner.targets import UsageError  # noqa: PLC0415  # the same
    from flatbed.judging import importing_from_here  # noqa: PLC0415  # the same

    importing_from_here()
    try:
        result = replay_file(file)
    except UsageError as problem:
        fail(Exit.USAGE, str(problem))
    except Unreachable as problem:
        if as_json_:
            as_json({"schema": 1, "outcome": Outcome.NOT_RUN.value, "evidence": str(problem)})
            return Exit.UNREACHABLE
        fail(Exit.UNREACHABLE, f"It could not run: {problem}")
    if as_json_:
        as_json(_data(result))
    else:
        _tell(result, trace=trace)
    return int(result.exit)


def _data(result: Replayed) -> dict[str, Any]:
    judgement = result.judgement
    return {
        "schema": 1,
        "outcome": result.outcome.value,
        "id": judgement.id,
        "verdict": judgement.verdict.value,
        "evidence": judgement.evidence,
        "same": result.same,
        "signature": {"then": result.signature, "now": judgement.signature},
        "versions": {"then": dict(result.then), "now": dict(result.now)},
        "trace": list(result.trace),
    }


def _tell(result: Replayed, *, trace: bool) -> None:
    from conformance.runner.replay import Outcome  # noqa: PLC0415  # imports the suite
    from conformance.runner.versions import differences  # noqa: PLC0415  # the same

    judgement = result.judgement
    out(f"{judgement.id} {judgement.verdict.value}: {judgement.evidence}")
    for line in result.trace if trace and result.trace else judgement.steps:
        out(f"  {line}")
    for name, (then, now) in differences(result.then, result.now).items():
        out(f"{name} was {then} when this was saved, and is {now}.")
    out(
        {
            Outcome.FIXED: "It is fixed: nothing failed.",
            Outcome.SAME: "It failed again in the same way.",
            Outcome.OTHER: f"It failed otherwise: {judgement.signature} in place of {result.signature}.",
            Outcome.NOT_RUN: f"It could not run: {judgement.evidence}",
        }[result.outcome]
    )
