"""Tours: ways into each state of the table, and what is called there. Guided by chance alone, programs come to the rarer states too seldom.

A tour is commands like any others, and the model judges each; what a device does not have (a feeder, control) makes a command of it do nothing, or be refused.
"""

from __future__ import annotations

import random
from collections.abc import Collection

from conformance.programs.commands import Command, Do
from device_protocol import FaultKind, Option, control
from device_protocol.options import Access

_START, _NEXT, _END = Command(Do.START), Command(Do.NEXT_PAGE), Command(Do.END)
_ONE_PAGE = Command(Do.START, value={"pages": 1})
_READ_ALL = Command(Do.READ_TO_END, value=[1 << 16])
_UNLOAD, _TWO_SHEETS = Command(Do.CONTROL, control.UNLOAD), Command(Do.CONTROL, control.LOAD, value={"count": 2})
_FEEDER_JAM = Command(Do.CONTROL, control.FAULT, value={"kind": FaultKind.JAM.value, "at": 0.5})
_TROUBLE = Command(Do.CONTROL, control.FAULT, value={"kind": FaultKind.JAM.value, "sheet": 1})

WAYS: dict[str, tuple[Command, ...]] = {
    "idle": (),
    "armed": (_START,),
    "transferring": (_START, _NEXT),
    "at the end of a page": (_START, _NEXT, _READ_ALL),
    "between pages": (_START, _NEXT, _END),
    "draining": (_UNLOAD, _TWO_SHEETS, _START, _NEXT, _END),
    "completed": (_ONE_PAGE, _NEXT, _END, _NEXT),
    "cancelled": (_START, _NEXT, Command(Do.CANCEL)),
    "cancelled between pages": (_START, _NEXT, _END, Command(Do.CANCEL)),
    "aborted": (_TROUBLE, _START, _NEXT),
    "failed in a page": (_FEEDER_JAM, _START, _NEXT, _READ_ALL),
    "lost": (_START, _NEXT, Command(Do.CONTROL, control.UNPLUG)),
    "closed": (_START, _NEXT, Command(Do.CLOSE)),
}
"""From an open session to a state. A start takes the source that suits the tour."""

FEEDING = frozenset({"aborted", "failed in a page", "between pages", "draining"})
"""Ways that need paper."""

SELDOM = {"draining": 14, "completed": 4, "failed in a page": 4, "lost": 4}
"""How often ways are gone to states that other programs hardly come to, in place of once."""

_CALLS = (
    *(Do.CAPS, Do.OPTIONS, Do.PARAMS, Do.STATUS, Do.LISTEN, Do.APPLY, Do.RESET, Do.NEXT_PAGE, Do.CANCEL_JOB),
    *(Do.SETTLED, Do.READ, Do.END, Do.GET, Do.SET, Do.SET),
)
_MOVES = (Do.START, Do.CANCEL, Do.CLOSE)


def way(dice: random.Random, feeder: str | None, actions: Collection[str]) -> list[Command]:
    """One of the ways, for a device that has a *feeder* of this name or none, by the *actions* that somebody can do to it."""
    name = dice.choices(list(WAYS), [SELDOM.get(item, 1) for item in WAYS])[0]
    found = []
    for command in WAYS[name]:
        if command.do is Do.CONTROL and command.name not in actions:
            continue
        if command.do is Do.START and feeder is not None and (name in FEEDING or dice.random() < 0.3):
            command = Command(Do.START, value=(command.value or {}) | {"settings": {"source": feeder}})  # noqa: PLW2901  # the same one, from there
        found.append(command)
    return found


def call(dice: random.Random, options: tuple[Option, ...]) -> Command:
    """Something to call where one is: most often what changes nothing there."""
    do = dice.choice(_MOVES if dice.random() < 0.15 else _CALLS)
    plain = [item for item in options if item.writable and item.constraint is None]
    live = [item for item in options if Access.LIVE in item.access]
    chosen = dice.choice(live) if live and dice.random() < 0.4 else dice.choice(plain) if plain else None
    if do is Do.SET and chosen is not None:
        return Command(Do.SET, chosen.name, value=chosen.default)
    if do is Do.GET and chosen is not None:
        return Command(Do.GET, chosen.name)
    if do is Do.READ:
        return Command(Do.READ, value=7)
    if do is Do.APPLY:  # the first half is legal for most devices, the second for none: all or nothing (SET-11)
        half = {} if chosen is None else {"mode": "Gray", "extra": [[chosen.name, ["no such value"]]]}
        return Command(Do.APPLY, value=half)
    return Command(do)
