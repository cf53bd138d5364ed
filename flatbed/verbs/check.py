"""``flatbed check device``: judge a device by the requirements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import fail

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def check() -> None:
    """Judge a driver's device. Exit status: 0 clean, 1 failures or a stale baseline, 2 usage, 3 a defect of ours, 4 unreachable."""


@app.command()
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
    only: Annotated[
        list[str] | None, typer.Option("--only", "-k", help="Requirement id or family; may be repeated.")
    ] = None,
    budget: Annotated[str, typer.Option(help="For example sheets=50,time=10m.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="Of every choice that checks make.")] = 0,
    programs: Annotated[int | None, typer.Option(min=0, help="Generated programs to run.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the verdicts as JSON; - for standard output.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the verdicts as JUnit XML.")] = None,
    trace: Annotated[Path | None, typer.Option(help="Write every verb with its time as NDJSON.")] = None,
    replay_dir: Annotated[Path, typer.Option(help="Folder for the replay files of failures.")] = Path("flatbed-replay"),
    baseline: Annotated[
        Path | None, typer.Option(help="File of known failures instead of ours.", exists=True, dir_okay=False)
    ] = None,
    no_baseline: Annotated[bool, typer.Option("--no-baseline", help="The bare truth.")] = False,
    hosted: Annotated[bool, typer.Option("--hosted", help="Run the driver in a worker process.")] = False,
    guarded: Annotated[
        bool, typer.Option("--guarded", help="With the contract's guard in front, as the service has it.")
    ] = False,
    require_operator: Annotated[
        bool, typer.Option("--require-operator", help="What needs a person counts as a failure.")
    ] = False,
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
