"""``flatbed simulate list``: the profiles and scenarios that are shipped."""

from __future__ import annotations

from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, out


def list_(
    as_json_: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> int:
    """List the machines and scenarios that are shipped, each with a sentence about it."""
    from simulators.devices_file import CAMERAS  # noqa: PLC0415  # imports the machines
    from simulators.fixture_files import fixture, fixture_names  # noqa: PLC0415  # imports the machines
    from simulators.profile import load_profile  # noqa: PLC0415  # the same
    from simulators.toml_files import load_toml  # noqa: PLC0415  # the same

    machines = {name: load_profile(fixture(f"profiles/{name}.toml")) for name in fixture_names("profiles")}
    cameras = {name: load_profile(fixture(f"{CAMERAS}/{name}.toml")) for name in fixture_names(CAMERAS)}
    scenarios = {
        name: load_toml(fixture(f"scenarios/{name}.toml")).text("description", "", limit=2000)
        for name in fixture_names("scenarios")
    }
    if as_json_:
        profiles = [
            {"name": name, "description": machine.description, "lawful": machine.lawful}
            for name, machine in machines.items()
        ]
        described = [{"name": name, "description": words} for name, words in scenarios.items()]
        seeing = [{"name": name, "description": camera.description} for name, camera in cameras.items()]
        as_json({"schema": 1, "profiles": profiles, "cameras": seeing, "scenarios": described})
        return Exit.OK
    groups = {
        "Machines that keep the contract": {n: m.description for n, m in machines.items() if m.lawful},
        "Machines with a defect": {n: m.description for n, m in machines.items() if not m.lawful},
        "Cameras": {n: m.description for n, m in cameras.items()},
        "Scenarios": scenarios,
    }
    width = max(len(name) for group in groups.values() for name in group)
    for head, group in groups.items():
        out(f"{head}:")
        for name, words in group.items():
            out(f"  {name:<{width}}  {words}")
    return Exit.OK
