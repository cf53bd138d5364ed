"""What tests of users import: a scanning service in a process of its own, on free ports; and ``device_suite``, which judges a driver.

Without pytest it is a context manager::

    with ScanService.start() as service:
        service.device("virtual:feeder").load(3)
        httpx.get(f"{service.url}/api/device/scanners")
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flatbed.controlled import ApiClient, ControlError, ControlledDevice, Controls, DutyReport

if TYPE_CHECKING:
    from flatbed.client import SyncScanClient
    from flatbed.device_suite import device_suite

__all__ = [
    "ControlError",
    "ControlledDevice",
    "Controls",
    "DutyReport",
    "EsclScanners",
    "ScanService",
    "ServiceStartError",
    "device_suite",
]

START_LIMIT_S = 30.0
STOP_LIMIT_S = 10.0
FIRST_ANSWERS = "FLATBED_LIMITS_FIRST_ANSWERS_SECONDS"
FIRST_ANSWERS_S = 20
"""A test that lists scanners waits for a driver that is late because the machine is busy, instead of finding nothing."""


class ServiceStartError(RuntimeError):
    """The service ended, or did not answer in time; the message has what it printed."""


def __getattr__(name: str) -> Any:
    """``device_suite`` brings the whole suite and pytest with it, so it is imported when it is asked for."""
    if name == "device_suite":
        from flatbed.device_suite import device_suite  # noqa: PLC0415  # see above

        return device_suite
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@dataclass(frozen=True)
class ScanService:
    """A running service.

    Attributes:
        url: of the HTTP port, without a slash at the end.
        ready: what its ready file says (design 6).
        data_dir: where it keeps its data and its log.
        process: the running process.
        output: the file to which it prints.
    """

    url: str
    ready: dict[str, Any]
    data_dir: Path
    process: subprocess.Popen[bytes]
    output: Path = Path(os.devnull)

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
        ready_file = root / "ready.json"
        command = ["serve", "--port", "0", "--ready-file", str(ready_file), "--config", os.devnull]
        command += ["--data-dir", str(root / "data"), "--exit-with-stdin", *words]
        process, ready, log = _launch(command, ready_file, root / "output.txt")
        return cls(str(ready["http"]).rstrip("/"), ready, root / "data", process, log)

    def stop(self) -> None:
        """End the service: politely, then by force."""
        _stop(self.process)

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
        return self.controls.ask(method, path, body)

    @property
    def controls(self) -> Controls:
        """Its control API."""
        return Controls(self.ready["control"], self.ready["ca"])

    def device(self, device_id: str) -> ControlledDevice:
        """A device to set the scene with: ``service.device("virtual:feeder").jam(sheet=3)``. Nothing is asked yet."""
        return ControlledDevice(self.controls, device_id)

    def devices(self) -> list[ControlledDevice]:
        """All of them, unplugged ones included."""
        return [self.device(item["id"]) for item in self.control("GET", "/devices")]

    def report(self) -> dict[str, DutyReport]:
        """What clients did wrong, by the virtual device to which they did it."""
        return {device.id: device.report() for device in self.devices() if "report" in device.actions}

    def clients(self) -> list[ApiClient]:
        """What each client of the API did wrong: jobs that were never deleted, pages that were never fetched, a wrong Host ..."""
        found = self.control("GET", "/clients")["clients"]
        return [ApiClient(**item | {"details": tuple(item["details"])}) for item in found]

    def reset(self) -> None:
        """As at the start: devices, faults, jobs, consent, requests, reports. Documents stay."""
        self.control("POST", "/reset")

    def advance(self, seconds: float) -> float:
        """Let time pass by hand, where the devices file says ``time = "manual"``; see :meth:`Controls.advance`."""
        return self.controls.advance(seconds)

    def log(self) -> str:
        """What it has printed so far."""
        return self.output.read_text(errors="replace")

    def client(self, **options: Any) -> SyncScanClient:
        """A client of the service, to be used in ``with``; *options* as for :class:`flatbed.client.SyncScanClient`."""
        from flatbed.client import SyncScanClient  # noqa: PLC0415  # only tests that use it pay for it

        return SyncScanClient(self.url, **{"token": self.ready["token"], "ca": self.ready["ca"]} | options)

    @property
    def pid(self) -> int:
        """Of the top process; ending it ends every descendant."""
        return int(self.ready["pid"])


@dataclass(frozen=True)
class EsclScanners:
    """Running scanners that speak eSCL: ``flatbed simulate escl`` in a process of its own.

    Attributes:
        url: of the first scanner, as a client takes it (``http://.../eSCL``).
        ready: what its ready file says.
        process: the running process.
        output: the file to which it prints.
    """

    url: str
    ready: dict[str, Any]
    process: subprocess.Popen[bytes]
    output: Path

    @classmethod
    @contextmanager
    def start(cls, *arguments: str, devices: str | Path | None = None) -> Iterator[EsclScanners]:
        """Start them on a free port, without announcing them, and end them afterwards.

        Args:
            arguments: further arguments of ``flatbed simulate escl``.
            devices: devices file, or its text.

        Raises:
            ServiceStartError: with its own words.
        """
        with tempfile.TemporaryDirectory(prefix="flatbed-") as folder:
            root = Path(folder)
            ready_file = root / "ready.json"
            command = ["simulate", "escl", "--port", "0", "--no-mdns", "--ready-file", str(ready_file)]
            command += ["--exit-with-stdin", *arguments]
            if devices is not None:
                command += ["--devices", str(_devices_file(devices, root))]
            process, ready, log = _launch(command, ready_file, root / "output.txt")
            try:
                yield cls(str(ready["escl"]), ready, process, log)
            finally:
                _stop(process)

    @property
    def controls(self) -> Controls:
        """Its control API."""
        return Controls(self.ready.get("control"))

    def urls(self) -> dict[str, str]:
        """The address of each scanner by its name."""
        return {item["name"]: item["url"] for item in self.ready["devices"]}

    def device(self, name: str) -> ControlledDevice:
        """A scanner to set the scene with, by its name in the devices file."""
        return ControlledDevice(self.controls, name)

    def report(self) -> dict[str, DutyReport]:
        """What clients did wrong, by the name of the scanner to which they did it."""
        return {name: self.device(name).report() for name in self.urls()}

    def reset(self) -> None:
        """As at the start."""
        self.controls.ask("POST", "/reset")

    def advance(self, seconds: float) -> float:
        """Let time pass by hand, where the devices file says ``time = "manual"``; see :meth:`Controls.advance`."""
        return self.controls.advance(seconds)

    def log(self) -> str:
        """What it has printed so far."""
        return self.output.read_text(errors="replace")


def _launch(words: Sequence[str], ready_file: Path, log: Path) -> tuple[subprocess.Popen[bytes], dict[str, Any], Path]:
    """Start a verb of ``flatbed``; returns when it has written its ready file."""
    command = [sys.executable, "-m", "flatbed.cli", *words]
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
    return process, json.loads(ready_file.read_text()), log


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process: politely, then by force."""
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _devices_file(devices: str | Path, root: Path) -> Path:
    """A path to the devices file, which may have come as text."""
    if isinstance(devices, Path):
        return devices
    if "\n" not in devices and os.path.exists(devices):  # noqa: PTH110  # a text may be no legal path at all
        return Path(devices)
    path = root / "devices.toml"
    path.write_text(devices)
    return path
