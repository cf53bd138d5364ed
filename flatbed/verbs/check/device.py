"""``flatbed check device``: judge a device by the requirements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import fail
from flatbed.verbs.check.options import (
    REPLAY_DIR,
    BaselineFile,
    BudgetText,
    JsonFile,
    JUnitFile,
    NoBaseline,
    Only,
    ReplayDir,
    RequireOperator,
    Seed,
    Trace,
)


def device(
    device_id: Annotated[
        str, typer.Argument(metavar="ID", help="Device id, see `flatbed devices`; with --driver the native id.")
    ],
    driver: Annotated[
        str | None, typer.Option(help="module:factory of a driver that is not installed; looked for here first.")
    ] = None,
    devices: Annotated[
        Path | None, typer.Option(help="Devices file of the virtual machines.", exists=True, dir_okay=False)
    ] = None,
    only: Only = None,
    budget: BudgetText = "",
    seed: Seed = 0,
    programs: Annotated[int | None, typer.Option(min=0, help="Generated programs to run.")] = None,
    json_file: JsonFile = None,
    junit: JUnitFile = None,
    trace: Trace = None,
    replay_dir: ReplayDir = REPLAY_DIR,
    baseline: BaselineFile = None,
    no_baseline: NoBaseline = False,
    hosted: Annotated[bool, typer.Option("--hosted", help="Run the driver in a worker process.")] = False,
    guarded: Annotated[
        bool, typer.Option("--guarded", help="With the contract's guard in front, as the service has it.")
    ] = False,
    require_operator: RequireOperator = False,
) -> int:
    """Judge one device: a verdict for each requirement, and a file that replays each failure."""
    from flatbed.judging import CheckOrder, judge_device  # noqa: PLC0415  # imports the suite

    if baseline is not None and no_baseline:
        fail(Exit.USAGE, "--baseline and --no-baseline exclude each other.")
    return judge_device(
        CheckOrder(
            device=device_id,
            driver=driver,
            devices=devices,
            only=tuple(only or ()),
            budget=budget,
            seed=seed,
            programs=programs,
            json_file=json_file,
            junit=junit,
            trace=trace,
            replay_dir=replay_dir,
            baseline=baseline,
            use_baseline=not no_baseline,
            hosted=hosted,
            guarded=guarded,
            require_operator=require_operator,
        )
    )
