"""``flatbed simulate generate``: a scenario from a seed, as a file."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, note, out


def generate(
    profile: Annotated[
        str, typer.Option("--profile", help="Machine it is for: shipped, or a file; office-combi by default.")
    ] = "office-combi",
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, max=2**63 - 1, help="Same seed, same scenario; default: drawn now.")
    ] = None,
    faults: Annotated[int, typer.Option("--faults", min=1, max=100, help="How many.")] = 5,
    sheets: Annotated[
        int, typer.Option("--sheets", min=1, max=10_000, help="They strike at so many first sheets.")
    ] = 10,
    as_json_: Annotated[bool, typer.Option("--json", help="As the control API takes it.")] = False,
) -> int:
    """Make a scenario by lot and print it; the seed is in the file."""
    from simulators.files import Sort, find_file  # noqa: PLC0415  # imports the machines
    from simulators.profile import load_profile  # noqa: PLC0415  # the same
    from simulators.scenarios.generate import generate as make  # noqa: PLC0415  # the same
    from simulators.scenarios.writing import to_keys, to_toml  # noqa: PLC0415  # the same
    from simulators.toml_files import ConfigError  # noqa: PLC0415  # the same

    try:
        file, sort = find_file(profile)
        if sort is not Sort.PROFILE:
            fail(
                Exit.USAGE,
                f"{profile} is no profile but of the sort {sort.value}.",
                "`flatbed simulate list` lists profiles.",
            )
        machine = load_profile(file)
    except ConfigError as error:
        fail(Exit.USAGE, error.message, "`flatbed simulate list` lists profiles.")
    chosen = secrets.randbits(32) if seed is None else seed
    scenario = make(machine, chosen, faults=faults, sheets=sheets)
    note(f"Seed {chosen}.")
    if as_json_:
        as_json(to_keys(scenario))
    else:
        out(to_toml(scenario).rstrip("\n"))
    return Exit.OK
