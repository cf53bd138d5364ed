"""The options that every ``flatbed check`` has, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

REPLAY_DIR = Path("flatbed-replay")

Only: TypeAlias = Annotated[
    list[str] | None, typer.Option("--only", "-k", help="Requirement id or family; may be repeated.")
]
BudgetText: TypeAlias = Annotated[str, typer.Option("--budget", help="For example sheets=50,time=10m.")]
Seed: TypeAlias = Annotated[int, typer.Option("--seed", min=0, help="Of every choice that checks make.")]
JsonFile: TypeAlias = Annotated[
    Path | None, typer.Option("--json", help="Write the verdicts as JSON; - for standard output.")
]
JUnitFile: TypeAlias = Annotated[Path | None, typer.Option("--junit", help="Write the verdicts as JUnit XML.")]
Trace: TypeAlias = Annotated[Path | None, typer.Option("--trace", help="Write every verb with its time as NDJSON.")]
ReplayDir: TypeAlias = Annotated[Path, typer.Option("--replay-dir", help="Folder for the replay files of failures.")]
BaselineFile: TypeAlias = Annotated[
    Path | None, typer.Option("--baseline", help="File of known failures instead of ours.", exists=True, dir_okay=False)
]
NoBaseline: TypeAlias = Annotated[bool, typer.Option("--no-baseline", help="The bare truth.")]
RequireOperator: TypeAlias = Annotated[
    bool, typer.Option("--require-operator", help="What needs a person counts as a failure.")
]
