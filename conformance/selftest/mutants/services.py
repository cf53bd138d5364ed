"""Mutants of the service: judged as ``flatbed check service`` judges it, over connections in memory, on a clock that jumps.

The zoo's services hold parts of the service themselves; they are imported anew with it, and only where a run begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from importlib import import_module

import trio

from conformance.requirements import Subject, of
from conformance.runner.events import CheckFinished, CheckStarted, PlanMade, RunEvent
from conformance.runner.suite import SuiteOptions, judge_suite
from conformance.selftest.mutants.ground import Watcher
from device_protocol.testing import Jumper, run

_PROCESS = "starts, watches or ends processes and sockets, which a service in memory has none of"
OUT: Mapping[str, str] = {
    "reference_server.app": _PROCESS,
    "reference_server.log": "writes the log, which no client reads",
    "reference_server.access.audit": "writes the audit log, which no client reads",
    "reference_server.settings": "reads settings before there is a service; what it reads decides which service is judged",
    "reference_server.supervision": _PROCESS,
}
"""What is not mutated although it may run while a service is there, and why: modules, or packages with all that is in them."""


class Services:
    """See :class:`conformance.selftest.mutants.ground.Ground`."""

    name = "service"
    roots = ("reference_server",)
    renewed = ("reference_server", "conformance.selftest.services")
    out = OUT
    most_checks = 12
    targets = ("whole",)

    def load(self) -> None:
        """See :class:`Ground`."""
        import_module("conformance.selftest.services.judge")

    def names(self) -> tuple[str, ...]:
        """See :class:`Ground`."""
        return tuple(row.id for row in of(Subject.SERVICE).values())

    def run(self, target: str, names: Sequence[str], watcher: Watcher) -> None:
        """See :class:`Ground`."""
        groups: Iterable[Sequence[str]] = [[name] for name in names] if watcher.alone else [names]
        for group in groups:
            if not watcher.enough:
                run(lambda group=group: _judge(target, group, watcher), clock=Jumper())  # type: ignore[misc]  # bound now


async def _judge(target: str, names: Sequence[str], watcher: Watcher) -> None:
    from conformance.selftest.services import LEGAL  # noqa: PLC0415  # anew in each child, see the module
    from conformance.selftest.services.judge import suite_over  # noqa: PLC0415  # the same

    options = SuiteOptions(only=list(names), replay_dir=None)
    with watcher.within(), trio.CancelScope() as scope:
        async with AsyncExitStack() as stack:
            with watcher.opening():
                service = await stack.enter_async_context(LEGAL())
            await judge_suite(suite_over(service), options, [_Ear(target, watcher, scope)])


class _Ear:
    """Hears the events of a run, and ends it when the watcher has enough."""

    def __init__(self, target: str, watcher: Watcher, scope: trio.CancelScope) -> None:
        self._target = target
        self._watcher = watcher
        self._scope = scope

    def __call__(self, event: RunEvent) -> None:
        """Pass the event on."""
        match event:
            case PlanMade():
                self._watcher.contact(self._target)
            case CheckStarted(id=name):
                self._watcher.begins(name)
            case CheckFinished(judgement=judgement):
                self._watcher.judged(self._target, judgement.id, judgement.verdict, judgement.evidence)
                if self._watcher.enough:
                    self._scope.cancel()
