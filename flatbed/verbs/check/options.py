"""The options that every ``flatbed check`` has, each written once.

A sub-command takes them as one argument, ``order``, and is decorated with :func:`takes_order`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias, get_type_hints

import typer

from flatbed.exits import Exit
from flatbed.say import fail

REPLAY_DIR = Path("flatbed-replay")

_Words: TypeAlias = list[str] | None


@dataclass(frozen=True, kw_only=True)
class CheckOrder:
    """What was asked for on the command line, whoever is judged."""

    only: Annotated[
        _Words,
        typer.Option("--only", "-k", help="Requirement, family, beginning of an id, or pattern; may be repeated."),
    ] = None
    skip: Annotated[_Words, typer.Option("--skip", help="What not to check, in the same words.")] = None
    revision: Annotated[
        int | None, typer.Option("--revision", help="Only requirements that there were at this revision.")
    ] = None
    budget: Annotated[str, typer.Option("--budget", help="For example sheets=50,time=10m.")] = ""
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of every choice that checks make.")] = 0
    repeat: Annotated[
        int, typer.Option("--repeat", min=1, max=1000, help="Judge so often; verdicts that differ are failures.")
    ] = 1
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as failures.")] = False
    require_operator: Annotated[
        bool, typer.Option("--require-operator", help="What needs a person counts as a failure.")
    ] = False
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the verdicts as JSON; - for standard output.")
    ] = None
    junit: Annotated[Path | None, typer.Option("--junit", help="Write the verdicts as JUnit XML.")] = None
    html: Annotated[Path | None, typer.Option("--html", help="Write a page to look at, in one file.")] = None
    badge: Annotated[Path | None, typer.Option("--badge", help="Write a badge, as SVG.")] = None
    trace: Annotated[Path | None, typer.Option("--trace", help="Write every verb with its time as NDJSON.")] = None
    replay_dir: Annotated[Path, typer.Option("--replay-dir", help="Folder for the replay files of failures.")] = (
        REPLAY_DIR
    )
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", help="File of known failures instead of ours.", exists=True, dir_okay=False),
    ] = None
    no_baseline: Annotated[bool, typer.Option("--no-baseline", help="The bare truth.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="List every requirement.")] = False


def takes_order(function: Callable[..., int]) -> Callable[..., int]:
    """Give the sub-command *function* all fields of :class:`CheckOrder` as options; it gets them together as ``order``."""
    hints = get_type_hints(CheckOrder, include_extras=True)
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[name])
        for name, field in CheckOrder.__dataclass_fields__.items()
    ]
    own = inspect.signature(function, eval_str=True)
    mine = [parameter for name, parameter in own.parameters.items() if name != "order"]

    @functools.wraps(function)
    def command(**values: Any) -> int:
        order = CheckOrder(**{item.name: values.pop(item.name) for item in shared})
        if order.baseline is not None and order.no_baseline:
            fail(Exit.USAGE, "--baseline and --no-baseline exclude each other.")
        return function(**values, order=order)

    every = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in (*mine, *shared)]
    command.__signature__ = own.replace(parameters=every)  # type: ignore[attr-defined]  # what inspect and typer look at
    command.__annotations__ = {item.name: item.annotation for item in every} | {"return": int}
    return command
