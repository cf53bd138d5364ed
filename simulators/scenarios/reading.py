"""Reading scenarios. TOML files, the HTTP control and Python's dictionaries all come in here, as a :class:`simulators.fields.Table`.

``[[fault]]`` has the keys of :class:`device_protocol.Fault`. ``[[at]]`` has ``seconds`` after the scenario began, an ``action`` of the front panel and its
``arguments``. ``[[random]]`` has the keys of a fault but ``sheet``, ``page`` and ``times``, and a ``rate``: with that probability, drawn from the device's
seed, it is armed for each of the first ``sheets`` sheets of a job. ``[generate]`` makes a whole scenario from a seed (:mod:`simulators.scenarios.generate`).
"""

from __future__ import annotations

import difflib
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from device_protocol import Code, DeviceError, Fault, FaultKind, Recovery, When
from device_protocol.control import ACTIONS
from simulators.faults import MAX_ARMED
from simulators.fields import Table
from simulators.profile import Profile
from simulators.scenarios.generate import DEFAULT_FAULTS, DEFAULT_SHEETS, MAX_FAULTS, can_have, generate
from simulators.scenarios.kinds import (
    ERROR_VERBS,
    KINDS,
    OPEN,
    READ,
    START,
    codes_of,
    moment_of,
    verbs_of,
)
from simulators.spec import Scenario, Timed

MAX_SECONDS = 86_400.0
MAX_NUMBER = 1_000_000
MAX_BYTE = 2**40
MAX_SEED = 2**63 - 1
MAX_RECOVERIES = 10
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
LOTS = 100

Trial: TypeAlias = Callable[[str, Mapping[str, Any]], None]
"""Does an action to a machine that does not matter; raises a DeviceError where a scenario could not do it."""


def read_keys(table: Table, profile: Profile, seed: int, trial: Trial) -> Scenario:
    """The scenario in *table*, for a machine of *profile*.

    Raises:
        Exception: as the table makes it.
    """
    table.has("schema")
    description = table.text("description", "", limit=2000)
    faults: list[Fault] = []
    for entry in table.tables("fault", most=MAX_ARMED):
        with entry.going_on():
            faults.append(_fault_of(entry, faults, profile, trial))
    for index, entry in enumerate(table.tables("random", most=LOTS)):
        with entry.going_on():
            faults += _by_lot(entry, profile, random.Random(f"{seed}/{index}"), trial)  # noqa: S311  # reproducible, not secret
    if table.has("generate"):
        wish = table.table("generate")
        with wish.going_on():
            made = _generated(wish, profile, seed)
            faults += made.faults
            seed, description = seed if made.seed is None else made.seed, description or made.description
    if len(faults) > MAX_ARMED:
        raise table.error("random", f"makes more than {MAX_ARMED} faults with this seed")
    timed: list[Timed] = []
    for entry in table.tables("at", most=MAX_ARMED):
        with entry.going_on():
            timed.append(_timed(entry, trial))
    drawn = table.has("generate") or table.has("random")
    if table.has("seed"):
        drawn, seed = True, table.integer("seed", low=0, high=MAX_SEED)
    table.done()
    return Scenario(tuple(faults), tuple(timed), description, seed if drawn else None)


def read_fault(table: Table, trial: Trial, names: frozenset[str] = frozenset()) -> Fault:
    """The fault in *table*, whose keys are those of :class:`device_protocol.Fault`; *names* are those it can follow.

    Raises:
        Exception: as the table makes it; a DeviceError with UNSUPPORTED as its code stays one.
    """
    fault = _read_fault_keys(table, trial)
    _check_names(table, fault, names)
    table.done()
    return fault


def _fault_of(entry: Table, before: list[Fault], profile: Profile, trial: Trial) -> Fault:
    fault = read_fault(entry, trial, frozenset(item.name for item in before if item.name))
    why = can_have(fault, profile)
    if why:
        raise entry.error("code" if fault.kind is FaultKind.ERROR else "kind", why)
    return fault


def _read_fault_keys(table: Table, trial: Trial) -> Fault:
    kind = FaultKind(table.choice("kind", FaultKind))
    code = None
    if table.raw("code") is not None:
        if kind is not FaultKind.ERROR:
            raise table.error("code", f"has no meaning for {kind.value}; it belongs to the kind error")
        code = Code(table.choice("code", ERROR_VERBS))
    elif kind is FaultKind.ERROR:
        code = Code.OTHER
    verbs = verbs_of(Fault(kind, code=code))
    fault = Fault(
        kind=kind,
        verb=table.choice("verb", verbs) if table.raw("verb") else "",
        sheet=_number(table, "sheet"),
        page=_number(table, "page"),
        at=float(table.number("at", 0.0, low=0, high=1)),
        seconds=_seconds(table, "seconds"),
        times=table.integer("times", 1, low=0, high=MAX_NUMBER),
        code=code,
        message=table.text("message", ""),
        byte=None if table.raw("byte") is None else table.integer("byte", low=0, high=MAX_BYTE),
        session=_number(table, "session"),
        job=_number(table, "job"),
        call=_number(table, "call"),
        every=_number(table, "every"),
        after=_seconds(table, "after"),
        job_after=_seconds(table, "job_after"),
        name=table.text("name", "", pattern=NAME) if table.raw("name") else "",
        follows=table.text("follows", "", pattern=NAME) if table.raw("follows") else "",
    )
    _check_moment(table, fault)
    return replace(fault, recovery=_recoveries(table, fault, trial))


