"""The page of documentation about scenarios, made from the kinds, the keys and the shipped files."""

from __future__ import annotations

from device_protocol import FACTS, FaultKind
from simulators.fixture_files import fixture, fixture_names
from simulators.scenarios.keys import FAULT, GENERATE, LOT, RECOVERY, TIMED
from simulators.scenarios.kinds import ERROR_VERBS, KINDS, OPEN, START
from simulators.toml_files import load_toml

_HEAD = """\
# Scenarios: what happens to a machine

Generated from `simulators/scenarios/` and the shipped files.

A scenario says what goes wrong with a virtual scanner, when, and who mends it. There is one model with three ways in, and all of them mean the same at the
same virtual times: a TOML file that a [devices file](devices-file.md) names, the same keys as JSON over the [control API](lab.md), and objects in Python.

```toml
# afternoon.toml
schema = 1
description = "A jam that is mended, every third page broken after that, and a refill at four."

[[fault]]
name = "jam"
kind = "jam"
sheet = 2
recovery = [{ action = "clear-jam", when = "closed", seconds = 5.0 }]

[[fault]]
follows = "jam"
kind = "error"
code = "TRANSFER_BROKEN"
message = "Read failed: -EIO"
at = 0.4
every = 3
times = 0

[[at]]
seconds = 240.0
action = "load"
arguments = { count = 5 }
```

The same over HTTP, while the machine runs:

```sh
say -X POST "${control%#*}/devices/virtual:feeder/scenario" -d '{"fault": [{"kind": "jam", "sheet": 2}]}'   # in place of the one before
say -X POST "${control%#*}/devices/virtual:feeder/scenario" -d '{"shipped": "jam-and-recovery"}'
say -X POST "${control%#*}/devices/virtual:feeder/progress"         # what has struck, what is pending, and the scenario itself
say -X POST "${control%#*}/devices/virtual:feeder/clear-scenario"   # faults are disarmed, planned actions dropped
```

And in Python:

```python
# afternoon.py
from device_protocol import Code, Fault, FaultKind, Recovery, When
from simulators.scenarios.writing import to_keys, to_toml
from simulators.spec import Scenario

scenario = Scenario(
    faults=(
        Fault(FaultKind.JAM, sheet=2, recovery=(Recovery("clear-jam", when=When.CLOSED, seconds=5.0),)),
        Fault(FaultKind.ERROR, code=Code.NO_MEMORY, job=2),
    )
)
print(to_toml(scenario))  # a file of it
body = to_keys(scenario)  # for service.control("POST", "/devices/virtual:feeder/scenario", body)
```

A scenario that has a mistake is refused as a whole, with file and line or with the key, and nothing changes. At most 1000 faults and 1000 actions can wait.
Actions of a scenario are tried when it is read; `scenario`, `clear-scenario` and `reset` cannot be among them. A `reset` begins the scenario of the devices
file anew. What already stands, such as an open cover, stays when a scenario is set or cleared.
"""

_RANDOM = """
## From a seed

`[[random]]` draws for each sheet whether a fault is armed. `[generate]` makes a whole scenario, faults, sequences and recoveries. The seed is the device's
unless it is said, and `progress` shows it with the faults that came of it. `flatbed simulate generate` prints such a scenario as a plain file, that can be
kept and changed; in Python it is `simulators.scenarios.generate.generate(profile, seed)`.

```sh
flatbed simulate generate --profile office-duplex-feeder --seed 42 --faults 8 > bad-luck.toml
```

```toml
# luck.toml
schema = 1

[[random]]
kind = "slow"
seconds = 2.0
rate = 0.1

[generate]
seed = 42
faults = 3
kinds = ["jam", "cover-open", "error"]
```
"""


def scenarios_markdown() -> str:
    """The page."""
    parts = [_HEAD, "\n## Kinds of faults\n", "| kind | strikes at | lasts | what a client sees |", "|---|---|---|---|"]
    for kind in FaultKind:
        facts = KINDS[kind]
        natural = facts.natural or "next_page, or read with `at`"
        others = [verb for verb in facts.verbs if verb != facts.natural]
        others = others if facts.natural else [verb for verb in others if verb in {OPEN, START}]
        verbs = f"{natural}; or {', '.join(others)}" if others else natural
        parts.append(f"| `{kind.value}` | {verbs} | {'yes' if facts.lasts else ''} | {facts.sees} |")
    parts += [
        "\nAt next_page is between pages, at read within one. Faults of paper need a feeder, `cover-open` a cover.",
        "\n## Codes of the kind `error`\n",
        "WRONG_STATE and CLOSED are answers to calls out of sequence, so no fault of a device. What each code means for a client is in [codes](codes.md).",
        "\n| code | strikes at, the natural one first | REST code | says |",
        "|---|---|---|---|",
    ]
    parts += [
        f"| {code.value} | {', '.join(verbs)} | {FACTS[code].rest_code} | {FACTS[code].text} |"
        for code, verbs in ERROR_VERBS.items()
    ]
    parts.append("\n## Keys\n\nA file has `schema = 1`, a `description`, and these tables.")
    for title, keys in (
        ("`[[fault]]`", FAULT),
        ("`recovery` of a fault", RECOVERY),
        ("`[[at]]`: somebody does something at a time", TIMED),
        ("`[[random]]`: beside the keys of a fault but `sheet`, `page`, `times` and `name`", LOT),
        ("`[generate]`", GENERATE),
    ):
        parts += [f"\n### {title}\n", "| key | value | default | meaning |", "|---|---|---|---|"]
        parts += [f"| `{key}` | {value} | {default} | {words} |" for key, (value, default, words) in keys.items()]
    parts += [_RANDOM, "## The shipped scenarios\n", "| scenario | what happens |", "|---|---|"]
    for name in fixture_names("scenarios"):
        words = load_toml(fixture(f"scenarios/{name}.toml")).text("description", "", limit=2000)
        parts.append(f"| `{name}` | {words} |")
    return "\n".join(parts) + "\n"
