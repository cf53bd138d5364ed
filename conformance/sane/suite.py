"""A back end as a target of the runner: first contact, a worker for each check, and what becomes of a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

import conformance.sane.checks  # noqa: F401  # registers them
from conformance.bench import Log
from conformance.checking import Check
from conformance.outcomes import Broken, Outcome, OverBudget, leaf
from conformance.requirements import Requirement, Subject, of
from conformance.runner.facts import Unreachable
from conformance.runner.suite import Contact
from conformance.runner.targets import UsageError
from conformance.sane.desk import Desk, Tally
from conformance.sane.facts import SaneFacts
from conformance.sane.legal import DEEPEST
from conformance.sane.nest import Nest, SaneLibraryError, WorkerSettings
from conformance.sane.process import WorkerBrokenError, WorkerLostError, worker
from conformance.sane.registry import CHECKS, DEFAULT_LEVEL, LEVELS
from conformance.verdicts import Level
from device_protocol.vocabularies.sane_abi import Status, status_name

BASELINE_FOR = "sane-api"
"""What baseline files call this kind of target."""
TIDY_S = 20.0


class SaneSuite:
    """A device of a SANE library.

    Args:
        device: its name.
        settings: how workers are started.
        level: 0 the library and its devices, 1 options too, 2 scans too, 3 long scans.
        nest: one that other suites use too; None: one of its own.

    Raises:
        UsageError: there is no such level, or no such folder or file.

    Attributes:
        tally: all that was looked at, in the words of SANE's own tester.
    """

    subject: Subject = Subject.SANE
    checks: Mapping[str, Check[Desk]] = CHECKS
    baseline_for: str = BASELINE_FOR

    def __init__(
        self, device: str, settings: WorkerSettings, level: int = DEFAULT_LEVEL, nest: Nest | None = None
    ) -> None:
        if not 0 <= level <= DEEPEST:
            raise UsageError(f"level {level}: 0 to {DEEPEST}")
        if settings.config is not None and not settings.config.is_dir():
            raise UsageError(f"{settings.config} is no folder")
        if settings.config is not None and ":" in str(settings.config.resolve()):
            raise UsageError(f"{settings.config} cannot be a SANE_CONFIG_DIR: it contains a colon")
        if not settings.deadline_scale > 0:
            raise UsageError("the deadline scale is a positive number")
        self.device = device
        self.name = f"sane {device}"
        self.settings = settings
        self.level = level
        self.tally = Tally()
        self._nest = nest or Nest(settings)

    def close(self) -> None:
        """End the process that workers come from; so does forgetting this object."""
        self._nest.close()

    def as_data(self) -> dict[str, Any]:
        """For a replay file; it names no program to wrap the worker in, and no environment: a file must not start what it likes."""
        config = self.settings.config
        return {
            "device": self.device,
            "library": self.settings.library,
            "config": None if config is None else str(config),
            "deadline_scale": self.settings.deadline_scale,
            "level": self.level,
        }

    async def contact(self, log: Log) -> Contact[SaneFacts]:
        """Open the device once.

        Raises:
            Unreachable: no such library or device, or it crashes on the way.
        """
        row = next(iter(of(Subject.SANE).values()))
        facts: SaneFacts | None = None
        try:
            async with worker(self._nest, self.settings) as process:
                desk = Desk(row, SaneFacts(None, ()), process, self.device, self.level, log, 0, lambda _: None)
                facts = await self._first(desk)
                with trio.move_on_after(TIDY_S):
                    await desk.tidy()
        except Exception as error:  # noqa: BLE001  # what does not come from the back end is raised again
            cause = leaf(error)
            if facts is None or not isinstance(
                cause, WorkerLostError
            ):  # a worker lost on its way out: requirements see to that
                raise self._why_not(cause) from None
        assert facts is not None
        device = facts.device
        model = f"{device.vendor or ''} {device.model or ''}".strip() if device is not None else ""
        return Contact(facts, model or self.device)

    def _why_not(self, cause: BaseException) -> BaseException:
        """Why the device cannot be judged, for people; or what is no matter of the device."""
        match cause:
            case SaneLibraryError():
                return Unreachable(str(cause))
            case WorkerLostError():
                return Unreachable(f"{self.device} cannot be opened: {cause.loss.report()}")
            case Outcome():
                return Unreachable(f"{self.device} cannot be judged: {cause.evidence}")
        return cause

    async def _first(self, desk: Desk) -> SaneFacts:
        await desk.begin()
        status, listed = await desk.devices()
        status, handle = await desk.open_status(self.device)
        entry = next((item for item in listed or () if item.name == self.device), None)
        if status == Status.GOOD and not handle:
            return SaneFacts(entry, (), self.device)  # a requirement is about that
        if status != Status.GOOD:
            names = ", ".join(item.name or "?" for item in listed or ()) or "none"
            raise Unreachable(f"sane_open({self.device!r}) gives {status_name(status)}; listed devices: {names}")
        await desk.close(handle)
        device = await desk.open()
        return SaneFacts(entry, device.options, self.device)

    @asynccontextmanager
    async def desk(
        self, row: Requirement, facts: SaneFacts, *, log: Log, seed: int, note: Callable[[str], None]
    ) -> AsyncIterator[Desk]:
        """A new worker; a crash or a hang is a verdict on *row*, with the stacks and the last native calls."""
        needed = LEVELS[row.id]
        if needed > self.level:
            raise OverBudget(f"it belongs to level {needed} (--level {needed})")
        made: Desk | None = None
        try:
            async with worker(self._nest, self.settings) as process:
                made = Desk(row, facts, process, self.device, self.level, log, seed, note)
                try:
                    yield made
                    made.settle()
                except Outcome:
                    made.settle()  # what was wrong before counts more than why the check came to an early end
                    raise
                finally:
                    _last_calls(log, made.calls or process.last_calls())
                    with trio.move_on_after(TIDY_S * self.settings.deadline_scale, shield=True):
                        await _tidy(made, note)
                await self._wrapper(made)
        except Exception as error:  # noqa: BLE001  # whatever it is, it goes on as what it is without its group
            cause = leaf(error)
            if isinstance(cause, WorkerLostError):
                raise Broken(row.id, cause.loss.report(), cause.loss.kind) from None
            raise cause from None
        finally:
            if made is not None:
                self._count(made, row)

    async def _wrapper(self, desk: Desk) -> None:
        """What a wrapper has to say at the end: a memory checker ends with a status of its own.

        Raises:
            Broken: it found something.
        """
        if self.settings.wrap and not desk.ended and (status := await desk.end()):
            said = desk.worker.printed()
            raise Broken(desk.row.id, f"{self.settings.wrap!r} ends with status {status}: {said}", "wrap")

    def _count(self, desk: Desk, row: Requirement) -> None:
        self.tally.checks += desk.tally.checks
        wrong = len(desk.complaints) + (desk.worker.lost is not None)
        if row.level is Level.MUST:
            self.tally.errors += wrong
        elif row.level is Level.SHOULD:
            self.tally.warnings += wrong
        else:
            self.tally.infos += wrong


async def _tidy(desk: Desk, note: Callable[[str], None]) -> None:
    """Leave the device as it was found; what fails here belongs to other requirements."""
    if desk.worker.lost is not None:
        return
    try:
        await desk.tidy()
    except (WorkerLostError, WorkerBrokenError) as error:
        note(f"afterwards: {error}")
        desk.worker.lost = None


def _last_calls(log: Log, calls: tuple[str, ...]) -> None:
    """Let a report show the native calls that led to the end of a check, rather than commands that stand for many."""
    log.begin_check(log.check)
    for text in calls:
        call, arrow, result = text.partition(" -> ")
        name, _, arguments = call.partition("(")
        command = log.begin("native", name, arguments.removesuffix(")"))
        command.result = result if arrow else "(did not come back)"


def from_data(data: Mapping[str, Any]) -> SaneSuite:
    """The suite of a replay file's target.

    Raises:
        UsageError: it is none.
    """
    device, library, config = data.get("device"), data.get("library"), data.get("config")
    scale, level = data.get("deadline_scale", 1.0), data.get("level", DEFAULT_LEVEL)
    fits = isinstance(device, str) and isinstance(library, str) and isinstance(config, str | None)
    if not fits or type(level) is not int or type(scale) not in {int, float}:
        raise UsageError("the replay file's target: device, library, config, deadline_scale or level")
    folder = None if config is None else Path(str(config))
    return SaneSuite(str(device), WorkerSettings(str(library), folder, deadline_scale=float(scale)), level)
