"""What a seeded defect is, and the words its proof is written in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from conformance.bench import OpenBackend
from conformance.programs import Command, Do, Program
from conformance.selftest.build import LEGAL, Build


@dataclass(frozen=True)
class Defect:
    """A device that breaks one requirement.

    Attributes:
        name: unique, for reports.
        requirement: the id by which it must die.
        what: what it does wrong, in a sentence.
        build: how to open it.
        proof: a short program on which it shows something else than *base* (a defect that shows nothing would be no defect).
        base: the legal device it was made from.
    """

    name: str
    requirement: str
    what: str
    build: OpenBackend
    proof: Program
    base: OpenBackend = LEGAL


def defect(name: str, requirement: str, what: str, proof: Program, base: Build = LEGAL, **parts: Any) -> Defect:
    """A defect made by replacing *parts* (fields of Build) of *base*."""
    return Defect(name, requirement, what, replace(base, **parts), proof, base)


def steps(*items: Command | Iterable[Command]) -> Program:
    """A program from commands and pieces of programs."""
    found: list[Command] = []
    for item in items:
        if isinstance(item, Command):
            found.append(item)
        else:
            found.extend(item)
    return tuple(found)


OPEN, CLOSE, STATUS = Command(Do.OPEN), Command(Do.CLOSE), Command(Do.STATUS)
NEXT, END, READ_ALL = Command(Do.NEXT_PAGE), Command(Do.END), Command(Do.READ_TO_END, value=[1 << 20])
CANCEL, SETTLED, OPTIONS, CAPS = Command(Do.CANCEL), Command(Do.SETTLED), Command(Do.OPTIONS), Command(Do.CAPS)
PARAMS, DEVICES, LISTEN, HEAR = Command(Do.PARAMS), Command(Do.DEVICES), Command(Do.LISTEN), Command(Do.HEAR)
PAGE = (NEXT, READ_ALL, END)
"""The commands that take a page."""


def put(name: str, value: Any = None) -> Command:
    """``set``."""
    return Command(Do.SET, name, value)


def get(name: str) -> Command:
    """``get``."""
    return Command(Do.GET, name)


def start(source: str = "", pages: Any = None, **settings: Any) -> Command:
    """``start``, with settings if any are given."""
    wanted = settings | ({"source": source} if source else {})
    value = ({"settings": wanted} if wanted else {}) | ({"pages": pages} if pages is not None else {})
    return Command(Do.START, value=value or None)


def apply(**settings: Any) -> Command:
    """``apply``."""
    return Command(Do.APPLY, value=settings)


def reset(*names: str) -> Command:
    """``reset`` of *names*, or of everything."""
    return Command(Do.RESET, value=list(names) or None)


def read(most: int) -> Command:
    """One ``read``."""
    return Command(Do.READ, value=most)


def act(action: str, **arguments: Any) -> Command:
    """A control action."""
    return Command(Do.CONTROL, action, arguments or None)


def fault(kind: str, **arguments: Any) -> Command:
    """Arm a fault."""
    return act("fault", kind=kind, **arguments)
