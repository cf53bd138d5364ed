"""The page docs/reference/configuration.md, from the table of settings."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from reference_server.settings.setting import Setting
from reference_server.settings.table import SETTINGS

HEAD = """\
# Configuration

<!-- Made from reference_server/settings/table.py by `make docs`; changes here are lost. -->

A setting can stand in a file, in the environment, on the command line and in an administrator's policy. The later one wins:

**default < file < environment < flag < policy**

* **File**: TOML; `flatbed serve --config FILE`, or `FLATBED_CONFIG=FILE`, or `config.toml` in your configuration folder
  (`~/.config/flatbed/` on Linux) if it is there. Relative paths start at the folder of the file.
  A list replaces the list of a weaker source; it is not added to it.
* **Environment**: `FLATBED_` and the key in capitals, with `_` for the dot. Lists have commas between their entries.
* **Flags**: of `flatbed serve`. Switches have a `--no-` form too.
* **Policy**: the same TOML in `/etc/flatbed/policy.toml` (macOS: `/Library/Application Support/flatbed/policy.toml`,
  Windows: `C:\\ProgramData\\flatbed\\policy.toml`).
  What stands there is fixed: nothing else can change it, and who tries is told who has set it. A policy that cannot be read or used stops the start.
  Settings that are not marked below cannot be fixed by a policy.

`flatbed config` shows every setting with its value and where that comes from; `flatbed config --explain KEY` says all about one; `flatbed config check FILE`
finds mistakes with their lines (`--policy`: as a policy); `flatbed config import DSConfiguration.ini`
[reads the file](import-ini.md) of the service that this one can stand in for.

A file may say `schema = 1` at its top. An example:

```toml
# config.toml
schema = 1

[listen]
port = 18622

[access]
mode = "locked"
allow_origin = ["https://scan.example.com"]

[buffer]
memory_mb = 64
```

What a policy does not fix stays open. This one fixes everything about who gets in, on machines where one page may scan:

```toml
# policy.toml
schema = 1

[listen]
host = "127.0.0.1"

[access]
mode = "locked"
allow_origin = ["https://scan.example.com"]
allow_host = []
trust_network = []
consent = "allow"
consent_for = []
```
"""


def configuration_markdown() -> str:
    """The page."""
    parts = [HEAD]
    for section, settings in groupby(SETTINGS, key=lambda setting: setting.section):
        parts.append(f"## [{section}]\n\n| key | default | values | effect | flag | environment | policy | source |")
        parts.append("|---|---|---|---|---|---|---|---|")
        parts += [_row(setting) for setting in settings]
        parts.append("")
    return "\n".join(parts)


def default_text(setting: Setting) -> str:
    """The default as TOML has it, or in words where it is found out at the start."""
    if setting.field == "data_dir":
        return "your data folder"
    return toml_value(setting.kind.plain(setting.default))


def toml_value(value: Any) -> str:
    """*value* in TOML; None in words."""
    if value is None:
        return "chosen for you"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _row(setting: Setting) -> str:
    default = default_text(setting)
    cells = (
        f"`{setting.name}`",
        default if default[0].isalpha() and default not in {"true", "false"} else f"`{default}`",
        setting.kind.words,
        f"{setting.effect}{' Never shown.' if setting.secret else ''}",
        f"`{setting.flag}`" if setting.flag else "",
        f"`{setting.variable}`",
        "yes" if setting.policy else "",
        setting.source,
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
