"""Random programs guided by the model: what comes next depends on what the model believes of the state (device-models.md 9, E1: guidance decides).

Most commands are legal and go on with what was begun; about one in six is whatever comes, so that illegal calls happen in every state.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.programs import tours, values
from conformance.programs.beliefs import RUNNING, J, P, S, SessionBelief
from conformance.programs.commands import ABANDONED, Command, Do, pairable, to_plain
from conformance.programs.model import Model
from device_protocol import ControlCaps, FaultKind, Option, SourceKind, control
from device_protocol.options import DEPTH, MODE, RESOLUTION, SOURCE
from device_protocol.states import JobHandle

MAX_LOADED = 4
TWICE = frozenset({Do.START, Do.NEXT_PAGE, Do.READ, Do.END})
"""Calls that two callers like to make at once."""

Maker = Callable[[], Command]


@dataclass(frozen=True, slots=True)
class Style:
    """What sort of programs to make.

    Attributes:
        least, most: commands.
        tours: how often a program goes to one state of the table and calls what there is, there.
        strange: how often a command is whatever comes.
        second: how often the second device takes part in a program.
        avoid: options that no ``set`` touches, because they make the device break its promises on purpose.
        faults: whether faults are armed, plugs are pulled and covers opened.
        races: how often two callers act at once.
    """

    least: int = 8
    most: int = 24
    tours: float = 0.3
    strange: float = 0.16
    second: float = 0.15
    faults: bool = True
    races: float = 0.06
    avoid: frozenset[str] = frozenset()


class Generator:
    """One program, command by command; the same seed and the same device give the same program."""

    def __init__(self, seed: int, control_caps: ControlCaps | None, style: Style | None = None) -> None:
        self.dice = random.Random(seed)  # noqa: S311  # a test's dice, not a secret
        self.style = style or Style()
        self.control = control_caps or ControlCaps()
        self.length = self.dice.randint(self.style.least, self.style.most)
        self.two = self.dice.random() < self.style.second
        self.prelude = self._prelude()
        self.touring = self.dice.random() < self.style.tours
        if self.touring:
            self.length = max(self.length, self.style.most)
        self.tour: list[Command] | None = None

    def _prelude(self) -> list[Command]:
        """How a program begins: paper that can be counted, a session, small pages."""
        found: list[Command] = []
        if control.RESET in self.control.actions:
            found.append(Command(Do.CONTROL, control.RESET))
        if {control.UNLOAD, control.LOAD} <= self.control.actions and self.dice.random() < 0.8:
            found.append(Command(Do.CONTROL, control.UNLOAD))
            if self.dice.random() < 0.8:
                found.append(self._load())
        if self.dice.random() < self.style.races:
            found.append(Command(Do.ABANDON, "open", value=self.dice.randint(0, 3)))
        self.listens = self.dice.random() < 0.25
        return [*found, Command(Do.OPEN), *([Command(Do.LISTEN)] if self.listens else [])]

    def next(self, model: Model, left: int = 0) -> Command:
        """The next command; *left* is how many the program will have still, this one included."""
        if self.prelude:
            return self.prelude.pop(0)
        if self.listens and left == 1:
            return Command(Do.HEAR)
        first = model.belief(0)
        if self.touring and first is not None and first.options:
            return self._next_of_tour(first)
        on = 1 if self.two and self.dice.random() < 0.4 else 0
        session = model.belief(on)
        if session is None or (session.states == {S.CLOSED} and self.dice.random() < 0.75):
            return self._outside(on)
        if self.dice.random() < self.style.races and session.defined and session.probed:
            pair = self._together(model, session, on)
            if pair is not None:
                return pair
        if self.dice.random() < self.style.strange:
            return self._anything(session, on)
        return self._inside(session, on)

    def _next_of_tour(self, session: SessionBelief) -> Command:
        """The way to a state first, then calls in it."""
        if self.tour is None:
            caps = session.device.caps
            feeding = [item.name for item in caps.sources if item.kind.feeds] if caps is not None else []
            load = [self._load()] if control.LOAD in self.control.actions else []
            actions = (
                self.control.actions if self.style.faults else self.control.actions & {control.LOAD, control.UNLOAD}
            )
            way = tours.way(self.dice, self.dice.choice(feeding) if feeding else None, actions)
            self.tour = [self._cheap(session, 0), *load, *way]
        free = tuple(item for item in session.options if item.name not in self.style.avoid)
        return self.tour.pop(0) if self.tour else tours.call(self.dice, free)

    def _pick(self, *weighted: tuple[float, Maker]) -> Command:
        weights = [weight for weight, _ in weighted]
        return self.dice.choices([maker for _, maker in weighted], weights)[0]()

    # -- without a session

    def _outside(self, on: int) -> Command:
        return self._pick(
            (8, lambda: Command(Do.OPEN, on=on)),
            (1, lambda: Command(Do.DEVICES)),
            (1, lambda: Command(Do.OPEN_UNKNOWN, "no-such-device")),
            (1, lambda: self._surroundings(on)),
            (1, lambda: Command(Do.STATUS, on=on)),
            (1, lambda: Command(Do.CLOSE, on=on)),
            (0.7, lambda: Command(Do.ABANDON, "open", value=self.dice.randint(0, 3), on=on)),
            (10 * self.style.races, lambda: self._pair(Command(Do.OPEN, on=on), Command(Do.OPEN, on=on))),
        )

    # -- with one

    def _inside(self, session: SessionBelief, on: int) -> Command:
        if session.states == {S.CLOSED} or not session.defined:
            return self._pick(
                (3, lambda: Command(Do.CLOSE, on=on)),
                (3, lambda: Command(Do.OPEN, on=on)),
                (2, lambda: self._anything(session, on)),
                (2, lambda: Command(self.dice.choice((Do.NEXT_PAGE, Do.END, Do.STATUS)), on=on)),
                (1, lambda: self._read(on)),
            )
        if session.states == {S.LOST}:
            return self._pick(
                (3, lambda: Command(Do.STATUS, on=on)),
                (2, lambda: Command(Do.CANCEL, on=on)),
                (2, lambda: Command(Do.CONTROL, control.REPLUG, on=on)),
                (4, lambda: Command(Do.CLOSE, on=on)),
                (5, lambda: self._anything(session, on)),
            )
        if session.states & RUNNING:
            return self._running(session, on)
        if S.CANCELLING in session.states:
            return self._pick(
                (6, lambda: Command(Do.SETTLED, on=on)),
                (2, lambda: Command(Do.NEXT_PAGE, on=on)),
                (2, lambda: Command(Do.READ, value=100, on=on)),
                (2, lambda: Command(Do.STATUS, on=on)),
                (1, lambda: Command(Do.CANCEL, on=on)),
                (1, lambda: self._start(session, on)),
            )
        return self._idle(session, on)

    def _idle(self, session: SessionBelief, on: int) -> Command:
        ended = bool(session.jobs) and session.jobs[-1].own <= {J.COMPLETED, J.ABORTED}
        if self.dice.random() < 0.2 and session.pristine:
            return self._cheap(session, on)
        return self._pick(
            (7, lambda: self._set(session, on)),
            (8, lambda: self._start(session, on)),
            (3 if ended else 2, lambda: Command(Do.STATUS, on=on)),
            (2, lambda: self._surroundings(on)),
            (1, lambda: self._get(session, on)),
            (1, lambda: self._reset(session, on)),
            (1.5, lambda: self._apply(session, on)),
            (0.7, lambda: Command(Do.LISTEN, on=on)),
            (0.7, lambda: Command(Do.HEAR, on=on)),
            (2 if ended else 0.7, lambda: Command(Do.CANCEL, on=on)),
            (1, lambda: Command(Do.CLOSE, on=on)),
            (0.7, lambda: Command(Do.NEXT_PAGE, on=on)),
            (0.3, lambda: Command(Do.DEVICES)),
            (0.4, lambda: Command(Do.OPEN, on=on)),
            (0.3, lambda: Command(self.dice.choice((Do.CAPS, Do.OPTIONS, Do.PARAMS)), on=on)),
        )

    def _running(self, session: SessionBelief, on: int) -> Command:
        job = session.jobs[-1]
        disturb: list[tuple[float, Maker]] = [
            (1, lambda: Command(Do.STATUS, on=on)),
            (0.7, lambda: Command(self.dice.choice((Do.CANCEL, Do.CANCEL_JOB)), on=on)),
            (0.4, lambda: self._start(session, on)),
            (0.5, lambda: self._set(session, on)),
            (0.3, lambda: self._surroundings(on)),
            (0.3, lambda: Command(Do.CLOSE, on=on)),
            (0.2, lambda: Command(Do.HEAR, on=on)),
            (0.2, lambda: Command(Do.DEVICES)),
            (0.3, lambda: Command(Do.INFO, on=on)),
        ]
        if job.own & {JobHandle.TRANSFERRING} and job.pages:
            if job.pages[-1].own == {P.AT_END}:
                return self._pick((8, lambda: Command(Do.END, on=on)), (1, lambda: self._read(on)), *disturb)
            return self._pick(
                (6, lambda: self._read_all(on)),
                (1.5, lambda: self._read(on)),
                (1, lambda: Command(Do.END, on=on)),
                (0.5, lambda: Command(Do.NEXT_PAGE, on=on)),
                (
                    8 if "hang" in session.device.armed else 0.6,
                    lambda: Command(Do.CANCEL_DURING, "read", self._moment(), on=on),
                ),
                (0.2, lambda: Command(Do.ABANDON, "read", value=self.dice.randint(0, 3), on=on)),
                *disturb,
            )
        return self._pick(
            (9, lambda: Command(Do.NEXT_PAGE, on=on)),
            (0.6, lambda: Command(Do.CANCEL_DURING, "next-page", self._moment(), on=on)),
            (0.2, lambda: Command(Do.ABANDON, "next-page", value=self.dice.randint(0, 3), on=on)),
            *disturb,
        )

    def _moment(self) -> int | None:
        """After how many checkpoints a call is interrupted; None: when it surely waits."""
        return self.dice.choice((None, None, 0, 1, 2, 3))

    def _anything(self, session: SessionBelief, on: int) -> Command:
        age = 1 if self.dice.random() < 0.2 else 0
        plain = (
            Do.CAPS,
            Do.OPTIONS,
            Do.PARAMS,
            Do.STATUS,
            Do.CANCEL,
            Do.CLOSE,
            Do.NEXT_PAGE,
            Do.CANCEL_JOB,
            Do.SETTLED,
            Do.END,
            Do.LISTEN,
            Do.HEAR,
            Do.OPEN,
        )
        return self._pick(
            (13, lambda: Command(self.dice.choice(plain), on=on, age=age)),
            (2, lambda: self._set(session, on)),
            (1, lambda: self._get(session, on)),
            (1, lambda: self._apply(session, on)),
            (1, lambda: self._reset(session, on)),
            (2, lambda: self._start(session, on)),
            (2, lambda: self._read(on)),
            (1, lambda: Command(Do.READ, value=self.dice.choice((0, -1)), on=on)),
            (0.8, lambda: Command(Do.ABANDON, self.dice.choice(ABANDONED), value=self.dice.randint(0, 4), on=on)),
            (1, lambda: self._surroundings(on)),
        )

    # -- two callers

    def _together(self, model: Model, session: SessionBelief, on: int) -> Command | None:
        """Two calls at once: of two callers on this session, or of one on each device; None if this draw gave none."""
        other = model.belief(1 - on)
        if other is not None and other.defined and other.probed and self.dice.random() < 0.5:
            calls = self._inside(session, on), self._inside(other, 1 - on)
        else:
            first = self._inside(session, on)
            twice = first.do in TWICE and self.dice.random() < 0.3
            calls = first, first if twice else self._beside(session, on)
        return self._pair(*calls) if pairable(*calls) else None

    def _pair(self, *calls: Command) -> Command:
        after, seed = self.dice.choice((0, 0, 0, 1, 1, 2, 3, 5)), self.dice.randrange(1000)
        return Command(Do.TOGETHER, value={"calls": to_plain(calls), "after": after, "seed": seed})

    def _beside(self, session: SessionBelief, on: int) -> Command:
        """What another caller does meanwhile: most often what ends or disturbs the first."""
        return self._pick(
            (3, lambda: Command(Do.CANCEL, on=on)),
            (1, lambda: Command(Do.CANCEL_JOB, on=on)),
            (1, lambda: Command(Do.CLOSE, on=on)),
            (1, lambda: Command(Do.STATUS, on=on)),
            (1, lambda: Command(self.dice.choice((Do.CAPS, Do.OPTIONS, Do.PARAMS)), on=on)),
            (1, lambda: Command(Do.OPEN, on=on)),
            (0.5, lambda: Command(Do.DEVICES)),
            (1, lambda: self._surroundings(on)),
            (1.5, lambda: self._start(session, on)),
            (1, lambda: self._set(session, on)),
            (0.5, lambda: self._reset(session, on)),
            (1.5, lambda: Command(Do.NEXT_PAGE, on=on)),
            (1, lambda: self._read(on)),
            (0.7, lambda: Command(Do.END, on=on)),
        )

    # -- commands with values

    def _option(self, session: SessionBelief) -> Option | None:
        options = [item for item in session.options if item.name not in self.style.avoid]
        return self.dice.choice(options) if options else None

    def _get(self, session: SessionBelief, on: int) -> Command:
        option = self._option(session)
        return Command(Do.GET, option.name if option is not None else "no-such-option", on=on)

    def _set(self, session: SessionBelief, on: int) -> Command:
        option = self._option(session)
        if option is None or self.dice.random() < 0.03:
            return Command(Do.SET, "no-such-option", value=1, on=on)
        if option.name == RESOLUTION and self.dice.random() < 0.7:
            return self._cheap(session, on)
        return Command(Do.SET, option.name, values.any_value(option, self.dice), on=on)

    def _cheap(self, session: SessionBelief, on: int) -> Command:
        """The lowest resolution: small pages, fast programs."""
        if RESOLUTION in self.style.avoid:
            return Command(Do.STATUS, on=on)
        option = session.option(RESOLUTION)
        numbers = [] if option is None or option.constraint is None else option.constraint.samples()
        cheap = min((item for item in numbers if isinstance(item, int | float)), default=75)
        return Command(Do.SET, RESOLUTION, value=max(10, cheap), on=on)

    def _reset(self, session: SessionBelief, on: int) -> Command:
        option = self._option(session)
        names = None if option is None or self.dice.random() < 0.5 else [option.name]
        return Command(Do.RESET, value=names, on=on)

    def _apply(self, session: SessionBelief, on: int) -> Command:
        return Command(Do.APPLY, value=self._settings(session), on=on)

    def _settings(self, session: SessionBelief) -> dict[str, Any]:
        caps = session.device.caps
        assert caps is not None
        source = self.dice.choice(caps.sources)
        wanted: dict[str, Any] = {}
        if session.option(SOURCE) is not None:
            wanted["source"] = source.name if self.dice.random() < 0.95 else "no-such-source"
        mode = self.dice.choice(source.modes)
        if session.option(MODE) is not None and self.dice.random() < 0.6:
            wanted["mode"] = mode.value
            if session.option(DEPTH) is not None and self.dice.random() < 0.4:
                wanted["depth"] = self.dice.choice((*mode.depths, 8, 7))
        if self.dice.random() < 0.3:
            left, top = self.dice.choice((0.0, 10.0)), self.dice.choice((0.0, 10.0))
            width, height = self.dice.choice((60.0, 20.0, -5.0, 0.0)), self.dice.choice((40.0, 20.0))
            wanted["area"] = [left, top, left + width, top + height]
        if self.dice.random() < 0.3:
            option = self._option(session)
            if option is not None and option.vendor:
                wanted["extra"] = [[option.name, values.any_value(option, self.dice)]]
                if isinstance(wanted["extra"][0][1], dict):
                    del wanted["extra"]
        return wanted

    def _start(self, session: SessionBelief, on: int) -> Command:
        value: dict[str, Any] = {}
        roll = self.dice.random()
        if roll < 0.35:
            value["pages"] = self.dice.choice((1, 2, 3))
        elif roll < 0.43:
            value["pages"] = self.dice.choice((0, -1, "some", True, 1.5))
        if self.dice.random() < 0.5 and session.option(SOURCE) is not None and session.device.caps is not None:
            feeding = [item for item in session.device.caps.sources if item.kind is not SourceKind.FLATBED]
            sources = feeding if feeding and self.dice.random() < 0.7 else list(session.device.caps.sources)
            value["settings"] = {"source": self.dice.choice(sources).name}
            if self.dice.random() < 0.2:
                value["settings"] = self._settings(session)
        return Command(Do.START, value=value or None, on=on)

    def _read(self, on: int) -> Command:
        return Command(Do.READ, value=self.dice.choice((1, 7, 500, 4096, 1 << 20)), on=on)

    def _read_all(self, on: int) -> Command:
        sizes = self.dice.choice(([1 << 20], [1 << 20], [4096], [1, 1 << 16], [7, 5000, 333]))
        return Command(Do.READ_TO_END, value=sizes, on=on)

    # -- surroundings

    def _load(self, on: int = 0) -> Command:
        return Command(Do.CONTROL, control.LOAD, value={"count": self.dice.randint(1, MAX_LOADED)}, on=on)

    def _surroundings(self, on: int) -> Command:
        offered = self.control.actions
        makers: list[tuple[float, Maker]] = [(0.1, lambda: Command(Do.DEVICES))]
        if control.LOAD in offered:
            makers.append((5, lambda: self._load(on)))
        if control.UNLOAD in offered:
            makers.append((2, lambda: Command(Do.CONTROL, control.UNLOAD, on=on)))
        if control.PRESS_BUTTON in offered:
            makers.append((0.2, lambda: Command(Do.CONTROL, control.PRESS_BUTTON, value={"name": "scan"}, on=on)))
        if self.style.faults:
            makers += self._trouble(on)
        return self._pick(*makers)

    def _trouble(self, on: int) -> list[tuple[float, Maker]]:
        offered = self.control.actions
        found: list[tuple[float, Maker]] = []
        for action, weight in (
            (control.OPEN_COVER, 0.5),
            (control.CLOSE_COVER, 0.8),
            (control.CLEAR_JAM, 1.5),
            (control.UNPLUG, 0.4),
            (control.REPLUG, 0.6),
            (control.CLEAR_FAULTS, 0.3),
        ):
            if action in offered:
                found.append((weight, lambda action=action: Command(Do.CONTROL, action, on=on)))  # type: ignore[misc]  # a default binds it
        if control.FAULT in offered:
            found.append((3, lambda: self._fault(on)))
        return found

    def _fault(self, on: int) -> Command:
        kinds = (FaultKind.JAM, FaultKind.MULTIFEED, FaultKind.TRUNCATED, FaultKind.BUSY, FaultKind.HANG)
        offered = [kind for kind in kinds if kind in self.control.faults]
        if not offered:
            return Command(Do.DEVICES)
        kind = self.dice.choice(offered)
        value: dict[str, Any] = {"kind": kind.value}
        if kind in {FaultKind.JAM, FaultKind.MULTIFEED}:
            value["sheet"] = self.dice.randint(1, 3)
        elif kind is FaultKind.TRUNCATED:
            value |= {"page": 1, "at": 0.5}
        return Command(Do.CONTROL, control.FAULT, value=value, on=on)


__all__ = ["Generator", "J", "Style"]
