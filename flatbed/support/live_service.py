"""What a running service says of itself, for the bundle."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any

import httpx

from flatbed.support.archive import Entry
from reference_server.data_folder import RUNNING

SECONDS = 10.0
"""For each answer; a service that is stuck is something to be told, not to be waited for."""
LIMIT_BYTES = 4 << 20


def service_entries(data_dir: Path, notices: list[str]) -> list[Entry]:
    """Figures and devices of the service that has *data_dir*, as it tells them itself.

    Args:
        data_dir: the folder in which a service says where it answers for as long as it runs.
        notices: takes why there is something missing.
    """
    try:
        told = json.loads((data_dir / RUNNING).read_text())
        pid, urls = int(told["pid"]), {name: told[name] for name in ("http", "https", "status")}
    except FileNotFoundError:
        notices.append(f"No service runs with the data folder {data_dir}, so there are no figures and no devices.")
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        notices.append(f"{data_dir / RUNNING} cannot be read: {type(error).__name__}.")
        return []
    found = [Entry.of_json("service/ready.json", "where the running service answers.", {"pid": pid, **urls})]
    for name, about, base, path in (
        ("service/status.json", "figures of the running service.", urls["status"], "/status.json"),
        (
            "service/devices.json",
            "devices as the service shows them to clients.",
            urls["http"] or urls["https"],
            "/api/device/scanners",
        ),
    ):
        if base is None:
            notices.append(f"There is no {name}: the service has no open port for it.")
            continue
        try:
            found.append(Entry.of_json(name, about, _ask(f"{base}{path}", told.get("ca"))))
        except (httpx.HTTPError, OSError, ValueError) as error:
            notices.append(
                f"There is no {name}: the service (process {pid}) gives no answer: {str(error) or type(error).__name__}."
            )
    return found


def _ask(url: str, ca: str | None) -> Any:
    """The JSON at *url*, of this machine and never through a proxy.

    Raises:
        httpx.HTTPError: no answer, or a bad one.
        OSError: the file of the authority cannot be read.
        ValueError: no JSON, or far too much.
    """
    tls: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca) if ca and url.startswith("https:") else True
    with (
        httpx.Client(verify=tls, trust_env=False, timeout=SECONDS) as client,
        client.stream("GET", url) as reply,
    ):
        reply.raise_for_status()
        data = b""
        for part in reply.iter_bytes():
            data += part
            if len(data) > LIMIT_BYTES:
                raise ValueError("the answer is too long")
    return json.loads(data)
