"""The smallest way in: run checks in this process and get verdicts. The zoo and other tests use it; commands use ``conformance.runner``."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from conformance.bench import Budget, Limits, Log, OpenBackend
from conformance.bench.limits import VIRTUAL
from conformance.requirements import REQUIREMENTS
from conformance.runner.engine import Engine
from conformance.runner.events import Handler
from conformance.runner.facts import first_contact
from conformance.runner.plan import make_plan, select
from conformance.verdicts import Judgement, Verdict


async def judge(
    open_backend: OpenBackend,
    device_id: str,
    only: Collection[str] | None = None,
    seed: int = 0,
    budget: Budget | None = None,
    limits: Limits | None = None,
    emit: Handler = lambda _: None,
) -> dict[str, Judgement]:
    """Judge a device by the checks alone (no generated programs, no baseline).

    Args:
        open_backend: gives a new backend each time; each check has one of its own.
        device_id: native id.
        only: ids or families of requirements; None: all.
        seed: of the choices that checks make.
        budget: sheets and time; None: without limit.
        limits: for single verbs; None: those for virtual devices.
        emit: gets the events of the checks.

    Returns:
        By requirement id, in the order of the registry. Planned requirements are NOT_CHECKED.

    Raises:
        Unreachable: the device does not open, or declares nothing.
        ValueError: *only* names something that does not exist.
    """
    log = Log()
    limits = limits or VIRTUAL
    budget = (budget or Budget()).restart()
    facts = await first_contact(open_backend, device_id, log, limits)
    plan = make_plan(facts, select(only), budget)
    judged = {entry.id: entry.judgement() for entry in plan.entries if entry.expected is not None}
    engine = Engine(open_backend, device_id, facts, log=log, budget=budget, limits=limits, seed=seed, emit=emit)
    waiting = [entry.id for entry in plan.entries if entry.expected is None]
    await engine.run(waiting, lambda judgement: judged.update({judgement.id: judgement}))
    return {name: judged[name] for name in REQUIREMENTS if name in judged}


async def run_checks(
    open_backend: OpenBackend,
    device_id: str,
    only: Collection[str] | None = None,
    seed: int = 0,
    budget: Budget | None = None,
    limits: Limits | None = None,
) -> Mapping[str, Verdict]:
    """As :func:`judge`, verdicts only."""
    judged = await judge(open_backend, device_id, only, seed, budget, limits)
    return {name: judgement.verdict for name, judgement in judged.items()}
