"""``flatbed simulate validate``: every mistake in profiles, scenarios and devices files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, note, out

if TYPE_CHECKING:
    from simulators.toml_files import ConfigError

SHOWN = 100
"""Mistakes of a file that are printed for people."""


class As(StrEnum):
    """What the files are taken for."""

    PROFILE = "profile"
    SCENARIO = "scenario"
    DEVICES = "devices"


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="TOML files.")],
    as_: Annotated[As | None, typer.Option("--as", help="What they are; by default their keys tell.")] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", help="Machine to try scenarios on: shipped, or a file; office-combi by default."),
    ] = None,
    as_json_: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> int:
    """Find every mistake in profiles, scenarios and devices files, with its line. Exit status: 0 all can be used, 1 some cannot."""
    from simulators.files import Sort, check, find_file  # noqa: PLC0415  # imports the machines
    from simulators.toml_files import ConfigError  # noqa: PLC0415  # the same

    sort = None if as_ is None else Sort(as_.value)
    results: list[tuple[Path, Sort | None, list[ConfigError]]] = []
    try:
        trial = None if profile is None else find_file(profile)[0]
        for file in files:
            found, problems = check(file, sort, trial)
            results.append((file, found, problems))
    except ConfigError as error:
        fail(Exit.USAGE, error.message, "--profile takes a profile that can be used.")
    if as_json_:
        as_json({"schema": 1, "files": [_plain(*result) for result in results]})
    else:
        for file, found, problems in results:
            for problem in problems[:SHOWN]:
                out(problem.message)
            if len(problems) > SHOWN:
                note(f"{file}: {len(problems) - SHOWN} more mistakes; --json has them all.")
            if not problems:
                assert found is not None
                out(f"{file}: a {found.value} file that can be used.")
    return Exit.FAILED if any(problems for _, _, problems in results) else Exit.OK


def _plain(file: Path, found: Any, problems: list[ConfigError]) -> dict[str, Any]:
    return {
        "file": str(file),
        "sort": None if found is None else found.value,
        "problems": [
            {"file": problem.file, "line": problem.line, "key": problem.key, "message": problem.message}
            for problem in problems
        ],
    }