def _check_moment(table: Table, fault: Fault) -> None:
    moment = moment_of(fault)
    for key, value in (("at", fault.at), ("byte", fault.byte)):
        if value and moment != READ:
            raise table.error(key, f"has no meaning for a fault that strikes at {moment}")
    if fault.at and fault.byte is not None:
        raise table.error("byte", "and at are two ways to say the same")
    if fault.byte is not None and KINDS[fault.kind].flaws:
        raise table.error("byte", f"has no meaning for {fault.kind.value}")
    if moment in {OPEN, START} and (fault.sheet or 1, fault.page or 1) != (1, 1):
        raise table.error("sheet" if fault.sheet else "page", f"has no meaning for a fault that strikes at {moment}")
    for key, number in (("job", fault.job), ("job_after", fault.job_after)):
        if number and moment == OPEN:
            raise table.error(key, f"has no meaning for a fault that strikes at {moment}: no job is under way")
    if fault.seconds and not KINDS[fault.kind].lasts:
        raise table.error("seconds", f"has no meaning for {fault.kind.value}")
    if fault.kind is FaultKind.SLOW and not fault.seconds:
        raise table.error("seconds", "is missing: how slow shall it be?")
    if fault.message and fault.kind is not FaultKind.ERROR:
        raise table.error("message", f"has no meaning for {fault.kind.value}; it belongs to the kind error")


def _check_names(table: Table, fault: Fault, names: frozenset[str]) -> None:
    if fault.name and fault.name in names:
        raise table.error("name", f"{fault.name!r} is taken already")
    if fault.follows and fault.follows not in names:
        near = difflib.get_close_matches(fault.follows, names, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise table.error("follows", f"must be the name of a fault before this one, not {fault.follows!r}{hint}")


def _recoveries(table: Table, fault: Fault, trial: Trial) -> tuple[Recovery, ...]:
    found = []
    for entry in table.tables("recovery", most=MAX_RECOVERIES):
        when = When(entry.choice("when", When, When.STRUCK))
        recovery = Recovery(
            action=entry.choice("action", ACTIONS),
            arguments=entry.table("arguments", {}).plain(),
            when=when,
            count=entry.integer("count", 1, low=1, high=MAX_NUMBER),
            seconds=_seconds(entry, "seconds"),
        )
        if when is When.REPORTED and not codes_of(fault):
            raise entry.error("when", f"cannot be reported: calls do not end with a code because of {fault.kind.value}")
        if recovery.count != 1 and when is not When.REPORTED:
            raise entry.error("count", 'has a meaning only with when = "reported"')
        entry.done()
        _try(entry, trial, recovery.action, recovery.arguments)
        found.append(recovery)
    return tuple(found)


def _by_lot(entry: Table, profile: Profile, dice: random.Random, trial: Trial) -> list[Fault]:
    rate = entry.number("rate", low=0, high=1)
    sheets = entry.integer("sheets", LOTS, low=1, high=10_000)
    for key in ("sheet", "page", "times", "name"):
        if entry.has(key):
            raise entry.error(key, "is drawn by lot here; say rate and sheets")
    fault = _fault_of(entry, [], profile, trial)
    return [replace(fault, sheet=sheet) for sheet in range(1, sheets + 1) if dice.random() < rate]


def _generated(table: Table, profile: Profile, seed: int) -> Scenario:
    made = generate(
        profile,
        table.integer("seed", seed, low=0, high=MAX_SEED),
        faults=table.integer("faults", DEFAULT_FAULTS, low=1, high=MAX_FAULTS),
        sheets=table.integer("sheets", DEFAULT_SHEETS, low=1, high=10_000),
        kinds=table.items("kinds", _kind, "kinds of faults", ()),
    )
    table.done()
    if not made.faults:
        raise table.error("kinds", "has nothing that this machine can have")
    return made


def _kind(value: Any) -> FaultKind | None:
    return FaultKind(value) if value in set(FaultKind) else None


def _timed(entry: Table, trial: Trial) -> Timed:
    timed = Timed(
        seconds=entry.number("seconds", low=0, high=MAX_SECONDS),
        action=entry.choice("action", ACTIONS),
        arguments=entry.table("arguments", {}).plain(),
    )
    entry.done()
    _try(entry, trial, timed.action, timed.arguments)
    return timed


def _try(entry: Table, trial: Trial, action: str, arguments: Mapping[str, Any]) -> None:
    try:
        trial(action, arguments)
    except DeviceError as error:
        key = "action" if error.code is Code.UNSUPPORTED else "arguments"
        raise entry.error(key, f"would be refused: {error.message}") from None


def _seconds(table: Table, key: str) -> float:
    return float(table.number(key, 0.0, low=0, high=MAX_SECONDS))


def _number(table: Table, key: str) -> int | None:
    """A number from 1, or None where it is absent or None (as :meth:`Fault.arguments` says it)."""
    return None if table.raw(key) is None else table.integer(key, low=1, high=MAX_NUMBER)
