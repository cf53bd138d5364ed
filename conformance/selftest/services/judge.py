"""The judge of ``check service``: does each seeded defect die by its own id, and are the legal services left in peace?"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from conformance.requirements import Status, Subject, of
from conformance.runner.suite import SuiteOptions, judge_suite
from conformance.selftest.services.build import Build, Running
from conformance.selftest.services.defects import DEFECTS
from conformance.selftest.services.family import Legal
from conformance.selftest.services.person import Person
from conformance.service.desk import Place
from conformance.service.suite import LIMITS, ServiceSuite
from conformance.verdicts import Judgement, Verdict
from conformance.wire import WireLimits
from device_protocol.testing import Jumper, run

ALARMS = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE, Verdict.HARNESS_ERROR})
"""Verdicts that a legal service must never get."""
KILLS = frozenset({Verdict.FAIL, Verdict.WARN})
NAME = "http://127.0.0.1:18622"


def suite_over(service: Running, limits: WireLimits = LIMITS) -> ServiceSuite:
    """``check service``, for a service of the zoo."""
    place = Place(
        service.connect,
        "http",
        service.authority,
        service.listener.connect_from_beyond,
        service.listener.network.open_trap,
    )
    return ServiceSuite(NAME, place, make_operator=lambda _log: Person(service.host), limits=limits)


def judgements(
    build: Build, only: Collection[str] | None = None, seed: int = 0, limits: WireLimits = LIMITS
) -> dict[str, Judgement]:
    """What the suite says of a service, by requirement, in virtual time.

    Raises:
        Unreachable: it could not be judged at all.
    """

    async def main() -> tuple[Judgement, ...]:
        async with build() as service:
            options = SuiteOptions(only=only, seed=seed, replay_dir=None)
            return (await judge_suite(suite_over(service, limits), options)).judgements

    return {item.id: item for item in run(main, seed=seed, clock=Jumper())}


def active() -> tuple[str, ...]:
    """The requirements on services that are checked."""
    return tuple(row.id for row in of(Subject.SERVICE).values() if row.status is not Status.PLANNED)


def alarms(judged: Mapping[str, Judgement], legal: Legal) -> tuple[Judgement, ...]:
    """What of these verdicts is against a legal service, besides warnings about what that one leaves undone on purpose."""
    return tuple(
        item
        for item in judged.values()
        if item.verdict in ALARMS and not (item.verdict is Verdict.WARN and item.id in legal.leaves)
    )


def sample(name: str) -> Judgement:
    """The verdict on the seeded defect called *name*, with the steps that led there.

    Raises:
        StopIteration: there is none.
    """
    defect = next(item for item in DEFECTS if item.name == name)
    return judgements(defect.build, [defect.requirement])[defect.requirement]
