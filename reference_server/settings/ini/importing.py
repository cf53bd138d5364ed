"""From an INI file to a file of ours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from reference_server.settings.errors import SettingsError
from reference_server.settings.ini.access import import_address, import_consent, import_origins
from reference_server.settings.ini.certificates import import_certificates
from reference_server.settings.ini.ports import import_ports
from reference_server.settings.ini.reading import Reading, Section, Value
from reference_server.settings.ini.rest import import_rest, is_of_users
from reference_server.settings.ini.text import IniTextError, Line, read_ini
from reference_server.settings.page import toml_value
from reference_server.settings.resolve import Settings
from reference_server.settings.sources import Given, Layer
from reference_server.settings.table import BY_KEY, SETTINGS

MAIN = "DS"


@dataclass(frozen=True)
class Imported:
    """What became of a file.

    Attributes:
        toml: the text of our file; empty if there are problems.
        warnings: what is different with us, or was left out; with file, line and key.
        problems: what must be put right first.
    """

    toml: str
    warnings: tuple[str, ...]
    problems: tuple[SettingsError, ...]


def import_ini(file: Path) -> Imported:
    """Read ``DSConfiguration.ini``. Never raises for what is in it; a file with problems gives no text, since half of it could let more people in."""
    reading = Reading(file)
    try:
        lines, encoding = read_ini(file)
    except IniTextError as error:
        return Imported("", (), (SettingsError(error.why, where=str(file), line=error.line),))
    if encoding == "latin-1":
        reading.warn(None, "is neither UTF-8 nor UTF-16 and was read as Latin-1.")
    _import(reading, lines)
    if not reading.problems:
        _check_together(reading)
    toml = "" if reading.problems else _toml(file, reading.values)
    return Imported(toml, tuple(reading.warnings), tuple(reading.problems))


def _import(reading: Reading, lines: list[Line]) -> None:
    for line in lines:
        if line.key is None and not line.head:
            reading.wrong(line, f"must be a [section] or key=value, not {line.value[:60]!r}")
        elif line.section is None:
            reading.wrong(line, f"stands before the first section; it belongs into [{MAIN}]")
    sections: dict[str, list[Line]] = {}
    for line in lines:
        if line.section is not None:
            sections.setdefault(line.section.lower(), []).append(line)
    if MAIN.lower() not in sections:
        reading.wrong(None, f"has no section [{MAIN}]: it is no DSConfiguration.ini")
        return
    main = Section(reading, sections.pop(MAIN.lower()))
    import_ports(reading, main)
    import_address(reading, main)
    locked = import_origins(reading, main)
    import_consent(reading, main, locked=locked)
    import_rest(reading, main)
    main.leftovers(reading)
    hosts: dict[str, Section] = {}
    for found in sections.values():
        section, head = Section(reading, found), found[0]
        if section.take("cert_name") or section.take("key_name"):
            hosts[str(head.section)] = section
        elif is_of_users(section):
            reading.warn(
                head,
                "has the ports of one user; start a service for that user with a listen.port of its own.",
                f"[{head.section}]",
            )
        else:
            reading.warn(head, "is not a documented section and was left out", f"[{head.section}]")
    import_certificates(reading, hosts)


def _check_together(reading: Reading) -> None:
    """Whether a service can start with all the values, such as ports of which each is good by itself."""
    given = [
        Given(BY_KEY[item.key], BY_KEY[item.key].read(item.value, reading.file.parent), Layer.FILE, str(reading.file))
        for item in reading.values
    ]
    try:
        Settings({item.setting.key: item for item in given}).config()
    except SettingsError as error:
        reading.wrong(None, error.why)


def _toml(file: Path, values: list[Value]) -> str:
    order = [setting.key for setting in SETTINGS]
    parts = [f"# Imported from {_comment(file.name)} by `flatbed config import`.", "schema = 1"]
    ordered = sorted(values, key=lambda value: order.index(value.key))
    for section, group in groupby(ordered, key=lambda value: value.key.partition(".")[0]):
        parts.append(f"\n[{section}]")
        for value in group:
            parts.append(f"# {_comment(value.why)}")
            parts.append(f"{value.key.partition('.')[2]} = {toml_value(value.value)}")
    return "\n".join(parts) + "\n"


def _comment(text: str) -> str:
    """*text* so that it stays one comment of one line, whatever stood in the file."""
    clean = "".join(char if char.isprintable() else "?" for char in text)
    return clean if len(clean) <= 150 else f"{clean[:147]}..."
