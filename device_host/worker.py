"""A worker process: ``python -m device_host.worker``. Standard library only until a driver needs more.

It says hello, is told its driver by a LOAD frame, and becomes the host of that driver. Until then it is a warm spare, and uses the time to import what most
drivers need. Frames go over the socket it inherited; what a driver prints goes to the parent by pipe, and is kept there as the dump.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

if not __package__:  # started by its path, in an interpreter that does not know this package
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from device_host.frames import FrameError
from device_host.loading import load_driver
from device_host.messages import BYE, LOAD, as_device_error, failure, hello
from device_host.parent import die_with
from device_host.wire import Closed, Wire
from device_protocol.driver import Driver, Form
from device_protocol.errors import Phase
from device_protocol.plain import PlainError, from_plain

PRELOAD = ("trio", "device_host.host_trio", "numpy", "device_host.encoding.png", "device_host.encoding.jpeg")
_QUIET = 0.2  # seconds without a word after which a spare begins to import


def main(arguments: list[str] | None = None) -> int:
    """Run a worker; gives the exit status."""
    parser = argparse.ArgumentParser(prog="device_host.worker", description="A worker of flatbed; started by its host.")
    parser.add_argument("--fd", type=int, required=True, help="the inherited socket")
    parser.add_argument("--parent", type=int, required=True, help="process id of the host")
    parser.add_argument(
        "--preload", action="store_true", help="import what most drivers need while there is nothing to do"
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the host, which ends its workers in order
    die_with(options.parent)
    faulthandler.enable()
    os.set_inheritable(options.fd, False)  # a child of a driver must not keep the socket open
    wire = Wire(socket.socket(fileno=options.fd))
    try:
        wire.send(hello())
        return serve(wire, preload=options.preload)
    except (Closed, BrokenPipeError, ConnectionResetError):
        return 0
    except FrameError as error:
        print(f"the host sent garbage: {error}", file=sys.stderr)  # noqa: T201  # this is the dump
        return 70


def serve(wire: Wire, *, preload: bool) -> int:
    """Wait for the driver's name, and be its host."""
    frame = wire.receive(_QUIET) if preload else wire.receive()
    if frame is None:
        warm_up()
        frame = wire.receive()
    assert frame is not None, "a wait without a limit ends with a frame"
    header = frame.header
    if header.get("t") == BYE:
        return 0
    if header.get("t") != LOAD or not isinstance(header.get("id"), int):
        raise FrameError(f"the first frame is no load but {header.get('t')!r}")
    call: int = header["id"]
    sys.path += [item for item in header.get("path", []) if isinstance(item, str) and item not in sys.path]
    if header.get("functions") is not None:
        from device_host.host_functions import serve_functions  # noqa: PLC0415  # one of three hosts

        return serve_functions(wire, call)
    try:
        driver = load_driver(str(header.get("target")), str(header.get("name")))
        config = configuration(header, driver)
    except Exception as error:  # noqa: BLE001  # also ``unusable`` of a driver may fail in any way
        wire.send(failure(call, as_device_error(error, Phase.DISCOVER)))
        return 1
    if driver.form is Form.BLOCKING:
        from device_host.host_blocking import serve_blocking  # noqa: PLC0415  # one of three hosts

        return serve_blocking(wire, call, driver, config)
    from device_host.host_trio import serve_trio  # noqa: PLC0415  # one of three hosts; imports trio

    return serve_trio(wire, call, driver, config)


def configuration(header: dict[str, Any], driver: Driver) -> dict[str, Any]:
    """The driver's configuration; a resident driver learns its socket.

    Raises:
        DeviceError: the configuration is no plain data.
    """
    try:
        config = from_plain(header.get("config", {}))
    except PlainError as error:
        raise as_device_error(error) from None
    config = dict(config)
    if driver.resident and header.get("resident"):
        config["resident"] = dict(header["resident"])
    return config


def about(driver: Driver, *, watches: bool) -> dict[str, Any]:
    """What the answer to LOAD says of the driver."""
    return {"name": driver.name, "form": driver.form.value, "version": driver.version, "revision": driver.revision} | {
        "resident": driver.resident,
        "watches": watches,
        "pid": os.getpid(),
    }


def warm_up() -> None:
    """Import what most drivers and the encoder need; whatever is missing is missing."""
    for module in PRELOAD:
        try:
            importlib.import_module(module)
        except Exception:  # noqa: BLE001, S112  # a broken package shows where it is used
            continue


if __name__ == "__main__":
    sys.exit(main())
