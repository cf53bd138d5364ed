"""Replay files: a failure on disk, and running it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from conformance.api import judge
from conformance.bench import Limits
from conformance.checks import CHECKS
from conformance.outcomes import leaf
from conformance.programs import Do, Found, ProgramError, Traced, saved_from, trace
from conformance.programs.replay import KIND as PROGRAM
from conformance.programs.replay import dumps, loads, versions_from
from conformance.requirements import EVERY
from conformance.runner.facts import Unreachable
from conformance.runner.replay_files import KIND, SCHEMA, write
from conformance.runner.suite import SuiteOptions, judge_suite
from conformance.runner.suites import suite_from_data
from conformance.runner.targets import Target, UsageError, make_target, target_from_data
from conformance.runner.versions import versions_of
from conformance.verdicts import Exit, Judgement, Level, Verdict
from device_protocol import Code, DeviceError
from device_protocol.testing import run

MAX_BYTES = 1 << 22


class Outcome(StrEnum):
    """What a replay says, in words that are not mistaken for each other."""

    FIXED = "fixed"
    SAME = "failed"
    """In the same way as before: requirement and phase are those in the file."""
    OTHER = "failed otherwise"
    """By another requirement or in another phase."""
    NOT_RUN = "could not run"
    """Nothing is known of the failure: the device is not there, does not offer any more what the failure needs, or the suite itself failed."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay.

    Attributes:
        judgement: of this time.
        signature: of the failure in the file.
        exit: 1 if it failed again, in whatever way; 0 if it did not; 3 and 4 as for a run.
        trace: of a program, what came of each command and what was read after it.
        then, now: versions of what it depends on, when it was saved and now.
    """

    judgement: Judgement
    signature: str
    exit: Exit
    trace: tuple[str, ...] = ()
    then: Mapping[str, str] = field(default_factory=dict)
    now: Mapping[str, str] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether it failed in the same way as before."""
        return self.exit is Exit.FAILURES and self.judgement.signature == self.signature

    @property
    def outcome(self) -> Outcome:
        """In a word."""
        if self.exit is Exit.CLEAN:
            return Outcome.FIXED
        if self.exit is not Exit.FAILURES:
            return Outcome.NOT_RUN
        return Outcome.SAME if self.same else Outcome.OTHER


_STATUS = {
    Verdict.PASS: Exit.CLEAN,
    Verdict.FAIL: Exit.FAILURES,
    Verdict.WARN: Exit.FAILURES,
    Verdict.UNTESTABLE: Exit.FAILURES,
    Verdict.HARNESS_ERROR: Exit.HARNESS,
}
"""The exit status of each verdict; of all others it is 4, since they say nothing about the failure."""


def write_replay(folder: Path, target: Target, judgement: Judgement, seed: int, found: Found | None = None) -> Path:
    """Write the replay file of a failure; the name says what it is.

    Raises:
        OSError: it cannot be written.
    """
    versions = versions_of(target.driver)
    program = None
    if found is not None:
        saved = saved_from(
            found.program, found.failure, target.device, driver=target.driver, seed=found.seed, versions=versions
        )
        program = json.loads(dumps(saved))
    return write(folder, target.name, target.as_data(), judgement, seed, versions, program)


def read_replay(path: Path) -> dict[str, Any]:
    """Read a replay file, or a program that was saved alone.

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
    if isinstance(data, dict) and data.get("kind") == PROGRAM:
        data = _around(path, text)
    if not isinstance(data, dict) or data.get("kind") != KIND or data.get("schema") != SCHEMA:
        raise UsageError(f"{path}: no replay file of schema {SCHEMA}")
    requirement = data.get("requirement")
    known = EVERY if _is_suite(data.get("target")) else CHECKS
    if not isinstance(requirement, str) or (requirement not in known and "program" not in data):
        raise UsageError(f"{path}: there is no check of {requirement!r}")
    seed = data.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool) or not isinstance(data.get("signature"), str):
        raise UsageError(f"{path}: it has no seed or signature")
    try:
        versions_from(data.get("versions", {}))
    except ProgramError as error:
        raise UsageError(f"{path}: {error}") from None
    return data


def _around(path: Path, text: bytes) -> dict[str, Any]:
    """The replay file that a program alone stands for."""
    try:
        saved = loads(text)
    except ProgramError as error:
        raise UsageError(f"{path}: {error}") from None
    return {
        "schema": SCHEMA,
        "kind": KIND,
        "target": make_target(saved.device, driver=saved.driver or None).as_data(),
        "requirement": saved.requirement,
        "signature": "/".join(("program", *saved.signature)),
        "seed": saved.seed,
        "versions": dict(saved.versions),
        "program": json.loads(text),
    }


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
        replayed = run(lambda: _replay_program(data, target), seed=seed, clock=target.clock())
    else:
        replayed = run(lambda: _replay_check(data, target, limits), seed=seed, clock=target.clock())
    return replace(replayed, then=data.get("versions", {}), now=versions_of(target.driver))


def _is_suite(target: object) -> bool:
    """Whether a replay file's target is judged by a suite, and is no driver's device."""
    return isinstance(target, dict) and "subject" in target


async def _replay_suite(data: dict[str, Any]) -> Replayed:
    suite = suite_from_data(data["target"])
    options = SuiteOptions(only={data["requirement"]}, seed=data["seed"], replay_dir=None)
    result = await judge_suite(suite, options)
    judgement = result.judgements[0]
    return Replayed(judgement, data["signature"], _STATUS.get(judgement.verdict, Exit.UNREACHABLE))


async def _replay_check(data: dict[str, Any], target: Target, limits: Limits | None) -> Replayed:
    requirement: str = data["requirement"]
    judged = await judge(target.opener(), target.device, {requirement}, data["seed"], limits=limits)
    judgement = judged[requirement]
    return Replayed(judgement, data["signature"], _STATUS.get(judgement.verdict, Exit.UNREACHABLE))


async def _replay_program(data: dict[str, Any], target: Target) -> Replayed:
    try:
        saved = loads(json.dumps(data["program"]))
    except ProgramError as error:
        raise UsageError(f"the program in the replay file: {error}") from None
    try:
        traced = await trace(saved.program, target.opener(), target.device, seed=saved.seed)
    except (DeviceError, ExceptionGroup) as error:
        raise Unreachable(f"{target.name}: {leaf(error)}") from error
    verdict, evidence, status = _of_program(traced)
    failure = traced.failure
    judgement = Judgement(
        data["requirement"] if failure is None else failure.requirement,
        Level.MUST,
        verdict,
        evidence,
        steps=tuple(f"{number}. {command}" for number, command in enumerate(saved.program, 1)),
        signature="" if failure is None else "/".join(("program", *failure.signature)),
    )
    return Replayed(judgement, data["signature"], status, traced.lines)


def _of_program(traced: Traced) -> tuple[Verdict, str, Exit]:
    """Verdict, evidence and exit status of a program that ran again."""
    failure = traced.failure
    if failure is None and traced.reached:
        return Verdict.PASS, "the program runs as the model says", Exit.CLEAN
    if failure is None:
        return Verdict.NOT_CHECKED, "the last command of the program has nothing to act on any more", Exit.UNREACHABLE
    evidence = f"expected {failure.expected}; got {failure.got}"
    if failure.phase == Do.OPEN and any(failure.got.startswith(code) for code in (Code.NOT_FOUND, Code.ACCESS_DENIED)):
        return Verdict.NOT_CHECKED, f"the device does not open: {failure.got}", Exit.UNREACHABLE
    return Verdict.FAIL, evidence, Exit.FAILURES
