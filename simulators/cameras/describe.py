"""A camera described: as plain data, and in the words that ``flatbed simulate show`` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from simulators.cameras.model import Camera, Habits
from simulators.cameras.tables import HABITS
from simulators.profiles.keys import toml_value
from simulators.profiles.model import Profile


def facts(profile: Profile, camera: Camera) -> dict[str, Any]:
    """Everything about a camera as plain data, defaults included."""
    return {
        "kind": "camera",
        "maker": profile.maker,
        "model": profile.model,
        "description": profile.description,
        "lawful": profile.lawful,
        "modes": [asdict(mode) for mode in camera.modes],
        "controls": {name: asdict(control) for name, control in camera.controls.items()},
        "camera": asdict(camera.habits),
        "timing": asdict(profile.timing),
    }


def lines(profile: Profile, camera: Camera) -> list[str]:
    """What there is to say about a camera, for people."""
    told = [f"{profile.model}, by {profile.maker}", *([f"  {profile.description}"] if profile.description else []), ""]
    told += ["Modes:"]
    told += [
        f"  {mode.fourcc}  {mode.size:<9}  {', '.join(f'{rate:g}' for rate in mode.rates)} /s" for mode in camera.modes
    ]
    if camera.controls:
        told += ["", "Controls:"]
    for name, control in camera.controls.items():
        step = f" by {control.step:g}" if control.step else ""
        auto = ", automatic too" if control.auto else ""
        told.append(f"  {name}  {control.minimum:g} to {control.maximum:g}{step}, at first {control.default:g}{auto}")
    usual = Habits()
    habits = [key for key in HABITS if getattr(camera.habits, key.name) != getattr(usual, key.name)]
    if habits:
        told += ["", "Habits:"]
    told += [f"  {key.name} = {toml_value(getattr(camera.habits, key.name))}: {key.words}" for key in habits]
    return told
