"""Runs checks against the real libsane in a child process, one child for each test process.

A hang or a crash in C must not take the tests with it, and libsane is initialised once in a process. So a test that is
marked with `in_sane_process` runs its body in the child, which keeps one initialised libsane for all of them and gives
each a fresh device of SANE's `test` back end. A failing body comes back with its traceback; a child that hangs is killed
and the next test gets a new one.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import json
import select
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 30.0
DEVICES = 256


@dataclass
class Scanner:
    """An open device whose options have names."""

    handle: Any

    def index(self, name: str) -> int:
        """The number of the option called *name*."""
        return next(int(option.index) for option in self.handle.option_descriptors() if option.name == name)

    def option(self, name: str) -> Any:
        """Its descriptor."""
        return self.handle.option_descriptors()[self.index(name)]

    def get(self, name: str) -> Any:
        """Its value."""
        return self.handle.get_option(self.index(name))

    def set(self, name: str, value: object) -> Any:
        """Set it; gives the outcome."""
        return self.handle.set_option(self.index(name), value)

    def setup(self, **values: object) -> Scanner:
        """Set several; `_` in a name stands for `-`."""
        for name, value in values.items():
            self.set(name.replace("_", "-"), value)
        return self

    def frame(self, size: int = 1 << 16) -> tuple[Any, bytes]:
        """Start, read to the end: the parameters and the bytes of one frame."""
        self.handle.start()
        parameters = self.handle.get_parameters()
        data = bytearray()
        while (chunk := self.handle.read(size)) is not None:
            data += chunk
        return parameters, bytes(data)

    def page(self, size: int = 1 << 16) -> tuple[Any, bytes]:
        """One page through the assembler: its ending and its bytes."""
        from device_drivers.sane.frames import PageAssembler  # noqa: PLC0415  # in the child only

        assembler = None
        done = False
        data = bytearray()
        while not done:
            self.handle.start()
            parameters = self.handle.get_parameters()
            assembler = assembler or PageAssembler(parameters)
            assembler.begin(parameters)
            while (chunk := self.handle.read(size)) is not None:
                assembler.feed(chunk)
                data += assembler.take(size)
            done = assembler.end_frame()
        assert assembler is not None
        while part := assembler.take(size):
            data += part
        self.handle.cancel()
        return assembler.ending(), bytes(data)


class Lab:
    """What a check gets: libsane with many `test` devices."""

    def __init__(self, folder: Path) -> None:
        from device_drivers.sane.labconfig import LabConfig, write_lab_config  # noqa: PLC0415  # in the child only
        from device_drivers.sane.library import Sane  # noqa: PLC0415
        from device_drivers.sane.readerthread import LAB_PATIENCE_SECONDS  # noqa: PLC0415

        self.calls: list[tuple[str, tuple[object, ...], int, float]] = []
        config = write_lab_config(folder, LabConfig(number_of_devices=DEVICES, mode="Gray", resolution=25.0))
        self.sane = Sane(config_dir=config, trace=lambda *call: self.calls.append(call), patience=LAB_PATIENCE_SECONDS)
        self.used = 0

    def open(self, **values: object) -> Scanner:
        """A device that nobody has used, with some options set."""
        self.used += 1
        return Scanner(self.sane.open(f"test:{self.used - 1}")).setup(**values)

    def run(self, path: str, name: str) -> str:
        """Run one check; gives a traceback, or nothing."""
        spec = importlib.util.spec_from_file_location(f"checks_{Path(path).stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.calls.clear()
        try:
            getattr(module, name).check(self)
        except Exception:  # noqa: BLE001  # the traceback is the result
            return traceback.format_exc()
        return ""


class Child:
    """The child process, started on first use."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def run(self, path: str, name: str) -> None:
        """Run a check in the child.

        Raises:
            AssertionError: It failed, hung, or took the child with it.
        """
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([path, name]).encode() + b"\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], DEADLINE_SECONDS)
        answer = process.stdout.readline() if ready else b""
        if not answer:
            self.stop()
            raise AssertionError(f"{name}: libsane {'crashed' if ready else 'hung'} in the child")
        failure = json.loads(answer)
        if failure:
            raise AssertionError(f"in the child: {failure}")

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder = tempfile.TemporaryDirectory(prefix="flatbed-sane-")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", __file__, self._folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a button of `test` prints
        )
        atexit.register(self.stop)
        return self._process

    def stop(self) -> None:
        """End the child, by force."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


CHILD = Child()


def in_sane_process(check: Callable[[Any], None]) -> Callable[[], None]:
    """Make a test of a check that takes a `Lab`; the check's docstring is the test's."""

    @functools.wraps(check)
    def test() -> None:
        CHILD.run(check.__code__.co_filename, check.__name__)

    del test.__wrapped__  # else pytest would look for a fixture
    test.__dict__["check"] = check  # the child calls it
    return test


def main() -> None:
    """The child: one JSON line in, one out."""
    sys.path.insert(0, str(ROOT))
    lab = Lab(Path(sys.argv[1]))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(lab.run(*json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
