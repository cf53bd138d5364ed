"""A booted guest: QEMU without hardware virtualisation, an agent that takes orders, and one way out, to one port of this host.

The guest has no network but an address behind which a program of ours is started for each connection (``guestfwd``), so nothing it does can reach anything
else. Nothing that it changes is kept.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.parts import need
from tests.vm.image import Image

BOOT_LIMIT_S = 240.0
"""9 to 18 s were measured with the machine quiet or busy; this is for one that is very busy."""

ORDER_LIMIT_S = 60.0
HOST = "10.0.2.100"
"""This host as the guest sees it."""

GUEST_PORT = 80
MEMORY_MB = 768

FORWARD = Path(__file__).parent / "forward.py"


class GuestError(RuntimeError):
    """The guest did not come up, or an order failed; the message has the console or the output."""


@dataclass(frozen=True)
class Done:
    """An order that was carried out.

    Attributes:
        status: exit status of the command; 124 after its limit.
        output: standard output and error together.
    """

    status: int
    output: str


class Guest:
    """A running guest.

    Args:
        agent: connected to the agent in it.
        console: file with what its kernel printed.
    """

    def __init__(self, agent: socket.socket, console: Path) -> None:
        self._agent = agent
        self._answers = agent.makefile("rb")
        self._console = console

    def run(self, command: str, limit: float = ORDER_LIMIT_S) -> Done:
        """Run a shell command in the guest, as root."""
        answer = self._order({"run": command, "limit": limit}, limit + ORDER_LIMIT_S)
        return Done(int(answer["status"]), str(answer.get("output", "")))

    def check(self, command: str, limit: float = ORDER_LIMIT_S) -> str:
        """Run a shell command that must succeed; gives what it printed.

        Raises:
            GuestError: it did not.
        """
        done = self.run(command, limit)
        if done.status:
            raise GuestError(f"{command}: status {done.status}\n{done.output}")
        return done.output

    def wait(self, command: str, limit: float = ORDER_LIMIT_S) -> str:
        """Run a shell command every quarter of a second of the guest until it succeeds; gives what it printed then.

        Raises:
            GuestError: it did not within *limit* seconds; with what it printed last.
        """
        loop = f"until {{ {command}; }} > /tmp/waited 2>&1; do sleep 0.25; done; cat /tmp/waited"
        done = self.run(loop, limit)
        if done.status:
            raise GuestError(f"{command}: not within {limit:g} s\n{self.run('cat /tmp/waited').output}")
        return done.output

    def put(self, file: Path, path: str) -> None:
        """Copy a file into the guest."""
        self._order({"put": path, "data": base64.b64encode(file.read_bytes()).decode()}, ORDER_LIMIT_S)

    def get(self, path: str) -> bytes:
        """The content of a file of the guest.

        Raises:
            GuestError: it cannot be read.
        """
        answer = self._order({"get": path}, ORDER_LIMIT_S)
        if answer["status"]:
            raise GuestError(str(answer["output"]))
        return base64.b64decode(answer["data"])

    def ready(self, limit: float) -> None:
        """Wait until the agent speaks.

        Raises:
            GuestError: it does not.
        """
        self._receive(limit)

    def _order(self, order: dict[str, Any], limit: float) -> dict[str, Any]:
        self._agent.sendall(json.dumps(order).encode() + b"\n")
        return self._receive(limit)

    def _receive(self, limit: float) -> dict[str, Any]:
        self._agent.settimeout(limit)
        try:
            line = self._answers.readline()
        except TimeoutError:
            line = b""
        if not line:
            shown = self._console.read_text(errors="replace").splitlines()[-30:]
            raise GuestError("The guest does not answer; its console ends with:\n" + "\n".join(shown))
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def booted(image: Image, port: int) -> Iterator[Guest]:
    """A guest that can reach *port* of this host's loopback at ``10.0.2.100:80``, and nothing else; it is switched off at the end.

    Raises:
        GuestError: it does not come up.
    """
    with tempfile.TemporaryDirectory(prefix="flatbed-vm-", ignore_cleanup_errors=True) as folder:
        room = Path(folder)
        console, errors = room / "console", room / "errors"
        with errors.open("wb") as said:
            process = subprocess.Popen(
                _command(image, room, port),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=os.environ | {"TMPDIR": folder},
            )
        try:
            agent = _connect(room / "agent", process, errors)
            with agent:
                guest = Guest(agent, console)
                guest.ready(BOOT_LIMIT_S)
                yield guest
        finally:
            process.kill()
            process.wait()


def _command(image: Image, room: Path, port: int) -> list[str]:
    forward = shlex.join([sys.executable, "-I", "-S", str(FORWARD), str(port)])
    assert "," not in forward, "QEMU takes a comma for the next option"
    return [
        need("qemu-system-x86_64", "qemu-system-x86"),
        *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
        *(
            "-machine",
            "q35",
            "-accel",
            "tcg,thread=multi,tb-size=512",
            "-cpu",
            "max",
            "-smp",
            "2",
            "-m",
            str(MEMORY_MB),
        ),
        *("-kernel", str(image.kernel), "-initrd", str(image.initrd)),
        *("-append", "console=ttyS0 quiet panic=-1 mitigations=off nokaslr net.ifnames=0"),
        *("-drive", f"file={image.disk},format=raw,if=virtio,snapshot=on,cache=unsafe"),
        *("-netdev", f"user,id=net,restrict=on,guestfwd=tcp:{HOST}:{GUEST_PORT}-cmd:{forward}"),
        *("-device", "virtio-net-pci,netdev=net", "-device", "virtio-rng-pci", "-device", "virtio-serial-pci"),
        *("-chardev", f"socket,id=agent,path={room / 'agent'},server=on,wait=off"),
        *("-device", "virtserialport,chardev=agent,name=flatbed.agent"),
        *("-serial", f"file:{room / 'console'}"),
    ]


def _connect(path: Path, process: subprocess.Popen[bytes], errors: Path) -> socket.socket:
    """Reach the agent's port, which QEMU opens when it starts."""
    deadline = time.monotonic() + ORDER_LIMIT_S
    while process.poll() is None and time.monotonic() < deadline:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(os.fspath(path))
        except OSError:
            connection.close()
            time.sleep(0.05)
        else:
            return connection
    raise GuestError(f"QEMU did not start:\n{errors.read_text(errors='replace')}")
