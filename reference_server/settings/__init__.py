"""The settings of the service: one table (:mod:`.table`), from which files, environment variables, flags, policy and documentation follow.

To add an option:

1. give :class:`~reference_server.config.ServerConfig` (or ``Limits``) a field with a default and a line in its docstring;
2. add a row for it to the table: key ``section.name``, the field, its kind, one sentence, and a flag where users would want one;
3. run ``make docs``. The flag, the variable ``FLATBED_SECTION_NAME``, the key of the file and the page follow; a test names what is missing.

What may come in: where values come from and who wins. What may not: what a setting does.
"""

from reference_server.settings.errors import SettingsError
from reference_server.settings.resolve import Settings, Sources, check_file, plain_value, shown
from reference_server.settings.setting import Setting
from reference_server.settings.sources import Given, Layer, default_file, policy_file
from reference_server.settings.table import BY_KEY, SETTINGS

__all__ = [
    "BY_KEY",
    "SETTINGS",
    "Given",
    "Layer",
    "Setting",
    "Settings",
    "SettingsError",
    "Sources",
    "check_file",
    "default_file",
    "plain_value",
    "policy_file",
    "shown",
]
