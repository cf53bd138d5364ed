"""Writing scenarios down: as the keys that :mod:`simulators.scenarios.reading` reads, and as TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from device_protocol import Fault
from simulators.spec import Scenario, Timed

SCHEMA = 1
_STANDARD = {"verb": "", "at": 0.0, "seconds": 0.0, "times": 1}


def to_keys(scenario: Scenario) -> dict[str, Any]:
    """*scenario* as the keys of a file or of the control's action; what is as usual is left out."""
    keys: dict[str, Any] = {"schema": SCHEMA}
    if scenario.description:
        keys["description"] = scenario.description
    if scenario.seed is not None:
        keys["seed"] = scenario.seed
    if scenario.faults:
        keys["fault"] = [_fault(fault) for fault in scenario.faults]
    if scenario.timed:
        keys["at"] = [_timed(item) for item in scenario.timed]
    return keys


def to_toml(scenario: Scenario) -> str:
    """*scenario* as a TOML file that means the same."""
    keys = to_keys(scenario)
    lines = [f"{key} = {_value(value)}" for key, value in keys.items() if key not in {"fault", "at"}]
    for name in ("fault", "at"):
        for entry in keys.get(name, ()):
            lines += ["", f"[[{name}]]", *(f"{_key(key)} = {_value(value)}" for key, value in entry.items())]
    return "\n".join(lines) + "\n"


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        key: value
        for key, value in fault.arguments().items()
        if value is not None and not (key in _STANDARD and value == _STANDARD[key])
    }


def _timed(timed: Timed) -> dict[str, Any]:
    keys: dict[str, Any] = {"seconds": timed.seconds, "action": timed.action}
    return keys | ({"arguments": dict(timed.arguments)} if timed.arguments else {})


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if plain else _value(key)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, float):
        return repr(value)
    # JSON's texts are TOML's, but for one character that JSON lets through
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
