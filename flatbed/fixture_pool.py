"""The processes behind the fixtures: started when a test first needs them, reset for each, ended with the run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias, TypeVar

from flatbed.testing import ControlError, EsclScanners, ScanService

KEPT = 4
"""Processes that wait for their next test; beyond, the one that was used longest ago is ended."""

Running = TypeVar("Running", ScanService, EsclScanners)
_Key: TypeAlias = tuple[type, str | None, tuple[str, ...]]


class Pool:
    """Processes by what they were started with; a context manager that ends them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, tuple[ExitStack, ScanService | EsclScanners]] = OrderedDict()

    def __enter__(self) -> Self:
        """Nothing runs yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End all of them."""
        while self._kept:
            self._end(next(iter(self._kept)))

    @contextmanager
    def service(
        self, devices: str | Path | None = None, arguments: tuple[str, ...] = (), keep: bool = True
    ) -> Iterator[ScanService]:
        """A service for one test; with *keep*, a later one may get it too, after a reset."""
        with self._for_one_test(ScanService, devices, arguments, keep) as service:
            yield service

    @contextmanager
    def escl(
        self, devices: str | Path | None = None, arguments: tuple[str, ...] = (), keep: bool = True
    ) -> Iterator[EsclScanners]:
        """Scanners on the network for one test; see :meth:`service`."""
        with self._for_one_test(EsclScanners, devices, arguments, keep) as scanners:
            yield scanners

    @contextmanager
    def _for_one_test(
        self, kind: type[Running], devices: str | Path | None, arguments: tuple[str, ...], keep: bool
    ) -> Iterator[Running]:
        if not keep:
            with kind.start(*arguments, devices=devices) as running:
                yield running
            return
        key = (kind, _content(devices), arguments)
        if key in self._kept:
            found = self._kept[key][1]
            assert isinstance(found, kind)
            if _reset(found):
                self._kept.move_to_end(key)
                yield found
                return
            self._end(key)
        stack = ExitStack()
        running = stack.enter_context(kind.start(*arguments, devices=devices))
        self._kept[key] = stack, running
        while len(self._kept) > KEPT:
            self._end(next(iter(self._kept)))
        yield running

    def _end(self, key: _Key) -> None:
        stack, _ = self._kept.pop(key)
        stack.close()


def _content(devices: str | Path | None) -> str | None:
    """What tells devices files apart: a file that was changed between two tests is another one."""
    if devices is None or (isinstance(devices, str) and "\n" in devices):
        return devices
    path = Path(devices)
    return f"{path.resolve()} {path.stat().st_mtime_ns}" if path.exists() else str(devices)


def _reset(running: ScanService | EsclScanners) -> bool:
    """Put it back to its start; False if that cannot be done, since it has ended or has no control."""
    if running.process.poll() is not None:
        return False
    try:
        running.reset()
    except (ControlError, OSError):
        return False
    return True
