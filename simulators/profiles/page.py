"""The page of documentation about profiles, made from the keys and from the shipped machines."""

from __future__ import annotations

from simulators.cameras.tables import CAMERA_TABLES
from simulators.fixture_files import fixture, fixture_names
from simulators.profile import load_profile
from simulators.profiles.defects import KEYS as DEFECTS
from simulators.profiles.defects import Defects
from simulators.profiles.keys import default_of
from simulators.profiles.model import Profile
from simulators.profiles.tables import TABLES, TableKeys

_HEAD = """\
# Profiles: which machine it is

Generated from `simulators/profiles/` and the shipped files.

A profile is a TOML file that says what a virtual scanner is: where its paper lies, what it can deliver, how long that takes, and what is odd or wrong about it.
A [devices file](devices-file.md) names one for each machine, shipped or your own.

```
flatbed simulate list                                        # the shipped machines, each with a sentence about it
flatbed simulate show resolution-liar                        # one in full; --json for programs
flatbed simulate show office-duplex-feeder --toml > mine.toml    # a file to start from
flatbed simulate validate mine.toml                          # every mistake, with its line
```

The smallest one there is:

```toml
# smallest.toml
schema = 1
model = "Smallest"

[[mode]]
colour = "gray"

[[source]]
kind = "flatbed"
width_mm = 210.0
height_mm = 297.0
```

## Versions of the format

`schema = 1` is the only one so far. It stays 1 as long as every file that could be used means the same: new keys, and more values for a key, do not change it.
A key that goes, is renamed or means something else, and another default, do. A file of a later schema is refused with a sentence that says so. Keys that are
not known are refused too, since a slip of the pen would otherwise make another machine than the one you meant.

## The keys

The column *source* says who knows such machines. "4d" is the catalogue of defects behind the layers of libinsane, which works around them; "test" is SANE's
own `test` back end; S-101 to S-113 are what is known of devices behind the services of other makers; ids such as SCAN-06 are requirements of the suite
(`flatbed check device`).
"""

_LIMITS = """
## What a profile cannot say

* A scanner that hands over its three colour passes one by one: a page of the contract has interleaved samples, so the machine puts them together itself.
* A driver that may be called from one thread only: each driver has a thread, and a process, of its own here.
* A scanner that delivers JPEG, BMP or other files instead of rows of pixels.
* What happens *to* a machine, such as a jam: that is a scenario ([devices files](devices-file.md)).
"""


def profiles_markdown() -> str:
    """The page."""
    parts = [_HEAD, *map(_table, TABLES)]
    parts.append("\n## The shipped machines\n")
    machines = {name: load_profile(fixture(f"profiles/{name}.toml")) for name in fixture_names("profiles")}
    lawful = {name: machine for name, machine in machines.items() if machine.lawful}
    parts.append(
        "These keep the contract, and pass `flatbed check device`:\n\n| profile | what is special about it |\n|---|---|"
    )
    parts += [f"| `{name}` | {_cell(machine.description)} |" for name, machine in lawful.items()]
    parts.append(
        "\nThese have a defect:\n\n| profile | what is wrong with it | by its defects it fails |\n|---|---|---|"
    )
    parts += [
        f"| `{name}` | {_cell(machine.description)} | {_breaks(machine)} |"
        for name, machine in machines.items()
        if name not in lawful
    ]
    parts.append(
        '\n## Cameras\n\nA profile of `kind = "camera"` has `[timing]` (`open_s`, `cancel_s`, `option_s`) and these:\n'
    )
    parts += map(_table, CAMERA_TABLES)
    cameras = {
        name: load_profile(fixture(f"profiles/cameras/{name}.toml")) for name in fixture_names("profiles/cameras")
    }
    parts.append(
        "\nThe shipped ones ([how to use them](../webcams.md)):\n\n| profile | what is special about it |\n|---|---|"
    )
    parts += [f"| `{name}` | {_cell(machine.description)} |" for name, machine in cameras.items()]
    parts.append(_LIMITS)
    return "\n".join(parts)


def _table(table: TableKeys) -> str:
    defects = table.keys is DEFECTS
    head = f"\n### `{table.name}`\n\n{table.words}\n" if table.name else f"{table.words}\n"
    last = " fails |" if defects else ""
    lines = [
        head,
        f"| key | value | default | meaning | source |{last}",
        f"|---|---|---|---|---|{'---|' if defects else ''}",
    ]
    for key in table.keys:
        default = default_of(key, table.standard)
        shown = (
            default if default in {"required", "none"} or (" " in default and '"' not in default) else f"`{default}`"
        )
        words = f"It {key.words}." if defects else f"{key.words}."
        cells = [f"`{key.name}`", key.kind.words, shown, words, key.source]
        if defects:
            cells.append(", ".join(key.breaks))
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines)


def _breaks(machine: Profile) -> str:
    standard = Defects()
    keys = [key for key in DEFECTS if getattr(machine.defects, key.name) != getattr(standard, key.name)]
    return ", ".join(sorted({name for key in keys for name in key.breaks})) or "nothing that the suite can see"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
