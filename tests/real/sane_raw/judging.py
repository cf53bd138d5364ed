"""Judging a real back end by its C interface, as the tests here do it."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from conformance.runner.result import Result
from conformance.runner.suite import SuiteOptions, judge_suite
from conformance.sane.nest import WorkerSettings
from conformance.sane.suite import SaneSuite
from conformance.verdicts import Judgement, Verdict
from simulators.fixture_files import fixture

ALARMS = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE, Verdict.HARNESS_ERROR, Verdict.STALE})


def lab(folder: Path, **keys: str) -> Path:
    """The configuration of SANE's ``test`` back end with other values of some keys of its file."""
    shutil.copytree(fixture("sane-test"), folder)
    file = folder / "test.conf"
    names = {key.replace("_", "-"): value for key, value in keys.items()}
    kept = [line for line in file.read_text().splitlines() if line.partition(" ")[0] not in names]
    file.write_text("\n".join([*kept, *(f"{key} {value}" for key, value in names.items())]) + "\n")
    return folder


async def judged(
    device: str,
    config: Path,
    only: Collection[str] | None = None,
    *,
    skip: Collection[str] = (),
    baselines: bool = False,
    library: str = "libsane.so.1",
    scale: float = 0.5,
    wrap: str = "",
) -> Result:
    """The verdicts on a device."""
    suite = SaneSuite(device, WorkerSettings(library, config, wrap, scale))
    options = SuiteOptions(only=only, skip=skip, baselines=fixture("baselines") if baselines else None, replay_dir=None)
    try:
        return await judge_suite(suite, options)
    finally:
        suite.close()


def alarms(result: Result) -> dict[str, Judgement]:
    """What it complains of."""
    return {item.id: item for item in result.judgements if item.verdict in ALARMS}


def broken(result: Result, names: Iterable[str]) -> bool:
    """Whether it complains of exactly these."""
    return set(alarms(result)) == set(names)
