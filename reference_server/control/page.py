"""The page of the documentation about faults of the service and the control API, made from their tables."""

from __future__ import annotations

from typing import cast

from device_protocol.control import ACTIONS
from reference_server.control.api import ControlApi
from reference_server.control.laboratory import Laboratory
from reference_server.faults.profiles import PROFILES, FaultName, words

_HEAD = """\
# The laboratory's controls

In lab mode (`--access lab`) the service can be told to misbehave, and a test in any language can set the scene over plain HTTP. The locked mode
imports none of this.

## Faults of the service

From the start by `flatbed serve --fault NAME` or `--fault NAME:key=value,key=value` (again for several), or `faults = [...]` under `[lab]` in the
configuration file; while it runs by the control API. `count` ends a fault after so many strikes, `duration` after so many seconds; without either it
stays until it is lifted. The status port has no faults, so that they can always be lifted. WebSockets that are
open are cut by `down` and `late-start`; faults of single requests leave them alone. Faults of devices (jams, empty feeders ...) belong to the
[devices file](devices-file.md) and to the devices below.
"""
_CONTROL = """\
## The control API

It is on the status port, under `/control`. `flatbed serve` prints its URL with a token behind the `#`, and the ready file has the same URL as
`control`; each request brings the token as `Authorization: Bearer TOKEN`. There are no CORS headers: it is for test code and for the service's own
pages. Unknown keys of a body are refused.
"""
_EXAMPLE = """\
```sh
flatbed serve --ready-file ready.json &
control=$(python3 -c 'import json; print(json.load(open("ready.json"))["control"])')
say() { curl -s -H "Authorization: Bearer ${control#*#}" "$@"; }

say -X POST "${control%#*}/devices/virtual:feeder/load" -d '{"count": 5}'
say -X POST "${control%#*}/devices/virtual:feeder/fault" -d '{"kind": "jam", "sheet": 3}'
say -X POST "${control%#*}/faults" -d '{"name": "slow", "delay": 2, "count": 3}'
say "${control%#*}/requests"
```
"""


def lab_markdown() -> str:
    """The page."""
    faults = "\n".join(_fault(name) for name in PROFILES)
    endpoints = ControlApi(cast("Laboratory", None)).endpoints  # the table says nothing of what is behind it
    paths = "\n".join(
        f"| {operation.method} | `{endpoint.path}` | {operation.summary} |"
        for endpoint in endpoints
        for operation in endpoint.operations
    )
    actions = "\n".join(f"| `{action}` | {does} |" for action, does in ACTIONS.items())
    parts = [
        _HEAD,
        f"| fault | what a client sees | takes | source |\n|---|---|---|---|\n{faults}\n",
        _CONTROL,
        f"| method | path | |\n|---|---|---|\n{paths}\n",
        "What can be done to devices, where they have it; `GET /control/devices/{device}` says which:\n",
        f"| action | |\n|---|---|\n{actions}\n",
        _EXAMPLE,
    ]
    return "\n".join(parts)


def _fault(name: FaultName) -> str:
    profile = PROFILES[name]
    takes = ", ".join(f"`{word}`" for word in words(name))
    return f"| `{name}` | {profile.does} | {takes} | {profile.source} |"
