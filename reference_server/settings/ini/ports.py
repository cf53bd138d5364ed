"""Ports of the other service (S-018, S-019, S-035, S-036) and what becomes of them."""

from __future__ import annotations

import re

from reference_server.settings.ini.reading import Reading, Section
from reference_server.settings.ini.text import Line

_HIGHEST = 65_535
_DOORS = {
    ("Port", "dwt"): ("listen.port", 0),
    ("SSLPort", "dwt"): ("listen.https_port", 1),
    ("Port", "dcp"): ("listen.status_port", 3),
    ("SSLPort", "dcp"): ("listen.status_https_port", 4),
}
"""For each list and module: our key, and the distance from N at which the port is anyway."""


def import_ports(reading: Reading, section: Section) -> None:
    """``Port``, ``SSLPort`` and their numbered entries."""
    found: dict[tuple[str, str], tuple[int, Line]] = {}
    for kind in ("Port", "SSLPort"):
        for module, (port, line) in _entries(reading, section, kind).items():
            found[kind, module] = (port, line)
    for place, (port, line) in found.items():
        other = next((seen for earlier, (seen, _) in found.items() if earlier != place and seen == port), None)
        if other is not None:
            reading.wrong(line, f"gives the port {port} a second time")
            return
    base, _ = found.get(("Port", "dwt"), (18622, None))
    for place, (key, distance) in _DOORS.items():
        if place not in found:
            continue
        port, line = found[place]
        if distance == 0:
            if port > _HIGHEST - 4:
                reading.wrong(line, f"must be at most {_HIGHEST - 4}: the service also has the port N + 4")
            else:
                reading.put(key, port, f"{line.key}={port}")
        elif port != base + distance:
            reading.put(key, port, f"{line.key}={port}")


def _entries(reading: Reading, section: Section, kind: str) -> dict[str, tuple[int, Line]]:
    """The port of each module in one list; ``Port=2`` says how many there are, and the entries may have any order."""
    count_line = section.take(kind)
    count = reading.integer(count_line, 0, 100)
    modules: dict[int, Line] = {}
    ports: dict[int, Line] = {}
    for line in section.take_all(f"{kind}_m"):
        match = re.fullmatch(rf"{kind}_m([np])_(\d{{1,4}})", str(line.key), re.IGNORECASE)
        if match is None:
            reading.wrong(line, f"is neither {kind}_mn_NUMBER nor {kind}_mp_NUMBER")
            continue
        (modules if match[1].lower() == "n" else ports)[int(match[2])] = line
    found: dict[str, tuple[int, Line]] = {}
    for number in sorted(modules.keys() | ports.keys()):
        if number not in modules or number not in ports:
            missing, there = (kind + "_mn_", ports) if number not in modules else (kind + "_mp_", modules)
            reading.wrong(there[number], f"has no {missing}{number} beside it")
            continue
        port = reading.integer(ports[number], 1, _HIGHEST)
        module = modules[number].value.lower()
        if count is not None and number >= count:
            reading.warn(
                ports[number], f"is beyond the {kind}={count} entries that the file announces, and was left out"
            )
        elif module not in {"dwt", "dcp"}:
            reading.warn(
                modules[number], f"names {module[:60]!r}, a module that there is not here; its port was left out"
            )
        elif module in found:
            reading.wrong(modules[number], f"gives {module} a second time")
        elif port is not None:
            found[module] = (port, ports[number])
    return found
