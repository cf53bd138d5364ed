"""Replay files: a failure on disk, and running it again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.api import judge
from conformance.bench import Limits
from conformance.checks import CHECKS
from conformance.outcomes import leaf
from conformance.programs import Found, ProgramError, execute, saved_from
from conformance.programs.replay import dumps, loads
from conformance.requirements import EVERY
from conformance.runner.facts import Unreachable
from conformance.runner.suite import SuiteOptions, judge_suite
from conformance.runner.suites import suite_from_data
from conformance.runner.targets import Target, UsageError, target_from_data
from conformance.verdicts import Exit, Judgement, Level, Verdict
from device_protocol import DeviceError
from device_protocol.testing import run

SCHEMA = 1
KIND = "flatbed-replay"
MAX_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay.

    Attributes:
        judgement: of this time.
        signature: of the failure in the file.
        exit: 1 if it failed again, in whatever way; 0 if it did not; 3 and 4 as for a run.
    """

    judgement: Judgement
    signature: str
    exit: Exit

    @property
    def same(self) -> bool:
        """Whether it failed in the same way as before."""
        return self.exit is Exit.FAILURES and self.judgement.signature == self.signature


def write_replay(folder: Path, target: Target, judgement: Judgement, seed: int, found: Found | None = None) -> Path:
    """Write the replay file of a failure; the name says what it is.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    device = "".join(letter if letter.isalnum() else "-" for letter in target.name)
    path = folder / f"{judgement.id}-{device}-{seed}.json"
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": KIND,
        "target": target.as_data(),
        "requirement": judgement.id,
        "clause": judgement.clause,
        "text": judgement.text,
        "evidence": judgement.evidence,
        "signature": judgement.signature,
        "seed": seed,
        "steps": list(judgement.steps),
    }
    if found is not None:
        saved = saved_from(found.program, found.failure, target.device, driver=target.driver, seed=found.seed)
        data["program"] = json.loads(dumps(saved))
    path.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path


def read_replay(path: Path) -> dict[str, Any]:
    """Read a replay file.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    if len(text) > MAX_BYTES:
        raise UsageError(f"{path}: larger than {MAX_BYTES} bytes")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: no JSON: {error}") from None
    if not isinstance(data, dict) or data.get("kind") != KIND or data.get("schema") != SCHEMA:
        raise UsageError(f"{path}: no replay file of schema {SCHEMA}")
    requirement = data.get("requirement")
    known = EVERY if _is_suite(data.get("target")) else CHECKS
    if not isinstance(requirement, str) or (requirement not in known and "program" not in data):
        raise UsageError(f"{path}: there is no check of {requirement!r}")
    seed = data.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool) or not isinstance(data.get("signature"), str):
        raise UsageError(f"{path}: it has no seed or signature")
    return data


def replay_file(path: Path, limits: Limits | None = None) -> Replayed:
    """Run the failure in a file again, on the device that it names.

    Raises:
        UsageError: the file is not a replay file.
        Unreachable: its device does not open.
    """
    data = read_replay(path)
    seed: int = data["seed"]
    if _is_suite(data.get("target")):
        return run(lambda: _replay_suite(data), seed=seed)
    target = target_from_data(data.get("target"))
    if "program" in data:
        return run(lambda: _replay_program(data, target), seed=seed, clock=target.clock())
    return run(lambda: _replay_check(data, target, limits), seed=seed, clock=target.clock())


def _is_suite(target: object) -> bool:
    """Whether a replay file's target is judged by a suite, and is no driver's device."""
    return isinstance(target, dict) and "subject" in target


async def _replay_suite(data: dict[str, Any]) -> Replayed:
    suite = suite_from_data(data["target"])
    options = SuiteOptions(only={data["requirement"]}, seed=data["seed"], replay_dir=None)
    result = await judge_suite(suite, options)
    return Replayed(result.judgements[0], data["signature"], result.exit)


async def _replay_check(data: dict[str, Any], target: Target, limits: Limits | None) -> Replayed:
    requirement: str = data["requirement"]
    judged = await judge(target.opener(), target.device, {requirement}, data["seed"], limits=limits)
    judgement = judged[requirement]
    bad = {Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE}
    status = Exit.FAILURES if judgement.verdict in bad else Exit.CLEAN
    if judgement.verdict is Verdict.HARNESS_ERROR:
        status = Exit.HARNESS
    return Replayed(judgement, data["signature"], status)


async def _replay_program(data: dict[str, Any], target: Target) -> Replayed:
    try:
        saved = loads(json.dumps(data["program"]))
    except ProgramError as error:
        raise UsageError(f"the program in the replay file: {error}") from None
    try:
        failure = await execute(saved.program, target.opener(), target.device)
    except (DeviceError, ExceptionGroup) as error:
        raise Unreachable(f"{target.name}: {leaf(error)}") from error
    steps = tuple(f"{number}. {command}" for number, command in enumerate(saved.program, 1))
    if failure is None:
        passed = Judgement(
            data["requirement"], Level.MUST, Verdict.PASS, "the program runs as the model says", steps=steps
        )
        return Replayed(passed, data["signature"], Exit.CLEAN)
    judgement = Judgement(
        failure.requirement,
        Level.MUST,
        Verdict.FAIL,
        f"expected {failure.expected}; got {failure.got}",
        steps=steps,
        signature="/".join(("program", *failure.signature)),
    )
    return Replayed(judgement, data["signature"], Exit.FAILURES)
