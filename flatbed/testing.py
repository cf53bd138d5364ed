"""What tests of users import: a scanning service in a process of its own, on free ports.

Without pytest it is a context manager::

    with ScanService.start() as service:
        service.control("POST", "/devices/virtual:feeder/load", {"count": 3})
        httpx.get(f"{service.url}/api/device/scanners")
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from flatbed.client import SyncScanClient

START_LIMIT_S = 30.0
STOP_LIMIT_S = 10.0
CONTROL_LIMIT_S = 30.0
FIRST_ANSWERS = "FLATBED_LIMITS_FIRST_ANSWERS_SECONDS"
FIRST_ANSWERS_S = 20
"""A test that lists scanners waits for a driver that is late because the machine is busy, instead of finding nothing."""


class ServiceStartError(RuntimeError):
    """The service ended, or did not answer in time; the message has what it printed."""


class ControlError(RuntimeError):
    """The control API refused a request.

    Attributes:
        status: HTTP status; 0 when nothing was asked.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class ScanService:
    """A running service.

    Attributes:
        url: of the HTTP port, without a slash at the end.
        ready: what its ready file says (design 6).
        data_dir: where it keeps its data and its log.
        process: the running process.
    """

    url: str
    ready: dict[str, Any]
    data_dir: Path
    process: subprocess.Popen[bytes]

    @classmethod
    @contextmanager
    def start(cls, *arguments: str, devices: str | Path | None = None) -> Iterator[ScanService]:
        """Start ``flatbed serve`` on free ports and end it afterwards.

        Args:
            arguments: further arguments of ``flatbed serve``.
            devices: devices file, or its text.

        Raises:
            ServiceStartError: with the service's own words.
        """
        with tempfile.TemporaryDirectory(prefix="flatbed-") as folder:
            root = Path(folder)
            words = [*arguments]
            if devices is not None:
                words += ["--devices", str(_devices_file(devices, root))]
            service = cls._launch(root, words)
            try:
                yield service
            finally:
                service.stop()

    @classmethod
    def _launch(cls, root: Path, words: Sequence[str]) -> ScanService:
        ready_file, log = root / "ready.json", root / "output.txt"
        command = [sys.executable, "-m", "flatbed.cli", "serve", "--port", "0", "--ready-file", str(ready_file)]
        command += ["--config", os.devnull, "--data-dir", str(root / "data"), "--exit-with-stdin", *words]
        patience = {FIRST_ANSWERS: str(FIRST_ANSWERS_S)} | os.environ
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, env=patience
            )
        deadline = time.monotonic() + START_LIMIT_S
        while not ready_file.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                process.wait()
                if process.stdin is not None:
                    process.stdin.close()
                raise ServiceStartError(f"{' '.join(command)}\n{log.read_text(errors='replace')}")
            time.sleep(0.01)
        ready = json.loads(ready_file.read_text())
        return cls(str(ready["http"]).rstrip("/"), ready, root / "data", process)

    def stop(self) -> None:
        """End the service: politely, then by force."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Set the scene: one request to the control API (docs/reference/lab.md).

        ``service.control("POST", "/devices/virtual:feeder/fault", {"kind": "jam", "sheet": 3})``

        Args:
            method: of the request.
            path: below ``/control``.
            body: becomes JSON; None sends none.

        Returns:
            The answer's JSON; None where it has none.

        Raises:
            ControlError: the request was refused, or the service has no control API (it is locked, or has no status port).
        """
        if self.ready["control"] is None:
            raise ControlError(0, "This service has no control API: it is locked, or has no status port.")
        url, _, token = str(self.ready["control"]).partition("#")
        parts = urlsplit(url)
        connection = self._connection(parts)
        with closing(connection):
            data = None if body is None else json.dumps(body)
            connection.request(method, f"{parts.path}{path}", data, {"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            said = answer.read()
        value: Any = json.loads(said) if said else None
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise ControlError(answer.status, str(value["message"]))
        return value

    def client(self, **options: Any) -> SyncScanClient:
        """A client of the service, to be used in ``with``; *options* as for :class:`flatbed.client.SyncScanClient`."""
        from flatbed.client import SyncScanClient  # noqa: PLC0415  # only tests that use it pay for it

        return SyncScanClient(self.url, **{"token": self.ready["token"], "ca": self.ready["ca"]} | options)

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        host, port = str(parts.hostname), parts.port
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=CONTROL_LIMIT_S)
        trusted = ssl.create_default_context(cafile=self.ready["ca"])
        return http.client.HTTPSConnection(host, port, timeout=CONTROL_LIMIT_S, context=trusted)

    @property
    def pid(self) -> int:
        """Of the top process; ending it ends every descendant."""
        return int(self.ready["pid"])


def _devices_file(devices: str | Path, root: Path) -> Path:
    """A path to the devices file, which may have come as text."""
    if isinstance(devices, Path):
        return devices
    if "\n" not in devices and os.path.exists(devices):  # noqa: PTH110  # a text may be no legal path at all
        return Path(devices)
    path = root / "devices.toml"
    path.write_text(devices)
    return path
