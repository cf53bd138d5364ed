"""Whole scenarios from a seed: same profile, same seed, same scenario. What comes out is a plain one, that can be written down and played again."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace

from device_protocol import Code, Fault, FaultKind, Recovery, When, control
from simulators.profile import Profile
from simulators.scenarios.kinds import (
    ERROR_VERBS,
    KINDS,
    NEXT_PAGE,
    OF_FEEDER,
    OPEN,
    READ,
    code_of,
    codes_of,
    moment_of,
)
from simulators.spec import Scenario

DEFAULT_FAULTS = 5
DEFAULT_SHEETS = 10
MAX_FAULTS = 100
SPREAD_S = 20.0

USUAL = frozenset(FaultKind) - {FaultKind.CRASH}
"""A crash ends the process in which the driver runs, so it is for whoever asks for it."""

MENDS: dict[FaultKind, str] = {
    FaultKind.JAM: control.CLEAR_JAM,
    FaultKind.COVER_OPEN: control.CLOSE_COVER,
    FaultKind.UNPLUGGED: control.REPLUG,
    FaultKind.EMPTY: control.LOAD,
}
"""What the operator does about a fault that stands until somebody does something."""


def can_have(fault: Fault, profile: Profile) -> str:
    """Why a machine of *profile* cannot have *fault*; empty if it can."""
    feeds = profile.feeder is not None
    if fault.kind is FaultKind.ERROR:
        code = code_of(fault)
        if code in OF_FEEDER and not feeds:
            return f"cannot be {code.value}: the {profile.model} has no feeder"
        if code is Code.COVER_OPEN and not profile.cover:
            return f"cannot be {code.value}: the {profile.model} has no cover"
    if KINDS[fault.kind].feeds and not feeds:
        return f"cannot be {fault.kind.value}: the {profile.model} has no feeder"
    if KINDS[fault.kind].camera is (profile.camera is None):
        return f"cannot be {fault.kind.value}: the {profile.model} is {'no' if profile.camera is None else 'a'} camera"
    if fault.kind is FaultKind.COVER_OPEN and not profile.cover:
        return f"cannot be {fault.kind.value}: the {profile.model} has no cover"
    return ""


def generate(
    profile: Profile,
    seed: int,
    *,
    faults: int = DEFAULT_FAULTS,
    sheets: int = DEFAULT_SHEETS,
    kinds: Collection[FaultKind] = (),
) -> Scenario:
    """A scenario for a machine of *profile*; everything that stands in the way is mended in the end.

    Args:
        profile: of the machine.
        seed: any integer from 0.
        faults: how many.
        sheets: they strike at the first *sheets* sheets of a job.
        kinds: that may come; empty: all but CRASH, which ends the driver's process.
    """
    dice = random.Random(f"scenario/{seed}")  # noqa: S311  # reproducible, not secret
    wanted = frozenset(kinds) or USUAL
    possible = [kind for kind in FaultKind if kind in wanted and not can_have(Fault(kind), profile)]
    if not possible:
        return Scenario(seed=seed)
    made = tuple(
        _one(dice, dice.choice(possible), profile, sheets, f"fault-{number}") for number in range(1, faults + 1)
    )
    return Scenario(_in_sequence(dice, made), (), f"Made from seed {seed}.", seed)


def _one(dice: random.Random, kind: FaultKind, profile: Profile, sheets: int, name: str) -> Fault:
    fault = Fault(kind, name=name)
    if kind is FaultKind.ERROR:
        codes = [code for code in ERROR_VERBS if not can_have(Fault(kind, code=code), profile)]
        fault = replace(fault, code=dice.choice(codes))
    verbs = ERROR_VERBS[code_of(fault)] if kind is FaultKind.ERROR else KINDS[kind].verbs
    fault = replace(fault, verb=dice.choice(verbs))
    if fault.verb in {NEXT_PAGE, READ} and dice.random() < 0.7:
        number = dice.randint(1, sheets)
        fault = replace(fault, sheet=number) if dice.random() < 0.5 else replace(fault, page=number)
    if fault.verb == READ and kind not in {FaultKind.SLOW, FaultKind.HALF_RESOLUTION}:
        fault = replace(fault, at=round(dice.random(), 3))
    if KINDS[kind].lasts and (kind in {FaultKind.SLOW, FaultKind.HANG} or dice.random() < 0.3):
        fault = replace(fault, seconds=round(dice.uniform(0.1, SPREAD_S), 3))
    fault = replace(fault, times=dice.choice((1, 1, 1, 2, 3)))
    match dice.randrange(6):
        case 0:
            fault = replace(fault, call=dice.randint(1, 4))
        case 1:
            fault = replace(fault, every=dice.randint(2, 4))
        case 2:
            fault = replace(fault, after=round(dice.uniform(0, SPREAD_S), 3))
        case 3 if moment_of(fault) != OPEN:
            fault = replace(fault, job=dice.randint(1, 3))
    return replace(fault, recovery=_mending(dice, fault))


def _mending(dice: random.Random, fault: Fault) -> tuple[Recovery, ...]:
    action = MENDS.get(fault.kind)
    if action is None:
        return ()
    when = dice.choice((When.STRUCK, When.REPORTED, When.CLOSED) if codes_of(fault) else (When.STRUCK, When.CLOSED))
    count = dice.randint(1, 3) if when is When.REPORTED else 1
    arguments = {"count": dice.randint(1, 5)} if action == control.LOAD else {}
    return (Recovery(action, arguments, when, count, round(dice.uniform(0.5, SPREAD_S), 3)),)


def _in_sequence(dice: random.Random, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Some of the faults wait until another one has struck."""
    linked = list(faults)
    for index in range(1, len(linked)):
        if dice.random() < 0.25:
            linked[index] = replace(linked[index], follows=linked[index - 1].name)
    return tuple(linked)
