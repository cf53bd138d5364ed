"""What ``flatbed record`` does: drives a device with the suite, or with plain scans, and writes down all that it did."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance import Budget
from conformance.requirements import REVISION
from conformance.runner.check import judge_device as judge
from conformance.runner.events import Handler
from conformance.runner.options import PROGRAMS_REAL, CheckOptions
from conformance.runner.result import Result
from conformance.runner.targets import Target, make_target
from device_protocol import CONTRACT_REVISION, DeviceError, DeviceInfo, DeviceList, Settings
from device_protocol.aio import Backend, read_all
from device_protocol.plain import PlainError, from_plain
from device_protocol.testing import run
from flatbed import __version__
from flatbed.interrupting import interruptible
from flatbed.local_host import LAB_DRIVERS, REPLAY, config_of
from simulators.recordings import Head, Recorder, Recording, save
from simulators.recordings.privacy import make_private

SUITE, SCANS = "suite", "scans"

PROGRAMS = 100
"""Generated programs in a recording; a fixed number, so that a replay runs the same ones however fast it is."""

NO_HURRY_S = 24 * 3600.0
"""Budget of time of a recording and its replay: what is run shall not depend on the speed of the machine."""


@dataclass(frozen=True)
class RecordOrder:
    """What was asked for on the command line.

    Attributes:
        device: its id.
        driver: ``module:factory`` of a driver that is not installed.
        output: the file to write.
        drive: SUITE or SCANS.
        only: requirements; empty: all.
        sheets: budget; None: as many as the checks need.
        seed, programs: of the suite.
        resolution: of scans, dpi.
        private: replace pixels and serial numbers.
        devices: devices file of virtual machines.
    """

    device: str
    output: Path
    driver: str | None = None
    drive: str = SUITE
    only: tuple[str, ...] = ()
    sheets: int | None = None
    seed: int = 0
    programs: int | None = None
    resolution: float = 100.0
    private: bool = False
    devices: Path | None = None


@dataclass
class RecordReport:
    """What came of it.

    Attributes:
        calls, pages, bytes: what the file holds.
        verdicts: how often each was given; empty for scans.
        full: whether a limit cut the recording.
    """

    calls: int = 0
    pages: int = 0
    bytes: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    full: bool = False

    def as_data(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RecordedTarget(Target):
    """A target whose every backend is recorded."""

    recorder: Recorder | None = None

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Backend]:
        assert self.recorder is not None
        async with Target._open(self) as inner:  # noqa: SLF001  # its own method; a slotted dataclass has no zero-argument super
            backend = self.recorder.wrap(inner)
            try:
                yield backend
            finally:
                backend.over()

    def in_process(self) -> bool:
        """Always: the replay will run here, and the suite opens backends for each check or for the whole run accordingly."""
        return True


def record_to_file(order: RecordOrder, handlers: list[Handler]) -> RecordReport:
    """Record, write the file, and say what is in it; also when the run is interrupted.

    Raises:
        Unreachable: the device does not open.
        ValueError: an option names something that does not exist.
        OSError: the file cannot be written.
        KeyboardInterrupt: after the file was written.
    """
    recorder = Recorder()
    plain = make_target(order.device, driver=order.driver, config=config_of(order.device, order.driver, order.devices))
    target = RecordedTarget(plain.driver, plain.device, plain.config, plain.isolation, recorder=recorder)
    options = _options(order)
    results: list[Result] = []
    complete = False
    try:
        if order.drive == SUITE:
            work = functools.partial(interruptible, judge, target, options, handlers)
            results.append(run(work, seed=order.seed, clock=plain.clock()))
        else:
            run(functools.partial(interruptible, scan_everything, target, order.resolution), clock=plain.clock())
        complete = True
    finally:
        recording = _recording(order, target, recorder, results, complete=complete)
        if any(entry.verb == "open" and entry.new for entry in recording.entries):
            if order.private:
                recording = make_private(recording, order.output)
            save(recording, order.output)
    report = RecordReport(len(recording.entries), len(recording.pages), order.output.stat().st_size)
    report.full = recorder.full
    report.verdicts = results[0].summary() if results else {}
    return report


def suite_options(suite: dict[str, Any]) -> CheckOptions:
    """The options of the suite with which a recording was made."""
    return CheckOptions(
        only=tuple(suite["only"]) or None,
        budget=Budget(sheets=suite["sheets"], seconds=NO_HURRY_S),
        seed=suite["seed"],
        programs=suite["programs"],
        replay_dir=None,
    )


async def scan_everything(target: Target, resolution: float) -> None:
    """One scan from each source in each of its modes.

    Raises:
        DeviceError: the device does not open; what single scans end with is recorded and is no matter here.
    """
    async with target.opener()() as backend:
        await backend.devices()
        session = await backend.open(target.device)
        caps = await session.caps()
        options = await session.options()
        for option in options:
            if option.readable:
                await session.get(option.name)
        for source in caps.sources:
            for mode in source.modes:
                settings = Settings(source.name, mode.value, resolution=source.resolutions.nearest(resolution))
                try:
                    job = await session.start(settings)
                    while (page := await job.next_page()) is not None:
                        await read_all(page)
                except DeviceError as error:
                    if not error.survives:
                        break
        await session.close()


def _options(order: RecordOrder) -> CheckOptions:
    return CheckOptions(
        only=order.only or None,
        budget=Budget(sheets=order.sheets, seconds=NO_HURRY_S),
        seed=order.seed,
        programs=order.programs if order.programs is not None else _programs(order),
        replay_dir=None,
    )


def _programs(order: RecordOrder) -> int:
    if order.only:
        return 0
    harmless = order.driver is not None or order.device.partition(":")[0] in (*LAB_DRIVERS, REPLAY)
    return PROGRAMS if harmless else PROGRAMS_REAL


def _recording(
    order: RecordOrder, target: Target, recorder: Recorder, results: list[Result], *, complete: bool
) -> Recording:
    options = _options(order)
    suite: dict[str, Any] = {}
    if order.drive == SUITE:
        suite = {
            "requirements": REVISION,
            "seed": order.seed,
            "programs": options.programs,
            "only": list(order.only),
            "sheets": order.sheets,
            "verdicts": {item.id: item.verdict.value for result in results for item in result.judgements},
        }
    head = Head(
        device=target.name,
        native=target.device,
        info=_info(recorder, target.device),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        maker=f"flatbed {__version__}",
        revision=str(CONTRACT_REVISION),
        seed=order.seed,
        drive=order.drive,
        suite=suite,
        complete=complete and not recorder.full,
    )
    return Recording(head, recorder.entries, recorder.pages, recorder.blobs)


def _info(recorder: Recorder, native: str) -> DeviceInfo | None:
    """The device as the first list of devices shows it."""
    for entry in recorder.entries:
        if entry.verb == "devices":
            try:
                found = from_plain(entry.answer)
            except PlainError:
                return None
            if isinstance(found, DeviceList):
                return next((info for info in found if info.id == native), None)
    return None
