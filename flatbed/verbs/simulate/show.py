"""``flatbed simulate show``: one machine, scenario or devices file in full."""

from __future__ import annotations

from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, out


def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME|FILE", help="A shipped one, see `flatbed simulate list`, or a TOML file.")
    ],
    as_json_: Annotated[bool, typer.Option("--json", help="For machines; of a profile.")] = False,
    toml: Annotated[bool, typer.Option("--toml", help="Print the file itself, to make your own of it.")] = False,
) -> int:
    """Describe a machine: its sources, modes, resolutions, timing, traits and defects. Of a scenario or devices file, print the text."""
    from simulators.files import Sort, find_file  # noqa: PLC0415  # imports the machines
    from simulators.profile import load_profile  # noqa: PLC0415  # the same
    from simulators.profiles.describe import facts, lines  # noqa: PLC0415  # the same
    from simulators.toml_files import ConfigError  # noqa: PLC0415  # the same

    if as_json_ and toml:
        fail(Exit.USAGE, "--json and --toml exclude each other.")
    try:
        file, sort = find_file(name)
        if toml or (sort is not Sort.PROFILE and not as_json_):
            out(file.read_text(encoding="utf-8").rstrip("\n"))
            return Exit.OK
        if sort is not Sort.PROFILE:
            fail(
                Exit.USAGE,
                f"{name} is no profile but of the sort {sort.value}.",
                "--json shows profiles; leave it out.",
            )
        profile = load_profile(file)
    except ConfigError as error:
        fail(
            Exit.USAGE,
            error.message,
            "`flatbed simulate list` lists what is shipped; `validate FILE` finds every mistake.",
        )
    if as_json_:
        as_json({"schema": 1, "name": file.stem, **facts(profile)})
    else:
        out("\n".join(lines(profile)))
    return Exit.OK
