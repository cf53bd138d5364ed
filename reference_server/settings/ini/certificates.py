"""``[host.name]`` sections: certificates that the other service chose by host name (S-043)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from reference_server.settings.ini.reading import Reading, Section
from reference_server.settings.ini.text import Line
from reference_server.tls.names import is_host_name

FOLDER = "cert"
"""Where the other service keeps its certificates, beside its INI file (S-050)."""

SEALED = {".ldsc", ".ldwtc"}
"""Files that only the other service can read (S-077, S-078)."""


def import_certificates(reading: Reading, hosts: Mapping[str, Section]) -> None:
    """The certificate of each host, and the host as a name under which the service is reached."""
    names: list[str] = []
    pairs: list[str] = []
    for host, section in hosts.items():
        cert, key = section.take("cert_name"), section.take("key_name")
        section.leftovers(reading)
        line = cert or key
        assert line is not None
        name = host.lower().removesuffix(".")
        if not is_host_name(name):
            reading.wrong(line, f"stands in [{host[:60]}], which is no host name")
        elif cert is None or key is None or not cert.value or not key.value:
            reading.wrong(line, f"must come with {'key_name' if key is None else 'cert_name'} in [{host}]")
        else:
            names.append(name)
            files = [_file(reading, item) for item in (cert, key)]
            if all(files):
                pairs.append(f"{name}={os.pathsep.join(map(str, files))}")
    if names:
        reading.put("access.allow_host", names, "hosts with a certificate of their own")
    if pairs:
        reading.put("tls.host_cert", pairs, "cert_name and key_name of these hosts")


def _file(reading: Reading, line: Line) -> Path | None:
    """The file that *line* names; None if it cannot be used, which has then been said."""
    folder = reading.file.absolute().parent
    places = [folder / line.value, folder / FOLDER / line.value]
    if Path(line.value).suffix.lower() in SEALED:
        reading.warn(
            line, f"names {line.value[:60]!r}, which only the other service can read; get the certificate in PEM."
        )
        return None
    found = next((place for place in places if _is_file(place)), None)
    if found is None:
        reading.warn(
            line, f"names {line.value[:60]!r}, and there is no such file here nor in {FOLDER}; it was left out."
        )
    elif os.pathsep in str(found) or not str(found).isprintable():
        reading.warn(
            line, f"stands in a folder whose name has {os.pathsep!r} or worse in it; move it, and set tls.host_cert."
        )
        return None
    return found


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False
