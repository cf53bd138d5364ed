"""``flatbed simulate list``: the profiles and scenarios that are shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, out

if TYPE_CHECKING:
    from collections.abc import Mapping


def list_(
    as_json_: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> int:
    """List the machines and scenarios that are shipped, each with a sentence about it."""
    kinds = {kind: _described(kind) for kind in ("profiles", "scenarios")}
    if as_json_:
        as_json(
            {
                "schema": 1,
                **{
                    kind: [{"name": name, "description": words} for name, words in found.items()]
                    for kind, found in kinds.items()
                },
            }
        )
        return Exit.OK
    width = max(len(name) for found in kinds.values() for name in found)
    for kind, found in kinds.items():
        out(f"{kind.capitalize()}:")
        for name, words in found.items():
            out(f"  {name:<{width}}  {words}")
    return Exit.OK


def _described(kind: str) -> Mapping[str, str]:
    """Name and description of each shipped file of a *kind*."""
    from simulators.fixture_files import fixture, fixture_names  # noqa: PLC0415  # imports the machines
    from simulators.toml_files import load_toml  # noqa: PLC0415  # the same

    return {
        name: load_toml(fixture(f"{kind}/{name}.toml")).text("description", "", limit=2000)
        for name in fixture_names(kind)
    }
