"""A network of its own with real mDNS: an empty network namespace with a private D-Bus and avahi-daemon (sane-escl 3.7).

What happens in there reaches no other machine, and nothing outside reaches it. Programs are started in it by ``nsenter``.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.parts import need

LIMIT_S = 30.0

BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
"""

AVAHI = """\
[server]
host-name=lab
use-ipv4=yes
use-ipv6=no
allow-interfaces=lo
[publish]
publish-workstation=no
publish-hinfo=no
"""

SETUP = """
set -e
ip link set lo up
ip route add 224.0.0.0/4 dev lo
mount --bind {folder}/hosts /etc/hosts
mount --bind {folder}/services /etc/avahi/services
mount -t tmpfs none /run
mkdir /run/avahi-daemon
"""
"""Clients that take the default route need one for multicast; those that use the name of a service's host need it in /etc/hosts (sane-escl 3.7).
The daemon's socket and process id are in a /run of the namespace's own, what it publishes is in ``services``."""


class Network:
    """A namespace that a process holds open.

    Args:
        folder: for sockets and files of configuration.
        holder: the process.
        enter: command that starts another one in there.
    """

    def __init__(self, folder: Path, holder: subprocess.Popen[bytes], enter: list[str]) -> None:
        self.folder = folder
        self._holder = holder
        self._enter = enter
        self._stack = ExitStack()
        self._started: list[subprocess.Popen[bytes]] = []
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/bus", "LC_ALL": "C"}

    def run(
        self, *command: str, environment: Mapping[str, str] = {}, limit: float = LIMIT_S
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; standard error is in its output."""
        return subprocess.run(
            [*self._enter, *command],
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=limit,
        )

    def start(self, *command: str, until: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a program that runs until the network goes; wait until the file *until* is there."""
        log = self.folder / f"{Path(command[0]).name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*self._enter, *command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._stack.callback(self.end, process)
        self._started.append(process)
        deadline = time.monotonic() + LIMIT_S
        while until is not None and not until.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{' '.join(command)} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.02)
        return process

    def end_last(self) -> None:
        """End the program that was started last."""
        self.end(self._started[-1])

    @staticmethod
    def end(process: subprocess.Popen[bytes]) -> None:
        """End a program that was started, politely first."""
        process.terminate()
        try:
            process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> None:
        """End everything in it, the last first."""
        self._stack.close()
        self.end(self._holder)


@contextmanager
def network(folder: Path, *names: str, avahi: bool = True) -> Iterator[Network]:
    """A network of its own.

    Args:
        folder: for its files; the path must be short enough for a socket.
        names: further names of 127.0.0.1 in there.
        avahi: whether avahi-daemon runs, on a bus of its own.
    """
    for command, package in (
        ("unshare", "util-linux"),
        ("nsenter", "util-linux"),
        ("ip", "iproute2"),
        ("avahi-daemon", "avahi-daemon"),
    ):
        need(command, package)
    user = [] if os.geteuid() == 0 else ["--user"]
    mapping = ["--map-root-user"] if user else []
    if subprocess.run(["unshare", *mapping, "--net", "--mount", "true"], check=False, capture_output=True).returncode:
        pytest.skip("NOT TESTED: this user may make no network namespace, so mDNS between real programs was not tried.")
    holder = subprocess.Popen(["unshare", *mapping, "--net", "--mount", "sleep", "infinity"])
    keep = ["--preserve-credentials"] if user else []
    made = Network(folder, holder, ["nsenter", "-t", str(holder.pid), *user, *keep, "--net", "--mount", "--"])
    try:
        _wait_until_unshared(holder)
        (folder / "hosts").write_text(f"127.0.0.1 localhost {' '.join(names)}\n")
        (folder / "services").mkdir()
        done = made.run("sh", "-c", SETUP.format(folder=folder))
        assert done.returncode == 0, done.stdout
        if avahi:
            _start_avahi(made)
        yield made
    finally:
        made.close()


def _wait_until_unshared(holder: subprocess.Popen[bytes]) -> None:
    own = Path("/proc/self/ns/mnt").readlink()
    deadline = time.monotonic() + LIMIT_S
    while Path(f"/proc/{holder.pid}/ns/mnt").readlink() == own:
        assert time.monotonic() < deadline, "unshare does nothing"
        time.sleep(0.005)


def _start_avahi(made: Network) -> None:
    folder = made.folder
    (folder / "bus.conf").write_text(BUS.format(folder=folder))
    (folder / "avahi.conf").write_text(AVAHI)
    bus = need("dbus-daemon", "dbus")
    daemon = need("avahi-daemon", "avahi-daemon")
    made.start(bus, f"--config-file={folder}/bus.conf", "--nofork", "--nopidfile", until=folder / "bus")
    words = ["--no-drop-root", "--no-rlimits", "--no-chroot", "-f", str(folder / "avahi.conf")]
    made.start(daemon, *words)
    log, deadline = folder / "avahi-daemon.log", time.monotonic() + LIMIT_S
    while "Server startup complete" not in log.read_text(errors="replace"):
        assert time.monotonic() < deadline, log.read_text(errors="replace")
        time.sleep(0.02)
