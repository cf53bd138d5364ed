"""``[host.name]`` sections: certificates that the other service chose by host name (S-043)."""

from __future__ import annotations

from collections.abc import Mapping

from reference_server.settings.ini.access import is_host_name
from reference_server.settings.ini.reading import Reading, Section


def import_certificates(reading: Reading, hosts: Mapping[str, Section]) -> None:
    """The certificate of each host, and the host as a name under which the service is reached."""
    names: list[str] = []
    for host, section in hosts.items():
        cert, key = section.take("cert_name"), section.take("key_name")
        line = cert or key
        assert line is not None
        if not is_host_name(host):
            reading.wrong(line, f"stands in [{host[:60]}], which is no host name")
        elif cert is None or key is None or not cert.value or not key.value:
            reading.wrong(line, f"must come with {'key_name' if key is None else 'cert_name'} in [{host}]")
        else:
            names.append(host.lower())
        section.leftovers(reading)
    if names:
        reading.put("access.allow_host", names, "hosts with a certificate of their own")
