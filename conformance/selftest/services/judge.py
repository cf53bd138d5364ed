"""The judge of ``check service``: does each seeded defect die by its own id, and are the legal services left in peace?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from conformance.requirements import Status, Subject, of
from conformance.runner.suite import SuiteOptions, judge_suite
from conformance.selftest.services.build import Build, Running
from conformance.selftest.services.defects import DEFECTS, Defect
from conformance.selftest.services.family import Legal
from conformance.selftest.services.person import Person
from conformance.selftest.services.proof import show
from conformance.service.desk import Place
from conformance.service.suite import ServiceSuite
from conformance.verdicts import Judgement, Verdict
from device_protocol.testing import Jumper, run

ALARMS = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE, Verdict.HARNESS_ERROR})
"""Verdicts that a legal service must never get."""
KILLS = frozenset({Verdict.FAIL, Verdict.WARN})
NAME = "http://127.0.0.1:18622"


def suite_over(service: Running) -> ServiceSuite:
    """``check service``, for a service of the zoo."""
    place = Place(
        service.connect,
        "http",
        service.authority,
        service.listener.connect_from_beyond,
        service.listener.network.open_trap,
    )
    return ServiceSuite(NAME, place, make_operator=lambda _log: Person(service.host))


def judgements(build: Build, only: Collection[str] | None = None, seed: int = 0) -> dict[str, Judgement]:
    """What the suite says of a service, by requirement, in virtual time.

    Raises:
        Unreachable: it could not be judged at all.
    """

    async def main() -> tuple[Judgement, ...]:
        async with build() as service:
            options = SuiteOptions(only=only, seed=seed, replay_dir=None)
            return (await judge_suite(suite_over(service), options)).judgements

    return {item.id: item for item in run(main, seed=seed, clock=Jumper())}


def active() -> tuple[str, ...]:
    """The requirements on services that are checked."""
    return tuple(row.id for row in of(Subject.SERVICE).values() if row.status is not Status.PLANNED)


@dataclass(frozen=True, slots=True)
class Kill:
    """What the suite made of a defect.

    Attributes:
        defect: the defect.
        verdict: on its own requirement.
        before: the verdict on the same requirement of the service that it was made from.
        others: further requirements that it broke, if they were checked.
        differs: whether its proof shows a difference.
    """

    defect: Defect
    verdict: Verdict
    before: Verdict
    others: tuple[str, ...] = ()
    differs: bool = True

    @property
    def killed(self) -> bool:
        """Whether a check that passes on the original broke it by its own id: FAIL, or WARN for a SHOULD."""
        return self.before is Verdict.PASS and self.verdict in KILLS


def kill(defect: Defect, *, everything: bool = False) -> Kill:
    """Judge a defect by its own requirement, or by all of them."""
    own = defect.requirement
    judged = judgements(defect.build, None if everything else [own])
    others = tuple(name for name, item in judged.items() if item.verdict in KILLS and name != own)
    before = judgements(defect.base, [own])[own].verdict
    differs = show(defect.build, defect.proof) != show(defect.base, defect.proof)
    return Kill(defect, judged[own].verdict, before, others, differs)


def alarms(legal: Legal, only: Collection[str] | None = None, seed: int = 0) -> tuple[Judgement, ...]:
    """What the suite has against a legal service, besides warnings about what that one leaves undone on purpose."""
    judged = judgements(legal.build, only, seed).values()
    return tuple(
        item
        for item in judged
        if item.verdict in ALARMS and not (item.verdict is Verdict.WARN and item.id in legal.leaves)
    )


def sample(name: str) -> Judgement:
    """The verdict on the seeded defect called *name*, with the steps that led there.

    Raises:
        StopIteration: there is none.
    """
    defect = next(item for item in DEFECTS if item.name == name)
    return judgements(defect.build, [defect.requirement])[defect.requirement]
