"""Mutants of the virtual machine: judged as ``flatbed check device`` judges it, in this process, on a clock that jumps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path

from conformance.bench import Budget, Limits, Log, OpenBackend
from conformance.checks import CHECKS
from conformance.programs import find_failure
from conformance.requirements import Facts
from conformance.runner.engine import Engine
from conformance.runner.facts import first_contact
from conformance.runner.plan import make_plan, select
from conformance.selftest.mutants.ground import PROGRAMS, Watcher
from conformance.verdicts import Judgement, Verdict
from device_host import open_backend
from device_protocol.aio import Backend
from device_protocol.testing import Jumper, run

DEVICES_FILE = Path(__file__).with_name("devices.toml")
PROGRAM_COUNT = 20
"""Generated programs for each machine: most that programs can kill dies within the first twenty."""

_FILES = "reads the lab's files, again after a crash; what it reads decides which device is judged, and not whether that keeps the contract"
_REPORTS = "writes the lab's own reports, which no verb of the contract reads"
OUT = {
    "simulators.cameras.profile": _FILES,
    "simulators.devices_file": _FILES,
    "simulators.duties": _REPORTS,
    "simulators.fields": _FILES,
    "simulators.fixture_files": _FILES,
    "simulators.journal": _REPORTS,
    "simulators.profile": _FILES,
    "simulators.profiles.keys": _FILES,
    "simulators.stacks.defect_tables": _FILES,
    "simulators.stacks.reading": _FILES,
    "simulators.times": _FILES,
    "simulators.toml_files": _FILES,
}
"""What is not mutated although it runs while a device is open, and why: modules, or packages with all that is in them."""


LIMITS = Limits()
"""Those for real devices, since the machines take their time as real ones do."""


class Devices:
    """See :class:`conformance.selftest.mutants.ground.Ground`."""

    name = "device"
    roots = ("simulators",)
    renewed = roots
    out = OUT
    most_checks = 200
    targets = ("combi", "padded", "feeder", "flatbed", "camera")

    def load(self) -> None:
        """See :class:`Ground`."""
        import_module("simulators.driver")

    def names(self) -> tuple[str, ...]:
        """See :class:`Ground`."""
        return (*(row for row in CHECKS), PROGRAMS)

    def run(self, target: str, names: Sequence[str], watcher: Watcher) -> None:
        """See :class:`Ground`."""
        run(lambda: _judge(target, names, watcher), clock=Jumper())


def _opener(watcher: Watcher) -> OpenBackend:
    @asynccontextmanager
    async def opening() -> AsyncIterator[Backend]:
        with watcher.within():
            async with AsyncExitStack() as stack:
                with watcher.opening():
                    backend = await stack.enter_async_context(
                        open_backend("virtual", {"devices_file": str(DEVICES_FILE)})
                    )
                yield backend

    def opened() -> AbstractAsyncContextManager[Backend]:
        return opening()

    return opened


async def _judge(target: str, names: Sequence[str], watcher: Watcher) -> None:
    opener = _opener(watcher)
    facts = await first_contact(opener, target, Log(), LIMITS)
    watcher.contact(target)
    wanted = [name for name in names if name != PROGRAMS]
    rows = select(wanted) if wanted else []
    planned = {entry.id for entry in make_plan(facts, rows, Budget()).entries if entry.expected is None}
    engine = _engine(opener, target, facts)

    def note(judgement: Judgement) -> None:
        watcher.judged(target, judgement.id, judgement.verdict, judgement.evidence)

    for name in wanted:
        if name in planned and not watcher.enough:
            watcher.begins(name)
            await (_engine(opener, target, facts) if watcher.alone else engine).run([name], note)
    if PROGRAMS in names and not watcher.enough:
        watcher.begins(PROGRAMS)
        found = await find_failure(opener, target, count=PROGRAM_COUNT, time_budget=float("inf"), deadline=LIMITS.slow)
        if found is not None:
            watcher.judged(target, PROGRAMS, Verdict.FAIL, str(found.failure))


def _engine(opener: OpenBackend, target: str, facts: Facts) -> Engine:
    return Engine(opener, target, facts, log=Log(), budget=Budget(), limits=LIMITS, seed=0, emit=lambda _: None)
